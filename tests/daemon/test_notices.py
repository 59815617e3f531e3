"""Notices leave once at most, to who comes on call and who goes off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from gateway.domain.documents import AccountDocument
from gateway.domain.notices import Notice, NoticeKind
from gateway.domain.wording.mail import Letter
from gateway.store import notices
from gateway.store.outbox import Settled
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig
from tests.kit.shelf import slow
from tests.kit.street import ANN, BOB

EVENING = {"contact": "ann", "weekly": "Mon-Sun 18:30-08:00"}
DAY = {"contact": "bob", "weekly": "Mon-Sun 08:00-18:30"}
COMES = "Northside HVAC: you are now on call until 8:00 AM EST, Tue Feb 3."
GOES = "Northside HVAC: you are no longer on call. On call now: Ann Ames."
Open = Callable[..., Awaitable[Rig]]


def plan(**keys: object) -> AccountDocument:
    """Return a document whose handoff from bob to ann comes half an hour after NOON."""
    contacts = {"ann": {"name": "Ann Ames", "phone": ANN}, "bob": {"name": "Bob", "phone": BOB}}
    asked: dict[str, object] = {
        "contacts": contacts,
        "permanent": [],
        "schedules": [{"name": "OnCall", "shifts": [EVENING, DAY]}],
        "notices": {"handoff": True},
    }
    return document(**{**asked, **keys})


@pytest.fixture
async def opened(database: str, pool: Pool) -> AsyncIterator[Open]:
    """Open a house for a document; nothing has been looked at yet."""
    async with AsyncExitStack() as stack, pool.acquire() as conn:

        async def open_one(people: object = None, **keys: object) -> Rig:
            return await stack.enter_async_context(rig(database, conn, people, plan(**keys)))

        yield open_one


def texts(one: Rig) -> list[tuple[str, str]]:
    return sorted((text.to, text.body) for text in one.carrier.texts)


async def states(one: Rig) -> dict[str, tuple[str, str | None]]:
    rows = await one.shelf.conn.fetch("select contact, state, reason from notices")
    return {row["contact"]: (row["state"], row["reason"]) for row in rows}


def count(one: Rig, kind: str, result: str) -> float:
    counted = one.house.outside.metrics.notices_total.labels(kind, result)
    return counted._value.get()  # type: ignore[no-any-return] # noqa: SLF001 - the library's own


async def test_who_comes_and_who_goes_get_a_text_at_the_handoff(opened: Open) -> None:
    one = await opened()
    await one.wind(minutes=29)
    assert texts(one) == []
    await one.wind(minutes=2)
    assert texts(one) == [(ANN, COMES), (BOB, GOES)]
    assert [text.at for text in one.carrier.texts] == [
        *(later(minutes=30), later(minutes=30, seconds=3)),
    ]
    assert await states(one) == {"ann": ("sent", None), "bob": ("sent", None)}
    assert (count(one, "on", "sent"), count(one, "off", "sent")) == (1, 1)
    assert await one.shelf.conn.fetchval("select count(*) from duties where kind = 'notice'") == 0


async def test_who_wants_no_notices_gets_none(opened: Open) -> None:
    one = await opened(notices={})
    await one.wind(hours=24)
    assert texts(one) == []


async def test_two_daemons_tell_everybody_once(opened: Open, database: str, pool: Pool) -> None:
    one = await opened()
    await one.turn()
    async with pool.acquire() as conn, rig(database, conn, None, plan()) as other:
        for second in range(0, 8, 3):
            now = later(minutes=30, seconds=second)
            for each in (one, other):
                each.clock.set(now)
            await asyncio.gather(
                *(each.house.engine.turn(now, sweep=True) for each in (one, other))
            )
            await one.house.engine.settle()
            await other.house.engine.settle()
        assert sorted(texts(one) + texts(other)) == [(ANN, COMES), (BOB, GOES)]


@pytest.mark.parametrize("fault", ["error_before", "error_after", "drop"])
async def test_a_text_whose_fate_is_unknown_is_never_repeated(opened: Open, fault: str) -> None:
    one = await opened()
    await one.wind(minutes=29)
    one.goes_wrong(fault, fault)  # type: ignore[arg-type] # one of the kinds
    await one.wind(hours=1)
    assert len(texts(one)) <= 2
    assert {state for state, _ in (await states(one)).values()} == {"unsure"}


async def test_what_notices_show_of_a_line_is_held_against_it(opened: Open) -> None:
    one = await opened()
    await one.wind(minutes=29)
    one.goes_wrong("error_before", "error_before")
    await one.wind(minutes=2)
    rows = await one.shelf.conn.fetch("select channel, streak from breakers")
    assert [tuple(row) for row in rows] == [("text", 2)]


async def test_a_text_that_the_carrier_did_not_take_goes_out_again(opened: Open) -> None:
    one = await opened()
    await one.wind(minutes=29)
    one.goes_wrong("limit", "refuse", "limit")
    await one.wind(minutes=10)
    assert texts(one) == [(ANN, COMES), (BOB, GOES)]
    assert await one.shelf.conn.fetchval("select count(*) from notices") == 2


async def test_a_process_that_dies_between_intent_and_request_sends_nothing_twice(
    opened: Open,
) -> None:
    one = await opened()
    await one.wind(minutes=29)
    await one.shelf.conn.execute("update duties set next_at = $1", later(minutes=29))
    await one.shelf.conn.execute(
        "insert into notices (id, account, contact, kind, schedule, at, until, subject, words,"
        " state) values (gen_random_uuid(), '7001', 'ann', 'on', 'OnCall', $1, $2, '', 'x',"
        " 'intended')",
        NOON,
        later(hours=12),
    )
    await one.shelf.conn.execute(
        "insert into duties (id, account, kind, key, next_at)"
        " select id, account, 'notice', id::text, $1 from notices",
        NOON,
    )
    await one.turn()
    assert texts(one) == []
    assert (await states(one))["ann"][0] == "unsure"


async def test_who_opted_out_gets_an_email_if_they_have_one_else_nothing(opened: Open) -> None:
    people = {
        "ann": {"name": "Ann Ames", "phone": ANN, "email": "ann@northside.example"},
        "bob": {"name": "Bob", "phone": BOB},
    }
    one = await opened(contacts=people)
    for phone in (ANN, BOB):
        await one.shelf.conn.execute(
            "insert into phones (phone, opted_out_at) values ($1, $2)", phone, NOON
        )
    await one.wind(minutes=31)
    assert texts(one) == []
    mails: list[Any] = [mail for _, mail in one.house.outside.mailer.mails]  # type: ignore[union-attr]
    assert [(mail.to, mail.subject) for mail in mails] == [
        ("ann@northside.example", "Northside HVAC: you are on call")
    ]
    assert mails[0].body == f"{COMES}\n"
    assert await states(one) == {"ann": ("sent", None), "bob": ("dropped", "no address")}


async def test_quiet_hours_are_waited_for(opened: Open) -> None:
    people = {"ann": {"name": "Ann Ames", "phone": ANN, "quiet": "18:00-19:15"}, "bob": {}}
    one = await opened(contacts=people)
    await one.wind(hours=2)
    assert [(text.to, text.at) for text in one.carrier.texts] == [(ANN, later(minutes=75))]


async def test_a_notice_that_cannot_leave_for_half_a_day_is_dropped(opened: Open) -> None:
    people = {"ann": {"name": "Ann Ames", "phone": ANN, "quiet": "18:00-08:00"}, "bob": {}}
    one = await opened(contacts=people)
    await one.wind(hours=13, minutes=59)
    assert texts(one) == []
    await one.wind(minutes=2)
    row = await one.shelf.conn.fetchrow("select * from notices where kind = 'on' order by at")
    assert row is not None
    assert (row["contact"], row["state"], row["reason"]) == ("ann", "dropped", "it is too late")


async def test_what_the_document_no_longer_wants_is_dropped(opened: Open) -> None:
    people = {"ann": {"name": "Ann Ames", "phone": ANN, "quiet": "18:00-19:15"}, "bob": {}}
    one = await opened(contacts=people)
    await one.wind(minutes=31)
    await one.shelf.load(plan(contacts=people, notices={}))
    await one.wind(hours=2)
    assert (await states(one))["ann"] == ("dropped", "the account wants it no longer")


async def test_notices_take_every_second_text_at_most(opened: Open) -> None:
    one = await opened()
    letter, until = Letter("subject", "body"), later(hours=1)
    about = ("7001", "ann", NoticeKind.ON, "OnCall", NOON, until, letter)
    for number in range(3):
        await notices.add(one.shelf.conn, [Notice(UUID(int=number), *about)], NOON, slow())
    rows = await one.shelf.conn.fetch(
        "select next_at from duties where kind = 'notice' order by next_at"
    )
    assert [row["next_at"] for row in rows] == [NOON, later(seconds=3), later(seconds=6)]
    digest = Notice(UUID(int=8), *about)._replace(kind=NoticeKind.DIGEST)
    await notices.add(one.shelf.conn, [digest], NOON, slow())
    await notices.add(one.shelf.conn, [Notice(UUID(int=9), *about)], later(minutes=1), slow())
    at = "select next_at from duties where id = $1"
    assert await one.shelf.conn.fetchval(at, UUID(int=8)) == NOON
    assert await one.shelf.conn.fetchval(at, UUID(int=9)) == later(minutes=1)


async def test_the_digest_comes_when_it_was_set(opened: Open) -> None:
    one = await opened(notices={"digest": "Mon 19:00"})
    await one.wind(hours=3)
    assert [text.at for text in one.carrier.texts] == [
        *(later(hours=1), later(hours=1, seconds=6)),
    ]
    assert "your shifts of the next 7 days" in texts(one)[0][1]
    await one.wind(hours=24)
    assert len(texts(one)) == 2


async def test_a_settled_notice_stays_as_it_is(opened: Open) -> None:
    one = await opened()
    await one.wind(minutes=31)
    row = await one.shelf.conn.fetchrow("select id from notices limit 1")
    assert row is not None
    await notices.settle(one.shelf.conn, row["id"], Settled("failed"))
    assert {state for state, _ in (await states(one)).values()} == {"sent"}
