"""The embedded Postgres: a server of our own from the wheel, reached by a unix socket only.

`shared` keeps its data and serves every dispatchd process of this user; `throwaway` is gone with
the process that asked for it. Each answers a connection URL.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from gateway.store.cluster import MAJOR, Account, Cluster, EmbeddedError, account_for, reachable

__all__ = ["EmbeddedError", "shared", "socket_url", "throwaway"]

_KEEPER: Final = 'cat >/dev/null; "$1" stop -s -m immediate -D "$2"; rm -rf "$3"'
_LAST_WORDS_SECONDS: Final = 30
_PLAIN: Final = re.compile(r"[\w/.+~-]+")


def socket_url(sockets: Path, database: str = "postgres") -> str:
    """Answer the URL of a database behind the socket in that folder."""
    # Port and TLS are named, for else the shell's PGPORT and PGSSLMODE would decide.
    return f"postgresql://postgres@/{database}?host={quote(str(sockets))}&port=5432&sslmode=disable"


@contextmanager
def shared(data_dir: Path) -> Iterator[str]:
    """Hold the server of `data_dir` for a while: the first process starts it, the last stops it.

    Who holds it is known by a shared lock that the kernel lets go even after `kill -9`, so there
    are no stale holders. Raises EmbeddedError for another user's folder, another major version's
    data, or a lock that cannot be read.
    """
    cluster = _cluster_in(data_dir)
    with _locked(data_dir / "postgres.holders") as held:
        with _locked(data_dir / "postgres.lock") as gate:
            _flock(gate, fcntl.LOCK_EX)
            _refuse_strange(cluster)
            try:
                sockets = cluster.running() or _start(cluster)
                _flock(held, fcntl.LOCK_SH)
            except BaseException:  # a signal, too, must not leave a server that nobody holds
                _stop_unheld(cluster, held)
                raise
        try:
            yield socket_url(sockets)
        finally:
            _let_go(cluster, held)


# A server that forgets everything needs no disk: Linux's folder in memory makes and drops databases
# four times as fast.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
_PLENTY: Final = 4 << 30


@contextmanager
def throwaway() -> Iterator[str]:
    """Start a server that forgets everything: fsync off, in memory or a temporary folder.

    A keeper process waits for this one to end, in whatever way, then stops the server and removes
    the folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="dispatchd-", dir=_temporary_place()))
    cluster = Cluster.of(folder / "data", account_for(None), durable=False)
    cluster.give(folder)
    keeper = _keep(cluster, folder)
    try:
        cluster.create()
        yield socket_url(cluster.start(folder))
    finally:
        keeper.communicate(timeout=_LAST_WORDS_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _cluster_in(data_dir: Path) -> Cluster:
    data = data_dir.absolute() / "postgres"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        account = account_for(data)
    except OSError as error:
        raise EmbeddedError(f"{error.filename or data_dir}: {error.strerror}") from None
    if account and not reachable(data.parent):
        raise EmbeddedError(
            f"{data.parent}: the account {account.name}, which runs Postgres for root, cannot get "
            "there; choose another DISPATCHD_DATA_DIR or let others pass its parent folders"
        )
    return Cluster.of(data, account, durable=True)


def _refuse_strange(cluster: Cluster) -> None:
    """Find another user's data and another major version's."""
    if not cluster.data.exists():
        return
    ours = cluster.account.uid if cluster.account else os.geteuid()
    if cluster.data.stat().st_uid != ours:
        raise EmbeddedError(f"{cluster.data} belongs to another user")
    try:
        version = (cluster.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise EmbeddedError(f"{error.filename}: {error.strerror}") from None
    if version != str(MAJOR):
        raise EmbeddedError(
            f"{cluster.data} was made by Postgres {version}, this dispatchd brings {MAJOR}: "
            "dump it with the old version first"
        )


def _start(cluster: Cluster) -> Path:
    if not cluster.data.exists():
        cluster.create()
    sockets = cluster.data
    if not _fits(sockets):
        sockets = Path(tempfile.mkdtemp(prefix="dispatchd-", dir="/tmp"))
        cluster.give(sockets)
    return cluster.start(sockets)


def _let_go(cluster: Cluster, held: IO[bytes]) -> None:
    """Stop the server when nobody else holds it."""
    with _locked(cluster.data.parent / "postgres.lock") as gate:
        _flock(gate, fcntl.LOCK_EX)
        _stop_unheld(cluster, held)


def _stop_unheld(cluster: Cluster, held: IO[bytes]) -> None:
    with suppress(BlockingIOError):
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sockets = cluster.running()
        cluster.stop()
        if sockets and sockets != cluster.data:
            shutil.rmtree(sockets, ignore_errors=True)


def _locked(path: Path) -> IO[bytes]:
    """Open a lock file; EmbeddedError when it is somebody else's or no file."""
    try:
        return path.open("ab")
    except OSError as error:
        raise EmbeddedError(f"{path}: cannot be locked: {error.strerror}") from None


def _flock(lock: IO[bytes], how: int) -> None:
    try:
        fcntl.flock(lock, how)
    except OSError as error:
        raise EmbeddedError(f"{lock.name}: cannot be locked: {error.strerror}") from None


def _keep(cluster: Cluster, folder: Path) -> "subprocess.Popen[bytes]":
    """Start the keeper: it reads until our end of the pipe is closed, by us or by our death."""
    return cluster.spawn(
        ["/bin/sh", "-c", _KEEPER, "dispatchd-keeper"],
        [str(cluster.programs / "pg_ctl"), str(cluster.data), str(folder)],
    )


def _temporary_place() -> str:
    """Answer memory where there is plenty, else the folder for temporary files.

    Or /tmp where sockets or the account need it.
    """
    if _roomy(_MEMORY):
        return str(_MEMORY)
    usual = Path(tempfile.gettempdir())
    long_name = usual / "dispatchd-xxxxxxxx"
    account: Account | None = account_for(None)
    fine = _fits(long_name) and (account is None or reachable(usual))
    return str(usual) if fine else "/tmp"  # noqa: S108 - mkdtemp makes a private folder in it


def _roomy(memory: Path) -> bool:
    """Tell whether a throwaway server cannot fill it; containers often have 64 MB of it."""
    try:
        return os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= _PLENTY
    except OSError:
        return False


def _fits(folder: Path) -> bool:
    """Tell whether a socket in that folder can be named.

    The kernel takes 104 bytes on the BSDs; Postgres and URLs read commas, quotes and backslashes.
    """
    short = len(os.fsencode(folder / ".s.PGSQL.5432")) < 100  # noqa: PLR2004 - see above
    return short and _PLAIN.fullmatch(str(folder)) is not None
