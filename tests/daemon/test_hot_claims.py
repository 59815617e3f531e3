"""The hot claim begins where the last one ended, and yet nothing that is due is passed over."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from gateway.daemon.bounds import HOT
from gateway.store import jobs
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.house import Rig, rig

ONE, TWO = "49000001", "49000002"
LONG_DUE = NOON - timedelta(hours=1)


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Open a house in which nothing was due at first, and all is claimed up to now."""
    async with pool.acquire() as conn, rig(database, conn) as opened:
        await turned(opened, NOON, sweep=True)
        await turned(opened, NOON)
        yield opened


async def turned(one: Rig, now: datetime, *, sweep: bool = False) -> datetime | None:
    """Turn the engine once, as a timer does or a sweep, until nothing is under way."""
    following = await one.house.engine.turn(now, sweep=sweep)
    await one.house.engine.settle()
    return following


async def taken(one: Rig, due: datetime) -> None:
    """Take a message that is due at an instant; the daemon is not told by the loop here."""
    one.shelf.now = due
    await one.shelf.take(ONE)


async def begun(one: Rig) -> int:
    """Count the attempts that were begun."""
    return await one.shelf.count("attempts")


async def test_what_is_put_back_is_claimed_by_the_turn_that_hears_of_it(one: Rig) -> None:
    await taken(one, LONG_DUE)
    await turned(one, NOON)
    assert await begun(one) == 0
    one.house.engine.heard(LONG_DUE)
    await turned(one, NOON)
    assert await begun(one) == 1


async def test_what_nobody_told_of_is_found_within_a_second_when_it_is_young(
    one: Rig,
) -> None:
    await taken(one, NOON - HOT / 2)
    await turned(one, later(seconds=0.5))
    assert await begun(one) == 0
    await turned(one, later(seconds=1))
    assert await begun(one) == 1


async def test_a_sweep_finds_what_has_been_due_for_long(one: Rig) -> None:
    await taken(one, LONG_DUE)
    await turned(one, later(seconds=0.5), sweep=True)
    assert await begun(one) == 1


async def test_a_job_that_was_locked_when_it_was_due_is_claimed_as_soon_as_it_is_not(
    one: Rig, pool: Pool
) -> None:
    await taken(one, NOON)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("select 1 from jobs for update")
        for tenth in range(1, 5):
            assert await turned(one, later(seconds=tenth / 10)) == NOON
    assert await begun(one) == 0
    await turned(one, later(seconds=0.5))
    assert await begun(one) == 1


async def test_a_clock_that_is_set_back_takes_what_is_due_by_it(one: Rig) -> None:
    before = later(minutes=-10)
    await taken(one, before)
    await turned(one, before)
    assert await begun(one) == 1


async def test_a_job_whose_owner_died_is_claimed_by_the_sweep_that_finds_that_out(
    one: Rig, pool: Pool
) -> None:
    await taken(one, NOON)
    async with pool.acquire() as conn:
        gone = await conn.fetchval("select nextval('boots')")
        assert len(await jobs.claim(conn, gone, NOON)) == 1
    await turned(one, later(seconds=0.5))
    assert await begun(one) == 0
    await turned(one, later(seconds=0.6), sweep=True)
    assert await begun(one) == 1
