"""Writing changes: many decisions in one transaction, each all or nothing, stale ones refused.

The locks are taken in one order everywhere (messages by UCN, jobs, phones, codes, days, numbers),
and never held across I/O.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.domain.attempts import Attempt
from gateway.domain.change import Change
from gateway.domain.jobs import Job
from gateway.store.claims import Claims, Rates, Stale, Verdict, Written
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import round_to, target_to

_queries = load("changes")


async def write(
    conn: Connection, changes: Sequence[Change], now: datetime, rates: Rates
) -> list[Verdict]:
    """Write a batch (at most one change a message) and return a verdict for each, in order.

    A change is stale when its message, one of its jobs (version or fence) or the account document
    it was planned with is no longer what was read.
    """
    if not changes:
        return []
    async with conn.transaction():
        fresh = await _fresh(conn, changes)
        verdicts = await Claims(conn, now, rates).take(fresh)
        good = [
            _with_sender(changes[n], verdict)
            for n, verdict in sorted(verdicts.items())
            if isinstance(verdict, Written)
        ]
        await _write_all(conn, good, now)
    return [verdicts.get(n, Stale()) for n in range(len(changes))]


async def _fresh(conn: Connection, changes: Sequence[Change]) -> dict[int, Change]:
    """Lock messages, then jobs, and keep the changes that were planned on what is there now."""
    keys = [change.key for change in changes]
    rows = await conn.fetch(_queries.lock_messages, *_columns(keys))
    heads = {(r["account"], r["month"], r["ucn"]): (r["head_seq"], r["document"]) for r in rows}
    ids = [job.id for change in changes for job in change.jobs]
    jobs = {r["id"]: (r["version"], r["fence"]) for r in await conn.fetch(_queries.lock_jobs, ids)}
    fresh: dict[int, Change] = {}
    for n, change in enumerate(changes):
        head, document = heads.get(tuple(change.key), (None, None))
        if head != change.head_seq or change.document not in {None, 0, document}:
            continue
        if all(jobs.get(job.id) == (job.version, job.fence) for job in change.jobs):
            fresh[n] = change
    return fresh


def _with_sender(change: Change, verdict: Written) -> Change:
    """Note the number that was granted on the attempt it was granted for."""
    if verdict.sender is None or change.wire is None:
        return change
    attempts = tuple(
        replace(one, sender=verdict.sender) if one.id == change.wire.attempt else one
        for one in change.attempts
    )
    return replace(change, attempts=attempts)


async def _write_all(conn: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Write every part of the changes, one statement a table."""
    for query, rows in _rows(changes):
        if rows:
            await conn.execute(query, *_columns(rows))
    closing = [change.key.ucn for change in changes if change.closes]
    if closing:
        await conn.execute(_queries.close_codes, closing, now)
    freed = [attempt for change in changes for attempt in change.freed]
    woken = bool(freed) and await _free_phones(conn, freed, now)
    if woken or any(_urgent(change, now) for change in changes):
        await conn.execute(_queries.wake)


async def _free_phones(conn: Connection, attempts: Sequence[Any], now: datetime) -> bool:
    """Free the phones of ended calls; whoever waited for one is due now."""
    rows = await conn.fetch(_queries.free_phones, attempts)
    phones = [row["phone"] for row in rows]
    if phones:
        await conn.execute(_queries.wake_waiting, phones, now)
    return bool(phones)


def _urgent(change: Change, now: datetime) -> bool:
    """Tell whether a daemon must look at once, or re-arm its timer for something earlier."""
    return bool(change.errands) or any(
        job.next_at is not None and (job.next_at <= now or change.wire is None)
        for job in change.jobs
    )


def _rows(changes: Sequence[Change]) -> Iterable[tuple[str, list[tuple[Any, ...]]]]:
    """Pair each statement with its rows."""
    messages = [c.message for c in changes if c.message]
    yield (
        _queries.update_messages,
        [
            (
                *m.key,
                m.state.value,
                m.evidence,
                m.delivered_to,
                m.delivered_at,
                m.sent,
                m.head_seq,
                m.head_hash,
            )
            for m in messages
        ],
    )
    yield _queries.update_jobs, [_job_row(job) for c in changes for job in c.jobs]
    yield _queries.upsert_attempts, [_attempt_row(a) for c in changes for a in c.attempts]
    yield _queries.insert_history, history_rows(changes)
    yield _queries.insert_words, words_rows(changes)
    yield _queries.insert_errands, errand_rows(changes)
    yield (
        _queries.insert_links,
        [
            (one.fingerprint, *c.key, one.attempt, one.contact, one.created_at, one.expires_at)
            for c in changes
            if (one := c.link)
        ],
    )
    yield _queries.flag_phones, _flag_rows(changes)


def history_rows(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """Rows of history for the items of changes."""
    return [
        (*c.key, item.seq, item.at, item.kind, item.body, item.hash)
        for c in changes
        for item in c.items
    ]


def words_rows(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """Rows of erasable words for the items that have some."""
    return [
        (*c.key, item.seq, item.salt, item.words)
        for c in changes
        for item in c.items
        if item.words is not None
    ]


def errand_rows(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """Rows of errands."""
    return [
        (e.id, *c.key, e.job, e.attempt, e.kind.value, dict(e.payload or {}), e.at)
        for c in changes
        for e in c.errands
    ]


def _flag_rows(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """One row a phone: the strongest flag wins where a batch holds several."""
    rows: dict[str, tuple[Any, ...]] = {}
    for c in changes:
        for flag in c.flags:
            opted = c.at if flag.opted_out else None
            at = c.at if flag.suspended else None
            old = rows.get(flag.phone, (flag.phone, None, None, None))
            new = (flag.phone, opted, at, flag.suspended)
            rows[flag.phone] = tuple(o or n for o, n in zip(old, new, strict=True))
    return list(rows.values())


def _job_row(job: Job) -> tuple[Any, ...]:
    return (
        job.id,
        job.state.value,
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


def _attempt_row(one: Attempt) -> tuple[Any, ...]:
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
        one.state.value,
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
        one.sender,
        one.sid,
        one.code,
        one.prefetches,
    )


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Turn rows into the columns that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]
