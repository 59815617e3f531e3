"""Under way: work that was begun and is not over, counted, so much at a time and no more."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Final, TypeVarTuple

import structlog

_log = structlog.get_logger(__name__)
# How long a batch may wait to become worth its statements, once there is any place at all.
_MOMENT: Final = 0.01
# How often it is looked whether something has been slow for long enough.
_LOOK: Final = 0.25
_Parts = TypeVarTuple("_Parts")


class UnderWay:
    """Runs work in tasks of its own; a fault is logged and is nobody else's."""

    def __init__(self, most: int, patience: float | None = None) -> None:
        """`most`: how many places there are.

        What takes longer than `patience` seconds gives its place up, and goes on without one: so
        much as there are places, and no more.
        """
        self._most = most
        self._patience = patience
        self._tasks: dict[asyncio.Task[None], float] = {}
        self._wanted = 0
        self._freed: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        """Return how much is under way."""
        return len(self._tasks)

    @property
    def free(self) -> int:
        """How many places are free; below zero when more was begun than there are places."""
        return self._most - len(self._tasks) + min(self._slow(), self._most)

    def _slow(self) -> int:
        """Count what has given up its place; the oldest come first."""
        if self._patience is None or len(self._tasks) < self._most // 2:
            return 0
        since = asyncio.get_running_loop().time() - self._patience
        return sum(1 for _ in itertools.takewhile(lambda at: at <= since, self._tasks.values()))

    def start(self, work: Callable[[*_Parts], Awaitable[None]], *parts: *_Parts) -> None:
        """Begin some work; it is over when it returns or fails."""
        began = asyncio.get_running_loop().time() if self._patience is not None else 0.0
        self._tasks[asyncio.create_task(self._watched(work, *parts))] = began

    async def _watched(self, work: Callable[[*_Parts], Awaitable[None]], *parts: *_Parts) -> None:
        # One coroutine around the work costs a fraction of a callback at the task's end.
        try:
            await work(*parts)
        except Exception as fault:  # noqa: BLE001 - logged; what it left is looked up later
            _log.error("perform failed", action="perform.failed", fault=repr(fault))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.pop(task, None)
            if self._freed is not None and self.free >= self._wanted:
                self._freed.set_result(None)
                self._freed = None

    async def room(self, worth: int = 1) -> None:
        """Wait for a place, and then a moment at most for `worth` of them."""
        while self.free <= 0:
            await self._places(1, None if self._patience is None else _LOOK)
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
