"""Work items by kind: dispatch, review and call-back work have a list each (S3-05)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.needs import WorkKind, kind_of_skill
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
    parked = [
        item
        for row in await conn.fetch(_queries.parked_work, now, most)
        for item in _items([row], kind_of_skill(row["subject"]))
    ]
    found = [item for item in parked if item.kind is kind]
    if kind is WorkKind.DISPATCH:
        jobs = _items(await conn.fetch(_queries.dispatch_work, now, most), kind)
        found = [*jobs, *found]
    return found[:most]


def _items(rows: Iterable[Record], kind: WorkKind) -> Iterable[Item]:
    return (Item(kind, *row) for row in rows)
