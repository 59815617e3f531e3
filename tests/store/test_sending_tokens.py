"""Sending numbers place so many calls and texts a second, over the whole cluster."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.domain.change import Change, CodeClaim
from gateway.domain.messages import Priority
from gateway.store.pool import Pool
from gateway.store.rates import Rates
from gateway.store.verdicts import NoToken, Verdict, Written
from tests.kit.desk import document, later
from tests.kit.shelf import OURS, Shelf, slow
from tests.kit.street import roster, shift

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


async def with_code(shelf: Shelf, ucn: str, code: str) -> Change:
    """Plan a text of 7002 that would carry just that code."""
    change = await shelf.plan(ucn, "7002")
    assert change.code is not None
    return change._replace(code=CodeClaim(change.code.phone, code, change.code.contact))


async def test_a_number_places_one_call_a_second(shelf: Shelf) -> None:
    shelf.rates = slow(1)
    await shelf.take(ONE)
    await shelf.take(TWO, "7004")
    assert await shelf.write(await shelf.plan(ONE)) == [Written(OURS)]
    refused = await shelf.plan(TWO, "7004")
    before = await shelf.whole()
    assert await shelf.write(refused) == [NoToken("call", later(seconds=1))]
    assert await shelf.whole() == before
    shelf.now = later(seconds=1)
    assert kinds(await shelf.write(await shelf.plan(TWO, "7004"))) == ["Written"]


async def test_a_channel_without_a_number_that_may_be_used_is_asked_again_in_a_moment(
    shelf: Shelf,
) -> None:
    shelf.rates = Rates({"call": (), "text": (OURS,)})
    await shelf.take(ONE)
    await shelf.take(TWO, "7002")
    batch = [await shelf.plan(ONE), await shelf.plan(TWO, "7002")]
    assert await shelf.write(*batch) == [NoToken("call", later(seconds=1)), Written(OURS)]


async def test_a_slow_number_has_no_tokens_ahead_and_a_fast_one_few(shelf: Shelf) -> None:
    shelf.rates = slow(3)
    await shelf.take_all(UCNS[:4], "7002")
    batch = [await with_code(shelf, ucn, f"4{n}") for n, ucn in enumerate(UCNS[:4])]
    assert kinds(await shelf.write(*batch)) == ["Written"] + ["NoToken"] * 3
    # One each 21 thousandths of a second, 49 ahead: one that is due, two before their time.
    shelf.rates, shelf.now = slow(50), later(seconds=1)
    batch = [await with_code(shelf, ucn, f"5{n}") for n, ucn in enumerate(UCNS[1:4])]
    assert kinds(await shelf.write(*batch)) == ["Written"] * 3


async def test_several_numbers_share_the_work(shelf: Shelf) -> None:
    numbers = ("+15005550001", "+15005550002")
    shelf.rates = slow(1, *numbers)
    await shelf.take_all(UCNS[:3], "7002")
    batch = [await with_code(shelf, ucn, f"4{n}") for n, ucn in enumerate(UCNS[:3])]
    verdicts = await shelf.write(*batch)
    assert {one.sender for one in verdicts if isinstance(one, Written)} == set(numbers)
    assert kinds(verdicts) == ["Written", "Written", "NoToken"]


async def test_calls_and_texts_have_tokens_of_their_own(shelf: Shelf) -> None:
    shelf.rates = slow(1)
    await shelf.take(ONE)
    await shelf.take(TWO, "7002")
    batch = await shelf.plan(ONE), await shelf.plan(TWO, "7002")
    assert kinds(await shelf.write(*batch)) == ["Written", "Written"]


async def test_the_most_urgent_gets_the_only_token(shelf: Shelf) -> None:
    shelf.rates = slow(1)
    await shelf.take(ONE, "7002", Priority.ROUTINE)
    await shelf.take(TWO, "7002", Priority.EMERGENCY)
    batch = await with_code(shelf, ONE, "41"), await with_code(shelf, TWO, "42")
    assert kinds(await shelf.write(*batch)) == ["NoToken", "Written"]


async def test_who_is_refused_for_another_reason_uses_up_no_token(shelf: Shelf) -> None:
    shelf.rates = slow(1)
    await shelf.take_all([ONE, TWO])
    await shelf.take(THREE, "7004")
    await shelf.intend(ONE)
    shelf.now = later(seconds=5)
    batch = await shelf.plan(TWO), await shelf.plan(THREE, "7004")
    assert kinds(await shelf.write(batch[0])) == ["PhoneTaken"]
    assert kinds(await shelf.write(batch[1])) == ["Written"]


@pytest.mark.parametrize("used", [False, True])
async def test_a_token_is_the_whole_clusters_from_the_very_first_one(
    shelf: Shelf, pool: Pool, used: bool
) -> None:
    shelf.rates = slow(1)
    if used:
        sql = "insert into senders (number, channel, free_at) values ($1, 'call', $2)"
        await shelf.conn.execute(sql, OURS, later())
    await shelf.take(ONE)
    await shelf.take(TWO, "7004")
    waits = "select exists (select 1 from pg_locks where pid = $1 and not granted)"
    async with pool.acquire() as conn, pool.acquire() as looks:
        other, them = Shelf(conn, boot=2, rates=slow(1)), conn.get_server_pid()
        mine, theirs = await shelf.plan(ONE), await other.plan(TWO, "7004")
        async with shelf.conn.transaction():
            await shelf.write(mine)
            waiting = asyncio.create_task(other.write(theirs))
            while not (waiting.done() or await looks.fetchval(waits, them)):
                await asyncio.wait([waiting], timeout=0.01)
        assert kinds(await waiting) == ["NoToken"]
