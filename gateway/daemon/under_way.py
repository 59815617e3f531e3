"""Under way: work that was begun and is not over, counted, so much at a time and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVarTuple

import structlog

_log = structlog.get_logger(__name__)
# How long a batch may wait to become worth its statements, once there is any place at all.
_MOMENT: Final = 0.01
_Parts = TypeVarTuple("_Parts")


class UnderWay:
    """Runs work in tasks of its own; a fault is logged and is nobody else's."""

    def __init__(self, most: int) -> None:
        """`most`: how many places there are."""
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted = 0
        self._freed: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        """Return how much is under way."""
        return len(self._tasks)

    @property
    def free(self) -> int:
        """How many places are free; below zero when more was begun than there are places."""
        return self._most - len(self._tasks)

    def start(self, work: Callable[[*_Parts], Awaitable[None]], *parts: *_Parts) -> None:
        """Begin some work; it is over when it returns or fails."""
        self._tasks.add(asyncio.create_task(self._watched(work, *parts)))

    async def _watched(self, work: Callable[[*_Parts], Awaitable[None]], *parts: *_Parts) -> None:
        # One coroutine around the work costs a fraction of a callback at the task's end.
        try:
            await work(*parts)
        except Exception as fault:  # noqa: BLE001 - logged; what it left is looked up later
            _log.error("perform failed", action="perform.failed", fault=repr(fault))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.discard(task)
            if self._freed is not None and self.free >= self._wanted:
                self._freed.set_result(None)
                self._freed = None

    async def room(self, worth: int = 1) -> None:
        """Wait for a place, and then a moment at most for `worth` of them."""
        while self.free <= 0:
            await self._places(1, None)
        if self.free < worth:
            await self._places(worth, _MOMENT)

    async def _places(self, wanted: int, seconds: float | None) -> None:
        self._wanted = wanted
        self._freed = freed = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait([freed], timeout=seconds)
        finally:
            self._freed = None

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)
