"""How long after a job is due its request arrives at the stub: alone, and while others drain."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.daemon.engine import Engine
from gateway.daemon.garbage import search_seldom
from gateway.daemon.loop import EngineLoop
from gateway.domain.taking import Taken
from gateway.store.pool import Connection, connect
from tests.bench.course import Course
from tests.bench.figures import Figures, at
from tests.bench.pile import pile
from tests.bench.street import Bench, bench, compiled
from tests.bench.witness import Heard, witness

_RATE: Final = 50
_DRAINED_FOR: Final = 10
_ACCOUNTS: Final = 2_000
_READY: Final = timedelta(seconds=2)
_LATEST: Final = 60.0
_LEFT: Final = "select count(*) from jobs where round is null and next_at is not null"


async def latency(course: Course) -> Figures:
    """Have messages fall due at 50 a second, with nothing else to do."""
    many = int(course.scale.seconds * _RATE)
    async with witness() as heard, _settled(course, "latency", many, heard) as one:
        start, moment = _in_a_moment(one)
        spread = timedelta(seconds=course.scale.seconds)
        taken = await one.town.taken(many, start, spread)
        async with _turning(one):
            await _all(heard, many, one)
        waited = _waited(taken, await heard.moments(), start, moment)
    shares = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    return {f"due to request, 50 jobs/s, {word} ms": at(waited, q) for word, q in shares.items()}


async def urgent(course: Course) -> Figures:
    """The same for urgent ones, while a pile of routine ones drains."""
    many = _DRAINED_FOR * _RATE
    async with witness() as heard, _settled(course, "urgent", _ACCOUNTS + many, heard) as one:
        names = [*one.town.accounts]
        await pile(one, names[many:], course.scale.drained)
        start, moment = _in_a_moment(one)
        taken = await one.town.taken(many, start, timedelta(seconds=_DRAINED_FOR))
        async with _turning(one):
            await _ended(one, taken)
        waited = _waited(taken, await heard.moments(), start, moment)
        left = await one.conn.fetchval(
            "select count(*) from jobs where round is null and next_at is not null"
        )
    # Whatever fell due when nothing was left to drain says nothing.
    return {
        "urgent due to request while others drain, p50 ms": at(waited, 0.5),
        "urgent due to request while others drain, p99 ms": at(waited, 0.99),
        "routine jobs still to drain when the last urgent one had left": float(left),
    }


@contextlib.asynccontextmanager
async def _settled(course: Course, name: str, accounts: int, heard: Heard) -> AsyncIterator[Bench]:
    """Open the street as a daemon finds it that has been up for a while."""
    async with bench(await course.fresh(name), accounts, heard.stub) as one:
        await one.conn.execute("update duties set next_at = now() + interval '1 day'")
        await compiled(one)
        search_seldom()
        yield one


@contextlib.asynccontextmanager
async def _turning(one: Bench) -> AsyncIterator[None]:
    """Have the engine loop as in the daemon."""
    clock = one.outside.clock

    async def build() -> tuple[Engine, Connection, Connection]:
        conn = await connect(one.url, clock, brief=True)
        ears = await connect(one.url, clock)
        return await one.engine_on(conn), conn, ears

    loop = EngineLoop(build, clock)
    running = asyncio.create_task(loop.run())
    try:
        yield
    finally:
        loop.stop()
        await running


def _in_a_moment(one: Bench) -> tuple[datetime, float]:
    """Return an instant soon, by the database's clock and by the machine's."""
    return one.outside.clock.now() + _READY, time.perf_counter() + _READY.total_seconds()


async def _all(heard: Heard, many: int, one: Bench) -> None:
    until = time.perf_counter() + _LATEST
    while await heard.count() < many and time.perf_counter() < until:
        await one.outside.clock.sleep(0.1)


async def _ended(one: Bench, taken: Sequence[Taken]) -> None:
    """Wait until each of these has begun."""
    ids = [each.jobs[0].id for each in taken]
    waits = "select count(*) from jobs where id = any($1::uuid[]) and round is null"
    until = time.perf_counter() + _LATEST
    while await one.conn.fetchval(waits, ids) and time.perf_counter() < until:
        await one.outside.clock.sleep(0.25)


def _waited(
    taken: Sequence[Taken], heard: Mapping[str, float], start: datetime, moment: float
) -> list[float]:
    """Return the ms from due to request, of each; one that never came counts as the longest."""
    waited = []
    for one in taken:
        number = int(one.message.key.account) - 10_000
        due = moment + ((one.jobs[0].due_at or start) - start).total_seconds()
        waited.append((heard.get(f"+1202{number:07d}", due + _LATEST) - due) * 1000)
    return waited
