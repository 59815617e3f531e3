"""The parts of changes as rows: what is written over, and what is only ever added.

Rows that are only added go in by COPY, which costs this process and the server a fraction of what
arrays do.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.change import Change
from gateway.domain.jobs import Job
from gateway.store.queries import load
from gateway.store.rows import round_to, target_to

Row = tuple[Any, ...]
Table = tuple[str, tuple[str, ...]]
_queries = load("changes")
_KEY = ("account", "month", "ucn")
_HISTORY: Table = ("history", (*_KEY, "seq", "at", "kind", "item", "hash"))
_WORDS: Table = ("history_words", (*_KEY, "seq", "salt", "words"))
_ERRANDS: Table = (
    "errands",
    ("id", *_KEY, "job", "attempt", "kind", "payload", "next_at"),
)
_LINKS: Table = (
    "links",
    ("fingerprint", *_KEY, "attempt", "contact", "created_at", "expires_at"),
)
_ATTEMPTS: Table = (
    "attempts",
    (
        *("id", *_KEY, "job", "round", "slot", "contact", "address", "method", "source", "state"),
        *("stage", "step", "tries", "started_at", "check_at", "answered_at", "stage_at"),
        *("holds_until", "outcome", "ended_at", "sender", "sid", "code", "prefetches"),
    ),
)


def rows_changed(
    changes: Sequence[Change], senders: Mapping[UUID, str]
) -> Iterable[tuple[str, list[Row]]]:
    """Pair each statement that writes over rows with its rows."""
    yield (
        _queries.update_messages,
        [
            (
                *m.key,
                m.state,
                m.evidence,
                m.delivered_to,
                m.delivered_at,
                m.sent,
                m.head_seq,
                m.head_hash,
            )
            for c in changes
            if (m := c.message)
        ],
    )
    yield _queries.update_jobs, [_job_row(job) for c in changes for job in c.jobs]
    told = [(a, senders.get(a.id)) for c in changes for a in c.attempts]
    yield _queries.update_attempts, [_attempt_row(a, sender) for a, sender in told]
    yield _queries.flag_phones, _flag_rows(changes)


def rows_added(
    changes: Sequence[Change], senders: Mapping[UUID, str]
) -> Iterable[tuple[Table, list[Row]]]:
    """Pair each table that rows are added to with its rows."""
    begun = [(a, senders.get(a.id)) for c in changes for a in c.begun]
    yield _ATTEMPTS, [_attempt_row(a, sender) for a, sender in begun]
    yield (
        _HISTORY,
        [
            (*c.key, item.seq, item.at, item.kind, item.body, item.hash)
            for c in changes
            for item in c.items
        ],
    )
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


def _flag_rows(changes: Iterable[Change]) -> list[Row]:
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


def _job_row(job: Job) -> Row:
    return (
        job.id,
        job.state,
        job.due_at,
        job.next_at,
        job.cue_at,
        job.reason,
        job.waits_for,
        job.owner,
        target_to(job),
        job.active_seconds,
        round_to(job),
    )


def _attempt_row(one: Attempt, sender: str | None) -> Row:
    """Flatten an attempt, in the order of its own fields but for the sender granted now."""
    return (
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
        one.started_at,
        one.check_at,
        one.answered_at,
        one.stage_at,
        one.holds_until,
        one.outcome,
        one.ended_at,
        sender or one.sender,
        one.sid,
        one.code,
        one.prefetches,
    )
