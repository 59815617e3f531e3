"""Looking: at most so many look-ups at one carrier at a time, and none that waits for long."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.twilio.client import TwilioWire

# After an outage, or when the clock was set ahead, all that is open is looked up at once; what the
# carrier cannot answer in time is asked for again.
LOOKS: Final = 48
# Whoever waits has a place on the wire, or one of an errand: a carrier that answers no look-up must
# take neither from the calls, nor keep an errand beyond its lease. In seconds, of this host's time.
PATIENCE: Final = 2.0


class NoPlaceError(Exception):
    """As many look-ups as may be are under way at that carrier, and none was over in time."""


class Looking:
    """The places of look-ups, apart for each carrier: one that is silent holds up no other's."""

    def __init__(self) -> None:
        self._places: defaultdict[TwilioWire, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(LOOKS)
        )

    @asynccontextmanager
    async def at(self, carrier: TwilioWire) -> AsyncIterator[None]:
        """Take a place for as long as the block lasts; NoPlaceError when none is free in time."""
        places = self._places[carrier]
        try:
            async with asyncio.timeout(PATIENCE):
                await places.acquire()
        except TimeoutError:
            raise NoPlaceError from None
        try:
            yield
        finally:
            places.release()
