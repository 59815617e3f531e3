"""Phones, their codes and flags, and the texts that came from them, as the store knows them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.domain.events import Progress, Replied
from gateway.domain.inbox import MOST_HELPS, MOST_KEPT
from gateway.domain.replies import Accept
from gateway.store import replies
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import OURS, Shelf
from tests.kit.street import ANN, roster, shift

ONE, TWO = "49000001", "49000002"


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001", permanent=[], **roster(shift("ann", status="sms"))))
        yield one


async def texted(shelf: Shelf, ucn: str) -> str:
    await shelf.take(ucn)
    attempt = (await shelf.intend(ucn)).begun[0]
    await shelf.tell(ucn, Progress(attempt.id, f"SM{ucn}", "sent"))
    assert attempt.code is not None
    return attempt.code


async def test_a_phone_is_known_by_its_contacts_and_flags(shelf: Shelf) -> None:
    assert await replies.phone(shelf.conn, "+12025550177") == replies.Phone(
        "+12025550177", opted_out_since=None, contacts=()
    )
    await replies.opt_out(shelf.conn, ANN, NOON)
    known = await replies.phone(shelf.conn, ANN)
    assert (known.opted_out, known.contacts) == (True, (("7001", "ann"),))
    assert await replies.opt_in(shelf.conn, ANN, NOON, NOON)
    assert not (await replies.phone(shelf.conn, ANN)).opted_out


async def test_an_opt_out_is_in_every_state_that_is_loaded_after_it(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await replies.opt_out(shelf.conn, ANN, NOON)
    assert (await shelf.state(ONE)).flags[ANN].opted_out


async def test_texts_that_change_nothing_are_counted_in_a_row(shelf: Shelf) -> None:
    counted = [await replies.count_useless(shelf.conn, ANN, later(minutes=n)) for n in range(3)]
    assert counted == [1, 2, 3]
    await replies.forget_useless(shelf.conn, ANN)
    assert (await replies.phone(shelf.conn, ANN)).useless == 0
    assert await replies.count_useless(shelf.conn, ANN, later(minutes=3)) == 1


async def test_an_hour_without_such_a_text_begins_the_count_anew(shelf: Shelf) -> None:
    times = [NOON, later(minutes=60), later(minutes=121)]
    assert [await replies.count_useless(shelf.conn, ANN, at) for at in times] == [1, 2, 1]


async def test_a_clock_that_was_set_back_begins_the_count_anew(shelf: Shelf) -> None:
    times = [later(minutes=90), NOON, NOON]
    assert [await replies.count_useless(shelf.conn, ANN, at) for at in times] == [1, 1, 2]


async def test_so_many_texts_that_change_nothing_are_kept_on_record_and_no_more(
    shelf: Shelf,
) -> None:
    kept = []
    for _ in range(MOST_KEPT + 5):
        kept.append((await replies.phone(shelf.conn, ANN)).kept(NOON))
        await replies.count_useless(shelf.conn, ANN, NOON)
    assert sum(kept) == MOST_KEPT
    assert (await replies.phone(shelf.conn, ANN)).kept(later(minutes=61))


async def test_of_many_useless_texts_in_one_instant_five_are_answered(pool: Pool) -> None:
    async def count() -> int:
        async with pool.acquire() as conn:
            return await replies.count_useless(conn, ANN, NOON)

    counted = await asyncio.gather(*(count() for _ in range(8)))
    assert sum(nth <= MOST_HELPS for nth in counted) == MOST_HELPS


async def test_codes_name_their_messages_oldest_first_and_the_number_that_texted(
    shelf: Shelf,
) -> None:
    first = await texted(shelf, ONE)
    shelf.now = later(minutes=1)
    second = await texted(shelf, TWO)
    found = await replies.codes_of(shelf.conn, shelf.states.accounts, ANN, shelf.now)
    assert [(one.code, one.key.ucn) for one in found] == [(first, ONE), (second, TWO)]
    assert {one.sender for one in found} == {OURS}
    assert all(one.open and one.contact == "ann" and one.account for one in found)


async def test_a_closed_code_is_known_for_a_day(shelf: Shelf) -> None:
    code = await texted(shelf, ONE)
    await shelf.tell(ONE, Replied(ANN, "ann", Accept(code), code))
    accounts = shelf.states.accounts
    (found,) = await replies.codes_of(shelf.conn, accounts, ANN, later(hours=23))
    assert (found.open, found.delivered_to, found.delivered_at) == (False, "ann", NOON)
    assert await replies.codes_of(shelf.conn, accounts, ANN, later(hours=24)) == ()


async def test_a_repeated_text_gets_its_first_answer(shelf: Shelf, pool: Pool) -> None:
    assert await replies.repeat_of(shelf.conn, "SM1") is None
    both = await asyncio.gather(
        replies.note_answer(pool, "SM1", NOON, "one"),
        replies.note_answer(pool, "SM1", NOON, "two"),
    )
    assert both[0] == both[1]
    assert await replies.repeat_of(shelf.conn, "SM1") == replies.Repeat(both[0])
