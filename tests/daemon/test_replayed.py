"""Webhooks that the carrier once signed and somebody sends again, however much later."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from adapters.simulator.people import caller
from gateway.domain.events import Pressed, Progress
from gateway.domain.speech import Tell
from gateway.domain.wording import voice
from gateway.store import replies
from gateway.store.pool import Pool
from gateway.web.inbound import Caller, Inbound
from gateway.web.inbox import Inbox
from gateway.web.on_the_line import Calls
from gateway.web.parts import Parts
from tests.kit.desk import document
from tests.kit.house import Rig, rig
from tests.kit.shelf import OURS
from tests.kit.street import ANN

ONE, TWO, THREE = "49000001", "49000002", "49000003"
BY_TEXT = {"contact": "ann", "weekly": "Mon-Sun 00:00-24:00", "status": "sms"}
DELIVERED = """
update messages set state = 'delivered' where ucn = (select ucn from attempts where id = $1)
"""
ENDED = Tell(voice.inbound_over())


@pytest.fixture
async def called(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Give a house with two messages, of which Ann was told by a call that she missed."""
    async with pool.acquire() as conn, rig(database, conn, None, document()) as one:
        await one.shelf.take(ONE)
        await one.shelf.take(TWO)
        await one.wind(minutes=1)
        yield one


@pytest.fixture
async def texted(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Give a house that has texted Ann about a message."""
    plan = document(schedules=[{"name": "OnCall", "shifts": [BY_TEXT]}])
    async with pool.acquire() as conn, rig(database, conn, None, plan) as one:
        await one.shelf.take(ONE)
        await one.wind(seconds=5)
        yield one


def parts(one: Rig) -> Parts:
    outside, house = one.house.outside, one.house
    return Parts(house.desk, outside.clock, house.settings, outside.metrics, outside.chance)


async def says(one: Rig, body: str, name: str) -> str:
    """Have a webhook bring a text of Ann's; the same name and words are the same webhook."""
    sid = f"SM{name:0>32}"
    form = {"MessageSid": sid, "From": ANN, "To": OURS, "Body": body}
    return await Inbox(parts(one)).take(sid, form)


def much_later(one: Rig) -> None:
    """Let days pass in which nobody did anything."""
    one.shelf.now = one.clock.now() + timedelta(days=8)
    one.clock.set(one.shelf.now)


async def a_week_later(one: Rig) -> None:
    """Let so much time pass that texts are forgotten."""
    much_later(one)
    await replies.forget_texts(one.shelf.conn, one.clock.now())
    assert await one.shelf.count("inbound_texts") == 0


async def ring_up(one: Rig, *keys: str) -> tuple[Caller, str]:
    """Have Ann call us and press keys, ten seconds apart; return who called and what was said."""
    script = {"keys": [{"after": f"{2 + 10 * n}s", "press": key} for n, key in enumerate(keys)]}
    call = await one.carrier.call_from(ANN, caller(script, "ann"))
    await one.wind(minutes=1)
    return Caller(call.sid, ANN, OURS), " ".join(call.heard)


async def delivered(one: Rig, ucn: str) -> str | None:
    return (await one.shelf.state(ucn)).message.delivered_to


# ---------------------------------------------------------------------------------- texts
async def test_an_accept_of_last_week_accepts_nothing_that_came_since(texted: Rig) -> None:
    assert "is yours" in await says(texted, "OK", "1")
    await a_week_later(texted)
    await texted.shelf.take(TWO)
    await texted.wind(seconds=5)
    before = await texted.shelf.whole()

    with capture_logs() as logs:
        assert await says(texted, "OK", "1") == ""

    assert await texted.shelf.whole() == before
    (line,) = [log for log in logs if log["action"] == "webhook.replayed"]
    assert ANN not in str(line)
    assert "is yours" in await says(texted, "OK", "2")


async def test_an_opt_out_of_before_a_start_does_not_come_back(texted: Rig) -> None:
    await says(texted, "STOP", "1")
    await says(texted, "START", "2")
    await a_week_later(texted)
    before = await texted.shelf.whole()

    await says(texted, "STOP", "1")

    assert await texted.shelf.whole() == before
    assert not (await replies.phone(texted.shelf.conn, ANN)).opted_out


async def test_an_opt_in_of_before_a_stop_does_not_come_back(texted: Rig) -> None:
    await says(texted, "STOP", "1")
    await says(texted, "START", "2")
    await says(texted, "STOP", "3")
    await a_week_later(texted)

    await says(texted, "START", "2")

    assert (await replies.phone(texted.shelf.conn, ANN)).opted_out


# ---------------------------------------------------------------------------------- calls to us
async def test_a_call_of_last_week_is_not_put_on_what_came_since(called: Rig) -> None:
    who, _ = await ring_up(called)
    much_later(called)
    await called.shelf.take(THREE)
    await called.wind(seconds=5)
    before = await called.shelf.whole()

    with capture_logs() as logs:
        line = await Inbound(parts(called)).called(who)

    assert line.said == ENDED
    assert await called.shelf.whole() == before
    assert [log["kind"] for log in logs if log["action"] == "webhook.replayed"] == ["voice"]


@pytest.mark.parametrize("phone", [ANN, "+12025550177"], ids=["of Ann", "of a stranger"])
async def test_a_call_for_which_nothing_was_open_is_remembered_too(called: Rig, phone: str) -> None:
    who, door = Caller("CA" + "7" * 32, phone, OURS), Inbound(parts(called))
    much_later(called)
    await called.shelf.conn.execute("update messages set state = 'delivered'")
    assert isinstance((await door.called(who)).said, Tell)
    much_later(called)
    await called.shelf.take(THREE)
    await called.wind(minutes=1)
    before = await called.shelf.whole()
    assert (await door.called(who._replace(phone=ANN))).said == ENDED
    assert await called.shelf.whole() == before


async def test_a_call_that_still_goes_on_is_greeted_again(called: Rig) -> None:
    """The carrier asks twice where our answer was lost."""
    door, who = Inbound(parts(called)), Caller("CA" + "7" * 32, ANN, OURS)
    first = await door.called(who)
    before = await called.shelf.whole()
    await called.wind(seconds=5)
    again = await door.called(who)
    assert again.attempt == first.attempt
    assert again.said != ENDED
    whole = await called.shelf.whole()
    assert (whole["attempts"], whole["history_items"]) == (
        before["attempts"],
        before["history_items"],
    )


async def test_a_key_of_a_call_of_last_week_reads_nothing_out(called: Rig) -> None:
    """The first message was delivered since; of the second nobody has pressed anything."""
    await ring_up(called, "1")
    sql = "select id, sid, rides from attempts where method = 'inbound' and stage = 'spoken'"
    first = await called.shelf.conn.fetchrow(sql)
    assert first is not None
    much_later(called)
    await called.shelf.conn.execute(DELIVERED, first["id"])
    before = await called.shelf.whole()

    for step in range(4):
        key = Pressed(first["id"], first["sid"], step, "1")
        assert (await Calls(parts(called)).pressed(key)).said == ENDED

    assert await called.shelf.whole() == before


# ---------------------------------------------------------------------------------- calls of ours
KEYS = [{"after": f"{after}s", "press": "1"} for after in (2, 12, 22)]
SCRIPTS = {
    "heard": {"answer_after": "5s", "keys": KEYS[:1], "hang_up_after": "8s"},
    "accepted": {"answer_after": "5s", "keys": KEYS},
    "missed": {"no_answer": True},
}


@pytest.mark.parametrize("how", SCRIPTS)
async def test_what_was_said_of_a_call_of_ours_says_nothing_when_it_is_over(
    database: str, pool: Pool, how: str
) -> None:
    """Whatever of it comes again: keys too that were never pressed on it."""
    async with (
        pool.acquire() as conn,
        rig(database, conn, {ANN: {"calls": [SCRIPTS[how]]}}, document()) as one,
    ):
        for ucn in (ONE, TWO):
            await one.shelf.take(ucn)
        await one.wind(minutes=2)
        theirs = await conn.fetch("select id, sid from attempts where address = $1", ANN)
        assert len(theirs) == 2
        much_later(one)
        before = await one.shelf.whole()
        for row in theirs:
            await _all_of_it(Calls(parts(one)), row["id"], row["sid"])
        assert await one.shelf.whole() == before


async def _all_of_it(calls: Calls, attempt: UUID, sid: str) -> None:
    """Bring everything that a carrier tells of a call."""
    await calls.answered(attempt, sid)
    for step in range(6):
        for digits in ("1", "2", "9", "*", ""):
            await calls.pressed(Pressed(attempt, sid, step, digits))
    for verdict in ("human", "machine_end_beep"):
        await calls.machine(attempt, sid, verdict)
    for status in ("queued", "ringing", "answered", "completed", "busy", "no_answer", "failed"):
        await calls.tell(attempt, sid, Progress(attempt, sid, status))


@pytest.mark.parametrize("first", ["delivered", "failed"])
async def test_what_became_of_a_text_stays(texted: Rig, first: str) -> None:
    """Also where it did not arrive since its number took no texts, which was taken back since."""
    row = await texted.shelf.conn.fetchrow("select id, sid from attempts")
    assert row is not None
    attempt, sid, calls = row["id"], row["sid"], Calls(parts(texted))
    refused = Progress(attempt, sid, "failed", "21610")
    told = replace(refused, status=first, code="21610" if first == "failed" else None)
    await calls.tell(attempt, sid, told)
    await says(texted, "START", "1")
    much_later(texted)
    before = await texted.shelf.whole()
    for status in ("queued", "sending", "sent", "delivered", "undelivered", "failed"):
        await calls.tell(attempt, sid, Progress(attempt, sid, status, "21610"))
    assert await texted.shelf.whole() == before
    assert not (await replies.phone(texted.shelf.conn, ANN)).opted_out
