"""More messages than numbers: who leaves when one comes free, and how little is planned for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.chance import SeededChance
from gateway.daemon import planning
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.dispatch import next_step
from gateway.domain.messages import Priority
from gateway.domain.state import State
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later, northside
from tests.kit.house import Rig, rig
from tests.kit.statements import counted
from tests.kit.street import roster, shift

ACCOUNTS = [str(7101 + n) for n in range(8)]
# Whose messages there are, in this order; the last two are texted.
URGENCY = [2, 1, 1, 0, 2, 0, 1, 0]
ONE_NUMBER = {"twilio_from": "+15005550006", "calls_per_second": 1, "texts_per_second": 1}


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Eight accounts with one person each, and one number of ours."""
    documents = []
    for n, account in enumerate(ACCOUNTS):
        people = northside(account)["contacts"]
        assert isinstance(people, dict)
        people["ann"]["phone"] = f"+1202556{n:04}"
        status = "sms" if n > 5 else "call"
        documents.append(document(account, contacts=people, **roster(shift("ann", status=status))))
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, *documents, settings=ONE_NUMBER) as opened,
    ):
        yield opened


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Gather whose next step is planned."""
    planned: list[UUID] = []

    def plan(state: State, job: UUID, now: datetime, chance: Chance) -> Change:
        planned.append(job)
        return next_step(state, job, now, chance)

    monkeypatch.setattr(planning, "next_step", plan)
    return planned


async def take(one: Rig, *numbers: int) -> None:
    for n in numbers:
        await one.shelf.take(f"491{n:05}", ACCOUNTS[n], Priority(URGENCY[n]))


async def left(one: Rig, since: datetime = NOON) -> list[tuple[int, float]]:
    """Return whose call or text has left, and how many seconds after `since`."""
    rows = await one.shelf.conn.fetch("select ucn, started_at from attempts order by 2, 1")
    return [(int(row[0][3:]), (row[1] - since).total_seconds()) for row in rows]


async def test_each_number_that_comes_free_goes_to_the_most_urgent_at_that_instant(
    one: Rig, plans: list[UUID]
) -> None:
    """S3-10; and one plan for each who comes, one for each who is called up."""
    await take(one, *range(8))
    assert await one.turn() == later(seconds=1)
    assert await left(one) == [(3, 0), (7, 0)]
    assert len(plans) == 8
    await one.wind(seconds=1)
    assert await left(one) == [(3, 0), (7, 0), (5, 1), (6, 1)]
    await one.wind(seconds=8)
    assert (await left(one))[4:] == [(1, 2), (2, 3), (0, 4), (4, 5)]
    assert len(plans) == 8 + 6


async def test_who_comes_while_others_wait_joins_them_without_a_lock_or_a_try(
    one: Rig, plans: list[UUID]
) -> None:
    await take(one, 0, 1, 2)
    await one.turn()
    plans.clear()
    async with counted(one.house.conn) as sent:
        await take(one, 3)
        await one.turn()
    assert len(plans) == 1
    assert not [text for text in sent if "for update of m" in text or "lock_senders" in text]
    await one.wind(seconds=1)
    assert await left(one) == [(1, 0), (3, 1)]


async def test_two_processes_keep_one_limit_and_one_takes_the_others_list_over(
    one: Rig, database: str, pool: Pool
) -> None:
    await take(one, 0, 1, 2, 3)
    await one.turn()
    own = {"settings": ONE_NUMBER, "outside": {"chance": SeededChance(8)}}
    async with pool.acquire() as conn, rig(database, conn, **own) as other:
        engines = [each.house.engine for each in (one, other)]
        for each in (one, other):
            each.clock.set(later(seconds=1))
        await asyncio.gather(*(each.turn(later(seconds=1), sweep=True) for each in engines))
        assert len(await left(other)) == 2
        await asyncio.gather(*(each.settle() for each in engines))
        one.house.kill()
        await other.wind(seconds=2)
        assert sorted(await left(other)) == [(0, 3), (1, 1), (2, 2), (3, 0)]


async def test_a_clock_that_is_set_back_keeps_nobody_waiting(one: Rig) -> None:
    await take(one, 0, 1, 2)
    await one.turn()
    engine, before = one.house.engine, NOON - timedelta(hours=1)
    assert await engine.turn(before, sweep=True) == before + timedelta(seconds=1)
    assert await left(one, before) == [(2, 0), (1, 3600)]
    await engine.settle()


async def test_without_a_number_that_may_be_used_they_go_another_way(one: Rig) -> None:
    """A line that opens calls up all who wait for it: they are texted, one a second."""
    await take(one, 0, 1, 2)
    await one.turn()
    sql = (
        "insert into breakers (channel, place, streak, fine, faults, since, opened_at, retry_at,"
        " times, answers) values ('call', '+15005550006', 5, 0, 5, $1, $1, $2, 1, true)"
    )
    await one.shelf.conn.execute(sql, NOON, later(minutes=3))
    await one.wind(seconds=4)
    methods = await one.shelf.conn.fetch("select method from attempts order by started_at")
    assert [row[0] for row in methods] == ["call", "sms", "sms"]
