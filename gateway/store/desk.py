"""The desk: decide about messages on what is stored, and write the decision, together with others.

Requests that arrive while a batch is being written form the next batch (natural group commit): no
window to wait for, and one transaction for many webhooks under load.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
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
from gateway.store.states import About, States
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
    about: About
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

    async def decide(self, about: About, decision: Decision[_T]) -> _T:
        """Load the message, decide, write; decided anew when it changed meanwhile.

        The message is named by its key, or by one of its attempts. The decision may be called more
        than once and must be pure; a change of None, or one that changes nothing, writes nothing.
        Raises UnknownMessageError, UnknownAttemptError, ContentionError, and whatever the decision
        raises.
        """
        request = _Request(about, decision, asyncio.get_running_loop().create_future())
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
        """Take what waits, in order of arrival, at most one request by each name."""
        batch: dict[About, _Request] = {}
        later: list[_Request] = []
        for request in self._waiting:
            if request.answer.done():
                continue
            full = len(batch) >= _MOST
            if full or batch.setdefault(request.about, request) is not request:
                later.append(request)
        self._waiting = later
        return list(batch.values())

    async def _write(self, batch: list[_Request]) -> None:
        if not batch:
            return
        async with self.pool.acquire() as conn:
            now = self.clock.now()
            states = await self.states.about(conn, [request.about for request in batch])
            turns, later = _one_a_message(batch, states)
            decided = [(r, *_decide(r, states.get(r.about))) for r in turns]
            writes = [(r, change, result) for r, change, result in decided if change is not None]
            verdicts = await write(conn, [change for _, change, _ in writes], now, self.rates)
        stale: list[_Request] = []
        for (request, change, result), verdict in zip(writes, verdicts, strict=True):
            if isinstance(verdict, Stale):
                stale.append(request)
                continue
            self.on_written(change)
            _answered(request, result)
        for request, nothing, result in decided:
            if nothing is None:
                _answered(request, result)
        # Before all that came after them, and in their own order.
        self._waiting[:0] = [*filter(_may_try_again, stale), *later]


def _one_a_message(
    batch: Sequence[_Request], states: Mapping[About, State]
) -> tuple[list[_Request], list[_Request]]:
    """Part the first request about each message from those that must wait for what it changes."""
    first: dict[Key, _Request] = {}
    turns: list[_Request] = []
    later: list[_Request] = []
    for request in batch:
        state = states.get(request.about)
        mine = state is None or first.setdefault(state.message.key, request) is request
        (turns if mine else later).append(request)
    return turns, later


def _may_try_again(request: _Request) -> bool:
    request.tries += 1
    if request.tries < _TRIES:
        return True
    _failed(request, ContentionError(str(request.about)))
    return False


def _answered(request: _Request, result: object) -> None:
    if not request.answer.done():
        request.answer.set_result(result)


def _failed(request: _Request, fault: Exception) -> None:
    if not request.answer.done():
        request.answer.set_exception(fault)


def _decide(request: _Request, state: State | None) -> tuple[Change | None, Any]:
    """Take one decision; its own fault is its own waiter's, not the batch's."""
    if state is None:
        _failed(request, _unknown(request.about))
        return None, None
    try:
        change, result = request.decision(state)
    except Exception as fault:  # noqa: BLE001 - handed to the one who asked
        _failed(request, fault)
        return None, None
    return (None if change is None or change.empty else change), result


def _unknown(about: About) -> LookupError:
    if isinstance(about, Key):
        return UnknownMessageError(about.ucn)
    return UnknownAttemptError("no such attempt")
