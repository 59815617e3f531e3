"""Notices on the wire: once at most each, intent before the request (decision 0023)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from adapters.smtp import Mail
from adapters.twilio.client import TextRequest
from adapters.twilio.text import fit
from adapters.wire import Accepted, Answer, Refused, Unsure
from gateway.daemon.perform import Wires
from gateway.daemon.pulse import Pulse
from gateway.domain.accounts import Account
from gateway.domain.change import MailOut, TextOut
from gateway.domain.notices import Notice, NoticeKind, route, wanted_still
from gateway.metrics import Metrics
from gateway.store import accounts, notices
from gateway.store.desk import Desk
from gateway.store.duties import LEASE, Done, Duty
from gateway.store.notices import Settled
from gateway.store.verdicts import NoToken, Written
from schedules.walltime import last_instant, moment, wall

_log = structlog.get_logger(__name__)
_LONGEST_VALIDITY: Final = 14_400  # seconds the carrier may keep trying
_AGAIN: Final = timedelta(seconds=30)
_MOMENT: Final = timedelta(seconds=1)
_TRIES: Final = 5
_NO_MAILER: Final = Refused(None, "no mail server is set", again=False, ours=True)
_TOO_LATE: Final = Refused(None, "the lease ran out before it left", again=False, ours=False)
_DIED: Final = Settled("unsure", reason="the process that sent it ended before it said so")


@dataclass(frozen=True, slots=True)
class Notices:
    """Sends the notices that other duties wrote; `duty.key` is the notice's id."""

    wires: Wires
    desk: Desk
    metrics: Metrics
    pulse: Pulse

    async def send(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Send one notice, or put it off, or say why it is not sent."""
        async with self.desk.pool.acquire() as conn:
            found = await notices.find(conn, UUID(duty.key))
        if found is None:
            return Done(None)
        if found.state == "intended":
            return await self._settle(found.notice, _DIED)
        if found.state != "waiting":
            return Done(None)
        return await self._send(duty, found.notice, account, now)

    async def _send(self, duty: Duty, notice: Notice, account: Account, now: datetime) -> Done:
        if now >= notice.until or not wanted_still(account, notice.kind):
            why = "it is too late" if now >= notice.until else "the account wants it no longer"
            return await self._settle(notice, Settled("dropped", reason=why))
        asleep = _quiet_until(account, notice.contact, now)
        if asleep and notice.kind is not NoticeKind.REPLY:
            return Done(asleep, duty.memory)
        wire = await self._wire(notice, account, now)
        if wire is None:
            return await self._settle(notice, Settled("dropped", reason="no address"))
        async with self.desk.pool.acquire() as conn:
            verdict = await notices.intend(conn, wire, notice.account, now, self.desk.rates)
        if not isinstance(verdict, Written):
            # Somebody opted out in this very moment, or the sending numbers are busy.
            again = verdict.free_at if isinstance(verdict, NoToken) else now + _MOMENT
            return Done(again, duty.memory)
        answer = await self._request(wire, verdict.sender or "")
        return await self._record(duty, notice, answer, now)

    async def _wire(
        self, notice: Notice, account: Account, now: datetime
    ) -> TextOut | MailOut | None:
        """Choose the way and the address by what is known now; None when there is none."""
        async with self.desk.pool.acquire() as conn:
            flags = await accounts.flags_of(conn, notice.account)
        contact = account.contacts.get(notice.contact)
        way = route(contact, flags) if contact else None
        match way:
            case ("text", phone):
                left = int((notice.until - now).total_seconds())
                validity = max(1, min(left, _LONGEST_VALIDITY))
                body = notice.words.body
                return TextOut(notice.id, phone, body, "", validity, now + LEASE)
            case ("email", to):
                subject, body = notice.words.subject, f"{notice.words.body}\n"
                return MailOut(notice.id, to, subject, body, now + LEASE)
            case _:
                return None

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

    async def _record(self, duty: Duty, notice: Notice, answer: Answer, now: datetime) -> Done:
        """Record what came of the request; only a definite no is tried again."""
        refused = duty.memory.get("refused", 0) + 1
        match answer:
            case Accepted(sid):
                return await self._settle(notice, Settled("sent", sid))
            case Refused(again=True, after=after, words=words) if refused < _TRIES:
                rests = timedelta(seconds=after) if after else _AGAIN * refused
                async with self.desk.pool.acquire() as conn:
                    await notices.settle(conn, notice.id, Settled("waiting", reason=words))
                return Done(now + rests, {"refused": refused})
            case Refused(words=words):
                return await self._settle(notice, Settled("failed", reason=words))
            case Unsure(words):
                return await self._settle(notice, Settled("unsure", reason=words))

    async def _settle(self, notice: Notice, what: Settled) -> Done:
        async with self.desk.pool.acquire() as conn:
            await notices.settle(conn, notice.id, what)
        kind = notice.kind.value
        self.metrics.notices_total.labels(kind, what.state).inc()
        named = {"account": notice.account, "contact": notice.contact, "kind": kind}
        _log.info("notice", action=f"notice.{what.state}", reason=what.reason, **named)
        return Done(None)


def _quiet_until(account: Account, contact: str, now: datetime) -> datetime | None:
    """Return when the person's quiet hours end that hold now; None when none do."""
    person = account.contacts.get(contact)
    if person is None or person.quiet is None:
        return None
    end = person.quiet.open_until(moment(now, account.zone))
    return last_instant(wall(end), account.zone) if end is not None else None
