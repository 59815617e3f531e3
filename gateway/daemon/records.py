"""Records: what the carrier took, written for many attempts at once, as soon as possible."""

import asyncio
from collections.abc import Sequence

from gateway.store.jobs import Placed, note_placed, unclaimed_sids
from gateway.store.pool import Pool


class Records:
    """Flushes at once with whatever arrived during the flush before; there is no window."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Placed, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, placed: Placed) -> None:
        """Record one accepted attempt; returns when it is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((placed, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                async with self._pool.acquire() as conn:
                    await note_placed(conn, [placed for placed, _ in batch])
            except Exception as fault:  # noqa: BLE001 - each waiter must hear of it
                for _, done in batch:
                    done.set_exception(fault)
            else:
                for _, done in batch:
                    done.set_result(None)

    async def unclaimed(self, sids: Sequence[str]) -> frozenset[str]:
        """Return those SIDs that no attempt of ours has yet."""
        async with self._pool.acquire() as conn:
            return await unclaimed_sids(conn, sids)
