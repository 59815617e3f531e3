"""Looking up at a carrier that answers none: neither calls nor another carrier's look-ups wait."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping

import pytest

from adapters.wire import Broken, Reply
from gateway.daemon import looking
from gateway.rehearsal.stage import Line
from gateway.store.pool import Pool
from gateway.store.rates import Rates
from tests.kit.desk import document, later
from tests.kit.house import SECOND, Rig, rig
from tests.kit.street import roster, shift

LOOKS, PLACES = 2, 4
SILENT, OTHER, NEW = range(6), 6, 7
PHONES = [f"+1202555{n:04}" for n in range(8)]
THEIRS = Rates({"call": [SECOND["second_from"]], "text": []})


class Silent(Line):
    """A carrier that answers no look-up until we have waited long enough."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.given_up = asyncio.Event()

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        if method == "GET":
            self.asked += 1
            await self.given_up.wait()
            raise Broken("timeout")
        return await super().request(method, url, headers, body)


@pytest.fixture
def line() -> Silent:
    return Silent()


@pytest.fixture
async def one(
    database: str, pool: Pool, line: Silent, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Rig]:
    """A house with few places, and more calls than that of which nothing is known."""
    monkeypatch.setattr(looking, "LOOKS", LOOKS)
    monkeypatch.setattr(looking, "PATIENCE", 0.0)
    monkeypatch.setattr("gateway.daemon.engine.IN_FLIGHT", PLACES)
    ann = roster(shift("ann"))
    accounts = [
        document(f"700{n}", contacts={"ann": {"name": "Ann", "phone": phone}}, permanent=[], **ann)
        for n, phone in enumerate(PHONES)
    ]
    outside = {"transport": line}
    async with (
        pool.acquire() as conn,
        rig(database, conn, {}, *accounts, second=True, outside=outside) as opened,
    ):
        line.carrier = opened.carrier
        opened.house.engine._wire._patience = math.inf  # noqa: SLF001 - its time never passes
        for n in SILENT:
            await intend(opened, n)
        yield opened
        line.given_up.set()
        await opened.house.engine.settle()


def ucn(n: int) -> str:
    return f"4900000{n}"


async def intend(one: Rig, n: int) -> None:
    """Decide on a call that never gets to the carrier, half a minute ago in the end."""
    await one.shelf.take(ucn(n), f"700{n}")
    await one.shelf.intend(ucn(n), f"700{n}")


async def works(one: Rig, seconds: float) -> None:
    """Do what is due some seconds on, without waiting for the carrier that is silent."""
    one.clock.set(later(seconds=seconds))
    for _ in range(6):
        await one.house.engine.turn(one.clock.now(), sweep=True)
        await one.house.engine._lanes.settle()  # noqa: SLF001 - what was claimed has begun
        for _ in range(500):
            if one.house.engine.in_flight <= LOOKS:
                break
            await one.shelf.count("breakers")


async def test_with_all_its_places_taken_nothing_else_waits(one: Rig, line: Silent) -> None:
    await works(one, 30)
    one.shelf.rates = THEIRS
    await intend(one, OTHER)
    await works(one, 30)
    assert (line.asked, one.house.engine.in_flight) == (LOOKS, LOOKS)
    outcomes = await one.shelf.conn.fetch("select outcome from attempts order by ucn")
    assert [row["outcome"] for row in outcomes] == [None] * len(SILENT) + ["lost"]
    one.shelf.now = one.clock.now()
    await one.shelf.take(ucn(NEW), f"700{NEW}")
    await works(one, 30)
    assert one.dialed() == [PHONES[NEW]]
