"""Alerts: S3-08, each sink by its topic; told once a minute, tried again, never in the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adapters.alerts import Sink
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType
from gateway.domain.matters import Alarm, Written
from gateway.store import alerts, jobs, matters
from gateway.store.alerts import Counted, Tell, Wait
from gateway.store.matters import Hand
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.house import Rig, rig

Open = Callable[..., Awaitable[Rig]]
UCN = "49000001"


class Bells:
    """Sinks that fail so often, or hang until told not to."""

    def __init__(self, failures: int = 0, urls: int = 1) -> None:
        self.failures = failures
        self.urls = urls
        self.heard: list[tuple[Sink, str]] = []
        self.gate: asyncio.Event | None = None

    def count(self, _sink: Sink) -> int:
        return self.urls

    async def send(self, sink: Sink, _title: str, text: str) -> int:
        if self.gate is not None:
            await self.gate.wait()
        self.heard.append((sink, text))
        self.failures -= 1
        return int(self.failures < 0 and self.urls > 0)


@pytest.fixture
async def opened(database: str, pool: Pool) -> AsyncIterator[Open]:
    """Open a house whose sinks are the test's own."""
    async with AsyncExitStack() as stack, pool.acquire() as conn:

        async def open_one(bells: Bells) -> Rig:
            outside = {"alarm": bells}
            return await stack.enter_async_context(
                rig(database, conn, None, document(), outside=outside)
            )

        yield open_one


async def ask(one: Rig, text: str = "x", sink: str = "lead", **more: str) -> None:
    payload: Mapping[str, str] = {"sink": sink, "reason": "test", "text": text, **more}
    await jobs.add_alert(one.shelf.conn, uuid4(), one.clock.now(), payload)


async def test_many_messages_that_pass_over_one_phone_are_one_alert_a_minute(opened: Open) -> None:
    """Else what matters more waits behind one alert for each message of a storm."""
    bells = Bells()
    one = await opened(bells)
    for number in range(5):
        await ask(one, f"UCN {number}: skipped", same="rate_limited +12025550101")
    await ask(one, "UCN 9: skipped", same="rate_limited +12025550102")
    await one.turn()
    assert len(bells.heard) == 2
    await one.wind(minutes=2)
    (text,) = [text for _, text in bells.heard][2:]
    assert text.endswith(": skipped (3 times more within a minute)")


async def test_the_same_words_are_told_once_a_minute_with_their_number(opened: Open) -> None:
    """S3-08: a flood in one sink is one line, and none of it is lost."""
    bells = Bells()
    one = await opened(bells)
    for _ in range(5):
        await ask(one)
    await ask(one, "y")
    await ask(one, sink="dispatch")
    await one.turn()
    assert sorted(bells.heard) == [("dispatch", "x"), ("lead", "x"), ("lead", "y")]
    await one.wind(seconds=59)
    assert len(bells.heard) == 3
    await one.wind(seconds=2)
    assert bells.heard[3:] == [("lead", "x (3 times more within a minute)")]
    await one.wind(minutes=2)
    await ask(one)
    await one.turn()
    assert bells.heard[4:] == [("lead", "x")]


async def test_posts_of_specials_are_told_word_for_word(opened: Open) -> None:
    """S3-80: two posts are two, however alike."""
    bells = Bells()
    one = await opened(bells)
    line = "📣Specials 7001 - Please see special in regards to the office being closed."
    for _ in range(2):
        await ask(one, line, "specials", special=str(uuid4()), account="7001")
    await one.turn()
    assert bells.heard == [("specials", line)] * 2


async def test_a_case_of_which_nobody_heard_says_so_and_that_somebody_did_at_last(
    opened: Open,
) -> None:
    one = await opened(Bells(failures=2))
    case = Case(UUID(int=1), CaseType.DISPATCH, "Support", "gateway", NOON)
    alarms = (Alarm("lead", "contact_missed", "Nobody has called."),)
    written = Written(case, next_at=later(hours=9), alarms=alarms)
    hand = Hand("gateway", NOON, Dice(), one.house.desk.rates)
    await matters.open_one(one.shelf.conn, CASES, case.id, written, hand)
    await one.wind(minutes=2)
    items = await matters.history(one.shelf.conn, case.id)
    assert [(item["kind"], item["data"]["reason"]) for item in items] == [
        ("case.alert_failed", "contact_missed"),
        ("case.alert_reached", "contact_missed"),
    ]
    found = await matters.find(one.shelf.conn, CASES, case.id)
    assert found is not None
    assert found.next_at == later(hours=9)


async def test_an_alert_that_reached_nobody_is_recorded_and_tried_again(opened: Open) -> None:
    """S3-51: what a lead must hear is not lost with the first failure."""
    bells = Bells(failures=2)
    one = await opened(bells)
    await one.shelf.take(UCN)
    await one.shelf.conn.execute(
        "insert into errands (id, account, month, ucn, kind, payload, next_at)"
        " select gen_random_uuid(), account, month, ucn, 'alert',"
        ' \'{"sink": "lead", "reason": "limit", "text": "x"}\', $1 from messages',
        NOON,
    )
    await one.wind(seconds=4)
    assert len(bells.heard) == 1
    await one.wind(seconds=30)
    assert [text for _, text in bells.heard].count("x") == 3
    rows = await one.shelf.conn.fetch(
        "select item::jsonb -> 'outcome' as outcome from history_items"
        " where kind = 'lead.alerted' and item::jsonb -> 'data' ->> 'reason' = 'limit' order by seq"
    )
    assert [row["outcome"] for row in rows] == ["failure", "success"]


async def test_an_alert_is_given_up_in_the_end(opened: Open) -> None:
    bells = Bells(failures=1000)
    one = await opened(bells)
    await ask(one)
    await one.wind(minutes=30)
    assert len(bells.heard) == 8
    assert await one.shelf.count("errands") == 0


async def test_a_sink_without_a_url_is_not_tried_again(opened: Open) -> None:
    bells = Bells(urls=0)
    one = await opened(bells)
    await ask(one)
    await one.wind(minutes=30)
    assert len(bells.heard) == 1


async def test_a_sink_that_hangs_delays_no_dispatch(opened: Open) -> None:
    """S3-08, S3-14, S3-51, S3-80: whatever the alert is about."""
    bells = Bells()
    bells.gate = asyncio.Event()
    one = await opened(bells)
    for number in range(80):
        await ask(one, f"alert {number}")
    await one.shelf.take(UCN)
    async with asyncio.timeout(30):
        while not one.dialed():
            await one.house.engine.turn(NOON, sweep=True)
    assert bells.heard == []
    assert one.dialed() == ["+12025550101"]
    bells.gate.set()
    await one.turn()


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as one:
        yield one


async def test_whoever_waits_tells_how_many_there_were(conn: Connection) -> None:
    first, second, third, fourth = (UUID(int=n) for n in range(1, 5))

    async def turn(mine: UUID, **after: float) -> alerts.Turn:
        return await alerts.turn(conn, "lead", "x", mine, NOON + timedelta(**after))

    assert await turn(first) == Tell(0, 0)
    assert await turn(first, seconds=5) == Tell(0, 1)  # it was not taken
    assert await turn(second, seconds=10) == Wait(later(minutes=1))
    assert await turn(third, seconds=20) == Counted()
    assert await turn(second, seconds=30) == Wait(later(minutes=1))
    # Who comes when the minute is over is told of by the one that waits already.
    assert await turn(fourth, seconds=60) == Counted()
    assert await turn(second, seconds=61) == Tell(2, 0)
    assert await turn(second, seconds=66) == Tell(2, 1)
    assert await turn(third, seconds=70) == Wait(later(seconds=121))


async def test_there_is_a_sink_for_each_topic_and_no_other(opened: Open) -> None:
    """S3-08: questions of operators have no sink; what is of no topic is a lead's."""
    bells = Bells()
    one = await opened(bells)
    for sink in ("dispatch", "specials", "lead", "op_questions"):
        await ask(one, f"to {sink}", sink)
    await one.turn()
    assert sorted(bells.heard) == [
        ("dispatch", "to dispatch"),
        ("lead", "to lead"),
        ("lead", "to op_questions"),
        ("specials", "to specials"),
    ]


async def test_an_incident_that_its_sink_does_not_take_rings_a_lead(opened: Open) -> None:
    """S0-03: a sink that is set but refuses must not keep the one alarm that matters most."""
    bells = Bells(failures=1)
    one = await opened(bells)
    await ask(one, "major outage", sink="incident")
    await one.wind(minutes=1)
    assert ("lead", "major outage") in bells.heard
    assert bells.heard.count(("incident", "major outage")) == 2
