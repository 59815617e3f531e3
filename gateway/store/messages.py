"""Messages in the store: taken many at a time, found, listed, their history told and checked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from gateway.domain.aside import NOTHING_ASIDE
from gateway.domain.audit import KINDS, NOBODY, Audit, audit
from gateway.domain.content import Content
from gateway.domain.history import Broken, content_hash, verify
from gateway.domain.jobs import Job
from gateway.domain.messages import Key, Message
from gateway.domain.taking import Taken
from gateway.store.asides import aside_to
from gateway.store.lists import listed
from gateway.store.months import away
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import content_from, content_to, job_from, key_of, message_from, seconds
from gateway.store.wake import words_for

_queries = load("messages")
_MANY_PENDING: Final = 1000
_AWAY: Final = Broken(1, "its month was put away")


class DuplicateUcnError(ValueError):
    """A message with that UCN stands already; `ucn` names it."""

    def __init__(self, ucn: str) -> None:
        super().__init__(f"UCN {ucn} is taken")
        self.ucn = ucn


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a new message needs before it can be built; version None: there is no such account."""

    ucn: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it: its words, unless erased, its jobs, and who dispatched it."""

    message: Message
    content: Content | None
    jobs: tuple[Job, ...]
    audit: Audit = NOBODY


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of messages shall hold; with `pending_job` the others but `account` are void."""

    since: datetime
    account: str | None = None
    delivered: bool = False
    pending_job: bool | None = None
    most: int = 100


async def reserve(conn: Connection, wanted: Sequence[tuple[str, str | None]]) -> list[Reserved]:
    """Look up the accounts of (account, UCN or None) pairs and draw the UCNs that are missing."""
    columns = [list(column) for column in zip(*wanted, strict=True)]
    rows = await conn.fetch(_queries.reserve, *columns)
    return [Reserved(row["ucn"], row["version"]) for row in rows]


async def take(conn: Connection, taken: Taken) -> None:
    """Write one new message; DuplicateUcnError when its UCN stands already."""
    if not await take_all(conn, [taken]):
        raise DuplicateUcnError(taken.message.key.ucn)


async def take_all(conn: Connection, many: Sequence[Taken]) -> frozenset[str]:
    """Write new messages of different UCNs in one statement and wake the daemons.

    Returns the UCNs written; those whose UCN stood already are missing, and nothing of them was.
    """
    jobs = [job for taken in many for job in taken.jobs]
    words = [
        (*taken.message.key, item.seq, item.salt, item.words)
        for taken in many
        for item in taken.items
        if item.words is not None
    ]
    messages = [_message_row(taken) for taken in many]
    due = words_for(job.next_at for job in jobs)
    job_rows = [_job_row(job) for job in jobs]
    rows = await conn.fetch(_queries.take_messages, messages, job_rows, words, due)
    return frozenset(row["ucn"] for row in rows)


def _aside(taken: Taken) -> dict[str, Any] | None:
    aside = taken.message.aside
    return None if aside is NOTHING_ASIDE else aside_to(aside)


def _items(taken: Taken) -> tuple[int, float, str, str, str]:
    """Give the one row of the items that a new message begins with."""
    items = taken.items
    kinds, hashes = " ".join(one.kind for one in items), " ".join(one.hash for one in items)
    texts = "\n".join(one.body for one in items)
    return items[0].seq, items[0].at.timestamp(), kinds, texts, hashes


def _message_row(taken: Taken) -> tuple[Any, ...]:
    m = taken.message
    return (
        *m.key,
        m.priority.value,
        m.form,
        m.taken_by,
        m.taken_at.timestamp(),
        m.state.value,
        m.evidence,
        m.delivered_to,
        seconds(m.delivered_at),
        m.sent,
        m.head_seq,
        m.head_hash,
        content_to(taken.content),
        _aside(taken),
        *_items(taken),
    )


def _job_row(job: Job) -> tuple[Any, ...]:
    return (
        *job.key,
        job.id,
        job.priority.value,
        job.source,
        job.state.value,
        job.created_at.timestamp(),
        seconds(job.due_at),
        seconds(job.next_at),
        seconds(job.cue_at),
        job.reason,
    )


def _columns(width: int, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]


async def get(conn: Connection, ucn: str) -> Shown | None:
    """Return a message by its UCN; None when there is none."""
    row = await conn.fetchrow(_queries.message_by_ucn, ucn)
    return (await shown_from(conn, [row]))[0] if row else None


async def list_all(conn: Connection, wanted: Wanted) -> list[Shown]:
    """Return messages, newest first (S3-31, S3-32)."""
    given: tuple[object, ...] = (wanted.account, wanted.most)
    if wanted.pending_job is None:
        query = _queries.list_messages
        given = (wanted.account, wanted.delivered or None, wanted.since, wanted.most)
    elif wanted.pending_job and not await _many_pending(conn, wanted.account):
        query = _queries.list_pending_messages
    else:
        query, given = _queries.walk_messages, (*given, wanted.pending_job)
    return await shown_from(conn, await listed(conn, query, *given))


async def _many_pending(conn: Connection, account: str | None) -> bool:
    """Tell whether so many jobs are pending that going through the messages finds some soon."""
    (row,) = await listed(conn, _queries.many_pending, account, _MANY_PENDING)
    return bool(row[0])


async def list_flagged(conn: Connection, account: str | None, most: int) -> list[Shown]:
    """Return the messages flagged for the account manager, longest flagged first (S3-18)."""
    return await shown_from(conn, await listed(conn, _queries.list_flagged, account, most))


async def shown_from(conn: Connection, rows: Sequence[Record]) -> list[Shown]:
    """Read messages from rows that carry their words, with their jobs and who dispatched them."""
    keys = [key_of(row) for row in rows]
    jobs: dict[Key, list[Job]] = {key: [] for key in keys}
    for row in await conn.fetch(_queries.jobs_of_messages, *_columns(3, keys)):
        jobs[key_of(row)].append(job_from(row))
    audits = await audits_of(conn, keys)
    return [
        Shown(message_from(row), content_from(row["content"]), tuple(jobs[key]), audits[key])
        for row, key in zip(rows, keys, strict=True)
    ]


async def audits_of(conn: Connection, keys: Sequence[Key]) -> dict[Key, Audit]:
    """Return who dispatched these messages, by their histories (S3-40, S3-42)."""
    deeds: dict[Key, list[tuple[str, str, str | None]]] = {key: [] for key in keys}
    for row in await conn.fetch(_queries.deeds_of_messages, *_columns(3, keys), [*KINDS]):
        deeds[key_of(row)].append((row["kind"], row["actor"], row["source"]))
    return {key: audit(deeds[key]) for key in keys}


async def history(conn: Connection, key: Key) -> list[dict[str, Any]]:
    """Return a message's items in order, each with its hash and, while it stands, its content."""
    rows = await conn.fetch(_queries.history_of, *key)
    return _read(rows)


def _read(rows: Iterable[Record]) -> list[dict[str, Any]]:
    return [item_from(row["item"], row["hash"], row["words"]) for row in rows]


def item_from(body: str, digest: str, words: str | None) -> dict[str, Any]:
    """Read a stored item; `content` is added where its words still stand."""
    item: dict[str, Any] = {**orjson.loads(body), "hash": digest}
    return {**item, "content": words} if words is not None else item


class History(NamedTuple):
    """A message's items as people see them, and where they break off or were tampered with."""

    items: list[dict[str, Any]]
    broken: Broken | None


async def histories(conn: Connection, keys: Sequence[Key]) -> dict[Key, History]:
    """Return the histories of many messages, each checked as a whole."""
    rows: dict[Key, list[Record]] = {key: [] for key in keys}
    for row in await conn.fetch(_queries.histories_of, *_columns(3, keys)):
        rows[keys[row["place"] - 1]].append(row)
    gone = await away(conn) if not all(rows.values()) else []
    return {
        key: History(_read(found), check_rows(found) if found or key.month not in gone else _AWAY)
        for key, found in rows.items()
    }


async def check(conn: Connection, key: Key) -> tuple[int, Broken | None]:
    """Check a message's chain, its head and its words; return how many items, and what breaks."""
    rows = await conn.fetch(_queries.history_of, *key)
    if not rows and key.month in await away(conn):
        return 0, _AWAY
    return len(rows), check_rows(rows)


def check_rows(rows: Sequence[Record]) -> Broken | None:
    """Check a whole history: its chain, its head and its words."""
    return verify((r["item"], r["hash"]) for r in rows) or _ends(rows) or _words_of(rows)


def _ends(rows: Sequence[Record]) -> Broken | None:
    """Find items cut off the end: the message itself names its last one."""
    if not rows:
        return Broken(1, "item 1 is missing")
    last = rows[-1]
    if (last["seq"], last["hash"]) == (last["head_seq"], last["head_hash"]):
        return None
    return Broken(last["seq"] + 1, "it does not end where the message says")


def _words_of(rows: Iterable[Record]) -> Broken | None:
    for row in rows:
        if row["words"] is None:
            continue
        named = orjson.loads(row["item"])["data"].get("content_sha256")
        if named != content_hash(row["salt"], row["words"]):
            return Broken(row["seq"], "its words were changed")
    return None
