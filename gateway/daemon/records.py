"""Records: what the carrier took, written for many attempts at once, as soon as possible."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from gateway.store.jobs import Placed, note_placed, unclaimed_sids
from gateway.store.pool import Pool
from gateway.tracing import step

_log = structlog.get_logger(__name__)
# More than this unwritten, and nothing further is begun: the database is slower than the wire.
_MOST: Final = 1_000


class Records:
    """Flushes at once with whatever arrived during the flush before; there is no window.

    Nobody waits for a single record. One that is lost with its process or its database leaves an
    attempt of which nothing was heard: it is looked up at the carrier, as after a crash.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[Placed] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def at_rest(self) -> bool:
        """Tell whether all that was added is written."""
        return self._writer is None

    def add(self, placed: Placed) -> None:
        """Record one accepted attempt, soon."""
        self._waiting.append(placed)
        if self._writer is None:
            self._writer = asyncio.create_task(self._flush())

    async def room(self) -> None:
        """Wait while more is unwritten than should be."""
        if len(self._waiting) > _MOST:
            await self.settle()

    async def settle(self) -> None:
        """Wait until all that was added is written."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write(batch)
        finally:
            self._writer = None

    async def _write(self, batch: Sequence[Placed]) -> None:
        try:
            with step("record", attempts=len(batch)):
                async with self._pool.acquire() as conn:
                    await note_placed(conn, batch)
        except Exception as fault:  # noqa: BLE001 - logged; the attempts are looked up later
            _log.error(
                "record failed", action="record.failed", attempts=len(batch), fault=repr(fault)
            )

    async def unclaimed(self, phone: str, sids: Sequence[str], since: datetime) -> frozenset[str]:
        """Return those SIDs that no attempt of ours to that phone since then has yet."""
        async with self._pool.acquire() as conn:
            return await unclaimed_sids(conn, phone, sids, since)
