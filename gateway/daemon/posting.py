"""Web posts on the wire: checked, blocked or sent, and recorded (S3-55…58)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from adapters.web_posts import WebAnswer, WebPost
from adapters.wire import Broken, NotSent
from gateway.daemon.deliveries import DIED, TRIES, DeliveryRecords, pause, told
from gateway.daemon.turnstile import Turnstile
from gateway.domain import posted, posts
from gateway.domain.accounts import Account
from gateway.domain.deeds import RefusedError
from gateway.domain.deliveries import (
    FAILED,
    FOR_PEOPLE,
    INTENDED,
    SENT,
    UNSURE,
    WAITING,
    Delivery,
    rule_of,
)
from gateway.domain.delivery_rules import PostRule
from gateway.domain.history import stamp
from gateway.domain.jobs import REMIND_EVERY
from gateway.domain.posts import Answered
from gateway.metrics import Metrics
from gateway.store import deliveries
from gateway.store.duties import Done

_OK: Final = range(200, 300)
# "Not now": whoever says so has done nothing (RFC 9110, 15.6.4; RFC 6585, 4).
_NOT_NOW: Final = frozenset({429, 503})
_THEIR_FAULT: Final = 500
# Without anything to post through there is nothing to be in a hurry for.
_NO_POSTER: Final = timedelta(minutes=1)
_KEPT: Final = 1_000


class Poster(Protocol):
    """What posts are sent through: HTTP, or a rehearsal's sites."""

    async def post(self, one: WebPost) -> WebAnswer:
        """Make the one request; NotSent or Broken when no answer came."""
        ...


@dataclass(frozen=True, slots=True)
class Posting:
    """Sees to web posts; without a poster they wait."""

    poster: Poster | None
    records: DeliveryRecords
    metrics: Metrics
    turnstile: Turnstile

    async def see_to(self, one: Delivery, account: Account) -> Done:
        """Do what is next for a post: check and send it, or remind people of it."""
        rule = rule_of(account, one.name)
        if one.state == WAITING and isinstance(rule, PostRule):
            return await self._in_turn(one, rule)
        if one.state in FOR_PEOPLE:
            return await self._remind(one)
        if one.state == INTENDED:
            again = isinstance(rule, PostRule) and rule.idempotent
            return await self._settle(one, DIED._replace(again=again))
        if one.is_over:
            return Done(None)
        return await self._drop(one, "not_wanted")

    async def _remind(self, one: Delivery) -> Done:
        try:
            await self.records.note(one, lambda draft: posts.remind(draft, one))
        except RefusedError as refused:
            return await self._drop(one, refused.code)
        return Done(self._after(REMIND_EVERY))

    async def _drop(self, one: Delivery, why: str) -> Done:
        await self.records.note(one, lambda draft: posts.drop(draft, one, why))
        return Done(None)

    async def _in_turn(self, one: Delivery, rule: PostRule) -> Done:
        """Go on with a post that has a place; for any other nothing is loaded."""
        if due := self.turnstile.turn(rule.url):
            return Done(due)
        with self.turnstile.through(rule.url):
            try:
                return await self._check(one, rule)
            except RefusedError as refused:
                return await self._drop(one, refused.code)

    async def _check(self, one: Delivery, rule: PostRule) -> Done:
        """Block what its client does not take; nothing is folded by itself (S3-55).

        RefusedError, also where that came true just now, when nothing of it may go out.
        """
        async with self.records.desk.pool.acquire() as conn:
            said = await deliveries.approved(conn, one)
        state = await self.records.state(one)
        filled = posts.filled(state, one, rule, said)
        if found := posts.amiss(filled, rule):
            await self.records.note(one, lambda draft: posts.block(draft, one, found))
            return Done(self._after(REMIND_EVERY))
        if self.poster is None:
            return Done(self._after(_NO_POSTER))
        kind, body = posted.body(rule.format, one.kind, filled)
        # Other values are another post: a client that keeps answers by key must not give the old.
        key = str(one.id) if one.words is None else f"{one.id}-{one.words}"
        return await self._send(one, rule, WebPost(rule.url, kind, body, key, rule.secret))

    async def _send(self, one: Delivery, rule: PostRule, post: WebPost) -> Done:
        meant = await self.records.note(one, lambda draft: posts.begin(draft, one))
        return await self._settle(meant, await self._request(rule, post))

    async def _request(self, rule: PostRule, post: WebPost) -> Answered:
        if self.poster is None:
            return Answered(FAILED, "not_reached", again=True)
        try:
            answer = await self.poster.post(post)
        except NotSent:
            return Answered(FAILED, "not_reached", again=True)
        except Broken:
            return Answered(UNSURE, "no_answer", again=rule.idempotent)
        return read(answer, rule)

    async def _settle(self, one: Delivery, came: Answered) -> Done:
        again = came.again and one.streak < TRIES
        rests = timedelta(seconds=came.after) if came.after else pause(one.streak)
        due = self._after(rests)
        after = await self.records.note(
            one, lambda draft: posts.settle(draft, one, came, again=again, due=stamp(due))
        )
        told(self.metrics, one, came)
        if again:
            return Done(due)
        return Done(self._after(REMIND_EVERY) if after.state in FOR_PEOPLE else None)

    def _after(self, span: timedelta) -> datetime:
        return self.records.desk.clock.now() + span


def read(answer: WebAnswer, rule: PostRule) -> Answered:
    """Say what a client's answer means: only a 2xx with an accepted body completes (S3-56).

    A definite "not now" is tried again. Whoever fails with a 5xx may have it or not: it is sent
    again only where the client honours the Idempotency-Key.
    """
    status, text = answer.status, answer.text[:_KEPT]
    if status in _OK:
        if posted.accepted(rule.accept, answer.text):
            return Answered(SENT, None, status)
        return Answered(FAILED, "not_accepted", status, answer=text)
    if status in _NOT_NOW:
        return Answered(FAILED, "not_now", status, True, answer.retry_after, text)
    if status >= _THEIR_FAULT:
        return Answered(UNSURE, "their_fault", status, rule.idempotent, answer=text)
    return Answered(FAILED, "refused", status, answer=text)
