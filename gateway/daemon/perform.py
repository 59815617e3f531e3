"""Perform: one adapter call for a committed intent, and what it answered put on record."""

import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Histogram

from adapters.smtp import Mail
from adapters.twilio.client import CallRequest, Seen, TextRequest, TwilioWire
from adapters.twilio.text import SHARED, fit
from adapters.wire import Accepted, Answer, Refused, Unsure, WireError
from gateway.clock import Clock
from gateway.daemon.carriers import Carriers
from gateway.daemon.looking import Looking, NoPlaceError
from gateway.daemon.places import Places
from gateway.daemon.pulse import Pulse
from gateway.daemon.records import Records
from gateway.domain.absorb import absorb
from gateway.domain.attempts import CALL_CHECK, TEXT_CHECK
from gateway.domain.chance import Chance
from gateway.domain.change import CallOut, Change, Look, MailOut, TextOut, Wire
from gateway.domain.events import Doubt, Event, MailAccepted, NotFound, Progress, Refusal
from gateway.domain.messages import Key
from gateway.metrics import Metrics
from gateway.store.claims import channel_of
from gateway.store.desk import Desk
from gateway.store.jobs import Placed
from gateway.store.parties import tell
from gateway.store.pool import Connection
from gateway.tracing import step

_log = structlog.get_logger(__name__)
_TOO_LATE = Refused(None, "the lease ran out before the request left", again=True, ours=False)
# By how much our clock may have been set since an attempt: by five minutes three times. What it was
# wrong before that is seen by the carrier's own clock.
_APART = timedelta(minutes=15, seconds=30)
_NO_MAILER = Refused(None, "no mail server is set", again=False, ours=True)


class Post(Protocol):
    """Who takes e-mails: a mail server, or a rehearsal's letterbox."""

    async def send(self, mail: Mail) -> Answer:
        """Hand one e-mail over, once."""
        ...


@dataclass(frozen=True, slots=True)
class Wires:
    """What the daemon speaks through."""

    carriers: Carriers
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
        self.wires = wires
        self._desk = desk
        self._records = records
        self._clock = clock
        self._chance = chance
        self._metrics = metrics
        self.pulse = Pulse(desk, wires.carriers, chance, metrics)
        self._timers: dict[tuple[type, type], Histogram] = {}
        self._looking = Looking()

    @property
    def chance(self) -> Chance:
        """What chance it has."""
        return self._chance

    @property
    def at_rest(self) -> bool:
        """Tell whether all answers are on record."""
        return self._records.at_rest and self.pulse.at_rest

    async def ping(self, conn: Connection, now: datetime) -> datetime | None:
        """Ask carriers in trouble whether they answer; return when to do so next."""
        await self.pulse.ping(conn, now)
        return self._desk.outages.next_at(now)

    async def room(self) -> None:
        """Wait while more answers are unwritten than should be."""
        await self._records.room()

    async def settle(self) -> None:
        """Wait until all answers are on record."""
        await self.pulse.settle()
        await self._records.settle()

    async def perform(self, change: Change, sender: str | None) -> None:
        """Do what a written change asks of the wire; whatever comes of it is recorded, soon."""
        wire = change.wire
        if wire is None:
            return
        kind, (account, _, ucn) = type(wire).__name__, change.key
        with step("perform", kind=kind, account=account, ucn=ucn, attempt=wire.attempt):
            await self._perform(change, wire, sender)

    async def _perform(self, change: Change, wire: Wire, sender: str | None) -> None:
        if isinstance(wire, Look):
            await self.look(change.key, wire)
            return
        answer: Answer = _TOO_LATE
        # The one request is made unless the lease for it has run out (DESIGN, decision 4), or may
        # have: what was decided by a later time is from before the clock was set back.
        if change.at <= self._clock.now() < wire.deadline:
            began = self._clock.monotonic()
            answer = await self._heard(wire, sender or "")
            self._timed(type(wire), type(answer), self._clock.monotonic() - began)
        else:
            self._metrics.lease_lost_total.inc()
        if isinstance(answer, Accepted) and not isinstance(wire, MailOut):
            patience = CALL_CHECK if isinstance(wire, CallOut) else TEXT_CHECK
            placed = Placed(wire.attempt, answer.sid, change.at + patience, wire.shared)
            self._records.add(placed)
        else:
            await self._record(change, wire, answer)

    async def _heard(self, wire: CallOut | TextOut | MailOut, sender: str) -> Answer:
        """Make the request; the pulse hears how the carrier did."""
        channel = channel_of(wire)
        if channel is None:
            return await self._request(wire, sender)
        return await self.pulse.felt(channel, sender, self._request(wire, sender))

    def _request(self, wire: CallOut | TextOut | MailOut, sender: str) -> Awaitable[Answer]:
        match wire:
            case TextOut():
                return self.wires.carriers.of(sender).send_text(self._text(wire, sender))
            case CallOut():
                return self.wires.carriers.of(sender).place_call(self._call(wire, sender))
            case MailOut():
                return self._mail(wire)

    def _timed(self, wire: type, answer: type, took: float) -> None:
        """Observe a request; its labels are looked up once."""
        timer = self._timers.get((wire, answer))
        if timer is None:
            words = wire.__name__.removesuffix("Out").lower(), answer.__name__.lower()
            timer = self._metrics.carrier_request_seconds.labels(*words)
            self._timers[wire, answer] = timer
        timer.observe(took)

    def _call(self, wire: CallOut, sender: str) -> CallRequest:
        places, attempt = self.wires.places, str(wire.attempt)
        return CallRequest(
            attempt=attempt,
            to=wire.to,
            from_=sender,
            answer_url=places.answer(attempt),
            status_url=places.call_status(attempt),
            machine_url=places.machine(attempt) if wire.machine else None,
            ring=wire.ring,
            time_limit=wire.limit,
        )

    def _text(self, wire: TextOut, sender: str) -> TextRequest:
        attempt = str(wire.attempt)
        return TextRequest(
            attempt=attempt,
            to=wire.to,
            from_=sender,
            body=fit(wire.body, wire.tail, SHARED) if wire.shared else fit(wire.body, wire.tail),
            status_url=self.wires.places.text_status(attempt),
            validity=wire.validity,
        )

    async def _mail(self, wire: MailOut) -> Answer:
        if self.wires.mailer is None:
            return _NO_MAILER
        name = self.wires.places.message_id(wire.attempt)
        mail = Mail(wire.to, wire.subject, wire.body, name)
        return await self.wires.mailer.send(mail)

    async def _record(self, change: Change, wire: Wire, answer: Answer) -> None:
        """Absorb an answer that says more than that a call or text was taken."""
        attempt = wire.attempt
        match answer:
            case Accepted(sid):
                await self.absorb(change.key, MailAccepted(attempt, sid))
            case Refused():
                await self._tell(change.key, wire, refusal_of(attempt, answer))
            case Unsure(words):
                self._metrics.unsure_attempts.inc()
                await self.absorb(change.key, Doubt(attempt, words))

    async def _tell(self, key: Key, wire: Wire, event: Event) -> None:
        """Absorb what became of a request into all the messages that it is about."""
        if isinstance(wire, MailOut) or not wire.shared:
            await self.absorb(key, event)
        else:
            await tell(self._desk, self._chance, wire.attempt, event)

    async def absorb(self, key: Key, event: Event) -> None:
        """Absorb what the wire told into the message it is about."""
        now = self._clock.now
        with step("record", event=type(event).__name__, account=key.account, ucn=key.ucn):
            await self._desk.decide(key, lambda state: absorb(state, event, now(), self._chance))

    async def look(self, key: Key, look: Look) -> None:
        """Ask what became of an attempt; if the carrier cannot say, it is asked again later.

        Likewise if it is being asked after so many others that there is no place soon.
        """
        carrier = self.wires.carriers.of(look.sender)
        try:
            async with self._looking.at(carrier):
                seen = await self._find(carrier, look)
        except NoPlaceError:
            _log.debug("look-up put off", action="look.put_off", ucn=key.ucn)
            return
        except WireError as fault:
            _log.warning("look-up failed", action="look.failed", ucn=key.ucn, fault=str(fault))
            return
        if seen is None:
            # It may not have got there yet, if the clock makes it seem older than it is.
            if not self._clock.doubtful():
                await self._tell(key, look, NotFound(look.attempt))
        else:
            code = str(seen.code) if seen.code is not None else None
            event = Progress(look.attempt, seen.sid, seen.status, code)
            await self._tell(key, look, event)

    async def _find(self, carrier: TwilioWire, look: Look) -> Seen | None:
        if look.sid:
            return await carrier.fetch(look.sid, call=look.method == "call")
        since, listed = look.since - _APART, (look.to, look.sender or "")
        if look.method == "call":
            found = await carrier.list_calls(*listed, since, self._clock.now())
        else:
            found = await carrier.list_texts(*listed, since, self._clock.now())
            found = [one for one in found if _is_of(one, look.code)]
        sids = [one.sid for one in found]
        # Whose they are is known by our clock, which may have been behind the carrier's then.
        first = min((one.created for one in found), default=since)
        unclaimed = await self._records.unclaimed(look.to, sids, min(first, since) - _APART)
        return next((one for one in found if one.sid in unclaimed), None)


def refusal_of(attempt: UUID, no: Refused) -> Refusal:
    """Return what a definite no means for an attempt."""
    of_number = no.kind == "number"
    return Refusal(attempt, no.code, no.words, no.again, no.ours, no.after, of_number)


def _is_of(seen: Seen, code: str | None) -> bool:
    """Tell whether a text that was found may be the one with that reply code."""
    if code is None or seen.body is None:
        return True
    return re.search(rf"\b{code}\b", seen.body) is not None
