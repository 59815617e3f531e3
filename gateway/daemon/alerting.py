"""Alerts: to each sink by its topic, the same words once a minute, tried again, and recorded.

They are errands, which have places of their own: a sink that hangs never delays a dispatch
(decision 0015).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from adapters.alerts import Sink
from gateway.daemon.perform import Performer
from gateway.domain.events import AlertFailed, AlertReached
from gateway.domain.kinds import WAYS
from gateway.domain.matters import Kind, Written, rung
from gateway.domain.wording.alerts import repeated
from gateway.metrics import Metrics
from gateway.store import alerts, jobs, matters, specials
from gateway.store.alerts import Counted, Tell, Wait
from gateway.store.desk import Desk
from gateway.store.jobs import DueErrand
from gateway.store.matters import Hand

_log = structlog.get_logger(__name__)
_SINKS: Final[Mapping[str, Sink]] = {
    "dispatch": "dispatch",
    "specials": "specials",
    "incident": "incident",
}
# Some ten minutes in all; a lead alert of later than that comes by a reminder.
_PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 15, 30, 60, 120, 120, 240))
_MOST_TRIES: Final = 20


class Alarm(Protocol):
    """Where alerts go: the notification URLs, or a rehearsal's list."""

    def count(self, sink: Sink) -> int:
        """Return how many URLs the sink has."""
        ...

    async def send(self, sink: Sink, title: str, text: str) -> int:
        """Send and return how many of them took it."""
        ...


@dataclass(frozen=True, slots=True)
class Alerting:
    """Rings the sinks."""

    alarm: Alarm
    desk: Desk
    performer: Performer
    metrics: Metrics

    async def ring(self, due: DueErrand) -> datetime | None:
        """Tell people; None when that is done or given up, else when to come again."""
        payload = due.errand.payload or {}
        sink = _SINKS.get(payload.get("sink", ""), "lead")
        text = payload.get("text", "")
        if "special" in payload:
            # Each post of a special is told word for word (S3-80).
            return await self._send(due, sink, text, due.tries - 1)
        same = payload.get("same") or text
        async with self.desk.pool.acquire() as conn:
            turn = await alerts.turn(conn, sink, same, due.errand.id, self.desk.clock.now())
        match turn:
            case Wait(until):
                return until
            case Counted():
                return None
            case Tell(more, missed):
                return await self._send(due, sink, repeated(text, more), missed)

    async def _send(self, due: DueErrand, sink: Sink, text: str, missed: int) -> datetime | None:
        if await self.alarm.send(sink, "dispatchd", text):
            self.metrics.alerts_total.labels(sink, "reached").inc()
            if missed:
                await self._record(due, sink, reached=True)
            return None
        if not missed:
            self.metrics.alerts_total.labels(sink, "failed").inc()
            await self._record(due, sink, reached=False)
            if sink == "incident":
                await self._fall_back(due)
        if not self.alarm.count(sink) or missed >= len(_PAUSES) or due.tries >= _MOST_TRIES:
            _log.error("alert reached nobody", action="alert.failed", sink=sink, text=text)
            return None
        return self.desk.clock.now() + _PAUSES[missed]

    async def _fall_back(self, due: DueErrand) -> None:
        """Tell a lead of an incident that its own sink did not take: somebody has to hear."""
        payload, now = {**(due.errand.payload or {}), "sink": "lead"}, self.desk.clock.now()
        async with self.desk.pool.acquire() as conn, conn.transaction():
            await jobs.add_alert(conn, self.performer.chance.uuid(), now, payload)

    async def _record(self, due: DueErrand, sink: Sink, *, reached: bool) -> None:
        """An alert that reached nobody stands on record (CONTRACT section 3), so does its end.

        The post of a special belongs to no message: its account's record says so (S3-80). What a
        matter has to say stands with the matter.
        """
        payload = due.errand.payload or {}
        if due.key is not None:
            reason = payload.get("reason", "")
            event = AlertReached(sink, reason) if reached else AlertFailed(sink, reason)
            await self.performer.absorb(due.key, event)
        elif "special" in payload and not reached:
            by = specials.Author("gateway", self.desk.clock.now())
            async with self.desk.pool.acquire() as conn:
                await specials.note_unheard(conn, payload["account"], payload["special"], by)
        elif "matter" in payload:
            await self._note(payload, sink, reached=reached)

    async def _note(self, payload: Mapping[str, str], sink: Sink, *, reached: bool) -> None:
        """Put on a case's, ticket's or field job's record whether anybody heard of it."""
        kind, chance = Kind(payload["kind"]), self.performer.chance
        item = rung(kind, sink, payload.get("reason", ""), reached=reached)
        hand = Hand("gateway", self.desk.clock.now(), chance, self.desk.rates)
        async with self.desk.pool.acquire() as conn:
            await matters.revise(
                conn,
                WAYS,
                UUID(payload["matter"]),
                lambda one: Written(one.facts, (item,), one.next_at),
                hand,
            )
