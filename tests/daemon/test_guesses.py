"""PINs on calls to us are counted by the caller's number, however often it calls."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.simulator.people import caller
from gateway.domain.events import Pressed
from gateway.domain.guesses import MOST
from gateway.domain.speech import Ask
from gateway.store import inbound
from gateway.store.pool import Pool
from gateway.web.on_the_line import Calls
from gateway.web.parts import Parts
from tests.kit.desk import document, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN

ONE = "49000001"


@pytest.fixture
async def clinic(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Give a house whose account protects details, with a message of which Ann was told."""
    async with pool.acquire() as conn, rig(database, conn, None, document(phi=True)) as one:
        await one.shelf.take(ONE)
        await one.wind(minutes=1)
        yield one


def the_line(one: Rig) -> Calls:
    outside, house = one.house.outside, one.house
    return Calls(Parts(house.desk, outside.clock, house.settings, outside.metrics, outside.chance))


async def calls(one: Rig, *pins: str) -> str:
    """Have Ann's number call us and try PINs; return what was said."""
    keys = [(1, "1"), *((5 + 5 * place, pin) for place, pin in enumerate(pins))]
    script = {"keys": [{"after": f"{after}s", "press": key} for after, key in keys]}
    call = await one.carrier.call_from(ANN, caller(script, "ann"))
    await one.wind(seconds=40)
    return " ".join(call.heard)


async def test_a_caller_may_not_guess_on_call_after_call(clinic: Rig) -> None:
    for call in range(MOST // 3):
        said = await calls(clinic, *(f"{call}{number}00" for number in range(3)))
    assert "Too many PINs" in said
    said = await calls(clinic, "4711")
    assert "Too many PINs" in said
    assert "No heat" not in said
    kinds = await clinic.kinds(ONE)
    assert kinds.count("inbound.call") == MOST // 3
    assert "inbound.read_out" not in kinds
    told = [text for _, _, text in clinic.bell.alerts if "wrong PINs" in text]
    assert len(told) == 1
    clinic.clock.set(clinic.clock.now() + timedelta(days=1))
    assert "No heat" in await calls(clinic, "4711")


async def test_a_key_that_the_carrier_brings_again_is_no_further_guess(clinic: Rig) -> None:
    script = {"keys": [{"after": "1s", "press": "1"}, {"after": "5s", "press": "0000"}]}
    call = await clinic.carrier.call_from(ANN, caller(script, "ann"))
    await clinic.wind(seconds=7)
    sql = "select id, step from attempts where method = 'inbound' and stage = 'pin'"
    row = await clinic.shelf.conn.fetchrow(sql)
    assert row is not None
    again = Pressed(row["id"], call.sid, row["step"] - 1, "0000")
    for _ in range(2):
        assert isinstance((await the_line(clinic).pressed(again)).said, Ask)
    assert await inbound.guesses(clinic.shelf.conn, ANN, clinic.clock.now()) == 1
    await the_line(clinic).pressed(replace(again, step=row["step"]))
    assert await inbound.guesses(clinic.shelf.conn, ANN, clinic.clock.now()) == 2


async def test_two_webhooks_of_one_key_in_the_same_instant_are_one_guess(clinic: Rig) -> None:
    script = {"keys": [{"after": "1s", "press": "1"}]}
    call = await clinic.carrier.call_from(ANN, caller(script, "ann"))
    await clinic.wind(seconds=3)
    sql = "select id, step from attempts where method = 'inbound' and stage = 'pin'"
    row = await clinic.shelf.conn.fetchrow(sql)
    assert row is not None
    wrong = Pressed(row["id"], call.sid, row["step"], "0000")
    heard = await asyncio.gather(*(the_line(clinic).pressed(wrong) for _ in range(2)))
    assert all(isinstance(one.said, Ask) for one in heard)
    assert await inbound.guesses(clinic.shelf.conn, ANN, clinic.clock.now()) == 1


async def test_a_right_pin_begins_the_count_anew(clinic: Rig) -> None:
    for _ in range(3):
        assert "No heat" in await calls(clinic, "1111", "2222", "4711")
    assert await inbound.guesses(clinic.shelf.conn, ANN, clinic.clock.now()) == 0


async def test_guesses_are_counted_for_a_day_from_the_first_one(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await inbound.guess(conn, ANN, later(), "a:1") == 1
        assert await inbound.guess(conn, ANN, later(hours=23), "a:2") == 2
        assert await inbound.guesses(conn, ANN, later(hours=23)) == 2
        assert await inbound.guesses(conn, ANN, later(hours=25)) == 0
        assert await inbound.guess(conn, ANN, later(hours=25), "a:3") == 1
