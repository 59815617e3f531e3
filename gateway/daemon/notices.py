"""Notices on the wire: once at most each, to whoever they are for by what is known now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from gateway.daemon.sending import DIED, PutOff, Sending, validity
from gateway.domain.accounts import Account
from gateway.domain.change import MailOut, TextOut
from gateway.domain.notices import Notice, NoticeKind, route, wanted_still
from gateway.metrics import Metrics
from gateway.store import accounts, notices
from gateway.store.duties import LEASE, Done, Duty
from gateway.store.outbox import Settled
from schedules.walltime import last_instant, moment, wall

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """Sends the notices that other duties wrote; `duty.key` is the notice's id."""

    sending: Sending
    metrics: Metrics

    async def send(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Send one notice, or put it off, or say why it is not sent."""
        async with self.sending.desk.pool.acquire() as conn:
            found = await notices.find(conn, UUID(duty.key))
        if found is None:
            return Done(None)
        if found.state == "intended":
            return await self._settle(found.notice, DIED)
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
        came = await self.sending.send(wire, notices.OUTBOX, duty.memory, now)
        if isinstance(came, PutOff):
            return Done(came.at, came.memory)
        return await self._settle(notice, came)

    async def _wire(
        self, notice: Notice, account: Account, now: datetime
    ) -> TextOut | MailOut | None:
        """Choose the way and the address by what is known now; None when there is none."""
        async with self.sending.desk.pool.acquire() as conn:
            flags = await accounts.flags_of(conn, notice.account)
        contact = account.contacts.get(notice.contact)
        way = route(contact, flags) if contact else None
        match way:
            case ("text", phone):
                body, lasts = notice.words.body, validity(notice.until, now)
                return TextOut(notice.id, phone, body, "", lasts, now + LEASE)
            case ("email", to):
                subject, body = notice.words.subject, f"{notice.words.body}\n"
                return MailOut(notice.id, to, subject, body, now + LEASE)
            case _:
                return None

    async def _settle(self, notice: Notice, what: Settled) -> Done:
        async with self.sending.desk.pool.acquire() as conn:
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
