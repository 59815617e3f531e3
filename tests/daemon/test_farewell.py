"""A process that is told to end: how long its engine goes on, and for whom it waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeAlias

import pytest
from asyncpg import QueryCanceledError

from adapters.simulator.people import caller
from gateway.clock import VirtualClock
from gateway.daemon.farewell import GONE, LONGEST, WORKS, Farewell
from gateway.store import farewell as leaving
from gateway.store import jobs
from gateway.store.pool import Connection, Pool
from tests.kit.desk import document, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN, BOB

LISTENS = {"calls": [{"answer_after": "1s", "keys": [{"after": "29s", "press": "1"}]}]}
RINGS = {"calls": [{"no_answer": True}]}
Fault: TypeAlias = Callable[[Connection, datetime], Awaitable[None]]


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Give a house with a message for Ann, who has picked up and listens."""
    people = {ANN: LISTENS, BOB: RINGS}
    async with pool.acquire() as conn, rig(database, conn, people, document()) as house:
        await house.shelf.take("49000001")
        await house.wind(seconds=2)
        yield house


async def waited(one: Rig, wait: Coroutine[Any, Any, None], clock: VirtualClock) -> float:
    """Return for how many seconds something waits, while time passes for it alone."""
    began, waiting = clock.now(), asyncio.create_task(wait)
    while not waiting.done():
        ahead = clock.next_instant()
        if ahead is not None:
            clock.set(ahead)
        await one.shelf.conn.fetchval("select 1")
    await waiting
    return (clock.now() - began).total_seconds()


def told_to_end(one: Rig, at: datetime | None = None) -> tuple[Farewell, VirtualClock]:
    clock = VirtualClock(at or one.clock.now())
    return Farewell(one.house.pool, clock), clock


async def test_the_engine_goes_on_for_a_while_beside_who_is_on_the_line(one: Rig) -> None:
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=True), clock) == pytest.approx(WORKS)
    rest = await waited(one, farewell.nobody_speaks(), clock)
    assert WORKS + rest <= LONGEST


def looks_fail(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let a look at who is on the line meet with what the fault does to its connection."""
    asks = leaving.on_the_line

    async def asked(
        conn: Connection, now: datetime, picked_up: datetime, called: datetime | None = None
    ) -> bool:
        await fault(conn, now)
        return await asks(conn, now, picked_up, called)

    monkeypatch.setattr(leaving, "on_the_line", asked)


@pytest.mark.parametrize("fault", [QueryCanceledError("too slow"), TimeoutError()])
async def test_a_look_that_fails_is_no_reason_to_leave_whoever_is_on_the_line(
    one: Rig, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    looks = iter([fault])

    async def fails(_conn: Connection, _now: datetime) -> None:
        for first in looks:
            raise first

    looks_fail(monkeypatch, fails)
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=True), clock) == pytest.approx(WORKS)
    assert await waited(one, farewell.nobody_speaks(), clock) > 0


async def test_a_connection_that_is_cut_is_no_reason_either(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: list[int] = []

    async def cuts(conn: Connection, _now: datetime) -> None:
        if not cut:
            cut.append(conn.get_server_pid())
            await one.shelf.conn.fetchval("select pg_terminate_backend($1, 5000)", *cut)

    looks_fail(monkeypatch, cuts)
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.nobody_speaks(), clock) > WORKS
    assert cut


async def test_a_database_that_comes_back_was_not_gone(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice for a while is not once for twice as long."""
    farewell, clock = told_to_end(one)
    began = clock.now()

    async def away(_conn: Connection, now: datetime) -> None:
        if (now - began).total_seconds() % GONE > 2:
            raise ConnectionRefusedError

    looks_fail(monkeypatch, away)
    assert await waited(one, farewell.nobody_speaks(), clock) > GONE


async def test_a_database_that_came_back_while_nobody_looked_is_not_gone(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's last turn lies between the two waits, and may take long in just that case."""
    farewell, clock = told_to_end(one)
    began = clock.now()

    async def away(_conn: Connection, now: datetime) -> None:
        if (now - began).total_seconds() <= GONE:
            raise ConnectionRefusedError

    looks_fail(monkeypatch, away)
    await waited(one, farewell.work_on(web=True), clock)
    await waited(one, clock.sleep(GONE), clock)
    assert await waited(one, farewell.nobody_speaks(), clock) > 0


async def test_whose_leave_cannot_be_taken_goes_on_alone(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_slow(_conn: Connection) -> None:
        raise QueryCanceledError("too slow")

    monkeypatch.setattr(leaving, "take_leave", too_slow)
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=True), clock) == pytest.approx(WORKS)


async def test_a_database_that_is_gone_is_not_waited_for(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_conn: Connection, _now: datetime) -> None:
        raise ConnectionRefusedError

    looks_fail(monkeypatch, gone)
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=True), clock) == pytest.approx(GONE)
    assert await waited(one, farewell.nobody_speaks(), clock) == 0


async def test_whoever_was_called_while_no_look_could_tell_is_waited_for(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = one.clock.now()

    async def too_slow(_conn: Connection, now: datetime) -> None:
        if (now - began).total_seconds() < WORKS:
            raise QueryCanceledError("too slow")

    looks_fail(monkeypatch, too_slow)
    farewell, clock = told_to_end(one)
    await waited(one, farewell.work_on(web=True), clock)
    await one.shelf.conn.execute(
        "update attempts set state = 'ringing', started_at = $1", later(seconds=5)
    )
    assert await waited(one, farewell.nobody_speaks(), clock) > 0


async def test_with_nobody_on_the_line_it_ends_at_once(one: Rig) -> None:
    await one.shelf.conn.execute("update attempts set outcome = 'accepted'")
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=True), clock) == 0
    assert await waited(one, farewell.nobody_speaks(), clock) == 0


async def test_whoever_calls_us_is_waited_for_too(one: Rig) -> None:
    await one.shelf.conn.execute("update attempts set outcome = 'accepted'")
    await one.carrier.call_from(ANN, caller({}, "ann"))
    await one.wind(seconds=1)
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.nobody_speaks(), clock) > 0


async def test_another_engine_takes_what_is_due(one: Rig, pool: Pool) -> None:
    async with pool.acquire() as other:
        await jobs.board(other)
        farewell, clock = told_to_end(one)
        assert await waited(one, farewell.work_on(web=True), clock) == 0
        await other.execute("select pg_advisory_unlock_all()")


async def test_two_that_are_told_to_end_together_do_not_count_on_each_other(
    one: Rig, pool: Pool
) -> None:
    async with pool.acquire() as other:
        await jobs.board(other)
        await leaving.take_leave(other)
        farewell, clock = told_to_end(one)
        assert await waited(one, farewell.work_on(web=True), clock) == pytest.approx(WORKS)
        await other.execute("select pg_advisory_unlock_all()")


async def test_an_engine_without_a_web_side_ends_at_once_and_nobody_counts_on_it(one: Rig) -> None:
    farewell, clock = told_to_end(one)
    assert await waited(one, farewell.work_on(web=False), clock) == 0
    assert await leaving.engines_that_stay(one.shelf.conn) == 0


async def test_whoever_is_called_while_the_engine_goes_on_is_waited_for(one: Rig) -> None:
    farewell, clock = told_to_end(one, later(seconds=1.5))
    await waited(one, farewell.work_on(web=True), clock)
    await one.shelf.conn.execute(
        "update attempts set state = 'ringing', started_at = $1", later(seconds=5)
    )
    assert await waited(one, farewell.nobody_speaks(), clock) > 0
    # One that rang before is not.
    other, its = told_to_end(one, later(seconds=6))
    await waited(one, other.work_on(web=True), its)
    assert await waited(one, other.nobody_speaks(), its) == 0
