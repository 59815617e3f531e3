"""States: one frozen view of a message, as much of it as stands."""

from collections.abc import AsyncIterator

import pytest

from gateway.store.pool import Pool
from gateway.store.whereabouts import Place, UnknownAttemptError, place_of
from tests.kit.desk import NOON, TEXT, document
from tests.kit.shelf import Shelf, key_of
from tests.kit.street import ANN, BOB

ONE, TWO = "49000001", "49000002"


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"), document("7002"))
        await one.take(ONE)
        yield one


async def test_a_state_holds_all_that_a_decision_may_look_at(shelf: Shelf) -> None:
    await shelf.intend(ONE)
    state = await shelf.state(ONE)
    assert state.content is not None
    assert state.content.text == TEXT
    assert state.account is not None
    assert (state.account.account, state.document) == ("7001", 1)
    assert [one.contact for one in state.attempts] == ["ann"]
    assert state.of_job(state.jobs[0].id) == state.attempts
    assert not state.blank_told


async def test_many_states_are_loaded_together_and_unknown_ones_left_out(shelf: Shelf) -> None:
    await shelf.take(TWO, "7002")
    keys = [key_of(ONE), key_of(TWO, "7002"), key_of("4")]
    found = await shelf.states.of(shelf.conn, keys)
    assert list(found) == keys[:2]
    assert [one.account.account for one in found.values() if one.account] == ["7001", "7002"]


async def test_nothing_is_asked_for_no_message(shelf: Shelf) -> None:
    assert await shelf.states.of(shelf.conn, []) == {}


async def test_a_document_put_in_force_later_governs_from_then_on(shelf: Shelf) -> None:
    assert (await shelf.state(ONE)).document == 1
    await shelf.load(document("7001", name="Southside HVAC"))
    state = await shelf.state(ONE)
    assert state.document == 2
    assert state.account is not None
    assert state.account.name == "Southside HVAC"


async def test_a_deleted_account_is_none(shelf: Shelf) -> None:
    await shelf.conn.execute("update accounts set deleted_at = $1", NOON)
    state = await shelf.state(ONE)
    assert (state.account, state.document) == (None, 0)


async def test_words_that_were_erased_are_none(shelf: Shelf) -> None:
    await shelf.conn.execute("delete from message_words")
    assert (await shelf.state(ONE)).content is None


async def test_flags_of_the_accounts_people_are_known_and_no_others(shelf: Shelf) -> None:
    await shelf.conn.execute(
        "insert into phones (phone, suspended_at, suspended_for)"
        " values ($1, $3, 'wrong_person'), ($2, null, null), ('+12025550177', $3, 'x')",
        ANN,
        BOB,
        NOON,
    )
    flags = (await shelf.state(ONE)).flags
    assert list(flags) == [ANN]
    assert (flags[ANN].suspended, flags[ANN].reason) == (True, "wrong_person")


async def test_a_message_is_found_by_its_attempt_its_ucn_and_its_job(shelf: Shelf) -> None:
    attempt = (await shelf.intend(ONE)).begun[0].id
    job = (await shelf.state(ONE)).jobs[0].id
    assert await place_of(shelf.conn, attempt) == Place(key_of(ONE), None)
    with pytest.raises(UnknownAttemptError):
        await place_of(shelf.conn, job)
    assert await shelf.states.key_of_ucn(shelf.conn, ONE) == key_of(ONE)
    assert await shelf.states.key_of_ucn(shelf.conn, TWO) is None
    assert await shelf.states.key_of_job(shelf.conn, job) == key_of(ONE)
    assert await shelf.states.key_of_job(shelf.conn, attempt) is None
