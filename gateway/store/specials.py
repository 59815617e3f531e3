"""Specials in the store: posted, reviewed, found; and what happened to an account itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.domain.deeds import RefusedError
from gateway.domain.heeding import posting, reviewing, unheard
from gateway.domain.history import Note
from gateway.domain.messages import Key
from gateway.domain.specials import Special
from gateway.domain.wording import alerts
from gateway.store import jobs, needs
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import key_of

PENDING: Final = "pending"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
# When it was posted, its id, and what it says.
Stood = tuple[datetime, str, Special]
_queries = load("specials")


@dataclass(frozen=True, slots=True)
class Posted:
    """A special as it stands: who posted it and when, and what its reviewer found."""

    special: Special
    state: str
    posted_by: str
    posted_at: datetime | None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who does something to a special (an actor such as `agent:1204`), and when."""

    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A special afterwards, and what open messages are to hear of it.

    `since`: it was done then already, and whoever did it may have died before all heard.
    """

    posted: Posted
    notes: tuple[Note, ...]
    since: datetime | None = None


async def post(
    conn: Connection, account: str, special: Special, by: Author, errand: UUID
) -> Outcome:
    """Write a special with its items and ring the specials sink, all or nothing (S3-79, S3-80).

    `errand` is the id of the errand that rings.
    """
    notes = posting(special, by.actor)
    payload = {"sink": "specials", "reason": "special", "account": account, "special": special.id}
    payload["text"] = alerts.special(account, special.text)
    async with conn.transaction():
        await conn.execute(
            _queries.add_special,
            account,
            UUID(special.id),
            special.text,
            special.start,
            special.end,
            special.replace,
            special.hold,
            by.actor,
            by.now,
        )
        await add_items(conn, account, notes, by)
        await jobs.add_alert(conn, errand, by.now, payload)
        await needs.add(conn, [needs.to_review(account, needs.SPECIAL, by.now)])
    return Outcome(Posted(special, PENDING, by.actor, by.now), notes)


async def review(
    conn: Connection, at: tuple[str, UUID], by: Author, *, approved: bool
) -> Outcome | None:
    """Write what a reviewer found of a special, `at` its account and id; None when unknown.

    A rejected one has thereby ended, and stays so: RefusedError (special_rejected) for an approval.
    The same verdict again changes nothing.
    """
    state = APPROVED if approved else REJECTED
    async with conn.transaction():
        row = await conn.fetchrow(_queries.lock_special, *at)
        if row is None:
            return None
        before = posted_from(row)
        if before.state == state:
            known = before.reviewed_by or by.actor
            notes = reviewing(before.special, known, approved=approved)
            return Outcome(before, notes, before.reviewed_at)
        if before.state == REJECTED:
            raise RefusedError("special_rejected", "the special was rejected, and so it has ended")
        notes = reviewing(before.special, by.actor, approved=approved)
        await conn.execute(_queries.review_special, *at, state, by.actor, by.now)
        await add_items(conn, at[0], notes, by)
    after = replace(before, state=state, reviewed_by=by.actor, reviewed_at=by.now)
    return Outcome(after, notes)


async def posted_before(conn: Connection, account: str, special: UUID) -> Outcome | None:
    """Return the post of a special for whoever repeats it; None when it is gone or was rejected."""
    row = await conn.fetchrow(_queries.special, account, special)
    if row is None or row["state"] == REJECTED:
        return None
    found = posted_from(row)
    return Outcome(found, posting(found.special, found.posted_by), found.posted_at)


async def note_unheard(conn: Connection, account: str, special: str, by: Author) -> None:
    """Put on record that the post of a special reached nobody (CONTRACT section 3)."""
    await add_items(conn, account, [unheard(special, by.actor)], by)


async def standing(conn: Connection, account: str, at: datetime) -> list[Posted]:
    """Return the specials that hold at an instant or later, oldest post first."""
    return _all(await conn.fetch(_queries.standing_specials, account, at))


async def active_at(conn: Connection, account: str, at: datetime) -> list[Posted]:
    """Return the specials that were or will be active at an instant (S3-78)."""
    return _all(await conn.fetch(_queries.specials_at, account, at))


async def in_state(
    conn: Connection, account: str, state: str | None = None, most: int = 500
) -> list[Posted]:
    """Return the newest specials of an account in a state (None: any), oldest post first."""
    return _all(await conn.fetch(_queries.specials_in_state, account, state, most))


async def open_messages(conn: Connection, account: str) -> list[Key]:
    """Return the messages of an account that have a job yet to be done."""
    return [key_of(row) for row in await conn.fetch(_queries.open_messages, account)]


async def untold(
    conn: Connection, account: str, news: Note, until: datetime | None
) -> list[tuple[Key, int]]:
    """Return the open messages on whose record an item about a special does not stand yet.

    Each with the number of its newest item; only those taken by `until`, if that is given.
    """
    special = str(news.facts["special"])
    rows = await conn.fetch(_queries.untold_messages, account, news.kind, special, until)
    return [(key_of(row), row["head_seq"]) for row in rows]


async def items(conn: Connection, account: str, most: int) -> list[dict[str, Any]]:
    """Return the newest of what happened to an account, newest first."""
    return [dict(row) for row in await conn.fetch(_queries.items_of_account, account, most)]


async def add_items(conn: Connection, account: str, notes: Sequence[Note], by: Author) -> None:
    """Put on record what happened to an account itself."""
    rows = [(n.actor, n.kind, n.outcome, n.text, dict(n.facts)) for n in notes]
    columns = ([*column] for column in zip(*rows, strict=True))
    await conn.execute(_queries.add_items, account, by.now, *columns)


def stood_from(posted_at: datetime, printed: str) -> Stood:
    """Read a special that stands among a plan's surroundings, as JSON."""
    row = orjson.loads(printed)
    span = {name: datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at")}
    return posted_at, row["id"], _special({**row, **span})


def in_order(stood: Iterable[Stood]) -> tuple[Special, ...]:
    """Return specials in the order in which they were posted."""
    return tuple(special for _, _, special in sorted(stood, key=itemgetter(0, 1)))


def _special(row: Mapping[str, Any] | Record) -> Special:
    return Special(
        id=str(row["id"]),
        text=row["text"],
        start=row["starts_at"],
        end=row["ends_at"],
        replace=row["replace"],
        hold=row["hold"],
    )


def _all(rows: Iterable[Record]) -> list[Posted]:
    return [posted_from(row) for row in rows]


def posted_from(row: Record) -> Posted:
    """Read a special as it stands."""
    return Posted(
        special=_special(row),
        state=row["state"],
        posted_by=row["posted_by"],
        posted_at=row["posted_at"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=row["reviewed_at"],
    )
