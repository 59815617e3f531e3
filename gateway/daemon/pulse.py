"""The pulse: what requests show of the carriers' health, told to the store when it matters.

A success on a sound line is worth no word. All else is written at once, many in one transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from adapters.twilio.errors import ABROAD
from adapters.wire import Accepted, Answer, Refused, WireError
from gateway.daemon.carriers import Carriers
from gateway.domain.breakers import Breaker, Heard, Line
from gateway.domain.chance import Chance
from gateway.domain.masking import mask_address
from gateway.domain.wording import alerts
from gateway.metrics import Metrics
from gateway.store import breakers
from gateway.store.breakers import Told
from gateway.store.desk import Desk
from gateway.store.pool import Connection

_log = structlog.get_logger(__name__)
# What no carrier has: to be told so is an answer.
_NO_CALL: Final = "CA" + "0" * 32
_ILL: Final = frozenset({"retryable", "ambiguous"})


class Pulse:
    """Listens to every answer of a carrier."""

    def __init__(self, desk: Desk, carriers: Carriers, chance: Chance, metrics: Metrics) -> None:
        self._desk = desk
        self._carriers = carriers
        self._chance = chance
        self._metrics = metrics
        self._waiting: dict[Line, list[Heard]] = {}
        self._writer: asyncio.Task[None] | None = None
        self._pings: set[asyncio.Task[None]] = set()

    @property
    def at_rest(self) -> bool:
        """Tell whether all that was heard is written."""
        return self._writer is None and not self._pings

    async def settle(self) -> None:
        """Wait until all that was heard is written."""
        while self._writer is not None or self._pings:
            await asyncio.wait([*self._pings, *filter(None, [self._writer])])

    async def ping(self, conn: Connection, now: datetime) -> None:
        """Ask carriers in trouble whether they answer, if no other process does so already."""
        outages = self._desk.outages
        await outages.refresh(conn, now)
        for channel, number in outages.to_ping(now):
            if await outages.claim_probe(conn, channel, number, now):
                task = asyncio.create_task(self._ping(channel, number, now))
                self._pings.add(task)
                task.add_done_callback(self._pings.discard)

    async def _ping(self, channel: str, number: str, began: datetime) -> None:
        fine = True
        try:
            await self._carriers.of(number).fetch(_NO_CALL, call=True)
        except WireError as fault:
            fine = fault.declined  # not every carrier says 404 of an id that is not one of its own
        heard = Heard(began, fine, ping=True)
        self._hear(self._desk.outages.lines(channel, number), heard)

    async def felt(self, channel: str, number: str, request: Awaitable[Answer]) -> Answer:
        """Make a request that sends something from a number, and hear how the carrier did."""
        over, answer = self._begun(channel, number), None
        try:
            answer = await request
        finally:
            over(answer)
        return answer

    def _begun(self, channel: str, number: str) -> Callable[[Answer | None], None]:
        """Note a request; what is returned is to be told its answer, or None if it had none."""
        outages, began = self._desk.outages, self._desk.clock.now()
        request = outages.begun(channel, number, began)

        def over(answer: Answer | None) -> None:
            outages.ended(request)
            well = isinstance(answer, Accepted) and not (outages.troubled or self._waiting)
            if answer is not None and not well:
                self._hear(outages.lines(channel, number), showed(answer, began))

        return over

    def _hear(self, lines: Sequence[Line], heard: Heard) -> None:
        for line in lines:
            if not heard.fine or self._desk.outages.holds(line) or line in self._waiting:
                self._waiting.setdefault(line, []).append(heard)
        if self._waiting and self._writer is None:
            self._writer = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._waiting:
                heard, self._waiting = self._waiting, {}
                await self._tell(heard)
        except Exception as fault:  # noqa: BLE001 - logged; what comes next is heard again
            _log.error("breakers not told", action="breaker.failed", fault=repr(fault))
        finally:
            self._writer = None

    async def _tell(self, heard: dict[Line, list[Heard]]) -> None:
        async with self._desk.pool.acquire() as conn:
            told = await breakers.tell(conn, heard, self._desk.clock.now(), self._alerts)
        for line, breaker in told.lines.items():
            self._desk.outages.note(line, breaker)
        self._report(told)

    def _alerts(self, opened: Sequence[Line]) -> list[tuple[UUID, str]]:
        """Word what opened for a lead; a whole carrier's failure names none of its numbers."""
        whole = {one.channel for one in opened if not _is_number(one.place)}
        return [
            (self._chance.uuid(), alerts.line_open(one.channel, _named(one)["sender"]))
            for one in opened
            if one.channel not in whole or not _is_number(one.place)
        ]

    def _report(self, told: Told) -> None:
        for line in told.opened:
            self._metrics.breakers_opened_total.labels(line.channel).inc()
            self._gauge(line, told.lines[line])
            _log.error("line opened", action="breaker.opened", **_named(line))
        for line in told.closed:
            self._gauge(line, told.lines[line])
            _log.warning("line closed", action="breaker.closed", **_named(line))

    def _gauge(self, line: Line, breaker: Breaker) -> None:
        named = _named(line)
        self._metrics.breakers_open.labels(named["channel"], named["sender"]).set(breaker.open)


def _named(line: Line) -> dict[str, str]:
    place = line.place
    shown = mask_address(place) if _is_number(place) else f"{place} carrier"
    return {"channel": line.channel, "sender": shown}


def _is_number(place: str) -> bool:
    """Tell a number or a messaging service from a carrier's name."""
    return place.startswith(("+", "MG"))


def measured(metrics: Metrics, known: dict[Line, Breaker]) -> None:
    """Set the gauge of open lines to what stands in the store."""
    metrics.breakers_open.clear()
    for line, breaker in known.items():
        named = _named(line)
        metrics.breakers_open.labels(named["channel"], named["sender"]).set(breaker.open)


def showed(answer: Answer, began: datetime) -> Heard:
    """Say whether an answer shows that the carrier did its part.

    A refusal of this one number or text does; one of our account does not, unless it is about the
    country that was called.
    """
    match answer:
        case Accepted():
            return Heard(began, fine=True)
        case Refused(kind=kind, code=code, again=again, after=after):
            account = kind == "account" and code not in ABROAD
            return Heard(began, not (again or account or kind in _ILL), after)
        case _:
            return Heard(began, fine=False)
