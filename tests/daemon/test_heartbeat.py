"""A dead man's switch hears of an engine that loops, and of nothing else."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from structlog.testing import capture_logs

from adapters.transport import HttpTransport
from gateway.clock import VirtualClock, pause
from gateway.daemon.engine import Engine
from gateway.daemon.heartbeat import EVERY, Heartbeat
from gateway.daemon.loop import EngineLoop
from gateway.store.pool import Connection
from tests.adapters.far_side import FarSide, far_side, says
from tests.kit.desk import NOON

HEARD = says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
GONE = says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


async def never() -> tuple[Engine, Connection, Connection]:
    raise ConnectionError


async def pulses(side: FarSide, clock: VirtualClock, turns: Callable[[], bool]) -> list[int]:
    """Let a quarter of an hour pass in steps; return how many beats were heard after each."""
    loop, transport = EngineLoop(never, clock), HttpTransport()
    beat = Heartbeat(side.url, transport, loop.amiss, clock)
    task, counts = asyncio.create_task(beat.keep()), []
    try:
        for _ in range(6):
            if turns():
                loop.turned_at = clock.monotonic()
            clock.set(clock.now() + timedelta(seconds=EVERY))
            await asleep(clock)
            counts.append(len(side.requests))
        return counts
    finally:
        task.cancel()
        await transport.close()


async def asleep(clock: VirtualClock) -> None:
    """Wait until the beat was made and the next is waited for."""
    async with asyncio.timeout(20):
        while (at := clock.next_instant()) is None or at <= clock.now():
            await asyncio.to_thread(pause, 0.01)


async def test_it_beats_while_the_engine_turns_and_stops_when_it_stands_still() -> None:
    clock = VirtualClock(NOON)
    async with far_side(HEARD) as side:
        counts = await pulses(side, clock, lambda: clock.now() < NOON + timedelta(seconds=90))
        assert counts[2] >= 3
        assert counts[4:] == [counts[3]] * 2
        assert side.requests[0].startswith(b"GET ")


def test_how_long_an_engine_is_silent_is_known_from_its_start_until_it_is_to_end() -> None:
    clock = VirtualClock(NOON)
    loop = EngineLoop(never, clock)
    clock.set(NOON + timedelta(seconds=7))
    assert loop.silent() == 7
    loop.turned_at = clock.monotonic()
    clock.set(NOON + timedelta(seconds=9))
    assert loop.silent() == 2
    loop.stop()
    assert loop.silent() == 0


async def test_an_engine_that_never_turned_is_never_heard() -> None:
    async with far_side(HEARD) as side:
        assert await pulses(side, VirtualClock(NOON), lambda: False) == [0] * 6


async def test_what_is_not_heard_is_logged_without_the_secret_address() -> None:
    transport = HttpTransport()
    with capture_logs() as lines:
        async with far_side(GONE) as side:
            beat = Heartbeat(f"{side.url}?key=s3cret", transport, well, VirtualClock(NOON))
            await beat.beat()
        await transport.close()
        await beat.beat()
    await transport.close()
    assert [line["fault"] for line in lines] == ["HTTP 404", "the connection was refused"]
    assert "s3cret" not in str(lines)


async def well() -> tuple[str, ...]:
    return ()
