"""A supervisor hears how the daemon stands, and is believed about the sockets it passes."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock, VirtualClock
from gateway.daemon.engine import Engine
from gateway.daemon.herald import Herald, SignsOfLife
from gateway.daemon.loop import EngineLoop
from gateway.store.pool import Connection

US = 4711
START = datetime(2026, 2, 2, 18, tzinfo=UTC)


class Supervisor:
    """Hears what it is told."""

    def __init__(self, door: socket.socket) -> None:
        door.setblocking(False)
        self.door = door

        self.words: list[list[str]] = []

    def heard(self) -> list[list[str]]:
        """Return all it has been told; the kernel keeps no more than ten for it."""
        while True:
            try:
                self.words.append(self.door.recv(4096).decode().split("\n"))
            except BlockingIOError:
                return self.words


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(tmp_path / "notify"))
        yield Supervisor(door)


@pytest.fixture
def herald(tmp_path: Path) -> Herald:
    return Herald(str(tmp_path / "notify"), pause=10.0)


async def others_do_their_part() -> None:
    for _ in range(20):
        await SystemClock().sleep(0)


async def passing(clock: VirtualClock, seconds: int, supervisor: Supervisor) -> None:
    """Let so many seconds pass, one at a time, and everybody do what is due."""
    for _ in range(seconds):
        clock.set(clock.now() + timedelta(seconds=1))
        await others_do_their_part()
        supervisor.heard()


async def nothing_answers() -> tuple[Engine, Connection, Connection]:
    await asyncio.Event().wait()
    raise AssertionError


async def nobody_there() -> tuple[Engine, Connection, Connection]:
    raise ConnectionResetError


@asynccontextmanager
async def living(life: SignsOfLife) -> AsyncIterator[None]:
    parts = [life.keep, *([life.loop.run] if life.loop else [])]
    tasks = [asyncio.create_task(part()) for part in parts]
    await others_do_their_part()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_web_side_is_ready_at_once_and_says_that_it_lives(
    supervisor: Supervisor, herald: Herald
) -> None:
    clock = VirtualClock(START)

    async with living(SignsOfLife(herald, clock, None)):
        await passing(clock, 25, supervisor)

    alive = ["STATUS=working", "WATCHDOG=1"]
    assert supervisor.heard() == [["READY=1", *alive], alive, alive]


async def test_an_engine_is_not_ready_before_its_first_turn(
    supervisor: Supervisor, herald: Herald
) -> None:
    clock = VirtualClock(START)

    async with living(SignsOfLife(herald, clock, EngineLoop(nothing_answers, clock))):
        await passing(clock, 30, supervisor)

    assert supervisor.heard() == []


@pytest.mark.parametrize(
    ("build", "fed"), [(nothing_answers, range(7, 10)), (nobody_there, range(12, 14))]
)
async def test_an_engine_that_hangs_is_fed_no_more_but_one_that_waits_for_a_database_is(
    supervisor: Supervisor,
    herald: Herald,
    build: Callable[[], AsyncIterator[None]],
    fed: range,
) -> None:
    clock = VirtualClock(START)
    loop = EngineLoop(build, clock)  # type: ignore[arg-type] # never builds one
    loop.turned.set()

    async with living(SignsOfLife(herald, clock, loop)):
        await passing(clock, 120, supervisor)

    told = supervisor.heard()
    assert all("STATUS=the engine is not looping" in words for words in told)
    assert len(told) in range(12, 14)
    assert sum("WATCHDOG=1" in words for words in told) in fed


async def test_a_drain_has_its_own_limit_and_is_not_cut_short() -> None:
    clock = VirtualClock(START)
    loop = EngineLoop(nothing_answers, clock)
    clock.set(START + timedelta(minutes=2))
    assert await loop.hung() == ("the engine hangs",)

    loop.leave()

    assert await loop.hung() == ()


def test_signs_of_life_come_three_times_as_often_as_they_are_missed() -> None:
    given = {"NOTIFY_SOCKET": "@here", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(US)}

    assert Herald.of(dict(given), US) == Herald("@here", 10.0)
    assert Herald.of(dict(given), US + 1) == Herald("@here", 15.0)


def test_what_was_left_for_us_is_left_for_no_child() -> None:
    given = {"NOTIFY_SOCKET": "/run/x", "LISTEN_FDS": "1", "LISTEN_PID": "1", "PATH": "/bin"}

    herald = Herald.of(given, US)

    assert herald.doors == ()
    assert given == {"PATH": "/bin"}


def test_a_name_that_begins_with_an_at_is_an_abstract_one() -> None:
    name = f"dispatchd-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(f"\0{name}")
        Herald(f"@{name}").tell("STOPPING=1", "STATUS=draining")

        assert Supervisor(door).heard() == [["STOPPING=1", "STATUS=draining"]]


def test_a_supervisor_that_is_gone_hurts_nobody(tmp_path: Path) -> None:
    Herald(str(tmp_path / "gone")).tell("READY=1")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)):
        Herald().tell("READY=1")
