"""The desk: decide about messages on what is stored, and write the decision, together with others.

Requests that arrive while a batch is being written form the next batch (natural group commit): no
window to wait for, and one transaction for many webhooks under load.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from gateway.clock import Clock
from gateway.domain.change import Change
from gateway.domain.messages import Key
from gateway.domain.state import State
from gateway.store.changes import write
from gateway.store.lookups import Lookups
from gateway.store.outages import Outages
from gateway.store.pool import AWAY, Pool
from gateway.store.rates import Rates
from gateway.store.states import States
from gateway.store.verdicts import Stale
from gateway.store.whereabouts import Place, UnknownAttemptError, places_of

_MOST: Final = 100
_TRIES: Final = 20
_T = TypeVar("_T")
Decision = Callable[[State], tuple[Change | None, _T]]


class UnknownMessageError(LookupError):
    """There is no such message."""


class ContentionError(RuntimeError):
    """A message changed again and again while a decision about it was being written."""


@dataclass(slots=True)
class _Request:
    key: Key
    decision: Decision[Any]
    answer: asyncio.Future[Any]
    tries: int = 0


class Desk:
    """Takes pure decisions about messages and commits them, many in one transaction."""

    def __init__(
        self,
        pool: Pool,
        states: States,
        clock: Clock,
        rates: Rates,
        on_written: Callable[[Change], None],
    ) -> None:
        self.pool = pool
        self.states = states
        self.clock = clock
        self.outages = Outages(rates)
        self.on_written = on_written
        self._places: Lookups[UUID, Place] = Lookups(pool, places_of)
        self._waiting: list[_Request] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def rates(self) -> Rates:
        """Our numbers as they may be used now, and their limits."""
        return self.outages.rates(self.clock.now())

    async def place_of(self, attempt: UUID) -> Place:
        """Find an attempt's message, together with others; raises UnknownAttemptError."""
        place = await self._places.find(attempt)
        if place is None:
            raise UnknownAttemptError("no such attempt")
        return place

    async def decide(self, key: Key, decision: Decision[_T]) -> _T:
        """Load the message, decide, write; decided anew when it changed meanwhile.

        The decision may be called more than once and must be pure; a change of None writes
        nothing. Raises UnknownMessageError, ContentionError, and whatever the decision raises.
        """
        request = _Request(key, decision, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return cast("_T", await request.answer)

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._write(batch)
            except Exception as fault:  # noqa: BLE001 - each waiter must hear of it
                await self._one_by_one(batch, fault)

    async def _one_by_one(self, batch: list[_Request], fault: Exception) -> None:
        """Let nobody's decision fail because of somebody else's."""
        alone = len(batch) == 1 or isinstance(fault, AWAY)
        for request in batch:
            if alone:
                _failed(request, fault)
                continue
            try:
                await self._write([request])
            except Exception as its_own:  # noqa: BLE001 - handed to the one who asked
                _failed(request, its_own)

    def _next_batch(self) -> list[_Request]:
        """Take what waits, at most one request a message, in order of arrival."""
        batch: dict[Key, _Request] = {}
        later: list[_Request] = []
        for request in self._waiting:
            if request.answer.done():
                continue
            full = len(batch) >= _MOST
            if full or batch.setdefault(request.key, request) is not request:
                later.append(request)
        self._waiting = later
        return list(batch.values())

    async def _write(self, batch: list[_Request]) -> None:
        if not batch:
            return
        async with self.pool.acquire() as conn:
            now = self.clock.now()
            states = await self.states.of(conn, [request.key for request in batch])
            decided = [(r, *_decide(r, states.get(r.key))) for r in batch]
            writes = [(r, change, result) for r, change, result in decided if change is not None]
            verdicts = await write(conn, [change for _, change, _ in writes], now, self.rates)
        for (request, change, result), verdict in zip(writes, verdicts, strict=True):
            if isinstance(verdict, Stale):
                self._again(request)
                continue
            self.on_written(change)
            if not request.answer.done():
                request.answer.set_result(result)
        for request, nothing, result in decided:
            if nothing is None and not request.answer.done():
                request.answer.set_result(result)

    def _again(self, request: _Request) -> None:
        request.tries += 1
        if request.tries < _TRIES:
            self._waiting.append(request)
        else:
            _failed(request, ContentionError(request.key.ucn))


def _failed(request: _Request, fault: Exception) -> None:
    if not request.answer.done():
        request.answer.set_exception(fault)


def _decide(request: _Request, state: State | None) -> tuple[Change | None, Any]:
    """Take one decision; its own fault is its own waiter's, not the batch's."""
    if state is None:
        _failed(request, UnknownMessageError(request.key.ucn))
        return None, None
    try:
        return request.decision(state)
    except Exception as fault:  # noqa: BLE001 - handed to the one who asked
        _failed(request, fault)
        return None, None
