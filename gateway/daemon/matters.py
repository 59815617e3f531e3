"""Matters in the daemon: their clocks, and the letters that they send, once at most each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import structlog

from gateway.daemon.duties import HouseWork
from gateway.daemon.sending import DIED, PutOff, Sending, validity
from gateway.domain.chance import Chance
from gateway.domain.change import MailOut, TextOut
from gateway.domain.duties import DutyKind
from gateway.domain.kinds import WAYS
from gateway.domain.matters import Fate, Kind, Result, Ways, Written, told
from gateway.metrics import Metrics
from gateway.store import letters, matters, outbox
from gateway.store.desk import Desk
from gateway.store.duties import LEASE, Done, Duty
from gateway.store.letters import Found
from gateway.store.matters import Hand
from gateway.store.outbox import Settled

_log = structlog.get_logger(__name__)
_TOO_LATE: Final = Settled("dropped", reason="it is too late")
_BARRED: Final = Settled("dropped", reason="the number takes no texts")
_DONE: Final = Done(None)
_ACTOR: Final = "gateway"
AllWays = Mapping[Kind, Ways[Any]]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Tells matters that their time has come; `duty.key` is the matter's id.

    Whatever is decided sets the clock anew with it, so nothing is left to be done by the duty.
    """

    desk: Desk
    ways: AllWays
    chance: Chance

    async def ring(self, duty: Duty, now: datetime) -> Done:
        """Have a matter decide about what is due."""
        hand = Hand(_ACTOR, now, self.chance, self.desk.rates)
        async with self.desk.pool.acquire() as conn:
            await matters.ring(conn, self.ways, UUID(duty.key), hand)
        return _DONE


@dataclass(frozen=True, slots=True)
class Letters:
    """Sends the letters that matters wrote; `duty.key` is the letter's id."""

    sending: Sending
    ways: AllWays
    chance: Chance
    metrics: Metrics

    async def send(self, duty: Duty, now: datetime) -> Done:
        """Send one letter, or put it off, or say why it is not sent."""
        async with self.sending.desk.pool.acquire() as conn:
            found = await letters.find(conn, UUID(duty.key))
        if found is None:
            return _DONE
        if found.state == "intended":
            return await self._settle(found, DIED, now)
        if found.state != "waiting":
            return _DONE
        return await self._send(duty, found, now)

    async def _send(self, duty: Duty, found: Found, now: datetime) -> Done:
        until = found.letter.until
        if until is not None and now >= until:
            return await self._settle(found, _TOO_LATE, now)
        if found.barred:
            return await self._settle(found, _BARRED, now)
        came = await self.sending.send(_wire(found, now), letters.OUTBOX, duty.memory, now)
        if isinstance(came, PutOff):
            return Done(came.at, came.memory)
        return await self._settle(found, came, now)

    async def _settle(self, found: Found, what: Settled, now: datetime) -> Done:
        """Record what became of a letter, and tell its matter, in one transaction."""
        desk, ways = self.sending.desk, self.ways[found.kind]
        hand = Hand(_ACTOR, now, self.chance, desk.rates)
        result = Result(cast("Fate", what.state), what.reason)

        def verb(facts: Any) -> Written[Any]:  # noqa: ANN401 - the kind's own facts
            return told(ways, facts, found.letter, result, now)

        async with desk.pool.acquire() as conn, conn.transaction():
            if await outbox.settle(conn, letters.OUTBOX, found.id, what):
                await matters.decide(conn, ways, found.matter, verb, hand)
        self.metrics.notices_total.labels("letter", what.state).inc()
        named = {"matter": str(found.matter), "kind": found.kind.value, "letter": found.letter.name}
        _log.info("letter", action=f"letter.{what.state}", reason=what.reason, **named)
        return _DONE


def _wire(found: Found, now: datetime) -> TextOut | MailOut:
    one = found.letter
    if one.way == "text":
        lasts = validity(one.until, now)
        return TextOut(found.id, one.to, one.body, "", lasts, now + LEASE)
    return MailOut(found.id, one.to, one.subject, one.body, now + LEASE)


def house_work(sending: Sending, chance: Chance, metrics: Metrics) -> dict[str, HouseWork]:
    """Return who sees to the duties of matters."""
    return {
        DutyKind.MATTER: Clocks(sending.desk, WAYS, chance).ring,
        DutyKind.LETTER: Letters(sending, WAYS, chance, metrics).send,
    }
