"""More calls than numbers: the urgent go first, each person's together, and nothing in circles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.domain.messages import Priority
from gateway.store.pool import Pool
from tests.kit.desk import document, northside
from tests.kit.house import Rig, rig
from tests.kit.street import roster, shift

ONE_CALL_A_SECOND = {"calls_per_second": 1}
ACCOUNTS = 30


@asynccontextmanager
async def storm(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Open a house with one number, and accounts whose people have phones of their own."""
    async with pool.acquire() as conn, rig(database, conn, settings=ONE_CALL_A_SECOND) as one:
        for n in range(ACCOUNTS):
            people = northside(f"{7101 + n}")["contacts"]
            assert isinstance(people, dict)
            people["ann"]["phone"] = phone(n)
            await one.shelf.load(document(f"{7101 + n}", contacts=people, **roster(shift("ann"))))
        yield one


def phone(number: int) -> str:
    return f"+1202556{number:04}"


async def take(one: Rig, number: int, account: int, priority: Priority = Priority.URGENT) -> None:
    await one.shelf.take(f"491{number:05}", f"{7101 + account}", priority)


async def test_who_waits_is_looked_at_once_when_it_comes_and_when_it_is_its_turn(
    database: str, pool: Pool
) -> None:
    """Each claim counts in the job's fence; in a storm they used to be claimed again and again."""
    async with storm(database, pool) as one:
        for n in range(ACCOUNTS):
            await take(one, n, n)
        await one.wind(seconds=20.5)
        assert len(one.dialed()) == 21
        most = "select max(fence) from jobs where next_at > created_at and round is null"
        assert await one.shelf.conn.fetchval(most) <= 2


async def test_urgent_messages_that_come_later_are_called_before_routine_ones(
    database: str, pool: Pool
) -> None:
    async with storm(database, pool) as one:
        for n in range(10):
            await take(one, n, n, Priority.ROUTINE)
        await one.wind(seconds=0.5)
        for n in range(10, 20):
            await take(one, n, n)
        await one.wind(seconds=10.2)
        urgent = [one for one in one.dialed() if one >= phone(10)]
        assert len(urgent) >= 8


async def test_what_comes_for_a_person_while_they_wait_shares_their_call(
    database: str, pool: Pool
) -> None:
    async with storm(database, pool) as one:
        for n in range(6):
            await take(one, n, n)
        await one.wind(seconds=0.5)
        for n in range(6, 10):
            await take(one, n, 5)
        await one.wind(seconds=6)
        assert sorted(one.dialed()) == [phone(n) for n in range(6)]
        riding = "select count(*) from attempts where address = $1 and rides is not null"
        assert await one.shelf.conn.fetchval(riding, phone(5)) == 5


async def test_numbers_are_not_idle_while_somebody_waits_for_their_turn(
    database: str, pool: Pool
) -> None:
    """Half of those who wait are canceled: the others have their turn sooner."""
    async with storm(database, pool) as one:
        for n in range(ACCOUNTS):
            await take(one, n, n)
        await one.wind(seconds=0.5)
        await one.shelf.conn.execute(
            "update jobs set state = 'canceled', next_at = null"
            " where state = 'pending' and ucn < '49100020'"
        )
        await one.wind(seconds=14)
        assert len(one.dialed()) >= 10
