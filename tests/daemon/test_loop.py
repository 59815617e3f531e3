"""The loop turns the engine through anything, and stops when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from adapters.smtp import Mail
from adapters.wire import Answer
from gateway.clock import Clock, Leap, SystemClock
from gateway.compose import build_engine
from gateway.daemon.engine import Engine
from gateway.daemon.loop import EngineLoop
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType
from gateway.domain.matters import Letter, Written
from gateway.rehearsal.stage import Letterbox
from gateway.store import matters
from gateway.store.matters import Hand
from gateway.store.pool import Connection, DatabaseError, Pool, connect
from tests.kit.desk import NOON, Dice
from tests.kit.house import Rig, rig
from tests.kit.shelf import FREE
from tests.kit.street import ANN

ONE, TWO = "49000001", "49000002"
Built = tuple[Engine, Connection, Connection]
CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and application_name like 'dispatchd loop%'
"""

LEFT = "select count(*) from jobs where ucn = $1 and next_at = $2"


class Builder:
    """Connects anew for the loop, after so many faults."""

    def __init__(self, one: Rig, url: str, *faults: Exception) -> None:
        self.one, self.url, self.faults = one, url, list(faults)
        self.built = 0

    async def __call__(self) -> Built:
        if self.faults:
            raise self.faults.pop(0)
        self.built += 1
        house, clock = self.one.house, self.one.clock
        conn = await connect(self.url, clock, name="dispatchd loop", tries=1)
        ears = await connect(self.url, clock, name="dispatchd loop ears", tries=1)
        engine = await build_engine(house.settings, house.outside, house.desk, conn)
        return engine, conn, ears


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with pool.acquire() as conn, rig(database, conn) as opened:
        await opened.shelf.take(ONE)
        yield opened


@asynccontextmanager
async def looping(one: Rig, build: Builder) -> AsyncIterator[EngineLoop]:
    """Run a loop beside the test; it ends when it is told to."""
    loop = EngineLoop(build, one.clock)
    task = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        loop.stop()
        await until(one, task.done)
        await task


async def until(one: Rig, holds: Callable[[], bool]) -> None:
    """Let the clock run, from one instant somebody sleeps towards to the next, until it holds."""
    async with asyncio.timeout(20):
        while not holds():
            await one.shelf.conn.fetchval("select pg_sleep(0.01)")
            following = one.clock.next_instant()
            if following is not None and following > one.clock.now():
                one.clock.set(following)


@pytest.mark.parametrize(
    "fault",
    [DatabaseError("away"), ConnectionResetError("cut"), TimeoutError(), RuntimeError("anything")],
)
async def test_a_loop_that_cannot_begin_tries_again(
    one: Rig, database: str, fault: Exception
) -> None:
    build = Builder(one, database, fault, fault)
    async with looping(one, build):
        await until(one, lambda: one.dialed() == [ANN])
    assert build.built == 1


async def test_connections_cut_in_the_middle_are_opened_anew_and_nothing_is_lost(
    one: Rig, database: str
) -> None:
    build = Builder(one, database)
    async with looping(one, build):
        await until(one, lambda: one.dialed()[:1] == [ANN])
        assert await one.shelf.conn.fetchval(CUT) == 2
        await until(one, lambda: build.built == 2)
        before = len(one.dialed())
        one.shelf.now = one.clock.now()
        await one.shelf.take(TWO)
        await until(one, lambda: len(one.dialed()) > before)


async def test_what_becomes_due_in_the_past_is_begun_by_the_turn_that_hears_of_it(
    one: Rig, database: str
) -> None:
    """As a job that is put back does: the clock stands, so that no sweep comes by."""
    async with looping(one, Builder(one, database)):
        await until(one, lambda: one.dialed()[:1] == [ANN])
        one.shelf.now = NOON - timedelta(hours=1)
        await one.shelf.take(TWO)
        async with asyncio.timeout(20):
            while await one.shelf.conn.fetchval(LEFT, TWO, one.shelf.now):
                await one.shelf.conn.fetchval("select pg_sleep(0.01)")


async def test_a_loop_that_is_stopped_ends_and_says_when_it_turned(one: Rig, database: str) -> None:
    async with looping(one, Builder(one, database)) as loop:
        await until(one, lambda: loop.turned_at is not None)


class Doorbell(Letterbox):
    """A mail server that says when the first e-mail has come."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.rung = asyncio.Event()

    async def send(self, mail: Mail) -> Answer:
        answer = await super().send(mail)
        self.rung.set()
        return answer


async def test_a_letter_leaves_at_once_and_not_at_the_next_sweep(one: Rig, database: str) -> None:
    bell = Doorbell(one.clock)
    one.house.outside = replace(one.house.outside, mailer=bell)
    case = Case(UUID(int=1), CaseType.DISPATCH, "Support", "gateway", NOON)
    letter = Letter("hello", "email", "ann@northside.example", "Hello", "Hello.\n")
    async with looping(one, Builder(one, database)):
        await until(one, lambda: one.dialed() == [ANN])
        stands = one.clock.now()
        written, hand = Written(case, letters=(letter,)), Hand("gateway", stands, Dice(), FREE)
        await matters.open_one(one.shelf.conn, CASES, case.id, written, hand)
        async with asyncio.timeout(20):
            await bell.rung.wait()
        assert one.clock.now() == stands


class SetBack:
    """Real time, which is set back by `behind` at will; its monotonic side goes on."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self.behind = timedelta()

    def now(self) -> datetime:
        return self._real.now() - self.behind

    def monotonic(self) -> float:
        return self._real.monotonic()

    def doubtful(self) -> bool:
        return self._real.doubtful()

    def leap(self) -> Leap | None:
        return self._real.leap()

    def landed(self, leap: Leap) -> None:
        self._real.landed(leap)

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)

    async def wait_until(self, event: asyncio.Event, deadline: datetime | None) -> bool:
        return await self._real.wait_until(event, deadline and deadline + self.behind)


async def test_a_loop_goes_on_sweeping_when_the_clock_is_set_back(
    one: Rig, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.daemon.loop.SWEEP", timedelta(milliseconds=100))
    clock, build = SetBack(), Builder(one, database)
    loop = EngineLoop(build, clock)
    task = asyncio.create_task(loop.run())
    try:
        await until(one, lambda: loop.turned_at is not None)
        clock.behind = timedelta(minutes=5)
        await clock.sleep(0.3)
        assert await one.shelf.conn.fetchval(CUT) == 2
        await until(one, lambda: build.built == 2)
    finally:
        loop.stop()
        await task
