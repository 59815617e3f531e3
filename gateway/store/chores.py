"""Chores in the store: backups and probes, as the daemon and its operators see them.

They are done beside the daemon, by timers; what became of them stands here, so that whoever watches
the daemon hears of them, too (decision 0050).
"""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import asyncpg

from gateway.store.pool import AWAY, Connection, DatabaseError
from gateway.store.queries import load

Kind = Literal["backup", "probe_text", "probe_call"]
NOT_NOTED: Final[tuple[type[Exception], ...]] = (*AWAY, DatabaseError, asyncpg.PostgresError)
"""What noting may raise where the database is away, of an older version, or not to be written."""
_queries = load("chores")


class Chore(NamedTuple):
    """One chore: what it is and where, and how it went the last time.

    `place`: the host that makes backups, or the phone that is tested. `well`: None until it was
    tried. `seconds`: how long it took when it last took its time. `every`: how often it is to be
    done; None when nobody counts on it.
    """

    kind: Kind
    place: str
    tried_at: datetime
    well: bool | None
    well_at: datetime | None
    seconds: float | None
    every: timedelta | None


async def expect(conn: Connection, kind: Kind, place: str, every: timedelta, now: datetime) -> None:
    """Put down that it is to be done so often, from now on."""
    await conn.execute(_queries.expect_chore, kind, place, now, every)


async def note(conn: Connection, done: Chore) -> None:
    """Put down that it was tried at `tried_at`, whether it went `well`, and how long it took."""
    words = done.kind, done.place, done.tried_at, done.well, done.seconds
    await conn.execute(_queries.note_chore, *words)


async def load_all(conn: Connection) -> list[Chore]:
    """Read every chore, by kind and place."""
    return [Chore(*row) for row in await conn.fetch(_queries.load_chores)]


async def forget(conn: Connection, name: str) -> int:
    """Count on it no more: all of a kind, or all of a place; return how many those were."""
    return len(await conn.fetch(_queries.forget_chores, name))


async def in_use_since(conn: Connection) -> datetime | None:
    """Return when the first account was loaded: from then on there is something to lose."""
    found: datetime | None = await conn.fetchval(_queries.in_use_since)
    return found
