"""Two engines beside one: what a second process brings where there is a core for it."""

import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import orjson

from tests.bench.course import Course
from tests.bench.figures import Figures
from tests.bench.street import Bench, bench, put_aside, stub_process

_IDLE: Final = 0.5
_GAIN: Final = 1.5


class _Ran(NamedTuple):
    rate: float
    cores: float


async def pairs(course: Course) -> Figures:
    """Drain the same by one engine and by two, in turns."""
    many = course.scale.many
    ran: dict[int, list[_Ran]] = {1: [], 2: []}
    async with (
        stub_process() as stub,
        bench(await course.fresh("pairs"), many, stub) as one,
    ):
        await one.conn.execute("update duties set next_at = now() + interval '1 day'")
        for _ in range(max(1, course.scale.rounds - 1)):
            for engines, found in ran.items():
                found.append(await _round(one, engines, many, stub.url))
    rates = {n: statistics.median(one.rate for one in found) for n, found in ran.items()}
    idle = (os.cpu_count() or 1) - statistics.median(one.cores for one in ran[1])
    ratio = rates[2] / rates[1]
    return {
        "one process, dispatches/s over HTTP": rates[1],
        "two processes, dispatches/s over HTTP": rates[2],
        "two processes to one": ratio,
        "cores that one process leaves idle": idle,
        "two processes to one, less what no idle core allowed": (
            ratio / (_GAIN if idle >= _IDLE else 1.0)
        ),
    }


async def _round(one: Bench, engines: int, many: int, stub: str) -> _Ran:
    async with contextlib.AsyncExitStack() as stack:
        started = [await stack.enter_async_context(_engine(one.url, stub)) for _ in range(engines)]
        await put_aside(one)
        await one.town.taken(many, one.outside.clock.now())
        before, began = one.meter.look(), time.perf_counter()
        said = await asyncio.gather(*(_drained(each) for each in started))
        burned = one.meter.look().since(before)
    seconds = max(each["ended"] for each in said) - began
    spent = sum(each["burned"] for each in said) + burned.postgres + burned.stub
    return _Ran(many / seconds, spent / seconds)


async def _drained(engine: asyncio.subprocess.Process) -> dict[str, float]:
    assert engine.stdin is not None
    assert engine.stdout is not None
    engine.stdin.write(b"go\n")
    told: dict[str, float] = orjson.loads(await engine.stdout.readline())
    return told


@contextlib.asynccontextmanager
async def _engine(url: str, stub: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.drainer", url, stub),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    yield process
    await process.wait()
