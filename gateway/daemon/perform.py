"""Perform: one adapter call for a committed intent, and what it answered put on record."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog
from prometheus_client import Histogram

from adapters.smtp import Mail
from adapters.twilio.client import CallRequest, Seen, TextRequest, TwilioWire
from adapters.twilio.text import fit
from adapters.wire import Accepted, Answer, Refused, Unsure, WireError
from gateway.clock import Clock
from gateway.daemon.places import Places
from gateway.daemon.records import Records
from gateway.domain.absorb import absorb
from gateway.domain.attempts import CALL_CHECK
from gateway.domain.chance import Chance
from gateway.domain.change import CallOut, Change, Look, MailOut, TextOut, Wire
from gateway.domain.events import Doubt, Event, MailAccepted, NotFound, Progress, Refusal
from gateway.domain.messages import Key
from gateway.metrics import Metrics
from gateway.store.desk import Desk
from gateway.store.jobs import Placed

_log = structlog.get_logger(__name__)
_TOO_LATE = Refused(None, "the lease ran out before the request left", again=True, ours=False)
_NO_MAILER = Refused(None, "no mail server is set", again=False, ours=True)


class Post(Protocol):
    """Who takes e-mails: a mail server, or a rehearsal's letterbox."""

    async def send(self, mail: Mail) -> Answer:
        """Hand one e-mail over, once."""
        ...


@dataclass(frozen=True, slots=True)
class Wires:
    """What the daemon speaks through."""

    carrier: TwilioWire
    mailer: Post | None
    places: Places


class Performer:
    """Puts committed intents on the wire, once each, and records the answers."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it works with
        self,
        wires: Wires,
        desk: Desk,
        records: Records,
        clock: Clock,
        chance: Chance,
        metrics: Metrics,
    ) -> None:
        self._wires = wires
        self._desk = desk
        self._records = records
        self._clock = clock
        self._chance = chance
        self._metrics = metrics
        self._timers: dict[tuple[str, str], Histogram] = {}

    async def perform(self, change: Change, sender: str | None) -> None:
        """Do what a written change asks of the wire; whatever comes of it is recorded."""
        match change.wire:
            case Look() as look:
                await self._look(change.key, look)
            case CallOut() | TextOut() | MailOut() as wire:
                answer = await self._send(wire, sender or "")
                await self._record(change, wire, answer)
            case None:
                pass

    async def _send(self, wire: CallOut | TextOut | MailOut, sender: str) -> Answer:
        """Make the one request, unless the lease for it has run out (DESIGN, decision 4)."""
        if self._clock.now() >= wire.deadline:
            self._metrics.lease_lost_total.inc()
            return _TOO_LATE
        operation = type(wire).__name__.removesuffix("Out").lower()
        began = self._clock.monotonic()
        answer = await self._request(wire, sender)
        took = self._clock.monotonic() - began
        self._timed(operation, type(answer).__name__.lower(), took)
        return answer

    async def _request(self, wire: CallOut | TextOut | MailOut, sender: str) -> Answer:
        match wire:
            case CallOut():
                return await self._wires.carrier.place_call(self._call(wire, sender))
            case TextOut():
                return await self._wires.carrier.send_text(self._text(wire, sender))
            case MailOut():
                return await self._mail(wire)

    def _timed(self, operation: str, result: str, took: float) -> None:
        """Observe a request; its labels are looked up once."""
        key = (operation, result)
        if key not in self._timers:
            self._timers[key] = self._metrics.carrier_request_seconds.labels(*key)
        self._timers[key].observe(took)

    def _call(self, wire: CallOut, sender: str) -> CallRequest:
        places, attempt = self._wires.places, wire.attempt
        return CallRequest(
            attempt=str(attempt),
            to=wire.to,
            from_=sender,
            answer_url=places.answer(attempt),
            status_url=places.call_status(attempt),
            machine_url=places.machine(attempt) if wire.machine else None,
            ring=wire.ring,
            time_limit=wire.limit,
        )

    def _text(self, wire: TextOut, sender: str) -> TextRequest:
        return TextRequest(
            attempt=str(wire.attempt),
            to=wire.to,
            from_=sender,
            body=fit(wire.body, wire.tail),
            status_url=self._wires.places.text_status(wire.attempt),
            validity=wire.validity,
        )

    async def _mail(self, wire: MailOut) -> Answer:
        if self._wires.mailer is None:
            return _NO_MAILER
        name = self._wires.places.message_id(wire.attempt)
        mail = Mail(wire.to, wire.subject, wire.body, name)
        return await self._wires.mailer.send(mail)

    async def _record(self, change: Change, wire: Wire, answer: Answer) -> None:
        attempt = wire.attempt
        match answer:
            case Accepted(sid) if isinstance(wire, MailOut):
                await self.absorb(change.key, MailAccepted(attempt, sid))
            case Accepted(sid):
                check_at = change.at + CALL_CHECK
                await self._records.add(Placed(attempt, sid, check_at))
            case Refused(code, words, again, ours, after):
                event = Refusal(attempt, code, words, again, ours, after)
                await self.absorb(change.key, event)
            case Unsure(words):
                self._metrics.unsure_attempts.inc()
                await self.absorb(change.key, Doubt(attempt, words))

    async def absorb(self, key: Key, event: Event) -> None:
        """Absorb what the wire told into the message it is about."""
        now = self._clock.now
        await self._desk.decide(key, lambda state: absorb(state, event, now(), self._chance))

    async def _look(self, key: Key, look: Look) -> None:
        """Ask what became of an attempt; if the carrier cannot say, it is asked again later."""
        try:
            seen = await self._find(look)
        except WireError as fault:
            _log.warning("look-up failed", action="look.failed", ucn=key.ucn, fault=str(fault))
            return
        if seen is None:
            await self.absorb(key, NotFound(look.attempt))
        else:
            code = str(seen.code) if seen.code is not None else None
            await self.absorb(key, Progress(look.attempt, seen.sid, seen.status, code))

    async def _find(self, look: Look) -> Seen | None:
        carrier = self._wires.carrier
        if look.sid:
            return await carrier.fetch(look.sid)
        since = look.since - timedelta(seconds=5)
        if look.method == "call":
            found = await carrier.list_calls(look.to, look.sender or "", since)
        else:
            found = await carrier.list_texts(look.to, look.sender or "", since)
            found = [one for one in found if _is_of(one, look.code)]
        unclaimed = await self._records.unclaimed([one.sid for one in found])
        return next((one for one in found if one.sid in unclaimed), None)


def _is_of(seen: Seen, code: str | None) -> bool:
    """Tell whether a text that was found may be the one with that reply code."""
    if code is None or seen.body is None:
        return True
    return re.search(rf"\b{code}\b", seen.body) is not None
