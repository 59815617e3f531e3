"""The desk: many decisions at once, each in order, each fault its own waiter's only."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.domain.absorb import absorb
from gateway.domain.change import Change
from gateway.domain.deeds import Annotate, Person
from gateway.domain.events import AlertFailed, Event, Progress
from gateway.domain.people import do
from gateway.domain.state import State
from gateway.store import messages
from gateway.store.desk import ContentionError, Desk, UnknownMessageError
from gateway.store.pool import Pool
from gateway.store.states import States
from gateway.store.whereabouts import UnknownAttemptError
from tests.kit.desk import NOON, Dice
from tests.kit.shelf import FREE, Shelf, key_of

ONE, TWO = "49000001", "49000002"
AGENT = Person("1204", "agent")


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load()
        await one.take_all([ONE, TWO])
        yield one


@pytest.fixture
def written() -> list[Change]:
    return []


@pytest.fixture
def desk(pool: Pool, shelf: Shelf, written: list[Change]) -> Desk:
    assert shelf.boot
    return Desk(pool, States("https://dispatch.example"), VirtualClock(NOON), FREE, written.append)


def hears(event: Event, dice: Dice | None = None) -> Callable[[State], tuple[Change, int]]:
    """Return the decision that an event means; its result is the head it was decided on."""

    def decision(state: State) -> tuple[Change, int]:
        change, _ = absorb(state, event, NOON, dice or Dice())
        return change, state.message.head_seq

    return decision


def annotates(words: str) -> Callable[[State], tuple[Change, str]]:
    def decision(state: State) -> tuple[Change, str]:
        return do(state, Annotate(words), AGENT, NOON, Dice()).change, words

    return decision


async def test_many_decisions_about_one_message_all_land_in_order(
    desk: Desk, shelf: Shelf, written: list[Change]
) -> None:
    key = key_of(ONE)
    said = [AlertFailed("lead", str(n)) for n in range(40)]
    heads = await asyncio.gather(*[desk.decide(key, hears(event)) for event in said])
    assert heads == list(range(2, 42))
    assert await messages.check(shelf.conn, key) == (42, None)
    rows = await shelf.conn.fetch("select item from history_items where ucn = $1 order by seq", ONE)
    told = [orjson.loads(row["item"])["data"]["reason"] for row in rows[2:]]
    assert told == [str(n) for n in range(40)]
    assert len(written) == 40


async def test_a_message_is_named_by_any_of_its_attempts_and_its_order_is_still_one(
    desk: Desk, shelf: Shelf
) -> None:
    """Whose an attempt is comes to light with the message itself, when others are there, too."""
    first = (await shelf.intend(ONE)).begun[0].id
    await shelf.tell(ONE, Progress(first, "CA1", "busy"))
    second = (await shelf.intend(ONE)).begun[0].id
    head = (await shelf.state(ONE)).message.head_seq
    names = [first, key_of(ONE), second] * 8
    said = [AlertFailed("lead", str(n)) for n in range(len(names))]
    asked = [desk.decide(one, hears(event)) for one, event in zip(names, said, strict=True)]
    heads = await asyncio.gather(*asked, desk.decide(key_of(TWO), hears(said[0])))
    assert heads[:-1] == list(range(head, head + len(names)))
    assert await messages.check(shelf.conn, key_of(ONE)) == (head + len(names), None)


async def test_what_comes_later_about_a_message_sees_what_came_before(
    desk: Desk, shelf: Shelf
) -> None:
    attempt = (await shelf.intend(ONE)).begun[0].id
    head = (await shelf.state(ONE)).message.head_seq
    said = [AlertFailed("lead", str(n)) for n in range(2)]
    asked = desk.decide(attempt, hears(said[0])), desk.decide(key_of(ONE), hears(said[1]))
    assert await asyncio.gather(*asked) == [head, head + 1]


async def test_an_attempt_that_is_nobodys_is_told_to_who_asked_alone(
    desk: Desk, shelf: Shelf
) -> None:
    attempt = (await shelf.intend(ONE)).begun[0].id
    head = (await shelf.state(ONE)).message.head_seq
    event = AlertFailed("lead", "x")
    fine, lost = await asyncio.gather(
        desk.decide(attempt, hears(event)),
        desk.decide(UUID(int=7), hears(event)),
        return_exceptions=True,
    )
    assert fine == head
    assert isinstance(lost, UnknownAttemptError)


async def test_a_webhook_that_says_nothing_new_writes_nothing_and_delays_no_other(
    desk: Desk, shelf: Shelf, written: list[Change]
) -> None:
    """With one such among them a batch had to lock everything first."""
    attempt = (await shelf.intend(ONE)).begun[0].id
    event = Progress(attempt, "CA1", "ringing")
    await desk.decide(attempt, hears(event))
    before, told = await shelf.whole(), len(written)
    head = (await shelf.state(ONE)).message.head_seq
    assert await desk.decide(attempt, hears(event)) == head
    assert (await shelf.whole(), len(written)) == (before, told)


async def test_decisions_about_many_messages_share_a_transaction(desk: Desk, shelf: Shelf) -> None:
    ucns = [f"4910{n:04}" for n in range(30)]
    await shelf.take_all(ucns)
    event = AlertFailed("lead", "x")
    await asyncio.gather(*[desk.decide(key_of(ucn), hears(event)) for ucn in ucns])
    # Who wrote a row, not a counter of the server: that also moves when the server cleans up.
    items, transactions = await shelf.conn.fetchrow(
        "select count(*), count(distinct xmin::text) from history where seq = 3"
    )
    assert (items, transactions) == (30, 1)


async def test_two_desks_contend_and_every_decision_lands_once(
    desk: Desk, shelf: Shelf, pool: Pool
) -> None:
    other = Desk(pool, States(""), VirtualClock(NOON), FREE, lambda _: None)
    key = key_of(ONE)
    mine = [desk.decide(key, hears(AlertFailed("lead", f"a{n}"))) for n in range(10)]
    theirs = [other.decide(key, hears(AlertFailed("lead", f"b{n}"))) for n in range(10)]
    heads = await asyncio.gather(*mine, *theirs)
    assert sorted(heads) == list(range(2, 22))
    assert await messages.check(shelf.conn, key) == (22, None)


async def test_a_fault_reaches_only_its_own_waiter(desk: Desk, shelf: Shelf) -> None:
    def broken(_: State) -> tuple[Change, None]:
        raise ValueError("mine alone")

    results = await asyncio.gather(
        desk.decide(key_of(ONE), hears(AlertFailed("lead", "x"))),
        desk.decide(key_of(TWO), broken),
        desk.decide(key_of("4"), hears(AlertFailed("lead", "x"))),
        return_exceptions=True,
    )
    assert results[0] == 2
    assert isinstance(results[1], ValueError)
    assert isinstance(results[2], UnknownMessageError)
    assert (await shelf.state(ONE)).message.head_seq == 3
    assert (await shelf.state(TWO)).message.head_seq == 2


async def test_what_the_database_refuses_fails_its_own_waiter_only(
    desk: Desk, shelf: Shelf
) -> None:
    """No text column takes a NUL; the others of the batch are written without it."""
    results = await asyncio.gather(
        desk.decide(key_of(ONE), annotates("fine")),
        desk.decide(key_of(TWO), annotates("not \x00 fine")),
        return_exceptions=True,
    )
    assert results[0] == "fine"
    assert isinstance(results[1], Exception)
    assert (await shelf.state(ONE)).message.head_seq == 3
    assert (await shelf.state(TWO)).message.head_seq == 2


async def test_who_went_away_disturbs_nobody(desk: Desk) -> None:
    def broken(_: State) -> tuple[Change, None]:
        gone.cancel()
        raise ValueError("nobody hears")

    gone = asyncio.create_task(desk.decide(key_of(TWO), broken))
    stays = asyncio.create_task(desk.decide(key_of(ONE), hears(AlertFailed("lead", "x"))))
    assert await stays == 2
    with pytest.raises((asyncio.CancelledError, ValueError)):
        await gone
    assert await desk.decide(key_of(TWO), hears(AlertFailed("lead", "x"))) == 2


async def test_a_decision_to_do_nothing_writes_nothing(
    desk: Desk, shelf: Shelf, written: list[Change]
) -> None:
    assert await desk.decide(key_of(ONE), lambda state: (None, state.message.key.ucn)) == ONE
    assert written == []
    assert (await shelf.state(ONE)).message.head_seq == 2


async def test_what_is_no_news_is_not_written_and_waits_for_nobody(
    desk: Desk, shelf: Shelf, pool: Pool, written: list[Change]
) -> None:
    def no_news(state: State) -> tuple[Change, str]:
        return Change(state.message.key, state.message.head_seq, NOON), state.message.key.ucn

    async with pool.acquire() as other, other.transaction():
        await other.execute("select 1 from messages where ucn = $1 for update", ONE)
        assert await desk.decide(key_of(ONE), no_news) == ONE
    assert written == []
    assert (await shelf.state(ONE)).message.head_seq == 2


async def test_a_message_that_changes_again_and_again_is_given_up(desk: Desk, shelf: Shelf) -> None:
    def always_stale(state: State) -> tuple[Change, None]:
        change, _ = absorb(state, AlertFailed("lead", "x"), NOON, Dice())
        return change._replace(head_seq=change.head_seq + 1), None

    with pytest.raises(ContentionError):
        await desk.decide(key_of(ONE), always_stale)
    assert (await shelf.state(ONE)).message.head_seq == 2


async def test_a_decision_is_taken_anew_on_what_is_there_now(desk: Desk, shelf: Shelf) -> None:
    attempt = (await shelf.intend(ONE)).begun[0].id
    heads: list[int] = []

    def decision(state: State) -> tuple[Change, str]:
        heads.append(state.message.head_seq)
        change, _ = absorb(state, Progress(attempt, "CA1", "busy"), NOON, Dice())
        if len(heads) == 1:
            change = change._replace(head_seq=change.head_seq - 1)
        return change, "done"

    assert await desk.decide(key_of(ONE), decision) == "done"
    assert len(heads) == 2
