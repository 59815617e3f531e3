"""Strangers' texts, and carriers that answer nothing, keep no reply of ours from being found."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.simulator.carrier import Carrier
from adapters.twilio.client import TextRequest
from adapters.wire import Broken, Reply
from gateway.daemon.watch import Watch
from gateway.rehearsal.stage import Line
from gateway.store import replies
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.house import SECOND, Rig
from tests.kit.shelf import OURS
from tests.kit.street import ANN
from tests.kit.texted import away, delivered_to, texted_house, whoever_looks

SERVICE = "MG" + "3" * 32
MANY = [f"+1500555{n:04}" for n in range(100, 119)]
MINUTE = timedelta(minutes=1)


class Silent(Line):
    """A carrier that swallows what it is asked for, until it is given up."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.given_up = asyncio.Event()

    async def request(self, *_: object) -> Reply:
        self.asked += 1
        await self.given_up.wait()
        raise Broken("timeout")


class Breaking(Line):
    """A line to the carrier that breaks for good after so many requests."""

    def __init__(self, carrier: Carrier, left: int) -> None:
        super().__init__(carrier)
        self.left = left

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        self.left -= 1
        if self.left < 0:
            raise Broken("timeout")
        return await super().request(method, url, headers, body)


class Heard:
    """Takes texts instead of the inbox, in the order in which they come; `bad` it cannot take."""

    def __init__(self, first: str = "", bad: str = "") -> None:
        self.senders: list[str] = []
        self.first = first
        self.bad = bad
        self.found = asyncio.Event()

    async def take(
        self, _sid: str, form: dict[str, str], _at: datetime, /, *, opted_out: bool | None
    ) -> str:
        assert opted_out is None
        if form["From"] == self.bad:
            raise ValueError(self.bad)
        self.senders.append(form["From"])
        if form["From"] == self.first:
            self.found.set()
        return ""

    async def again(self) -> None:
        """Wait for the next text of the phone that is waited for."""
        async with asyncio.timeout(10):
            await self.found.wait()
        self.found.clear()


@pytest.fixture
async def texted(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with texted_house(database, pool) as one:
        yield one


async def strangers_text(one: Rig, many: int) -> None:
    for n in range(many):
        await one.carrier.text_from(f"+12025{n:06}", "spam", OURS)


def replaced(one: Rig, transport: Line) -> Rig:
    """Return the same house on another transport to its first carrier."""
    outside = replace(one.house.outside, transport=transport, carrier=None)
    return replace(one, house=replace(one.house, outside=outside))


async def listed_until(one: Rig, number: str = OURS) -> datetime:
    sql = "select listed_until from numbers_listed where number = $1"
    return await one.shelf.conn.fetchval(sql, number)  # type: ignore[no-any-return]


async def test_an_accept_among_a_thousand_texts_of_strangers_is_found(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
        await strangers_text(texted, 1_010)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) == "ann"
    assert await listed_until(texted) == texted.clock.now() - timedelta(seconds=30)
    assert await texted.shelf.conn.fetchval("select count(*) from inbound_texts") == 1_011


async def test_people_we_know_come_before_strangers_and_opt_outs_before_all(texted: Rig) -> None:
    with away(texted):
        await strangers_text(texted, 3)
        await texted.carrier.text_from(ANN, "ok")
        await texted.carrier.text_from("+12025559999", "STOP", OURS)
    await texted.wind(seconds=70)
    heard = Heard()
    await replace(whoever_looks(texted), take=heard.take).look()
    strangers = [f"+12025{n:06}" for n in range(3)]
    assert heard.senders == ["+12025559999", ANN, *strangers]


async def test_a_text_that_cannot_be_dealt_with_holds_up_no_other(texted: Rig) -> None:
    with away(texted):
        await strangers_text(texted, 3)
    await texted.wind(seconds=70)
    heard = Heard(bad="+12025000001")
    await replace(whoever_looks(texted), take=heard.take).look()
    assert heard.senders == ["+12025000000", "+12025000002"]


async def test_a_text_that_cannot_be_dealt_with_is_tried_for_a_day(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
    sent = texted.clock.now()
    await texted.wind(seconds=70)
    for _ in range(3):
        await texted.wind(minutes=10)
        await replace(whoever_looks(texted), take=Heard(bad=ANN).take).look()
    assert await listed_until(texted) <= sent, "it counts as unread"
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) == "ann"
    assert await listed_until(texted) == texted.clock.now() - timedelta(seconds=30)


async def test_a_text_that_nobody_could_ever_deal_with_is_given_up_after_a_day(
    texted: Rig,
) -> None:
    with away(texted):
        await strangers_text(texted, 1)
    await texted.wind(hours=25)
    await replace(whoever_looks(texted), take=Heard(bad="+12025000000").take).look()
    assert await listed_until(texted) == texted.clock.now() - timedelta(seconds=30)


async def test_what_was_read_before_a_fault_is_taken_in_at_once(
    texted: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the list cannot be read: the number counts as unread, and all of it is asked for."""
    monkeypatch.setattr("adapters.twilio.reading._LARGE", 100)
    with away(texted):
        await strangers_text(texted, 150)
        await texted.carrier.text_from(ANN, "ok")
    await texted.wind(seconds=70)
    breaking = Breaking(texted.carrier, left=2)
    await whoever_looks(replaced(texted, transport=breaking)).look()
    assert await delivered_to(texted) == "ann"
    assert await listed_until(texted) == NOON

    await texted.wind(seconds=60)
    await whoever_looks(texted).look()
    assert await listed_until(texted) == texted.clock.now() - timedelta(seconds=30)


async def test_texts_that_take_long_stay_one_daemons_turn(
    texted: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.daemon.gathering._A_WHILE", 30)
    with away(texted):
        await strangers_text(texted, 99)
    await texted.wind(seconds=70)

    async def take(*_: object, opted_out: bool | None) -> str:
        assert opted_out is None
        texted.clock.set(texted.clock.now() + timedelta(seconds=1))
        return ""

    await replace(whoever_looks(texted), take=take).look()
    now = texted.clock.now()
    async with texted.house.desk.pool.acquire() as conn:
        assert await replies.claim_listing(conn, OURS, now, now + MINUTE) is None


async def test_a_service_is_listed_through_all_that_we_sent(database: str, pool: Pool) -> None:
    """It has no number to ask for, so our own texts stand in its list."""
    settings = {"twilio_from": f"{SERVICE},{OURS}"}
    async with texted_house(database, pool, settings=settings) as one:
        core = one.carrier.core
        core.options = replace(core.options, services={SERVICE: (OURS,)})
        with away(one):
            await one.carrier.text_from(ANN, "ok")
        ours = TextRequest("a-1", "+12025550102", SERVICE, "hello", None, 300)
        look = whoever_looks(one)
        for _ in range(1_010):
            await look.carriers.first.send_text(ours)
        await one.wind(seconds=70)
        await look.look()
        assert await delivered_to(one) == "ann"
        assert await listed_until(one, SERVICE) == one.clock.now() - timedelta(seconds=30)


async def test_a_carrier_that_swallows_requests_keeps_no_other_one_waiting(
    database: str, pool: Pool
) -> None:
    """The first carrier has twenty numbers, and is asked about four at a time."""
    settings = {"twilio_from": ",".join([OURS, *MANY])}
    async with texted_house(database, pool, second=True, settings=settings) as one:
        assert one.second is not None
        with away(one):
            await one.second.text_from(ANN, "ok", SECOND["second_from"])
        await one.wind(seconds=70)
        silent, heard = Silent(), Heard(ANN)
        look = replace(whoever_looks(replaced(one, transport=silent)), take=heard.take)
        keeping = asyncio.create_task(look.keep())
        await heard.again()
        with away(one):
            await one.second.text_from(ANN, "ok again", SECOND["second_from"])
        await one.wind(seconds=70)
        await heard.again()
        assert silent.asked == 4
        assert not keeping.done()
        keeping.cancel()


async def test_a_look_ends_when_every_number_was_asked_for(texted: Rig) -> None:
    await texted.wind(seconds=70)
    silent = Silent()
    silent.given_up.set()
    look = replace(whoever_looks(replaced(texted, transport=silent)), numbers=[OURS, *MANY])
    await look.look()
    assert silent.asked == 20
    assert await listed_until(texted) == NOON


async def test_it_is_seen_how_long_texts_to_a_number_have_not_been_read(texted: Rig) -> None:
    world = texted.house.outside
    parts = (texted.house.desk.pool, texted.clock, world.metrics, world.chance)
    watch, another = Watch(*parts, [OURS]), Watch(*parts, ["+15005559999"])

    async def shown(watch: Watch = watch) -> float | None:
        await watch.look()
        return world.metrics.registry.get_sample_value("dispatchd_texts_unread_seconds")

    texted.carrier.faults.down_until = later(minutes=30)
    for _ in range(12):
        await texted.wind(seconds=60)
        await whoever_looks(texted).look()
    assert await shown() == 12 * 60 + 5

    texted.carrier.faults.down_until = None
    await texted.wind(seconds=60)
    await whoever_looks(texted).look()
    assert await shown() == 30

    await texted.wind(minutes=20)
    assert await shown() == 20 * 60 + 30, "nobody lists it"
    assert await shown(another) == 0, "that number is not ours any more"
