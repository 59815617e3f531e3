"""Sending what leaves once at most: intent before the request (decision 0023).

Notices and letters go this way; only a definite no is tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from adapters.smtp import Mail
from adapters.twilio.client import TextRequest
from adapters.twilio.text import fit
from adapters.wire import Accepted, Answer, Refused, Unsure
from gateway.daemon.perform import Wires
from gateway.daemon.pulse import Pulse
from gateway.domain.change import MailOut, TextOut
from gateway.store import outbox
from gateway.store.desk import Desk
from gateway.store.outbox import Outbox, Settled
from gateway.store.verdicts import NoToken, Written

_LONGEST_VALIDITY: Final = 14_400  # seconds the carrier may keep trying
_AGAIN: Final = timedelta(seconds=30)
_MOMENT: Final = timedelta(seconds=1)
_TRIES: Final = 5
# A mail server may be away for a morning: an e-mail is tried for some eight hours.
_MAIL_TRIES: Final = 60
_LONGEST_REST: Final = timedelta(minutes=10)
_NO_MAILER: Final = Refused(None, "no mail server is set", again=False, ours=True)
_TOO_LATE: Final = Refused(None, "the lease ran out before it left", again=False, ours=False)
DIED: Final = Settled("unsure", reason="the process that sent it ended before it said so")


class PutOff(NamedTuple):
    """Not now: again at an instant, with what its duty shall remember."""

    at: datetime
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sending:
    """Makes the one request for a text or an e-mail that waits in an outbox."""

    wires: Wires
    desk: Desk
    pulse: Pulse

    async def send(
        self, wire: TextOut | MailOut, box: Outbox, memory: Mapping[str, Any], now: datetime
    ) -> Settled | PutOff:
        """Send it, or put it off; what became of it is the caller's to record."""
        async with self.desk.pool.acquire() as conn:
            verdict = await outbox.intend(conn, box, wire, now, self.desk.rates)
        if not isinstance(verdict, Written):
            # Somebody opted out in this very moment, or the sending numbers are busy.
            return PutOff(
                verdict.free_at if isinstance(verdict, NoToken) else now + _MOMENT, memory
            )
        refused = memory.get("refused", 0) + 1
        match await self._request(wire, verdict.sender or ""):
            case Accepted(sid):
                return Settled("sent", sid)
            case Refused(again=True, after=after, words=words) if refused < _tries(wire):
                rests = min(_AGAIN * refused, _LONGEST_REST)
                rests = timedelta(seconds=after) if after else rests
                async with self.desk.pool.acquire() as conn:
                    await outbox.settle(conn, box, wire.attempt, Settled("waiting", reason=words))
                return PutOff(now + rests, {"refused": refused})
            case Refused(words=words):
                return Settled("failed", reason=words)
            case Unsure(words):
                return Settled("unsure", reason=words)

    async def _request(self, wire: TextOut | MailOut, sender: str) -> Answer:
        """Make the one request; the carrier is not asked to tell how it went on."""
        if self.desk.clock.now() >= wire.deadline:
            return _TOO_LATE
        if isinstance(wire, TextOut):
            body = fit(wire.body, wire.tail)
            name = str(wire.attempt)
            request = TextRequest(name, wire.to, sender, body, None, wire.validity)
            sent = self.wires.carriers.of(sender).send_text(request)
            return await self.pulse.felt("text", sender, sent)
        if self.wires.mailer is None:
            return _NO_MAILER
        name = self.wires.places.message_id(wire.attempt)
        return await self.wires.mailer.send(Mail(wire.to, wire.subject, wire.body, name))


@dataclass(frozen=True, slots=True)
class SimulatedPost:
    """Takes every e-mail as a mail server does, and sends none."""

    async def send(self, mail: Mail) -> Answer:
        """Take one e-mail."""
        return Accepted(mail.message_id)


def by_letter(sending: Sending, carrier: str) -> Sending:
    """Return what sends the letters of matters: with the simulator they need no mail server."""
    wires = sending.wires
    if wires.mailer is not None or carrier != "simulator":
        return sending
    return replace(sending, wires=replace(wires, mailer=SimulatedPost()))


def _tries(wire: TextOut | MailOut) -> int:
    return _TRIES if isinstance(wire, TextOut) else _MAIL_TRIES


def validity(until: datetime | None, now: datetime) -> int:
    """Return for how many seconds the carrier may keep trying to bring a text."""
    left = int((until - now).total_seconds()) if until else _LONGEST_VALIDITY
    return max(1, min(left, _LONGEST_VALIDITY))
