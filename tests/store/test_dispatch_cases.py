"""A case of the gateway's own is opened exactly once, whoever races and whatever dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import pytest

from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, closed
from gateway.domain.dispatch_cause import Cause
from gateway.domain.matters import Written
from gateway.store import dispatch_cases, jobs, matters, messages, sessions, tokens
from gateway.store.jobs import DueErrand
from gateway.store.matters import Hand, Sought
from gateway.store.pool import Pool
from tests.kit.desk import NOON, Dice, later
from tests.kit.house import Rig, rig
from tests.kit.shelf import key_of

ONE = "49000001"
_ASK = """
insert into errands (id, account, month, ucn, kind, payload, next_at)
values ($1, '7001', '2026-02-01', $2, 'case', $3, $4)
"""


class Deadly(Dice):
    """Chance of a process that dies as it draws the id of a case."""

    def __init__(self, one: Rig) -> None:
        super().__init__()
        self.one = one

    def uuid(self) -> UUID:
        """Die."""
        self.one.house.kill()
        return super().uuid()


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with pool.acquire() as conn, rig(database, conn) as opened:
        await opened.shelf.take(ONE)
        yield opened


async def ask(one: Rig, number: int, cause: Cause = "exhausted") -> DueErrand:
    """Ask for a case, as a decision does, and claim the errand."""
    said = {"cause": cause, "seq": str(number), "at": NOON.isoformat()}
    await one.shelf.conn.execute(_ASK, UUID(int=number), ONE, said, NOON)
    found = await jobs.claim_errands(one.shelf.conn, NOON)
    return next(due for due in found if due.errand.id == UUID(int=number))


async def cases(one: Rig) -> list[Case]:
    """Return the cases that the message names, newest first; all chains must hold."""
    found = await matters.listed(one.shelf.conn, CASES, Sought(account="7001", ucn=ONE))
    for each in found:
        assert (await matters.check(one.shelf.conn, each.id))[1] is None
    return [each.facts for each in found]


async def linked(one: Rig) -> int:
    """Count how often the message's history says that a case was opened."""
    return (await one.kinds(ONE)).count("case.created")


async def test_of_all_who_open_a_case_one_does(one: Rig) -> None:
    first, second, other = [await ask(one, n) for n in (1, 2)] + [await ask(one, 3, "gap")]
    every = (first, first, second, other, second, first)
    work = [dispatch_cases.follow(one.house.desk, Dice(n), due) for n, due in enumerate(every)]
    await asyncio.gather(*work)
    found = {case.dispatch.cause: case.dispatch.times for case in await cases(one) if case.dispatch}
    assert found == {"exhausted": 2, "gap": 1}
    assert await linked(one) == 2
    assert await one.shelf.count("errands") == 0
    assert (await messages.check(one.shelf.conn, key_of(ONE)))[1] is None


async def test_who_dies_while_opening_a_case_has_done_nothing_and_the_next_does_it_once(
    one: Rig, database: str
) -> None:
    due = await ask(one, 1, "limit_reached")
    with suppress(Exception):
        await dispatch_cases.follow(one.house.desk, Deadly(one), due)
    assert (await cases(one), await linked(one)) == ([], 0)
    assert await one.shelf.count("errands") == 1
    await sessions.code(one.shelf.conn, "L-7", "wfm:W-1", NOON, coded=True)
    await tokens.create(one.shelf.conn, "L-7", "lead", NOON)
    async with rig(database, one.shelf.conn) as second:
        await second.wind(minutes=1)
        (case,) = await cases(second)
        assert (case.owner, case.ucns, await linked(second)) == ("lead:L-7", (ONE,), 1)
        assert await second.shelf.count("errands") == 0


async def test_what_happens_after_a_case_was_closed_opens_another(one: Rig) -> None:
    desk = one.house.desk
    await dispatch_cases.follow(desk, Dice(1), await ask(one, 1))
    (case,) = await cases(one)
    shut = closed(case, "She has been called.", NOON)
    hand = Hand("lead:L-7", NOON, Dice(2), desk.rates)
    await matters.decide(one.shelf.conn, CASES, case.id, lambda _: Written(shut), hand)
    await dispatch_cases.follow(desk, Dice(3), await ask(one, 2))
    assert [each.status for each in await cases(one)] == ["open", "closed"]
    assert await linked(one) == 2


async def test_the_lead_on_duty_is_coded_and_there_and_came_last(pool: Pool) -> None:
    async with pool.acquire() as conn:
        for name, role in (
            ("L-1", "lead"),
            ("L-2", "lead"),
            ("L-3", "lead"),
            ("D-1", "dispatcher"),
        ):
            await tokens.create(conn, name, role, NOON)
        assert await sessions.lead_on_duty(conn, NOON) is None
        for minute, name in enumerate(("L-1", "L-2", "L-3", "D-1")):
            await sessions.code(conn, name, "wfm:W-1", later(minutes=minute), coded=True)
        assert await sessions.lead_on_duty(conn, NOON) == "L-3"
        await sessions.set_break(conn, "L-3", later(minutes=5), later(minutes=4))
        assert await sessions.lead_on_duty(conn, later(minutes=4)) == "L-3"
        assert await sessions.lead_on_duty(conn, later(minutes=5)) == "L-2"
        await tokens.revoke(conn, "L-2", later(minutes=6))
        assert await sessions.lead_on_duty(conn, later(minutes=6)) == "L-1"
        await sessions.code(conn, "L-1", "wfm:W-1", later(minutes=7), coded=False)
        assert await sessions.lead_on_duty(conn, later(minutes=7)) == "L-3"
