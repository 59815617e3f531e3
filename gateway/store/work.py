"""Work items by kind: dispatch, review and call-back work have a list each (S3-05)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.needs import CALLBACK_SKILL, WorkKind
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

_queries = load("work")


@dataclass(frozen=True, slots=True)
class Item:
    """Something for people to do; `subject`: id of a job, review or special, or a park's skill."""

    kind: WorkKind
    account: str
    ucn: str | None
    subject: str
    reason: str
    since: datetime | None
    owner: str | None


async def items(conn: Connection, kind: WorkKind, now: datetime, most: int) -> list[Item]:
    """Return the work of one kind: what is most urgent, or has waited longest, first."""
    if kind is WorkKind.REVIEW:
        return list(_items(await conn.fetch(_queries.review_work, most), kind))
    theirs = now, most, CALLBACK_SKILL, kind is WorkKind.CALLBACK
    parked = list(_items(await conn.fetch(_queries.parked_work, *theirs), kind))
    if kind is not WorkKind.DISPATCH:
        return parked
    jobs = list(_items(await conn.fetch(_queries.dispatch_work, now, most), kind))
    # However many jobs are due, half of the list is left to parked messages.
    parked = parked[: max(most // 2, most - len(jobs))]
    return [*jobs[: most - len(parked)], *parked]


def _items(rows: Iterable[Record], kind: WorkKind) -> Iterable[Item]:
    return (Item(kind, *row) for row in rows)
