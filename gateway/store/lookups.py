"""Look-ups shared: what is asked for while one is under way is looked up together in the next.

Nothing is remembered: each answer was read after it was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from gateway.store.pool import Connection, Pool

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
Look = Callable[[Connection, Sequence[_K]], Awaitable[Mapping[_K, _V]]]
"""Reads what is known of keys; one of which nothing is known is left out."""


class Lookups(Generic[_K, _V]):
    """Answers single questions, many of them by one statement."""

    def __init__(self, pool: Pool, look: Look[_K, _V]) -> None:
        self._pool = pool
        self._look = look
        self._waiting: dict[_K, asyncio.Future[_V | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def find(self, key: _K) -> _V | None:
        """Return what is known of a key; None for nothing. Raises what the statement raises."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_up())
        # Others may wait for the same answer: who goes away takes nothing from them.
        return await asyncio.shield(answer)

    async def _look_up(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                async with self._pool.acquire() as conn:
                    found = await self._look(conn, [*asked])
            except Exception as fault:  # noqa: BLE001 - each waiter must hear of it
                for answer in asked.values():
                    answer.set_exception(fault)
                continue
            for key, answer in asked.items():
                answer.set_result(found.get(key))
