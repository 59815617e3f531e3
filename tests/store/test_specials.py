"""Specials in the store: loaded for plans, looked at once by one reviewer, and never overtaken."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import pytest

from gateway.clock import VirtualClock
from gateway.domain.deeds import RefusedError
from gateway.domain.specials import Special
from gateway.store import messages, specials
from gateway.store.desk import Desk
from gateway.store.pool import Pool
from gateway.store.specials import Author, Outcome
from gateway.store.spreading import spread
from gateway.store.states import States
from gateway.store.verdicts import Stale, Written
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.shelf import FREE, Shelf, key_of

ONE, TWO = "49000001", "49000002"
UCNS = [f"490000{n:02}" for n in range(10, 22)]
POSTER, LEA, DAN = "agent:1204", "lead:L-7", "dispatcher:D-31"
CHANCE = Dice(77)


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"), document("7002"))
        yield one


@pytest.fixture
def desk(pool: Pool) -> Desk:
    states = States("https://dispatch.example")
    return Desk(pool, states, VirtualClock(NOON), FREE, lambda _: None)


def special(start: float = -60, end: float = 60, **does: object) -> Special:
    span = later(minutes=start), later(minutes=end)
    effect = {"replace": "cho", **does}
    return Special(str(CHANCE.uuid()), "the office", *span, **effect)  # type: ignore[arg-type]


async def post(
    pool: Pool, one: Special, account: str = "7001", at: datetime = NOON, by: str = POSTER
) -> Outcome:
    async with pool.acquire() as conn:
        return await specials.post(conn, account, one, Author(by, at), CHANCE.uuid())


async def review(pool: Pool, one: Special, by: str, *, approved: bool) -> Outcome | None:
    async with pool.acquire() as conn:
        where = "7001", UUID(one.id)
        return await specials.review(conn, where, Author(by, NOON), approved=approved)


async def test_a_plan_knows_its_accounts_specials_in_the_order_of_their_posts(
    shelf: Shelf, pool: Pool
) -> None:
    first, second, third = special(), special(start=30, replace=None, hold=True), special()
    await post(pool, first, at=later(minutes=-2))
    await post(pool, third, at=NOON)
    await post(pool, second, at=later(minutes=-1))
    await post(pool, special(), "7002")
    await post(pool, special(end=0))
    await shelf.take(ONE)
    assert (await shelf.state(ONE)).specials == (first, second, third)
    await review(pool, second, LEA, approved=False)
    await review(pool, third, LEA, approved=True)
    assert (await shelf.state(ONE)).specials == (first, third)


async def test_which_special_governed_a_job_is_kept_with_its_round(
    shelf: Shelf, pool: Pool
) -> None:
    one = special()
    await post(pool, one)
    await shelf.take(ONE)
    change = await shelf.intend(ONE)
    assert [attempt.source for attempt in change.begun] == ["special"]
    assert (await shelf.state(ONE)).jobs[0].round.special == one.id


async def test_a_plan_made_before_a_special_was_posted_is_stale(
    shelf: Shelf, pool: Pool, desk: Desk
) -> None:
    await shelf.take(ONE)
    await shelf.take(TWO, "7002")
    before, other = await shelf.plan(ONE), await shelf.plan(TWO, "7002")
    outcome = await post(pool, special())
    await spread(desk, "7001", outcome, CHANCE)
    assert [type(one) for one in await shelf.write(before, other)] == [Stale, Written]
    assert (await shelf.intend(ONE)).begun[0].contact == "cho"


async def test_no_attempt_is_written_against_a_special_once_its_post_is_answered(
    shelf: Shelf, pool: Pool, desk: Desk
) -> None:
    await shelf.take_all(UCNS)
    answered = asyncio.Event()

    async def work() -> list[str]:
        """Plan and write as an engine does; name what was written after the post's answer."""
        late = []
        for ucn in UCNS:
            while True:
                change = await shelf.plan(ucn)
                was = answered.is_set()
                (verdict,) = await shelf.write(change._replace(wire=None, call_until=None))
                if isinstance(verdict, Written):
                    break
            late += [attempt.source for attempt in change.begun if was]
        return late

    async def give() -> None:
        outcome = await post(pool, special())
        await spread(desk, "7001", outcome, CHANCE)
        answered.set()

    late, _ = await asyncio.gather(work(), give())
    assert set(late) <= {"special"}
    kinds = await shelf.all("history_items", "ucn, seq")
    assert sum(one["kind"] == "specials.posted" for one in kinds) == len(UCNS)
    for ucn in UCNS:
        assert (await messages.check(shelf.conn, key_of(ucn)))[1] is None


async def test_a_special_rings_its_sink_once_and_stands_on_the_accounts_record(
    shelf: Shelf, pool: Pool
) -> None:
    one = special()
    await post(pool, one)
    (errand,) = await shelf.all("errands", "id")
    assert errand["payload"] == {
        "sink": "specials",
        "reason": "special",
        "account": "7001",
        "special": one.id,
        "text": "📣Specials 7001 - Please see special in regards to the office.",
    }
    await specials.note_unheard(shelf.conn, "7001", one.id, Author("gateway", later(seconds=1)))
    items = await specials.items(shelf.conn, "7001", 10)
    assert [(item["kind"], item["outcome"]) for item in items][:1] == [
        ("specials.posted", "failure")
    ]
    assert [(item["kind"], item["actor"]) for item in items[1:]] == [
        ("review.opened", POSTER),
        ("specials.posted", POSTER),
    ]
    assert await specials.items(shelf.conn, "7002", 10) == []


async def test_of_two_reviewers_at_once_one_is_heard_and_what_is_rejected_stays_so(
    shelf: Shelf, pool: Pool
) -> None:
    assert shelf.boot
    one = special()
    await post(pool, one)
    both = await asyncio.gather(
        review(pool, one, LEA, approved=False), review(pool, one, DAN, approved=False)
    )
    assert sorted(found.since is None for found in both if found) == [False, True]
    with pytest.raises(RefusedError):
        await review(pool, one, DAN, approved=True)
    kinds = [item["kind"] for item in await specials.items(shelf.conn, "7001", 10)]
    assert kinds.count("special.rejected") == 1
    assert await review(pool, special(), LEA, approved=True) is None


async def test_what_was_approved_may_still_be_rejected(shelf: Shelf, pool: Pool) -> None:
    assert shelf.boot
    one = special()
    await post(pool, one)
    await review(pool, one, LEA, approved=True)
    ended = await review(pool, one, LEA, approved=False)
    assert ended is not None
    assert ended.posted.state == "rejected"


async def test_the_accounts_record_cannot_be_rewritten(shelf: Shelf, pool: Pool) -> None:
    await post(pool, special())
    with pytest.raises(Exception, match="append-only"):
        await shelf.conn.execute("update account_items set text = 'x'")
