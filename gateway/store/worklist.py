"""The dispatch list: jobs as dispatchers look through them, most urgent first (S3-26, S3-62)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from gateway.domain.jobs import Job, JobState
from gateway.domain.messages import Key
from gateway.store.lists import listed
from gateway.store.messages import item_from
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import job_from, key_of

PAST_DUE_AFTER: Final = timedelta(minutes=5)
DUE_NOW, PAST_DUE, LATER = "due_now", "past_due", "later"
_queries = load("worklist")


@dataclass(frozen=True, slots=True)
class Sought:
    """What to list: a class (due_now, past_due, later), a state, an account; None: any.

    `leftover`: only jobs that are older than the delivery of their message (S3-30).
    """

    now: datetime
    due: str | None = None
    state: str | None = None
    account: str | None = None
    most: int = 100
    leftover: bool = False


class Pending(NamedTuple):
    """How much of an account is pending: all its jobs that have not ended, and what is due."""

    account: str
    name: str
    pending: int
    due_now: int
    past_due: int


def class_of(job: Job, now: datetime) -> str | None:
    """Return the class of a job: past due by more than 5 minutes, due now, or later."""
    if job.due_at is None:
        return None
    if job.due_at <= now - PAST_DUE_AFTER:
        return PAST_DUE
    return DUE_NOW if job.due_at <= now else LATER


async def list_jobs(conn: Connection, sought: Sought) -> list[Job]:
    """Return the jobs sought: by priority, then by how long they have been due.

    Those that have ended are due no more: newest first, and in no class.
    """
    if sought.state is not None and JobState(sought.state).terminal:
        return await _list_ended(conn, sought) if sought.due is None else []
    late = sought.now - PAST_DUE_AFTER
    after = {DUE_NOW: late, LATER: sought.now}.get(sought.due or "")
    until = {DUE_NOW: sought.now, PAST_DUE: late}.get(sought.due or "")
    leftover = sought.leftover or None
    given = (sought.account, sought.state, after, until, sought.most, leftover)
    rows = await listed(conn, _queries.list_open_jobs, *given)
    return [job_from(row) for row in rows]


async def _list_ended(conn: Connection, sought: Sought) -> list[Job]:
    given = (sought.account, sought.most, sought.leftover or None)
    if sought.state == JobState.COMPLETED:
        rows = await listed(conn, _queries.list_completed_jobs, *given)
    else:
        rows = await listed(conn, _queries.list_dropped_jobs, *given, sought.state)
    return [job_from(row) for row in rows]


async def find(conn: Connection, job: UUID) -> Job | None:
    """Return a job by its id; None when there is none."""
    row = await conn.fetchrow(_queries.job_by_id, job)
    return job_from(row) if row else None


async def pending(conn: Connection, now: datetime) -> list[Pending]:
    """Return the accounts that have pending jobs, those past due for longest first (S3-29)."""
    rows = await conn.fetch(_queries.pending_by_account, now, now - PAST_DUE_AFTER)
    return [Pending(*row) for row in rows]


async def pending_of(conn: Connection, account: str) -> int:
    """Return how many jobs of an account are pending."""
    return int(await conn.fetchval(_queries.count_pending, account))


async def claimed_by(conn: Connection, account: str, actor: str) -> list[Job]:
    """Return the jobs of an account that somebody has claimed."""
    return [job_from(row) for row in await conn.fetch(_queries.claimed_by, account, actor)]


async def last_items(
    conn: Connection, keys: Sequence[Key], most: int = 5
) -> dict[Key, list[dict[str, Any]]]:
    """Return the last history items of these messages, newest first (S3-64)."""
    found: dict[Key, list[dict[str, Any]]] = {key: [] for key in keys}
    columns = [[key[place] for key in found] for place in range(3)]
    for row in await conn.fetch(_queries.last_items, *columns, most):
        found[key_of(row)].append(item_from(row["item"], row["hash"], row["words"]))
    return found
