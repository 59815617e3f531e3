"""Shared calls on the wire: whatever goes wrong, each message goes on by itself (S3-67)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from adapters.simulator.faults import Kind
from adapters.simulator.people import caller
from gateway.store import tokens
from gateway.store.pool import Pool
from tests.kit.desk import document, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN, BOB

ONE, TWO = "49000001", "49000002"
ACCEPTS = {
    "answer_after": "10s",
    "keys": [{"after": f"{after}s", "press": "1"} for after in (1, 10, 20)],
}
Open = Callable[[object], Awaitable[Rig]]


@pytest.fixture
async def opened(database: str, pool: Pool) -> AsyncIterator[Open]:
    """Open a house with two messages for ann, due now."""
    async with AsyncExitStack() as stack, pool.acquire() as conn:

        async def open_it(people: object) -> Rig:
            house = await stack.enter_async_context(rig(database, conn, people, document()))
            await house.shelf.take(ONE)
            await house.shelf.take(TWO)
            return house

        yield open_it


async def to(one: Rig) -> list[str | None]:
    """Return who has the messages."""
    return [(await one.shelf.state(ucn)).message.delivered_to for ucn in (ONE, TWO)]


async def test_two_messages_are_accepted_on_one_call(opened: Open) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    await one.wind(minutes=1)
    assert one.dialed() == [ANN]
    assert await to(one) == ["ann", "ann"]
    heard = " ".join(one.carrier.calls[0].heard)
    assert "There are 2 messages." in heard
    assert heard.count("Next, ") == 1
    assert heard.count("Goodbye.") == 1


@pytest.mark.parametrize("kind", ["limit", "refuse"])
async def test_a_call_refused_for_now_is_shared_when_it_goes_out_again(
    opened: Open, kind: Kind
) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    one.goes_wrong(kind)
    await one.wind(minutes=2)
    assert one.dialed() == [ANN]
    assert await to(one) == ["ann", "ann"]


async def test_what_the_carrier_never_took_is_lost_for_both_and_the_next_is_called_once(
    opened: Open,
) -> None:
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    one.goes_wrong("error_before")
    await one.wind(minutes=5)
    assert one.dialed() == [BOB]
    assert await to(one) == ["bob", "bob"]
    for ucn in (ONE, TWO):
        assert (await one.kinds(ucn)).count("dial.lost") == 1


async def test_a_call_that_was_in_doubt_is_found_for_both(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"no_answer": True}]}, BOB: {"calls": [ACCEPTS]}})
    one.goes_wrong("error_after")
    await one.wind(minutes=5)
    assert one.dialed() == [ANN, BOB]
    assert await to(one) == ["bob", "bob"]
    for ucn in (ONE, TWO):
        assert "dial.no_answer" in await one.kinds(ucn)


async def test_lost_callbacks_are_made_up_for_by_asking(opened: Open) -> None:
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    one.carrier.faults.lose_callbacks_until = later(minutes=3)
    await one.wind(minutes=6)
    assert one.dialed()[:2] == [ANN, BOB]
    for ucn in (ONE, TWO):
        assert "dial.no_answer" in await one.kinds(ucn)
    assert await to(one) == ["bob", "bob"]


@pytest.mark.parametrize("rider", [False, True])
async def test_a_call_that_ends_unheard_between_two_messages_frees_the_phone(
    opened: Open, rider: bool
) -> None:
    one = await opened({ANN: {"calls": [{**ACCEPTS, "hang_up_after": "14s"}]}})
    await one.wind(seconds=21)
    assert (await to(one)).count("ann") == 1
    one.carrier.faults.lose_callbacks_until = later(minutes=9)
    if rider:  # all that is left to do about it is with the one that is still open
        await one.shelf.conn.execute("delete from errands where kind = 'hang_up'")
    await one.wind(minutes=2)
    ended = await one.shelf.conn.fetch("select ended_at from attempts where address = $1", ANN)
    assert len(ended) == 2
    assert all(row["ended_at"] for row in ended)


async def test_a_message_delivered_meanwhile_leaves_the_call_to_the_other(opened: Open) -> None:
    """S3-67: it is not read out, and its end hangs up nobody."""
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    await one.wind(seconds=5)
    await delivered_by_hand(one, ONE)
    await one.wind(minutes=1)
    assert await to(one) == ["bob", "ann"]
    assert one.dialed() == [ANN]
    assert "There are 2 messages." not in " ".join(one.carrier.calls[0].heard)


async def delivered_by_hand(one: Rig, ucn: str) -> None:
    path, body = f"/v1/messages/{ucn}/deliver", {"evidence": "human", "to": "bob"}
    status, _ = await one.front.json("POST", path, await _token(one), body)
    assert status == 200


async def test_whoever_is_left_of_a_call_in_doubt_learns_that_it_never_got_there(
    opened: Open,
) -> None:
    """The one on the wire is not waited for any more, and yet it is looked for."""
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    one.goes_wrong("error_before")
    await one.wind(seconds=2)
    await delivered_by_hand(one, ONE)
    await one.wind(minutes=2)
    assert await to(one) == ["bob", "bob"]
    lost = "select item::jsonb ->> 'text' from history_items where ucn = $1 and kind = 'dial.lost'"
    told = await one.shelf.conn.fetchval(lost, TWO)
    assert told == "The attempt to reach Ann Ames never got to the carrier."
    assert await one.shelf.conn.fetchval("select count(*) from open_calls") == 0


async def test_whoever_is_left_of_a_call_in_doubt_learns_how_it_went(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"no_answer": True}]}, BOB: {"calls": [ACCEPTS]}})
    one.carrier.faults.lose_callbacks_until = later(minutes=1)
    one.goes_wrong("error_after")
    await one.wind(seconds=2)
    await delivered_by_hand(one, ONE)
    await one.wind(minutes=4)
    assert one.dialed() == [ANN, BOB]
    assert "dial.no_answer" in await one.kinds(TWO)


async def test_when_nobody_is_needed_any_more_the_call_is_hung_up(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"answer_after": "20s"}]}})
    await one.wind(seconds=5)
    for ucn in (ONE, TWO):
        await delivered_by_hand(one, ucn)
    await one.wind(seconds=5)
    assert one.carrier.calls[0].outcome == "canceled"


async def _token(one: Rig) -> str:
    return await tokens.create(one.shelf.conn, "L-7", "lead", one.clock.now())


async def test_callers_hear_what_is_open_for_them_and_strangers_nothing(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"no_answer": True}]}})
    await one.wind(seconds=40)
    keys = [{"after": f"{after}s", "press": "1"} for after in (2, 10, 20)]
    known = await one.carrier.call_from(ANN, caller({"keys": keys}, "ann"))
    strange = await one.carrier.call_from("+12025550177", caller({"keys": keys}, "strange"))
    await one.wind(minutes=1)
    assert known.heard[0] == "This is the answering service. You have 2 open messages."
    assert await to(one) == ["ann", "ann"]
    assert strange.heard[1].startswith("We do not know the number")
    assert any("call the office" in words for words in strange.heard)
    later_on = await one.carrier.call_from(ANN, caller({}, "ann"))
    assert "No messages are open for you." in later_on.heard


async def test_a_number_that_is_not_the_persons_hears_nothing(opened: Open) -> None:
    one = await opened(
        {ANN: {"calls": [{"answer_after": "5s", "keys": [{"after": "2s", "press": "9"}]}]}}
    )
    await one.wind(seconds=30)
    call = await one.carrier.call_from(ANN, caller({}, "ann"))
    assert call.heard[1].startswith("We do not know the number")


async def test_who_calls_back_in_a_call_of_theirs_ends_the_others(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"voicemail_after": "2s"}]}})
    await one.wind(seconds=15)
    assert one.dialed() == [ANN, BOB]
    keys = [{"after": f"{after}s", "press": "1"} for after in (2, 6, 12)]
    await one.carrier.call_from(ANN, caller({"keys": keys}, "ann"))
    await one.wind(seconds=40)
    assert await to(one) == ["ann", "ann"]
    assert one.carrier.calls[1].outcome in {"canceled", "no_answer"}
