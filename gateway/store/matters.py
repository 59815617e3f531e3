"""Matters in the store: one decision is one statement, whole or not at all."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import asyncpg

from gateway.domain.chance import Chance
from gateway.domain.history import Broken
from gateway.domain.matters import Kind, Letter, Matter, Ways, Written
from gateway.store.matter_rows import (
    Row,
    alarm_columns,
    chained,
    head_row,
    item_columns,
    letter_id,
    news_columns,
    subject_id,
)
from gateway.store.messages import check_rows, item_from
from gateway.store.outbox import slots
from gateway.store.pool import Connection, Record
from gateway.store.queries import load, narrowed
from gateway.store.rates import Rates

_TRIES: Final = 20
_PAGE: Final = 200
_NOBODY: Final = UUID(int=0)
_LANE: Final = "letter"
_MOMENT: Final = timedelta(seconds=1)
_queries = load("matters")
F = TypeVar("F")


class UnknownMatterError(LookupError):
    """There is no such case, hand-off or field job."""

    def __init__(self, kind: Kind, matter: UUID) -> None:
        super().__init__(f"there is no {kind} {matter}")
        self.kind, self.matter = kind, matter


class TakenError(RuntimeError):
    """Another matter of the kind has the very subject, and only one may."""

    def __init__(self, kind: Kind, subject: str) -> None:
        super().__init__(f"another {kind} is about {subject}")
        self.kind, self.subject = kind, subject


class BusyMatterError(RuntimeError):
    """A matter changed again and again while a decision about it was being written."""


class Hand(NamedTuple):
    """Who decides (an actor such as `lead:L-7`), when, and what writing it needs."""

    actor: str
    now: datetime
    chance: Chance
    rates: Rates


@dataclass(frozen=True, slots=True)
class Sought:
    """Which matters a list shall hold: all of these, newest first; None asks for anything.

    `about`: all of these words. `before`: only those opened before that one.
    """

    states: tuple[str, ...] | None = None
    owner: str | None = None
    about: tuple[str, ...] | None = None
    account: str | None = None
    ucn: str | None = None
    before: UUID | None = None
    most: int = 100


async def open_one(
    conn: Connection, ways: Ways[F], matter: UUID, written: Written[F], hand: Hand
) -> Matter[F]:
    """Write a new matter; TakenError (which ends a transaction) when its subject is taken."""
    new = Matter(matter, ways, written.facts, opened_at=hand.now)
    after = await _write(conn, new, written, hand)
    if after is None:
        raise BusyMatterError(str(matter))
    return after


async def decide(
    conn: Connection, ways: Ways[F], matter: UUID, verb: Callable[[F], Written[F]], hand: Hand
) -> Matter[F]:
    """Decide about a matter and write what was decided: one statement to read, one to write.

    `verb` may be called more than once and must be pure. Raises UnknownMatterError, TakenError,
    BusyMatterError, and whatever the verb raises.
    """
    for _ in range(_TRIES):
        before = await find(conn, ways, matter)
        if before is None:
            raise UnknownMatterError(ways.kind, matter)
        after = await _write(conn, before, verb(before.facts), hand)
        if after is not None:
            return after
    raise BusyMatterError(str(matter))


async def revise(
    conn: Connection,
    every: Mapping[Kind, Ways[Any]],
    matter: UUID,
    what: Callable[[Matter[Any]], Written[Any] | None],
    hand: Hand,
) -> Matter[Any] | None:
    """Decide about a matter of whatever kind; None when it is gone or nothing is to be written."""
    for _ in range(_TRIES):
        rows = await conn.fetch(_queries.matters_by_id, [matter], None)
        if not rows:
            return None
        before: Matter[Any] = _matter(every[Kind(rows[0]["kind"])], rows[0])
        written = what(before)
        if written is None:
            return None
        after = await _write(conn, before, written, hand)
        if after is not None:
            return after
    raise BusyMatterError(str(matter))


async def ring(
    conn: Connection, every: Mapping[Kind, Ways[Any]], matter: UUID, hand: Hand
) -> Matter[Any] | None:
    """Have a matter decide about its clock, if that is due; None when it is not, or is gone."""

    def due(before: Matter[Any]) -> Written[Any] | None:
        if before.next_at is None or before.next_at > hand.now:
            return None
        written = before.ways.when_due(before.facts, hand.now)
        if written.next_at is None:
            return written
        # A clock that stays behind must not come at once, again and again.
        return replace(written, next_at=max(written.next_at, hand.now + _MOMENT))

    return await revise(conn, every, matter, due, hand)


async def find(conn: Connection, ways: Ways[F], matter: UUID) -> Matter[F] | None:
    """Look a matter up by its id; None when there is none of that kind."""
    found = await find_all(conn, ways, [matter])
    return found[0] if found else None


async def find_all(conn: Connection, ways: Ways[F], ids: Iterable[UUID]) -> list[Matter[F]]:
    """Look matters up by their ids, in any order; unknown ones are left out."""
    rows = await conn.fetch(_queries.matters_by_id, list(ids), ways.kind.value)
    return [_matter(ways, row) for row in rows]


async def standing(conn: Connection, kind: Kind, subject: str) -> UUID | None:
    """Return the id of the matter that has a subject now; None when nothing has."""
    found: UUID | None = await conn.fetchval(_queries.matter_of_subject, subject_id(kind, subject))
    return found


async def listed(conn: Connection, ways: Ways[F], sought: Sought) -> list[Matter[F]]:
    """Return matters of a kind, newest first."""
    given = (
        ways.kind.value,
        list(sought.states) if sought.states else None,
        sought.owner,
        list(sought.about) if sought.about else None,
        sought.account,
        [sought.ucn] if sought.ucn else None,
        sought.before,
        sought.most,
    )
    rows = await conn.fetch(narrowed(_queries.list_matters, given), *given)
    return [_matter(ways, row) for row in rows]


async def history(conn: Connection, matter: UUID) -> list[dict[str, Any]]:
    """Return a matter's items in order, as a message's are."""
    rows = await conn.fetch(_queries.matter_history, matter)
    return [item_from(row["item"], row["hash"], row["words"]) for row in rows]


async def check(conn: Connection, matter: UUID) -> tuple[int, Broken | None]:
    """Check a matter's chain, its head and its words; return how many items, and what breaks."""
    rows = await conn.fetch(_queries.matter_history, matter)
    return len(rows), check_rows(rows)


async def ids(
    conn: Connection, accounts: Sequence[str] | None = None
) -> AsyncIterator[tuple[UUID, Kind, str]]:
    """Yield the matters of these accounts (None: all there are): id, kind and account."""
    after = _NOBODY
    named = None if accounts is None else list(accounts)
    query = narrowed(_queries.matters_to_check, (after, named, _PAGE))
    while rows := await conn.fetch(query, after, named, _PAGE):
        for row in rows:
            yield row["id"], Kind(row["kind"]), row["account"]
        after = rows[-1]["id"]


def _matter(ways: Ways[F], row: Record) -> Matter[F]:
    return Matter(
        id=row["id"],
        ways=ways,
        facts=ways.facts.validate_python(row["facts"]),
        version=row["version"],
        seq=row["head_seq"],
        hash=row["head_hash"],
        next_at=row["next_at"],
        opened_at=row["opened_at"],
    )


async def _write(
    conn: Connection, before: Matter[F], written: Written[F], hand: Hand
) -> Matter[F] | None:
    """Write a decision; None, and nothing written, when the matter is not as it was read."""
    shown = before.ways.shown(written.facts)
    items = chained(before, shown, written.items, hand[:3])
    head = (items[-1].seq, items[-1].hash) if items else (before.seq, before.hash)
    row = (
        *head_row(before, written, shown, hand.now, head),
        *item_columns(items),
        *await _letter_columns(conn, before.id, written.letters, hand),
        *alarm_columns(before, written.alarms, hand.chance),
        *news_columns(before, written),
        [letter_id(before.id, name) for name in written.called_back],
    )
    try:
        if await conn.fetchval(_queries.write_matter, *row) is None:
            return None
    except asyncpg.UniqueViolationError as fault:
        if fault.constraint_name == "matters_of_subject":
            raise TakenError(before.ways.kind, shown.subject or "") from None
        raise
    return Matter(
        before.id,
        before.ways,
        written.facts,
        before.version + 1,
        *head,
        written.next_at,
        before.opened_at,
    )


async def _letter_columns(
    conn: Connection, matter: UUID, letters: Sequence[Letter], hand: Hand
) -> Row:
    """Give letters' columns, the last when each is begun: a flood of texts leaves room."""
    texts = sum(one.way == "text" for one in letters)
    due = iter(await slots(conn, _LANE, texts, hand.now, hand.rates) if texts else ())
    rows = [
        (
            *(letter_id(matter, one.name), one.name, one.way, one.to, one.subject, one.body),
            *(one.until, next(due) if one.way == "text" else hand.now),
        )
        for one in letters
    ]
    return tuple([row[n] for row in rows] for n in range(8))
