"""What a change must have to itself: phone, code, blank day, token; refused ones leave nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from gateway.domain.change import CallOut, Change, CodeClaim
from gateway.domain.events import Progress, Replied
from gateway.domain.replies import Accept
from gateway.store.pool import Pool
from gateway.store.verdicts import CodeTaken, PhoneTaken, Stale, Verdict
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import Shelf
from tests.kit.street import ANN, changed, roster, shift

UCNS = [f"4900000{n}" for n in range(1, 7)]
ONE, TWO, THREE = UCNS[:3]
TEXTS = {"permanent": [], **roster(shift("ann", status="sms"))}
BLANK = {"schedules": [{"name": "OnCall", "shifts": []}]}


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    """7001 calls ann, 7002 texts her, 7003 has a blank schedule, 7004 a phone of its own."""
    async with pool.acquire() as conn:
        one = Shelf(conn)
        dan = {"dan": {"name": "Dan", "phone": "+12025550104"}}
        own = {"contacts": dan, "permanent": [], **roster(shift("dan"))}
        await one.load(
            document("7001"),
            document("7002", **TEXTS),
            document("7003", **BLANK),
            document("7004", **own),
        )
        yield one


def kinds(verdicts: Sequence[Verdict]) -> list[str]:
    return [type(one).__name__ for one in verdicts]


async def texted(shelf: Shelf, ucn: str) -> Change:
    """Text ann about a message of 7002 and have the carrier take it."""
    change = await shelf.intend(ucn, "7002")
    await shelf.tell(ucn, Progress(change.begun[0].id, f"SM{ucn}", "sent"), "7002")
    return change


async def with_code(shelf: Shelf, ucn: str, code: str) -> Change:
    """Plan a text of 7002 that would carry just that code."""
    change = await shelf.plan(ucn, "7002")
    assert change.code is not None
    return change._replace(code=CodeClaim(change.code.phone, code, change.code.contact))


# ---------------------------------------------------------------------------------- phones
async def test_a_taken_phone_is_refused_and_nothing_of_the_intent_is_left(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    first = await shelf.intend(ONE)
    second = await shelf.plan(TWO)
    before = await shelf.whole()
    assert await shelf.write(second) == [PhoneTaken(ANN, first.call_until)]
    assert await shelf.whole() == before


async def test_of_two_intents_for_one_phone_in_a_batch_one_is_written(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    both = [await shelf.plan(ONE), await shelf.plan(TWO)]
    assert kinds(await shelf.write(*both)) == ["Written", "PhoneTaken"]
    assert await shelf.count("open_calls") == await shelf.count("attempts") == 1


async def test_a_phone_is_free_again_when_its_call_is_past_all_limits(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    until = (await shelf.intend(ONE)).call_until
    assert until is not None
    shelf.now = until - timedelta(seconds=1)
    assert kinds(await shelf.write(await shelf.plan(TWO))) == ["PhoneTaken"]
    shelf.busy.clear()
    shelf.now = until
    assert kinds(await shelf.write(await shelf.plan(TWO))) == ["Written"]


async def test_waiting_for_a_phone_that_is_free_is_refused(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    call = (await shelf.intend(ONE)).begun[0].id
    assert kinds(await shelf.write(await shelf.plan(TWO))) == ["PhoneTaken"]
    waits = await shelf.plan(TWO)
    assert waits.waits_for == ANN
    await shelf.tell(ONE, Progress(call, "CA1", "busy"))
    assert kinds(await shelf.write(waits)) == ["Stale"]


async def test_a_phone_cannot_be_freed_while_somebody_begins_to_wait_for_it(
    shelf: Shelf, pool: Pool
) -> None:
    await shelf.take_all([ONE, TWO])
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.write(await shelf.plan(TWO))
    waits = await shelf.plan(TWO)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        frees = await other.hear(ONE, Progress(call, "CA1", "busy"))
        async with shelf.conn.transaction():
            await shelf.write(waits)
            freeing = asyncio.create_task(other.write(frees))
            await asyncio.wait([freeing], timeout=0.1)
            assert not freeing.done()
        await freeing
    job = (await shelf.state(TWO)).jobs[0]
    assert (job.waits_for, job.next_at) == (None, other.now)


async def test_calls_of_two_processes_to_one_phone_are_placed_one_after_the_other(
    shelf: Shelf, pool: Pool
) -> None:
    await shelf.take_all([ONE, TWO])
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        plans = await shelf.plan(ONE), await other.plan(TWO)
        both = await asyncio.gather(shelf.write(plans[0]), other.write(plans[1]))
    assert sorted(kinds([*both[0], *both[1]])) == ["PhoneTaken", "Written"]
    assert await shelf.count("open_calls") == 1


@pytest.mark.parametrize(
    ("flag", "account", "verdict"),
    [
        ("suspended_at", "7001", "Stale"),
        ("suspended_at", "7002", "Stale"),
        ("opted_out_at", "7002", "Stale"),
        ("opted_out_at", "7001", "Written"),
    ],
)
async def test_nobody_who_was_flagged_meanwhile_is_reached(
    shelf: Shelf, flag: str, account: str, verdict: str
) -> None:
    await shelf.take(ONE, account)
    change = await shelf.plan(ONE, account)
    await shelf.conn.execute(f"insert into phones (phone, {flag}) values ($1, $2)", ANN, NOON)  # noqa: S608 - ours
    assert kinds(await shelf.write(change)) == [verdict]


# ---------------------------------------------------------------------------------- codes
async def test_a_code_is_given_to_one_open_message_of_a_phone(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO], "7002")
    await shelf.write(await with_code(shelf, ONE, "41"))
    refused = await with_code(shelf, TWO, "41")
    before = await shelf.whole()
    assert await shelf.write(refused) == [CodeTaken(ANN)]
    assert await shelf.whole() == before
    assert kinds(await shelf.write(await with_code(shelf, TWO, "42"))) == ["Written"]


async def test_of_two_equal_codes_in_a_batch_one_is_given(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO], "7002")
    both = [await with_code(shelf, ucn, "41") for ucn in (ONE, TWO)]
    assert sorted(kinds(await shelf.write(*both))) == ["CodeTaken", "Written"]


async def test_a_code_rests_for_a_day_after_its_message_was_closed(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO], "7002")
    await shelf.write(await with_code(shelf, ONE, "41"))
    await shelf.tell(ONE, Replied(ANN, "ann", Accept("41"), "41"), "7002")
    shelf.now = later(hours=23, minutes=59)
    assert kinds(await shelf.write(await with_code(shelf, TWO, "41"))) == ["CodeTaken"]
    shelf.now = later(hours=24)
    assert kinds(await shelf.write(await with_code(shelf, TWO, "41"))) == ["Written"]


async def test_a_message_keeps_its_code_for_a_phone(shelf: Shelf) -> None:
    await shelf.take(ONE, "7002")
    first = (await texted(shelf, ONE)).begun[0]
    shelf.now = later(minutes=15)
    again = (await shelf.intend(ONE, "7002")).begun
    while not again:
        shelf.now += timedelta(minutes=15)
        again = (await shelf.intend(ONE, "7002")).begun
    assert again[0].code == first.code
    assert await shelf.count("reply_codes") == 1


async def test_two_processes_never_give_a_phone_one_code_twice(shelf: Shelf, pool: Pool) -> None:
    await shelf.take_all([ONE, TWO], "7002")
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        plans = await with_code(shelf, ONE, "41"), await with_code(other, TWO, "41")
        both = await asyncio.gather(shelf.write(plans[0]), other.write(plans[1]))
    assert sorted(kinds([*both[0], *both[1]])) == ["CodeTaken", "Written"]


# ---------------------------------------------------------------------------------- blank days
async def test_a_blank_day_is_told_once_an_account_and_day(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO], "7003")
    both = [await shelf.plan(ucn, "7003") for ucn in (ONE, TWO)]
    assert all(change.blank_day for change in both)
    assert kinds(await shelf.write(*both))[0] == "Written"
    assert await shelf.count("blank_days") == 1
    alerts = "select count(*) from errands where kind = 'alert'"
    assert await shelf.conn.fetchval(alerts) == 1
    again = await shelf.plan(TWO, "7003")
    assert again.blank_day is None
    shelf.now = later(days=1)
    assert (await shelf.plan(TWO, "7003")).blank_day is not None


async def test_a_day_somebody_else_has_told_makes_the_plan_stale(shelf: Shelf, pool: Pool) -> None:
    await shelf.take_all([ONE, TWO], "7003")
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        plans = await shelf.plan(ONE, "7003"), await other.plan(TWO, "7003")
        both = await asyncio.gather(shelf.write(plans[0]), other.write(plans[1]))
    assert "Written" in kinds([*both[0], *both[1]])
    assert await shelf.count("blank_days") == 1


# ---------------------------------------------------------------------------------- giving back
async def test_a_refused_change_gives_back_only_its_own_claims(shelf: Shelf) -> None:
    """Its phone is free again; the phone of the call that caused the refusal is not."""
    await shelf.take_all([ONE, TWO], "7003")
    first, second = await shelf.plan(ONE, "7003"), await shelf.plan(TWO, "7003")
    assert isinstance(first.wire, CallOut)
    assert isinstance(second.wire, CallOut)
    elsewhere = changed(second.wire, to="+12025550177")
    verdicts = await shelf.write(first, second._replace(wire=elsewhere))
    assert kinds(verdicts) == ["Written", "Stale"]
    assert [row["phone"] for row in await shelf.all("open_calls", "phone")] == [first.wire.to]
    assert await shelf.count("blank_days") == 1


async def test_a_stale_change_claims_nothing(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.plan(ONE)
    await shelf.conn.execute("update messages set head_seq = head_seq + 1")
    assert await shelf.write(change) == [Stale()]
    assert await shelf.count("open_calls") == 0
