"""The embedded database comes back as of any instant, from a base backup and the log since then.

These are the very steps of docs/operations.md; every chain is checked after them.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.clock import SystemClock, pause
from gateway.store.cluster import Account, account_for, programs_folder
from gateway.store.embedded import shared
from gateway.store.exporting import broken
from gateway.store.migrate import migrate
from gateway.store.pool import Connection, connect
from tests.kit.shelf import Shelf

RECOVERY = """
restore_command = 'cp "{log}/%f" "%p"'
recovery_target_time = '{instant}'
recovery_target_action = promote
"""
_LOOKS, _LOOK_SECONDS = 400, 0.05


@pytest.fixture
def house() -> Iterator[Path]:
    """Give a folder that belongs to whoever runs Postgres."""
    folder = Path(tempfile.mkdtemp(prefix="dispatchd-test-"))
    folder.chmod(0o755)
    for name in ("live", "restored", "log"):
        (folder / name).mkdir()
        if account := account_for(None):
            os.chown(folder / name, account.uid, account.gid)
    yield folder
    shutil.rmtree(folder)


def ask(program: str, url: str, *words: object) -> None:
    """Run a program of the wheel on the server, as the account that runs it."""
    account: Account | None = account_for(None)
    sockets = parse_qs(urlsplit(url).query)["host"][0]
    path = programs_folder(reached_by_others=account is not None) / program
    subprocess.run(  # noqa: S603 - a program of the wheel
        [str(path), "-h", sockets, "-U", "postgres", *map(str, words)],
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        capture_output=True,
        check=True,
    )


async def opened(url: str) -> Connection:
    return await connect(url, SystemClock(), tries=1)


async def promoted(url: str) -> Connection:
    """Connect, and wait until the log has been read and the database may be written to."""
    conn = await opened(url)
    for _ in range(_LOOKS):
        if not await conn.fetchval("select pg_is_in_recovery()"):
            break
        pause(_LOOK_SECONDS)
    return conn


async def backed_up(house: Path) -> str:
    """Back a database up, go on, and return the instant before somebody's slip."""
    with shared(house / "live") as url:
        conn = await opened(url)
        await migrate(conn, SystemClock().now())
        shelf = Shelf(conn)
        await shelf.load()
        await shelf.take("49000001")
        await conn.fetchval("select pg_create_physical_replication_slot('kept', true)")
        ask("pg_basebackup", url, "-D", house / "restored/postgres", "--checkpoint=fast")
        await shelf.take("49000002")
        instant = await conn.fetchval("select clock_timestamp()::text")
        await conn.execute("truncate messages, message_words")
        await conn.fetchval("select pg_switch_wal()")
        end = await conn.fetchval("select pg_create_restore_point('end')::text")
        ask("pg_receivewal", url, "-D", house / "log", "--slot=kept", f"--endpos={end}")
        await conn.close()
    return str(instant)


def prepare(data: Path, log: Path, instant: str) -> None:
    """Tell the copy where the log is and where to stop; the old server's socket is not its own."""
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(RECOVERY.format(log=log, instant=instant))
    (data / "recovery.signal").touch()
    for left in data.glob(".s.PGSQL*"):
        left.unlink()


async def test_the_database_is_restored_to_an_instant_and_every_chain_holds(house: Path) -> None:
    instant = await backed_up(house)
    prepare(house / "restored/postgres", house / "log", instant)
    with shared(house / "restored") as url:
        conn = await promoted(url)
        found = [(key.ucn, items, fault) async for key, items, fault in broken(conn)]
        assert await conn.fetchval("select count(*) from message_words") == 2
        await Shelf(conn).take("49000003")  # it takes messages again
        await conn.close()
    assert [(ucn, fault) for ucn, _, fault in found] == [("49000001", None), ("49000002", None)]
    assert all(items > 1 for _, items, _ in found)
