"""Whereabouts: which message an attempt belongs to, looked up for many webhooks at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gateway.domain.messages import Key
from gateway.domain.months import span
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

_queries = load("parties")


class UnknownAttemptError(LookupError):
    """There is no such attempt."""


class Place(NamedTuple):
    """Which message an attempt belongs to; `rides`: who is on the wire where that is shared.

    `guesses`: the number of a caller who is asked for a PIN; `step`: which answer is waited for;
    `called_at`: when somebody called us, if it is no call of ours.
    """

    key: Key
    rides: UUID | None
    guesses: str | None = None
    step: int = 0
    called_at: datetime | None = None


async def places_of(conn: Connection, attempts: Sequence[UUID]) -> Mapping[UUID, Place]:
    """Find the messages of attempts; unknown ones are left out."""
    rows = await conn.fetch(_queries.places_of_attempts, attempts, *span(attempts))
    return {
        row["id"]: Place(key_of(row), row["rides"], row["guesses"], row["step"], row["called_at"])
        for row in rows
    }


async def place_of(conn: Connection, attempt: UUID) -> Place:
    """Find an attempt's message; raises UnknownAttemptError."""
    found = await places_of(conn, [attempt])
    if attempt not in found:
        raise UnknownAttemptError("no such attempt")
    return found[attempt]
