"""Deliveries on the wire: e-mail copies and daily digests, intent before the request (S3-55…58).

Web posts are `gateway.daemon.posting`. Each leaves once at most: only a definite no is tried again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from tenacity import RetryCallState
from tenacity.wait import wait_exponential

from adapters.smtp import Mail
from adapters.wire import Accepted, Answer, Refused, Unsure
from gateway.daemon.perform import Wires
from gateway.domain import copies, digests
from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.deeds import RefusedError
from gateway.domain.deliveries import (
    FAILED,
    INTENDED,
    SENT,
    UNSURE,
    WAITING,
    Delivery,
    digest_of,
    rule_of,
)
from gateway.domain.delivery_rules import CopyRule, DigestRule
from gateway.domain.draft import Draft
from gateway.domain.history import stamp
from gateway.domain.posts import Answered
from gateway.domain.state import State
from gateway.domain.wording import alerts
from gateway.metrics import Metrics
from gateway.store import deliveries, jobs
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty
from gateway.store.pool import Connection

_log = structlog.get_logger(__name__)
# 30 s, 1 min, 2, … an hour at most: eight tries in about an hour.
TRIES: Final = 8
_PAUSES: Final = wait_exponential(multiplier=30, max=3600)
# A digest tells of so long at most, however long the program stood still.
_LONGEST: Final = timedelta(days=7)
DIED: Final = Answered(UNSURE, "process_died")
_NO_MAILER: Final = Refused(None, "no mail server is set", again=False, ours=True)

Work = Callable[[Delivery, Account], Awaitable[Done]]


def pause(tries: int) -> timedelta:
    """Return how long to wait before the next try, after so many that were refused."""
    asked = RetryCallState(None, None, (), {})  # type: ignore[arg-type] # the rule alone is used
    asked.attempt_number = tries
    return timedelta(seconds=_PAUSES(asked))


@dataclass(frozen=True, slots=True)
class DeliveryRecords:
    """Writes what becomes of a delivery of a message, together with the message's history."""

    desk: Desk
    chance: Chance

    async def note(self, one: Delivery, step: Callable[[Draft], Delivery]) -> Delivery:
        """Take one step about it; ChangedError when somebody else did."""

        def decide(state: State) -> tuple[Change, Delivery]:
            draft = Draft(state, self.desk.clock.now(), self.chance)
            after = step(draft)
            return draft.sealed(), after

        return await deliveries.decide(self.desk, one, decide)

    async def state(self, one: Delivery) -> State | None:
        """Return the message with its words and account, as it stands now."""
        async with self.desk.pool.acquire() as conn:
            return (await self.desk.states.of(conn, [one.key])).get(one.key)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Sends deliveries that wait; `duty.key` is the delivery's id. `post` sees to web posts."""

    wires: Wires
    records: DeliveryRecords
    metrics: Metrics
    post: Work

    async def send(self, duty: Duty, account: Account, _now: datetime) -> Done:
        """Send one, or put it off, or leave it."""
        async with self.records.desk.pool.acquire() as conn:
            one = await deliveries.find(conn, UUID(duty.key))
        if one is None:
            return Done(None)
        try:
            return await self._send(one, account)
        except deliveries.ChangedError:
            # A person has moved it on, and with it its duty.
            return Done(None)

    async def _send(self, one: Delivery, account: Account) -> Done:
        if one.is_post:
            done = await self.post(one, account)
        elif one.key.ucn:
            done = await self._copy(one, account)
        else:
            done = await self._digest(one, account)
        return done

    async def _copy(self, one: Delivery, account: Account) -> Done:
        if one.state == INTENDED:
            return await self._copied(one, None, DIED)
        if one.state != WAITING:
            return Done(None)
        rule, state = rule_of(account, one.name), await self.records.state(one)
        letter = copies.letter(state, one) if state else None
        if not isinstance(rule, CopyRule):
            return await self._drop(one, "not_wanted")
        if letter is None:
            return await self._drop(one, "message_erased")
        try:
            meant = await self.records.note(one, lambda draft: copies.begin(draft, one, rule.to))
        except RefusedError as refused:
            return await self._drop(one, refused.code)
        answer = await self._mail(meant, rule.to, letter.subject, letter.body)
        return await self._copied(meant, rule.to, answered(answer))

    async def _drop(self, one: Delivery, why: str) -> Done:
        await self.records.note(one, lambda draft: copies.drop(draft, one, why))
        return Done(None)

    async def _copied(self, one: Delivery, to: str | None, came: Answered) -> Done:
        due = self._again(one, came)
        printed = stamp(due) if due else None
        await self.records.note(
            one, lambda draft: copies.settle(draft, one, came, to or "", due=printed)
        )
        self._tell(one, came)
        return Done(due)

    async def _digest(self, one: Delivery, account: Account) -> Done:
        """Send a digest; what becomes of it stands in the account's own record."""
        rule, desk = rule_of(account, one.name), self.records.desk
        if one.state == INTENDED:
            return await self._digested(one, "", DIED)
        if one.state != WAITING or not isinstance(rule, DigestRule):
            return Done(None)
        span = (one.since or one.created_at, one.until or one.created_at)
        async with desk.pool.acquire() as conn:
            found = await deliveries.messages_between(conn, account.account, span, rule.forms)
            step = digests.begin(one, rule.to)
            meant = await deliveries.note_account(conn, one, *step, desk.clock.now())
        letter = digests.letter(account, span, found)
        answer = await self._mail(meant, rule.to, letter.subject, letter.body)
        return await self._digested(meant, rule.to, answered(answer))

    async def _digested(self, one: Delivery, to: str, came: Answered) -> Done:
        due, desk = self._again(one, came), self.records.desk
        step, now = digests.settle(one, came, to, due), desk.clock.now()
        async with desk.pool.acquire() as conn, conn.transaction():
            await deliveries.note_account(conn, one, *step, now)
            if due is None and came.state != SENT:
                line = alerts.copy_failed(alerts.About(one.key.account), came.reason or "")
                payload = {"sink": "dispatch", "reason": "digest_failed", "text": line}
                await jobs.add_alert(conn, self.records.chance.uuid(), now, payload)
        self._tell(one, came)
        return Done(due)

    def _again(self, one: Delivery, came: Answered) -> datetime | None:
        if came.state == SENT or not came.again or one.streak >= TRIES:
            return None
        return self.records.desk.clock.now() + pause(one.streak)

    async def _mail(self, one: Delivery, to: str, subject: str, body: str) -> Answer:
        if self.wires.mailer is None:
            return _NO_MAILER
        # The id's own name, so that a mail server may tell a repeat.
        name = self.wires.places.message_id(one.id)
        return await self.wires.mailer.send(Mail(to, subject, body, name))

    def _tell(self, one: Delivery, came: Answered) -> None:
        told(self.metrics, one, came)


def told(metrics: Metrics, one: Delivery, came: Answered) -> None:
    """Count what came of a try, and log it by its ids."""
    metrics.client_deliveries_total.labels(one.kind, came.state).inc()
    named = {"account": one.key.account, "ucn": one.key.ucn or None, "delivery": one.name}
    _log.info("delivery", action=f"delivery.{came.state}", reason=came.reason, **named)


def answered(answer: Answer) -> Answered:
    """Read what the mail server said; silence is never tried again (at most once)."""
    match answer:
        case Accepted():
            return Answered(SENT)
        case Refused(code=code, words=words, again=again):
            return Answered(FAILED, words, code, again)
        case Unsure(words):
            return Answered(UNSURE, words)


@dataclass(frozen=True, slots=True)
class Reports:
    """Has a digest written each day when its time has come; `duty.key` is its rule's name."""

    async def plan(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Ask for the digest of what was taken since the last one, and come back tomorrow."""
        rule = rule_of(account, duty.key)
        if not isinstance(rule, DigestRule):
            return Done(None)
        following = rule.after(now, account.zone)
        planned = datetime.fromisoformat(duty.memory.get("next", following.isoformat()))
        since = datetime.fromisoformat(duty.memory.get("since", now.isoformat()))
        if now < planned:
            return Done(following, {"next": following.isoformat(), "since": since.isoformat()})
        memory = {"next": following.isoformat(), "since": planned.isoformat()}
        one = digest_of(account, rule, (max(since, now - _LONGEST), planned), now)

        async def then(conn: Connection) -> None:
            if await deliveries.messages_between(
                conn, account.account, (one.since or now, planned), rule.forms
            ):
                await deliveries.add(conn, [one])

        return Done(following, memory, then)
