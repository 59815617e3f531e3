"""Inbound calls: known callers hear what is open, others whom to call (CONTRACT section 6)."""

import asyncio
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from gateway.domain.absorb import absorb
from gateway.domain.attempts import Attempt
from gateway.domain.change import Change
from gateway.domain.events import Called
from gateway.domain.inbound import has_ended
from gateway.domain.relays import announced
from gateway.domain.speech import Ask, Speech, Tell
from gateway.domain.state import State
from gateway.domain.wording import voice
from gateway.store import inbound, replies
from gateway.store.inbound import Waiting
from gateway.web.on_the_line import Line, replayed
from gateway.web.parts import Parts

# Each call and message make one attempt, however often the carrier asks.
_CALLS: Final = UUID("5f6c8e0a-3d0c-4c55-9c7b-3f0a2c1d9e71")


class Caller(NamedTuple):
    """Who calls: the carrier's name of the call, the number it comes from, and ours, if known."""

    sid: str
    phone: str
    ours: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """Takes calls to us."""

    parts: Parts

    async def called(self, caller: Caller) -> Line:
        """Greet a caller; a repeated webhook gets the same answer and changes nothing.

        One of a call that must be over by now changes nothing, either.
        """
        if not caller.sid:
            return Line(_CALLS, Tell(voice.inbound_unknown()))
        now = self.parts.clock.now()
        async with self.parts.desk.pool.acquire() as conn:
            if has_ended(await inbound.first_heard_of(conn, caller.sid, now), now):
                return replayed(_CALLS, "voice", caller.sid)
            known = await replies.phone(conn, caller.phone)
            waiting = await inbound.waiting_for(conn, caller.phone)
            guesses = await inbound.guesses(conn, caller.phone, now)
        if not known.contacts or known.suspended:
            return Line(_CALLS, Tell(voice.inbound_unknown()))
        return await self._greet(caller, waiting, guesses)

    async def _greet(self, caller: Caller, waiting: tuple[Waiting, ...], guesses: int) -> Line:
        names = [uuid5(_CALLS, f"{caller.sid} {one.key.ucn}") for one in waiting]
        rides = names[0] if len(names) > 1 else None
        told = [
            Called(name, one.contact, caller.phone, caller.sid, rides, guesses, caller.ours)
            for name, one in zip(names, waiting, strict=True)
        ]
        pairs = zip(waiting, told, strict=True)
        said = await asyncio.gather(*(self._tell(one, event) for one, event in pairs))
        asking = [(one, told) for one, told in said if one and isinstance(told, Ask)]
        if not asking:
            rest = [told for _, told in said if isinstance(told, Tell)]
            return Line(_CALLS, rest[0] if rest else Tell(voice.inbound_none()))
        attempt, first = asking[0]
        return Line(attempt.id, announced(first, attempt, len(asking)))

    async def _tell(self, one: Waiting, event: Called) -> tuple[Attempt | None, Speech | None]:
        """Put the call on one message's record; without an attempt it is not read out."""

        def decision(state: State) -> tuple[Change, tuple[Attempt | None, Speech | None]]:
            change, said = absorb(state, event, self.parts.clock.now(), self.parts.chance)
            known = (*change.begun, *state.attempts)
            return change, (next((a for a in known if a.id == event.attempt), None), said)

        return await self.parts.desk.decide(one.key, decision)
