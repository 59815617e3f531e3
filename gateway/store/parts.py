"""The parts of changes as rows, in the order of the columns that they become.

What nearly every change has goes in as arrays of rows (`migrations/0005_rows.sql`), the rest by
COPY: an array for each column costs this process several times as much.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.change import Change
from gateway.store.rows import round_to, target_to

Row = tuple[Any, ...]
Table = tuple[str, tuple[str, ...]]
_KEY = ("account", "month", "ucn")
_WORDS: Table = ("history_words", (*_KEY, "seq", "salt", "words"))
_ERRANDS: Table = (
    "errands",
    ("id", *_KEY, "job", "attempt", "kind", "payload", "next_at"),
)
_LINKS: Table = (
    "links",
    ("fingerprint", *_KEY, "attempt", "contact", "created_at", "expires_at"),
)


def told_rows(changes: Iterable[Change]) -> tuple[list[Row], bytes]:
    """Give the rows of messages that are no longer as they were, and the texts of their items.

    Those are by far the most of what is written: in one block they are sent without being copied
    row by row. Nothing in them holds a newline, as JSON writes it otherwise.
    """
    rows: list[Row] = []
    texts: list[bytes] = []
    place = 1
    for c in changes:
        if (m := c.message) is None:
            continue
        seq = at = kinds = hashes = start = size = None
        if c.items:
            seqs, ats, named, bodies, digests, _, _ = zip(*c.items, strict=True)
            text = "\n".join(bodies).encode()
            texts.append(text)
            seq, at, start, size = seqs[0], ats[0].timestamp(), place, len(text)
            kinds, hashes = " ".join(named), " ".join(digests)
            place += size
        state = m.state, m.evidence, m.delivered_to, _seconds(m.delivered_at), m.sent
        head = m.head_seq, m.head_hash
        added = seq, at, kinds, hashes, start, size
        rows.append((*m.key, c.head_seq, c.document, *state, *head, *added))
    return rows, b"".join(texts)


def _seconds(at: datetime | None) -> float | None:
    """Write an instant as the rows do."""
    return at.timestamp() if at is not None else None


def job_rows(changes: Iterable[Change]) -> list[Row]:
    """Give the rows of jobs as the changes leave them."""
    return [
        (
            job.id,
            job.version,
            job.fence,
            job.state,
            _seconds(job.due_at),
            _seconds(job.next_at),
            _seconds(job.cue_at),
            job.reason,
            job.waits_for,
            job.owner,
            target_to(job),
            job.active_seconds,
            round_to(job),
        )
        for c in changes
        for job in c.jobs
    ]


def attempt_rows(attempts: Iterable[Attempt], senders: Mapping[UUID, str]) -> list[Row]:
    """Flatten attempts, each with the number that it was granted now."""
    return [
        (
            one.id,
            *one.key,
            one.job,
            one.round,
            one.slot,
            one.contact,
            one.address,
            one.method,
            one.source,
            one.state,
            one.stage,
            one.step,
            one.tries,
            one.started_at.timestamp(),
            one.check_at.timestamp(),
            _seconds(one.answered_at),
            _seconds(one.stage_at),
            _seconds(one.holds_until),
            one.outcome,
            _seconds(one.ended_at),
            senders.get(one.id) or one.sender,
            one.sid,
            one.code,
            one.prefetches,
        )
        for one in attempts
    ]


def rows_added(changes: Sequence[Change]) -> Iterable[tuple[Table, list[Row]]]:
    """Pair each table that few changes add rows to with its rows."""
    yield (
        _WORDS,
        [
            (*c.key, item.seq, item.salt, item.words)
            for c in changes
            for item in c.items
            if item.words is not None
        ],
    )
    yield (
        _ERRANDS,
        [
            (e.id, *c.key, e.job, e.attempt, e.kind, dict(e.payload or {}), e.at)
            for c in changes
            for e in c.errands
        ],
    )
    yield (
        _LINKS,
        [
            (one.fingerprint, *c.key, one.attempt, one.contact, one.created_at, one.expires_at)
            for c in changes
            if (one := c.link)
        ],
    )


def flag_rows(changes: Iterable[Change]) -> list[Row]:
    """One row a phone: the strongest flag wins where a batch holds several."""
    rows: dict[str, Row] = {}
    for c in changes:
        for flag in c.flags:
            opted = c.at if flag.opted_out else None
            at = c.at if flag.suspended else None
            old = rows.get(flag.phone, (flag.phone, None, None, None))
            new = (flag.phone, opted, at, flag.suspended)
            rows[flag.phone] = tuple(o or n for o, n in zip(old, new, strict=True))
    return list(rows.values())
