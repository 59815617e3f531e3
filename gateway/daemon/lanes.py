"""Lanes: batches worked side by side, one of them planned while another one is written."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

# One is decided on while the others wait for the database, which is not long idle either.
LANES: Final = 3


class Lanes:
    """Runs up to `LANES` batches at once, each in a task of its own, and tells what came of them.

    A batch may outlive the turn that began it: else the last one of every turn would be written
    while nobody plans. A fault of one ends the others and is that of whoever waits here next.
    """

    def __init__(self) -> None:
        self._under_way: dict[asyncio.Task[int], int] = {}

    def __len__(self) -> int:
        """Return how many batches are under way."""
        return len(self._under_way)

    @property
    def promised(self) -> int:
        """How many places the batches under way may come to need."""
        return sum(room for one, room in self._under_way.items() if not one.done())

    async def add(self, room: int, work: Coroutine[Any, Any, int]) -> bool:
        """Begin a batch of `room` at most, and wait for a free lane.

        `work` returns how much it found. Tells whether all that are over found as much as they had
        room for: there may be more.
        """
        self._under_way[asyncio.create_task(work)] = room
        if len(self._under_way) < LANES:
            return True
        return await self._over(asyncio.FIRST_COMPLETED)

    async def settle(self) -> bool:
        """Wait until no batch is under way, and tell the same; raises what one failed with."""
        return not self._under_way or await self._over(asyncio.ALL_COMPLETED)

    async def _over(self, when: str) -> bool:
        try:
            done, _ = await asyncio.wait(self._under_way, return_when=when)
            full = [one.result() >= self._under_way.pop(one) for one in done]
        except BaseException:
            await self.clear()
            raise
        return all(full)

    async def clear(self) -> None:
        """Give up what is under way, whatever becomes of it: its leases run out."""
        left, self._under_way = [*self._under_way], {}
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
