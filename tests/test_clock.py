"""The clock follows the database and never confuses two instants."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import SystemClock, VirtualClock

START = datetime(2026, 2, 2, 23, tzinfo=UTC)


def test_a_steered_clock_reads_the_databases_time() -> None:
    clock = SystemClock()
    moment = clock.monotonic()
    clock.steer(START + timedelta(days=365), moment, moment)
    assert timedelta(0) <= clock.now() - START - timedelta(days=365) < timedelta(seconds=10)


def test_a_small_correction_does_not_turn_time_back() -> None:
    clock = SystemClock()
    before = clock.now()
    moment = clock.monotonic()
    clock.steer(before - timedelta(milliseconds=400), moment, moment)
    assert clock.now() >= before


def test_a_jump_of_the_database_is_followed_back() -> None:
    clock = SystemClock()
    before = clock.now()
    moment = clock.monotonic()
    clock.steer(before - timedelta(hours=1), moment, moment)
    assert clock.now() < before


def test_a_clock_that_was_first_read_or_set_ahead_is_doubtful_for_a_while() -> None:
    clock = SystemClock()
    moment = clock.monotonic()
    assert not clock.doubtful()
    clock.steer(START, moment, moment)
    assert clock.doubtful()

    clock = SystemClock()
    clock.steer(START, moment - 26, moment - 26)  # so long ago
    clock.steer(START + timedelta(seconds=26.9), moment, moment)
    clock.steer(START + timedelta(seconds=34), moment, moment + 8)  # an answer of eight seconds
    clock.steer(START - timedelta(minutes=5), moment, moment)
    assert not clock.doubtful()
    clock.steer(START, moment, moment)
    assert clock.doubtful()


def test_a_clock_that_was_set_ahead_tells_from_when_until_that_has_been_seen_to() -> None:
    clock, minutes = SystemClock(), timedelta(minutes=5)
    moment = clock.monotonic()
    clock.steer(START, moment, moment)
    clock.steer(START - minutes, moment, moment)
    assert clock.leap() is None
    clock.steer(START, moment, moment)
    first = clock.leap()
    assert first is not None
    assert first.since == START - minutes
    clock.steer(START + minutes, moment, moment)
    clock.landed(first)
    second = clock.leap()
    assert second is not None
    assert second.since == START - minutes, "what the first one might have ended was not seen to"
    clock.landed(second)
    assert clock.leap() is None


def test_a_measurement_that_agrees_changes_nothing() -> None:
    clock = SystemClock()
    moment = clock.monotonic()
    clock.steer(START, moment, moment)
    clock.steer(START + timedelta(seconds=1.2), moment, moment + 2)
    assert clock.now() - START < timedelta(seconds=1)


async def test_waiting_ends_with_the_event_or_at_the_deadline() -> None:
    clock, event = SystemClock(), asyncio.Event()
    assert not await clock.wait_until(event, clock.now() + timedelta(milliseconds=5))
    assert not await clock.wait_until(event, clock.now() - timedelta(seconds=1))
    asyncio.get_running_loop().call_soon(event.set)
    assert await clock.wait_until(event, clock.now() + timedelta(minutes=1))
    assert await clock.wait_until(event, None)


async def test_a_virtual_sleeper_wakes_when_the_clock_is_set() -> None:
    clock = VirtualClock(START)
    sleeper = asyncio.create_task(clock.sleep(30))
    await asyncio.sleep(0)  # noqa: TID251 - lets the task begin, no time passes
    assert clock.next_instant() == START + timedelta(seconds=30)
    clock.set(START + timedelta(seconds=29))
    await asyncio.sleep(0)  # noqa: TID251 - lets the task begin, no time passes
    assert not sleeper.done()
    clock.set(START + timedelta(seconds=30))
    await sleeper
    assert clock.next_instant() is None
    assert clock.monotonic() == 30


async def test_a_virtual_wait_ends_with_the_event_too() -> None:
    clock, event = VirtualClock(START), asyncio.Event()
    waiting = asyncio.create_task(clock.wait_until(event, START + timedelta(hours=1)))
    await asyncio.sleep(0)  # noqa: TID251 - lets the task begin, no time passes
    event.set()
    assert await waiting
    assert not await clock.wait_until(asyncio.Event(), START)


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(START)
    with pytest.raises(ValueError, match="never goes back"):
        clock.set(START - timedelta(seconds=1))
