"""Writing changes: many decisions in one transaction, each all or nothing, stale ones refused.

The locks are taken in one order everywhere (messages by UCN, jobs, phones, codes, days, numbers),
and never held across I/O.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.change import Change
from gateway.store.claims import Claims, Rates, Stale, Verdict, Written
from gateway.store.parts import rows_added, rows_changed
from gateway.store.pool import Connection, untangled
from gateway.store.queries import load
from gateway.store.rows import key_of

_queries = load("changes")


async def write(
    conn: Connection, changes: Sequence[Change], now: datetime, rates: Rates, *, wake: bool = True
) -> list[Verdict]:
    """Write a batch (at most one change a message) and return a verdict for each, in order.

    A change is stale when its message, one of its jobs (version or fence) or the account document
    it was planned with is no longer what was read.
    """
    if not changes:
        return []
    return await untangled(lambda: _write(conn, changes, now, rates, wake=wake))


async def _write(
    conn: Connection, changes: Sequence[Change], now: datetime, rates: Rates, *, wake: bool
) -> list[Verdict]:
    async with conn.transaction():
        fresh = await _fresh(conn, changes)
        verdicts = await Claims(conn, now, rates).take(fresh)
        good = [changes[n] for n, one in sorted(verdicts.items()) if isinstance(one, Written)]
        due = await _write_all(conn, good, _senders(changes, verdicts), now)
        if due and wake:
            await conn.execute(_queries.wake)
    return [verdicts.get(n, Stale()) for n in range(len(changes))]


async def _fresh(conn: Connection, changes: Sequence[Change]) -> dict[int, Change]:
    """Lock messages, then jobs, and keep the changes that were planned on what is there now."""
    keys = [change.key for change in changes]
    rows = await conn.fetch(_queries.lock_messages, *_columns(keys))
    heads = {key_of(r): (r["head_seq"], r["document"]) for r in rows}
    ids = [job.id for change in changes for job in (*change.jobs, *change.seen)]
    freed = [attempt for change in changes for attempt in change.freed]
    if freed:
        locked = await conn.fetch(_queries.lock_jobs_and_waiting, ids, freed)
    else:
        locked = await conn.fetch(_queries.lock_jobs, ids)
    jobs = {row["id"]: (row["version"], row["fence"]) for row in locked}
    fresh: dict[int, Change] = {}
    for n, change in enumerate(changes):
        head, document = heads.get(change.key, (None, None))
        if head != change.head_seq or change.document not in {None, 0, document}:
            continue
        read = (*change.jobs, *change.seen)
        if all(jobs.get(job.id) == (job.version, job.fence) for job in read):
            fresh[n] = change
    return fresh


def _senders(changes: Sequence[Change], verdicts: Mapping[int, Verdict]) -> dict[UUID, str]:
    """Return the number that each attempt was granted."""
    return {
        wire.attempt: verdict.sender
        for n, verdict in verdicts.items()
        if isinstance(verdict, Written) and verdict.sender and (wire := changes[n].wire)
    }


async def _write_all(
    conn: Connection, changes: Sequence[Change], senders: Mapping[UUID, str], now: datetime
) -> bool:
    """Write every part of the changes, one statement a table; tell whether something is due."""
    for query, rows in rows_changed(changes, senders):
        if rows:
            await conn.execute(query, *_columns(rows))
    for (table, columns), rows in rows_added(changes, senders):
        if rows:
            await conn.copy_records_to_table(table, records=rows, columns=columns)
    seen = [job.id for change in changes for job in change.seen]
    if seen:
        await conn.execute(_queries.count_on, seen)
    closing = [change.key.ucn for change in changes if change.closes]
    if closing:
        await conn.execute(_queries.close_codes, closing, now)
    freed = [attempt for change in changes for attempt in change.freed]
    woken = bool(freed) and await _free_phones(conn, freed, now)
    return woken or any(_urgent(change, now) for change in changes)


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


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Turn rows into the columns that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]
