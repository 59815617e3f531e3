"""The floor: everybody who listens for what needs a person, and one look at it for all of them.

Only rows are looked at, twice a second while anybody listens, so that it makes no difference which
process wrote them, and what a listener missed is still there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import structlog

from gateway.clock import Clock
from gateway.store import needs
from gateway.store.pool import AWAY, Pool

_log = structlog.get_logger(__name__)
EVERY: Final = 0.5


class Floor:
    """Wakes those who listen when there is something new."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._newest = 0
        self._news = asyncio.Event()
        self._ears = 0
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    def close(self) -> None:
        """End every stream: the process is about to end."""
        self.closed = True
        self._wake()

    @contextlib.asynccontextmanager
    async def ear(self) -> AsyncIterator[None]:
        """Listen for as long as the block lasts."""
        self._ears += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            self._ears -= 1
            if not self._ears and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def news(self, seq: int, deadline: datetime) -> bool:
        """Wait until there is something after that number; False at the deadline or the end."""
        while self._newest <= seq and not self.closed:
            event = self._news
            if not await self._clock.wait_until(event, deadline):
                return False
        return not self.closed

    async def look(self) -> None:
        """See what is newest, and wake whoever waits for more."""
        async with self._pool.acquire() as conn:
            newest = await needs.newest(conn)
        if newest > self._newest:
            self._newest = newest
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except AWAY as fault:
                _log.warning("database away", action="floor.blind", fault=type(fault).__name__)
            await self._clock.sleep(EVERY)
