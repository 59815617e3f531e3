"""A clock that is set back or ahead by minutes holds up nothing and frees nothing too early."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.domain.duties import DutyKind, Wanted
from gateway.domain.reach import CALL_LASTS
from gateway.store import duties, jobs, replies
from gateway.store.jobs import LEASE
from gateway.store.pool import Pool
from gateway.store.verdicts import PhoneTaken, Stale, Written
from tests.kit.desk import NOON, document
from tests.kit.shelf import OURS, Shelf, slow

ONE, TWO = "49000001", "49000002"
STEP = timedelta(minutes=5)


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn, rates=slow(1))
        await one.load(document("7001"))
        yield one


async def test_a_number_used_before_the_clock_was_set_back_may_be_used_at_once(
    shelf: Shelf,
) -> None:
    await shelf.take_all([ONE])
    shelf.now = NOON + STEP
    await shelf.intend(ONE)
    await shelf.conn.execute("delete from open_calls")
    shelf.now = NOON
    await shelf.take_all([TWO])
    assert isinstance((await shelf.write(await shelf.plan(TWO)))[0], Written)


async def test_a_lease_taken_before_the_clock_was_set_back_does_not_outlive_its_owner(
    shelf: Shelf,
) -> None:
    await shelf.take_all([ONE])
    before = await jobs.claim(shelf.conn, 98, NOON + STEP)
    stale = await shelf.plan(ONE)
    assert len(await shelf.claim()) == len(before) == 1
    assert isinstance((await shelf.write(stale))[0], Stale)


async def test_a_lease_of_another_whose_clock_is_a_little_ahead_is_respected(
    shelf: Shelf,
) -> None:
    await shelf.take_all([ONE])
    await jobs.claim(shelf.conn, 98, NOON + LEASE)
    assert await shelf.claim() == []


async def test_a_clock_set_ahead_puts_no_second_call_on_a_phone_in_use(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    await shelf.intend(ONE)
    shelf.now = NOON + STEP
    assert isinstance((await shelf.write(await shelf.plan(TWO)))[0], PhoneTaken)


async def test_a_phone_in_use_stays_so_however_often_the_clock_is_set_ahead(shelf: Shelf) -> None:
    """Called while the clock was behind: it was set right, and then ahead, and the call goes on."""
    await shelf.take_all([ONE, TWO])
    await shelf.intend(ONE)
    for steps in (1, 2, 3):
        before, shelf.now = shelf.now, NOON + steps * STEP
        await jobs.keep_phones(shelf.conn, before, shelf.now + CALL_LASTS)
    assert isinstance((await shelf.write(await shelf.plan(TWO)))[0], PhoneTaken)


async def test_a_phone_that_was_free_before_the_clock_was_set_ahead_is_so_after_it(
    shelf: Shelf,
) -> None:
    await shelf.take_all([ONE, TWO])
    await shelf.intend(ONE)
    shelf.now = NOON + CALL_LASTS
    await jobs.keep_phones(shelf.conn, shelf.now, shelf.now + STEP + CALL_LASTS)
    shelf.now += STEP
    assert isinstance((await shelf.write(await shelf.plan(TWO)))[0], Written)


async def test_texts_are_listed_although_the_clock_was_set_back(shelf: Shelf) -> None:
    minute = timedelta(minutes=1)
    await replies.claim_listing(shelf.conn, OURS, NOON + STEP, NOON + STEP + minute)
    assert await replies.claim_listing(shelf.conn, OURS, NOON, NOON + minute)
    assert await replies.claim_listing(shelf.conn, OURS, NOON, NOON + minute) is None


async def test_a_sweep_tells_when_the_lease_of_somebody_who_lives_ends(shelf: Shelf) -> None:
    await shelf.take_all([ONE])
    living = await jobs.board(shelf.conn)
    await jobs.claim(shelf.conn, living, NOON)
    assert (await jobs.sweep(shelf.conn, NOON)).lease_ends == NOON + LEASE


async def test_an_errand_leased_before_the_clock_was_set_back_is_performed(shelf: Shelf) -> None:
    await jobs.add_alert(shelf.conn, UUID(int=1), NOON, {})
    assert len(await jobs.claim_errands(shelf.conn, NOON + STEP)) == 1
    assert len(await jobs.claim_errands(shelf.conn, NOON)) == 1
    assert await jobs.claim_errands(shelf.conn, NOON) == []


async def test_a_duty_leased_before_the_clock_was_set_back_is_done(shelf: Shelf) -> None:
    await duties.ask(shelf.conn, Wanted("7001", DutyKind.COVERAGE), NOON)
    ahead = await duties.claim(shelf.conn, NOON + STEP, 99)
    assert {one.id for one in await duties.claim(shelf.conn, NOON, 99)} == {one.id for one in ahead}
    assert await duties.claim(shelf.conn, NOON, 99) == []


async def test_a_text_taken_before_the_clock_was_set_back_is_taken_over(shelf: Shelf) -> None:
    assert await replies.claim_text(shelf.conn, "SM1", NOON + STEP)
    assert await replies.claim_text(shelf.conn, "SM1", NOON)
    assert not await replies.claim_text(shelf.conn, "SM1", NOON)
