"""Texts from people: who sent it, which message it means, what it changes and what it is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog

from gateway.domain.absorb import absorb
from gateway.domain.change import Change
from gateway.domain.events import Replied
from gateway.domain.inbox import MOST_HELPS, MOST_KEPT, Coded, Meant, meant, told
from gateway.domain.letters import changes
from gateway.domain.replies import AcceptAll, OptIn, OptOut, Said, Unclear, parse
from gateway.domain.state import State
from gateway.domain.wording import alerts, text
from gateway.store import jobs, replies
from gateway.store.desk import ContentionError
from gateway.store.pool import Connection
from gateway.store.replies import Phone
from gateway.web.parts import Parts

# The carrier may have tried for two minutes to bring a text, and its clock be as far behind as ours
# is set ahead (decision 0042).
_ON_ITS_WAY: Final = timedelta(minutes=6)
_log = structlog.get_logger(__name__)


class Sent(NamedTuple):
    """A text: the number of ours it was sent to, its words, and between when it was sent.

    `latest` is None for one that a webhook brings: it is the newest, whatever the clock says.
    """

    to: str
    body: str
    earliest: datetime
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes inbound texts, each once by the carrier's own id."""

    parts: Parts

    async def take(
        self,
        sid: str,
        form: dict[str, str],
        sent_at: datetime | None = None,
        *,
        opted_out: bool | None = None,
    ) -> str:
        """Deal with a text and return what its sender is told, empty for nothing.

        A repeated webhook gets the first answer, none after a week, and changes nothing. `sent_at`
        is when the carrier had it; a webhook does not say. `opted_out` tells whether its sender
        took no texts then, by what they had sent before; None: by what is known here.
        """
        sender, sent = form.get("From", ""), _sent(form, sent_at, self.parts.clock.now())
        if not sid or not sender:
            raise LookupError("a text without its name or sender")
        pool, clock = self.parts.desk.pool, self.parts.clock
        async with pool.acquire() as conn:
            if not await replies.claim_text(conn, sid, clock.now()):
                return await _answered_before(conn, sid)
            known = await replies.phone(conn, sender)
            coded = await replies.codes_of(
                conn, self.parts.desk.states.accounts, sender, clock.now()
            )
        if opted_out is None:
            opted_out = known.was_opted_out(sent_at)
        said = parse(sent.body, opted_out)
        answer = await self._do(known, coded, said, sent)
        async with pool.acquire() as conn:
            return await replies.note_answer(conn, sid, clock.now(), answer)

    async def _do(self, known: Phone, coded: tuple[Coded, ...], said: Said, sent: Sent) -> str:
        match said:
            case OptOut():
                return await self._opt_out(known, coded, said, sent)
            case OptIn():
                return await self._opt_in(known, coded, said, sent)
            case _ if not coded and not known.contacts:
                return ""
            case _:
                found = meant(said, coded, sent.to)
                if found.targets:
                    return await self._answer(known, found, said, sent.body)
                return await self._explain(known, found, sent.body)

    async def _opt_out(
        self, known: Phone, coded: tuple[Coded, ...], said: OptOut, sent: Sent
    ) -> str:
        """No answer is sent to an opt-out; every open message goes on to the next person.

        One of before a START, found late at the carrier, changes nothing any more.
        """
        async with self.parts.desk.pool.acquire() as conn:
            now = self.parts.clock.now()
            if not await replies.opt_out(conn, known.number, now, sent.latest):
                _log.info("opt-out of before", action="text.superseded")
                return ""
        open_ones = [one for one in coded if one.open]
        for one in open_ones:
            await self._absorb(one, Replied(known.number, one.contact, said, sent.body))
        if not open_ones:
            await self._tell_lead(known, said.word)
        return ""

    async def _tell_lead(self, known: Phone, word: str) -> None:
        """Somebody on call takes no more texts; no message is open whose history would say so."""
        for account, contact in known.contacts:
            who = alerts.Reached(contact, known.number)
            line = alerts.opted_out(alerts.About(account), who, word)
            async with self.parts.desk.pool.acquire() as conn:
                at, errand = self.parts.clock.now(), self.parts.chance.uuid()
                await jobs.add_alert(conn, errand, at, {"sink": "lead", "text": line})

    async def _opt_in(self, known: Phone, coded: tuple[Coded, ...], said: OptIn, sent: Sent) -> str:
        """Texts may be sent again; a START of before a STOP, found late, changes nothing."""
        async with self.parts.desk.pool.acquire() as conn:
            if not await replies.opt_in(conn, known.number, sent.earliest, sent.latest):
                _log.info("opt-in of before", action="text.superseded")
                return ""
        open_ones = [one for one in coded if one.open]
        if not known.contacts and not coded:
            return ""
        if not known.opted_out:
            about = open_ones[-1] if open_ones else None
            return await self._explain(known, Meant(answer=text.opted_in(), about=about), sent.body)
        await self._count(known, useful=True)
        for one in open_ones:
            await self._absorb(one, Replied(known.number, one.contact, said, sent.body))
        return text.opted_in()

    async def _answer(self, known: Phone, found: Meant, said: Said, body: str) -> str:
        """Do what a reply says; one that changes nothing is answered only so often in a row."""
        kept = known.kept(self.parts.clock.now())
        done = [
            await self._absorb(one, Replied(known.number, one.contact, said, body, kept=kept))
            for one in found.targets
        ]
        useful = any(changed for _, changed in done)
        in_a_row = await self._count(known, useful=useful)
        if in_a_row > MOST_KEPT:
            return _unanswered()
        if isinstance(said, AcceptAll):
            return text.accepted_all([one.code for one in found.targets])
        return done[0][0]

    async def _explain(self, known: Phone, found: Meant, body: str) -> str:
        """Help somebody whose text changes nothing, only so often in a row."""
        in_a_row = await self._count(known, useful=False)
        answered = in_a_row <= MOST_HELPS
        if found.about and in_a_row <= MOST_KEPT:
            # An accept that names no open message accepts none, neither the one that keeps it.
            said, helped = Unclear(), answered and found.helped
            event = Replied(known.number, found.about.contact, said, body, helped=helped)
            await self._absorb(found.about, event)
        return found.answer or "" if answered else _unanswered()

    async def _count(self, known: Phone, *, useful: bool) -> int:
        """Return how many texts in a row have now changed nothing, none if this one did."""
        if useful and not known.useless:
            return 0
        async with self.parts.desk.pool.acquire() as conn:
            if useful:
                await replies.forget_useless(conn, known.number)
                return 0
            return await replies.count_useless(conn, known.number, self.parts.clock.now())

    async def _absorb(self, one: Coded, event: Replied) -> tuple[str, bool]:
        """Absorb a reply into one message; return what its sender is told, and if it changed it."""

        def decision(state: State) -> tuple[Change, tuple[str, bool]]:
            change, _ = absorb(state, event, self.parts.clock.now(), self.parts.chance)
            return change, (told(state, event, one.code, change.url), changes(state, event))

        return await self.parts.desk.decide(one.key, decision)


async def _answered_before(conn: Connection, sid: str) -> str:
    """Return what a text was answered when it came before; nothing where that is forgotten."""
    before = await replies.repeat_of(conn, sid)
    if before is None:
        _log.warning("a text of long ago", action="webhook.replayed", kind="sms", sid=sid)
        return ""
    if before.answer is None:
        raise ContentionError(sid)
    return before.answer


def _unanswered() -> str:
    """Say nothing: what answers by itself, as we do, would go on for ever."""
    _log.info("a text that changes nothing, one of many", action="text.unanswered")
    return ""


def _sent(form: dict[str, str], sent_at: datetime | None, now: datetime) -> Sent:
    earliest, latest = (sent_at, sent_at) if sent_at else (now - _ON_ITS_WAY, None)
    return Sent(form.get("To", ""), form.get("Body", ""), earliest, latest)
