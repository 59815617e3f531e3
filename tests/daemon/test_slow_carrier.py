"""A carrier that answers after half a minute, with more due than there are places on the wire."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qs

import pytest

from adapters.wire import Broken, Reply
from gateway.daemon.carriers import SIMULATED_NUMBERS
from gateway.rehearsal.stage import Line
from gateway.store.pool import Pool
from tests.kit.desk import document, later
from tests.kit.house import Rig, rig
from tests.kit.street import roster, shift

PLACES, DUE = 45, 60
PHONES = [f"+1202555{n:04}" for n in range(DUE)]
# Limited, so that who waits does so in the list; but all who are due may leave at once.
FAST = {"calls_per_second": 2000, "texts_per_second": 2000}
BY_CALL = {"permanent": [], **roster(shift("ann"))}


class Slow(Line):
    """A carrier that owes its answers to all calls and texts until we have waited long enough.

    From then on it answers: else a second line might break before all have gone over it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.given_up = asyncio.Event()

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        if method == "POST":
            self.asked += parse_qs(body.decode())["To"]
            if not self.given_up.is_set():
                await self.given_up.wait()
                raise Broken("timeout")
        return await super().request(method, url, headers, body)


@pytest.fixture
def line() -> Slow:
    return Slow()


@pytest.fixture(params=[True, False], ids=["with a second carrier", "alone"])
async def one(
    database: str,
    pool: Pool,
    line: Slow,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Rig]:
    """A house with few places on the wire and a message each for many."""
    monkeypatch.setattr("gateway.daemon.engine.IN_FLIGHT", PLACES)
    accounts = [
        document(f"7{n:03}", contacts={"ann": {"name": "Ann", "phone": phone}}, **BY_CALL)
        for n, phone in enumerate(PHONES)
    ]
    second, outside = bool(request.param), {"transport": line}
    async with (
        pool.acquire() as conn,
        rig(database, conn, {}, *accounts, settings=FAST, second=second, outside=outside) as opened,
    ):
        line.carrier = opened.carrier
        for n in range(DUE):
            await opened.shelf.take(f"490{n:05}", f"7{n:03}")
        yield opened
        line.given_up.set()
        await opened.house.engine.settle()


async def works(one: Rig, seconds: float) -> None:
    """Do what is due some seconds on, without waiting for the wire."""
    one.clock.set(later(seconds=seconds))
    engine = one.house.engine
    for _ in range(3):
        await engine.turn(one.clock.now(), sweep=True)
        await engine._lanes.settle()  # noqa: SLF001 - what was claimed is on the wire, if it may
        await one.shelf.count("breakers")


def others(one: Rig) -> list[str]:
    """Return whom the second carrier has called, if there is one."""
    return [call.to for call in one.second.calls] if one.second else []


async def test_it_holds_up_nobody_else_and_nobody_is_reached_twice(one: Rig, line: Slow) -> None:
    wire = one.house.engine._wire  # noqa: SLF001 - its two seconds are of this host's own time
    wire._patience = math.inf  # noqa: SLF001 - they have not passed yet
    await works(one, 0)
    assert len(line.asked) == PLACES
    wire._patience = 0.0  # noqa: SLF001 - they have
    await works(one, 2.5)
    await works(one, 9)
    assert len(line.asked) == PLACES
    assert len(others(one)) == (DUE - PLACES if one.second else 0)

    line.given_up.set()
    await one.house.engine.settle()
    opened = "select place from breakers where channel = 'call' and opened_at is not null"
    assert await one.shelf.conn.fetchval(opened) == SIMULATED_NUMBERS[0]
    await works(one, 11)
    await one.house.engine.settle()
    assert sorted([*line.asked, *others(one)]) == PHONES
