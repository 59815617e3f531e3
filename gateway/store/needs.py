"""Needs in the store: what sessions are told, written with the change that makes it so (S3-61).

They are read on from a number, by every process, as often as it likes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.change import Change
from gateway.domain.matters import News
from gateway.domain.messages import Key
from gateway.domain.needs import PAST_DUE, WorkKind, needs_of
from gateway.store.pool import AT_ONCE, Connection, Record
from gateway.store.queries import load

KEPT_FOR: Final = timedelta(days=3)
PAST_DUE_AFTER: Final = timedelta(minutes=5)
# How far back it is looked for what became past due, and how many of each priority at a time.
_LOOK_BACK: Final = timedelta(minutes=2)
_MOST: Final = 200
# A special that nobody has reviewed (S3-77).
SPECIAL: Final = "special"
# The key of the advisory lock that puts needs in order.
ORDER: Final = 0x6470_6E64
_queries = load("needs")


class NeedRow(NamedTuple):
    """A need as its table has it."""

    account: str
    month: date | None
    ucn: str | None
    job: UUID | None
    kind: str
    reason: str
    why: str | None
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A need as sessions are told it: no details, only what is to be looked at and why.

    With `news` it says that a matter changed, whose id is `job`.
    """

    seq: int
    at: datetime
    account: str
    ucn: str | None
    job: UUID | None
    kind: str
    reason: str
    why: str | None
    news: News | None = None


def need_rows(changes: Iterable[Change]) -> list[NeedRow]:
    """Give the rows of what changes leave to people."""
    return [
        NeedRow(*c.key, one.job, one.kind.value, one.reason, one.why, None, c.at)
        for c in changes
        if c.errands
        for one in needs_of(c)
    ]


def row_of(key: Key, job: UUID | None, reason: str, why: str | None, at: datetime) -> NeedRow:
    """Return a row about a job that needs a person."""
    return NeedRow(*key, job, WorkKind.DISPATCH.value, reason, why, None, at)


def to_review(account: str, reason: str, at: datetime) -> NeedRow:
    """Return a row about something of an account that people are to look over."""
    return NeedRow(account, None, None, None, WorkKind.REVIEW.value, reason, None, None, at)


async def add(conn: Connection, rows: Sequence[NeedRow]) -> frozenset[str | None]:
    """Write needs, as the last thing of a transaction; return the UCNs of those that were new."""
    await conn.execute(_queries.in_order, ORDER)
    columns = [list(column) for column in zip(*rows, strict=True)]
    return frozenset(row["ucn"] for row in await conn.fetch(_queries.add_needs, *columns))


async def newest(conn: Connection) -> int:
    """Return the number of the newest, 0 when there is none."""
    return int(await conn.fetchval(_queries.newest) or 0)


async def newest_dispatch(conn: Connection) -> int:
    """Return the number of the newest that is dispatch work, 0 when there is none."""
    return int(await conn.fetchval(_queries.newest_dispatch) or 0)


async def oldest(conn: Connection) -> int:
    """Return the number of the oldest that is kept, 0 when there is none."""
    return int(await conn.fetchval(_queries.oldest) or 0)


async def after(conn: Connection, seq: int, most: int = 500) -> list[Told]:
    """Return what came after a number, in order."""
    rows = await conn.fetch(_queries.needs_after, seq, most)
    return [_told(row) for row in rows]


def _told(row: Record) -> Told:
    """Read a row; one of news has its item's kind as `reason`, the matter's state as `why`."""
    *known, seen_by, lost_by = row
    told = Told(*known)
    if seen_by is None:
        return told
    return replace(told, news=News(told.reason, told.why or "", tuple(seen_by), tuple(lost_by)))


class PastDue(NamedTuple):
    """What was found late and told; `more`: there was as much as is looked for at a time."""

    keys: list[Key]
    more: bool = False


async def find_past_due(conn: Connection, now: datetime, since: datetime | None = None) -> PastDue:
    """Tell sessions of jobs that have been due for five minutes, each once.

    Only those that became so lately, unless `since` says from when on.
    """
    late = now - PAST_DUE_AFTER
    first = since or late - _LOOK_BACK
    found = await conn.fetch(_queries.past_due, first, now, late, _MOST)
    if not found:
        return PastDue([])
    keys = [Key(row["account"], row["month"], row["ucn"]) for row in found]
    rows = [
        row_of(key, row["id"], PAST_DUE, None, now)._replace(due_at=row["due_at"])
        for key, row in zip(keys, found, strict=True)
    ]
    async with conn.transaction():
        added = await add(conn, rows)
    return PastDue([key for key in keys if key.ucn in added], more=len(found) >= _MOST)


async def forget_old(conn: Connection, now: datetime) -> None:
    """Forget what nobody reads on from any more, some at a time."""
    await conn.execute(_queries.forget_needs, now - KEPT_FOR, AT_ONCE)


async def waiting(conn: Connection, now: datetime) -> int:
    """Count the jobs and unclaimed parks that wait for a person."""
    return int(await conn.fetchval(_queries.count_waiting, now))
