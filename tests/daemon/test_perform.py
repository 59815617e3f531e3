"""Performing: what is looked up is taken for what it is, and what cannot be sent is said so."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.clock import VirtualClock
from gateway.store.pool import Pool
from tests.kit.desk import document, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN, roster, shift

ONE, TWO = "49000001", "49000002"
TEXTS = {"permanent": [], **roster(shift("ann", status="sms"))}


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """A house whose one person on call is texted; nothing is told of what becomes of a text."""
    async with pool.acquire() as conn, rig(database, conn, {}, document(**TEXTS)) as opened:
        opened.carrier.faults.lose_callbacks_until = later(hours=1)
        yield opened


async def outcomes(one: Rig) -> dict[str, tuple[str | None, bool]]:
    """Return for each message what its attempt came to and whether the carrier has it."""
    rows = await one.shelf.conn.fetch("select ucn, outcome, sid from attempts order by ucn")
    return {row["ucn"]: (row["outcome"], row["sid"] is not None) for row in rows}


async def test_a_text_in_doubt_is_not_taken_for_another_to_the_same_phone(one: Rig) -> None:
    await one.shelf.take(ONE)
    one.goes_wrong("error_before")
    await one.turn()
    await one.shelf.take(TWO)
    one.goes_wrong("error_after")
    await one.turn()
    await one.wind(seconds=40)
    assert await outcomes(one) == {ONE: ("lost", False), TWO: (None, True)}
    assert [text.to for text in one.carrier.texts] == [ANN]


async def test_a_text_that_was_taken_without_a_word_is_adopted_and_not_sent_again(
    one: Rig,
) -> None:
    await one.shelf.take(ONE)
    one.goes_wrong("drop")
    await one.wind(seconds=40)
    assert await outcomes(one) == {ONE: (None, True)}
    assert len(one.carrier.texts) == 1
    assert "sms.adopted" in await one.kinds(ONE)


async def test_a_text_is_found_at_a_carrier_whose_clock_is_a_quarter_of_an_hour_behind(
    one: Rig,
) -> None:
    await one.shelf.take(ONE)
    one.goes_wrong("drop")
    await one.turn()
    later_ = (
        "set started_at = started_at + interval '15 min', check_at = check_at + interval '15 min'"
    )
    await one.shelf.conn.execute(f"update attempts {later_}")
    one.clock.set(later(minutes=15))
    await one.wind(seconds=40)
    assert "sms.adopted" in await one.kinds(ONE)


async def test_a_text_is_found_at_a_carrier_whose_clock_was_always_an_hour_behind(
    one: Rig,
) -> None:
    await one.shelf.take(ONE)
    one.carrier.core.clock = lambda: one.clock.now() - timedelta(hours=1)
    one.goes_wrong("drop")
    await one.wind(seconds=40)
    assert await outcomes(one) == {ONE: (None, True)}
    assert len(one.carrier.texts) == 1


async def test_what_another_process_has_on_the_wire_is_not_lost_because_the_clock_was_set_ahead(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one.shelf.take(ONE)
    await one.shelf.intend(ONE)
    monkeypatch.setattr(VirtualClock, "doubtful", lambda *_: True)
    one.clock.set(later(minutes=5))
    await one.wind(seconds=25)
    assert await outcomes(one) == {ONE: (None, False)}
    monkeypatch.setattr(VirtualClock, "doubtful", lambda *_: False)
    await one.wind(seconds=20)
    assert await outcomes(one) == {ONE: ("lost", False)}


async def test_a_look_up_the_carrier_cannot_answer_is_made_again(one: Rig) -> None:
    await one.shelf.take(ONE)
    one.goes_wrong("drop")
    await one.turn()
    one.carrier.faults.down_until = later(seconds=50)
    await one.wind(minutes=2)
    assert await outcomes(one) == {ONE: (None, True)}
