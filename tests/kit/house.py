"""The real house on a virtual clock, with the simulated carrier in process, for daemon tests.

`turn` does what is due now; `wind` lets time pass as a rehearsal does, instant by instant.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.simulator.carrier import Carrier
from adapters.simulator.faults import Fault, Kind
from adapters.simulator.people import People
from gateway.chance import SeededChance
from gateway.clock import VirtualClock
from gateway.compose import (
    House,
    Outside,
    open_house,
)
from gateway.daemon.carriers import SIMULATED_ACCOUNT, SIMULATED_NUMBERS, SIMULATED_TOKEN
from gateway.domain.documents import AccountDocument
from gateway.metrics import build_metrics
from gateway.rehearsal.stage import PUBLIC_URL, Bell, Front, Letterbox, Line, build_carrier
from gateway.settings import load_settings
from gateway.store.pool import Connection
from tests.kit.desk import NOON, document
from tests.kit.shelf import Shelf

MOST_TURNS = 200
_KEY = "second-key"
SECOND = {
    "second_account": "AC" + "2" * 32,
    "second_api_token": _KEY,
    "second_signing_keys": _KEY,
    "second_base_url": "https://second.example",
    "second_from": "+15005550007",
}
"""Settings of a second carrier; its simulator knows one token for both ways."""


@dataclass
class Rig:
    """A house, its carrier, and the store as a test looks at it."""

    house: House
    carrier: Carrier
    clock: VirtualClock
    front: Front
    bell: Bell
    shelf: Shelf
    crashed: list[House] = field(default_factory=list)
    second: Carrier | None = None

    async def turn(self) -> datetime | None:
        """Do all that is due now; return the next instant anybody waits for."""
        for _ in range(MOST_TURNS):
            now = self.clock.now()
            for carrier in self._carriers():
                await carrier.advance(now)
            ahead = [await self.house.engine.turn(now, sweep=True), *self._theirs()]
            if not self.house.engine.at_rest:
                # What comes of it may be due at this very instant.
                await self.house.engine.settle()
                continue
            known = [at for at in (*ahead, *self._theirs()) if at is not None]
            if not known or min(known) > now:
                return min(known, default=None)
        raise AssertionError("nothing comes to rest")

    def _carriers(self) -> list[Carrier]:
        return [one for one in (self.carrier, self.second) if one is not None]

    def _theirs(self) -> list[datetime | None]:
        """Return when the carriers do something next."""
        return [one.next_instant() for one in self._carriers()]

    async def wind(self, **span: float) -> None:
        """Let time pass, doing what is due at each instant on the way."""
        until = self.clock.now() + timedelta(**span)
        following = await self.turn()
        while following is not None and following <= until:
            self.clock.set(following)
            following = await self.turn()
        self.clock.set(until)
        self.shelf.now = until
        await self.turn()

    def goes_wrong(self, *kinds: Kind) -> None:
        """Have the next requests go wrong, one after the other."""
        self.carrier.faults.queue.extend(Fault(kind) for kind in kinds)

    async def kinds(self, ucn: str) -> list[str]:
        """Return the kinds of a message's history."""
        rows = await self.shelf.conn.fetch(
            "select kind from history_items where ucn = $1 order by seq", ucn
        )
        return [row["kind"] for row in rows]

    def dialed(self) -> list[str]:
        """Return the numbers that the carrier has dialed."""
        return [call.to for call in self.carrier.calls]


@asynccontextmanager
async def rig(  # noqa: PLR0913 - what a test may want otherwise
    url: str,
    conn: Connection,
    people: object = None,
    *documents: AccountDocument,
    settings: Mapping[str, Any] | None = None,
    second: bool = False,
    outside: Mapping[str, Any] | None = None,
) -> AsyncIterator[Rig]:
    """Open a house on the database at `url`; `conn` is the test's own look at it.

    `settings` are further ones; `second`: there is a second carrier with a number of its own, and
    the same people; `outside` replaces parts of what the house speaks through, by name.
    """
    clock, front, line = VirtualClock(NOON), Front(), Line()
    bell = Bell(clock)
    account = (SIMULATED_ACCOUNT, SIMULATED_TOKEN)
    carrier = build_carrier(account, clock, front, People.read(people), SIMULATED_NUMBERS[0])
    line.carrier = carrier
    world = Outside(line, Letterbox(clock), bell, clock, SeededChance(7), build_metrics())
    world = replace(world, **(outside or {}))
    chosen = {"log_level": "error", "coverage_hours": 0, **(settings or {})}
    other = None
    if second:
        account = (SECOND["second_account"], SECOND["second_signing_keys"])
        other = build_carrier(account, clock, front, People.read(people), SECOND["second_from"])
        world, chosen = replace(world, second=Line(other)), {**SECOND, **chosen}
    read = load_settings(isolated=True, public_url=PUBLIC_URL, **chosen)
    shelf = Shelf(conn, boot=99)
    await shelf.load(*(documents or (document(),)))
    house = await open_house(read, url, world)
    front.app = house.app
    try:
        yield Rig(house, carrier, clock, front, bell, shelf, second=other)
    finally:
        await house.close()
