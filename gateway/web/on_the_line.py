"""Calls: what the carrier tells of a call, whether it is about one message or about several."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

import structlog

from gateway.domain.attempts import MACHINE, PROMPT, SPOKEN, Attempt
from gateway.domain.events import Answered, Event, MachineHeard, Pressed, TurnCame, TurnLost
from gateway.domain.inbound import has_ended
from gateway.domain.messages import Key
from gateway.domain.relays import ENDS_THE_CALL, announced, joined
from gateway.domain.speech import Ask, Speech, Tell
from gateway.domain.wording import voice
from gateway.store import inbound
from gateway.store.parties import Heard, Member, hear, party, tell
from gateway.store.whereabouts import Place
from gateway.web.parts import Parts

_log = structlog.get_logger(__name__)


class Line(NamedTuple):
    """What is said next, and to which attempt the next key belongs."""

    attempt: UUID
    said: Speech | None


@dataclass(frozen=True, slots=True)
class Calls:
    """Absorbs the events of calls into the messages they are about (S3-67)."""

    parts: Parts

    async def tell(self, attempt: UUID, sid: str | None, event: Event) -> None:
        """Take news of a call or text, for all its messages."""
        await tell(self.parts.desk, self.parts.chance, attempt, event, sid)

    async def answered(self, attempt: UUID, sid: str | None) -> Line:
        """Somebody picked up: the first message that is still open says who calls."""
        place, members = await self._found(attempt)
        if not members:
            event = Answered(attempt, sid)
            return Line(attempt, (await self._hear((place.key, attempt), event, sid)).said)
        heard = await asyncio.gather(
            *(self._hear((m.key, m.attempt), Answered(m.attempt, sid), sid) for m in members)
        )
        waiting = [one for one in heard if isinstance(one.said, Ask)]
        first = (waiting or heard)[0]
        return Line(first.attempt.id, _announced(first, len(waiting)))

    async def pressed(self, event: Pressed) -> Line:
        """Take a key for the message that was being read, then let the next one begin.

        Nobody tells us when a call to us ends, and so its attempt may be open: a key of a call that
        must be over by now changes nothing.
        """
        place, _ = await self._found(event.attempt, alone=True)
        if place.called_at is not None and has_ended(place.called_at, self.parts.clock.now()):
            return replayed(event.attempt, "key", event.sid)
        if place.guesses is not None and event.digits and event.step >= place.step:
            heard = await self._guess(place.key, place.guesses, event)
        else:
            heard = await self._hear((place.key, event.attempt), event, event.sid)
        if place.rides is None:
            return Line(event.attempt, heard.said)
        members = await self._members(place.rides)
        rest = [one for one in members if one.open and one.attempt != event.attempt]
        if isinstance(heard.said, Ask):
            return Line(event.attempt, _announced(heard, len(rest) + 1))
        if heard.attempt.outcome in ENDS_THE_CALL:
            await self._give_up(rest, event.sid, heard.attempt.outcome or "")
            return Line(event.attempt, heard.said)
        return await self._go_on(rest, heard, event)

    async def _guess(self, key: Key, phone: str, event: Pressed) -> Heard:
        """Take a PIN on a call to us; it is counted before it is looked at (decision 0031).

        A repeated webhook, an answer to an earlier step or to this very one, is no further guess.
        """
        pool, press = self.parts.desk.pool, f"{event.attempt}:{event.step}"
        async with pool.acquire() as conn:
            count = await inbound.guess(conn, phone, self.parts.clock.now(), press)
        event = replace(event, guess=count)
        heard = await self._hear((key, event.attempt), event, event.sid)
        if heard.attempt.stage == SPOKEN:
            async with pool.acquire() as conn:
                await inbound.forget_guesses(conn, phone)
        return heard

    async def machine(self, attempt: UUID, sid: str | None, verdict: str) -> None:
        """Take a machine's verdict; after any key on the call it means nothing."""
        place, members = await self._found(attempt)
        if not members:
            event = MachineHeard(attempt, verdict)
            await self._hear((place.key, attempt), event, sid)
            return
        if any(one.stage not in {PROMPT, MACHINE} for one in members):
            return
        first, *others = [one for one in members if one.open] or members
        heard = await self._hear(
            (first.key, first.attempt), MachineHeard(first.attempt, verdict), sid
        )
        if heard.attempt.stage == MACHINE:
            await asyncio.gather(
                *(
                    self._hear(
                        (m.key, m.attempt), MachineHeard(m.attempt, verdict, follows=True), sid
                    )
                    for m in others
                )
            )

    async def _go_on(self, rest: Sequence[Member], heard: Heard, event: Pressed) -> Line:
        """Begin the next message that is open; one that was delivered meanwhile is not read out."""
        last = heard.attempt
        listening = bool(event.digits) or last.stage != PROMPT
        for one in rest:
            then: Event = Answered(one.attempt, event.sid)
            if listening:
                then = TurnCame(one.attempt, event.sid, known=_knows(last, one))
            after = await self._hear((one.key, one.attempt), then, event.sid)
            if isinstance(after.said, Ask):
                before = heard.said.say if heard.said else ()
                return Line(one.attempt, joined(before, after.said))
        return Line(event.attempt, heard.said)

    async def _give_up(self, rest: Sequence[Member], sid: str | None, outcome: str) -> None:
        lost = [((m.key, m.attempt), TurnLost(m.attempt, sid, outcome)) for m in rest]
        await asyncio.gather(*(self._hear(at, event, sid) for at, event in lost))

    async def _found(
        self, attempt: UUID, *, alone: bool = False
    ) -> tuple[Place, tuple[Member, ...]]:
        """Find an attempt's message, and unless `alone` who shares its call."""
        place = await self.parts.desk.place_of(attempt)
        if place.rides is None or alone:
            return place, ()
        return place, await self._members(place.rides)

    async def _members(self, rides: UUID) -> tuple[Member, ...]:
        async with self.parts.desk.pool.acquire() as conn:
            return await party(conn, rides)

    async def _hear(self, at: tuple[Key, UUID], event: Event, sid: str | None) -> Heard:
        return await hear(self.parts.desk, self.parts.chance, at, event, sid)


def replayed(attempt: UUID, kind: str, sid: str | None) -> Line:
    """End a call that must have ended before: its webhook comes again, and changes nothing."""
    _log.warning("a call of long ago", action="webhook.replayed", kind=kind, sid=sid)
    return Line(attempt, Tell(voice.inbound_over()))


def _announced(heard: Heard, count: int) -> Speech | None:
    return announced(heard.said, heard.attempt, count) if heard.said else None


def _knows(last: Attempt, one: Member) -> bool:
    """Tell whether the same person has heard a message of the same account on this call."""
    same = last.key.account == one.key.account and last.contact == one.contact
    return same and last.stage == SPOKEN
