"""Parties: the messages that share one call or text, and how all hear what becomes of it."""

import asyncio
from typing import NamedTuple, Self
from uuid import UUID

from gateway.domain.absorb import absorb
from gateway.domain.attempts import Attempt
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.events import Event
from gateway.domain.messages import Key
from gateway.domain.months import span
from gateway.domain.relays import retold
from gateway.domain.speech import Speech
from gateway.domain.state import State
from gateway.store.desk import Desk
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import key_of
from gateway.store.whereabouts import UnknownAttemptError

_queries = load("parties")


class OtherSidError(LookupError):
    """The carrier speaks of another call or text than the attempt's."""


class Member(NamedTuple):
    """One message of a party by its attempt, as it stood when it was read."""

    attempt: UUID
    key: Key
    contact: str
    open: bool
    stage: str

    @classmethod
    def of(cls, row: Record) -> Self:
        """Read a member."""
        return cls(row["id"], key_of(row), row["contact"], row["outcome"] is None, row["stage"])


class Heard(NamedTuple):
    """An attempt as an event leaves it, and what the call says next."""

    attempt: Attempt
    said: Speech | None


async def sender_of(conn: Connection, attempt: UUID) -> str | None:
    """Return the number of ours that an attempt went from; raises UnknownAttemptError."""
    row = await conn.fetchrow(_queries.sender_of_attempt, attempt, *span([attempt]))
    if row is None:
        raise UnknownAttemptError("no such attempt")
    sender: str | None = row["sender"]
    return sender


async def party(conn: Connection, rides: UUID) -> tuple[Member, ...]:
    """Read who shares the call or text of an attempt, itself included, the most urgent first."""
    first, _ = span([rides])
    return tuple([Member.of(row) for row in await conn.fetch(_queries.party, rides, first)])


async def hear(
    desk: Desk, chance: Chance, at: tuple[Key, UUID], event: Event, sid: str | None = None
) -> Heard:
    """Absorb an event about an attempt into its message alone.

    Raises OtherSidError when the attempt is known to the carrier by another name than `sid`.
    """
    key, attempt = at

    def decision(state: State) -> tuple[Change, Heard]:
        before = _as_known(state.attempt(attempt), sid)
        change, said = absorb(state, event, desk.clock.now(), chance)
        after = next((one for one in change.attempts if one.id == attempt), before)
        return change, Heard(after, said)

    return await desk.decide(key, decision)


def _as_known(before: Attempt, sid: str | None) -> Attempt:
    """Return an attempt that the carrier speaks of by its name; OtherSidError for another."""
    if before.sid and sid and before.sid != sid:
        raise OtherSidError("it is about another call or text")
    return before


async def tell(
    desk: Desk, chance: Chance, attempt: UUID, event: Event, sid: str | None = None
) -> None:
    """Absorb an event about an attempt into its message, and into all that share its call or text.

    They are decided side by side, so that whatever is due by then is due together.
    """

    def decision(state: State) -> tuple[Change | None, Attempt]:
        before = _as_known(state.attempt(attempt), sid)
        if before.rides is not None:
            return None, before
        change, _ = absorb(state, event, desk.clock.now(), chance)
        return change, before

    before = await desk.decide(attempt, decision)
    if before.rides is None:
        return
    async with desk.pool.acquire() as conn:
        members = await party(conn, before.rides)
    others = [one for one in members if one.attempt != attempt]
    told = [
        ((before.key, attempt), event),
        *(
            ((one.key, one.attempt), theirs)
            for one in others
            if (theirs := retold(event, one.attempt)) is not None
        ),
    ]
    await asyncio.gather(*(hear(desk, chance, at, what, sid) for at, what in told))
