"""Duties in the store: armed by documents, claimed by lease, re-armed when they are done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from gateway.domain.documents import AccountDocument
from gateway.domain.duties import ASKED_FOR, Wanted, wanted
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

LEASE: Final = timedelta(minutes=2)
_queries = load("duties")


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty that is ours for the length of a lease.

    `at` is when it was due, `memory` what its last turn left, `tries` how often it was begun since
    it was last done, `version` that of the account's document (None: the account is gone).
    """

    id: UUID
    account: str
    kind: str
    key: str
    at: datetime
    memory: Mapping[str, Any]
    tries: int
    fence: int
    version: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a duty: when it is due again (None: never), and what it wants remembered.

    `then` writes whatever follows from it, in the very transaction that re-arms it: all of it or
    nothing, and once only, however many daemons performed it.
    """

    next_at: datetime | None
    memory: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[Connection], Awaitable[None]] | None = None


async def count_uncovered(conn: Connection) -> int:
    """Count the schedules that leave hours ahead to nobody, as their accounts' last look found."""
    return int(await conn.fetchval(_queries.count_uncovered))


async def arm(conn: Connection, documents: Sequence[AccountDocument], now: datetime) -> None:
    """Have the duties of these documents done now, and forget those no longer wanted."""
    duties = [one for document in documents for one in wanted(document)]
    accounts, ids = [document.account for document in documents], [one.id for one in duties]
    armed = await conn.fetch(_queries.duties_by_document, accounts, list(ASKED_FOR))
    if idle := {row["id"] for row in armed} - set(ids):
        await conn.execute(_queries.disarm_duties, [*idle])
    columns = [[str(part) for part in column] for column in zip(*duties, strict=True)]
    if columns:
        await conn.execute(_queries.arm_duties, ids, *columns, now)


async def ask(conn: Connection, duty: Wanted, now: datetime) -> None:
    """Have a duty done now that other duties ask for; one that is under way is left alone."""
    await conn.execute(_queries.ask_duty, duty.id, *map(str, duty), now)


async def arm_older(conn: Connection, now: datetime, after: str, most: int) -> str | None:
    """Arm accounts beyond `after` that have no duties yet; return the last, None at the end."""
    rows = await conn.fetch(_queries.documents_without_duties, after, most)
    found = [document for row in rows if (document := _readable(row))]
    async with conn.transaction():
        await arm(conn, found, now)
    return rows[-1]["account"] if len(rows) == most else None


def _readable(row: Record) -> AccountDocument | None:
    try:
        return AccountDocument.model_validate(row["document"])
    except ValidationError:  # said where it is compiled
        return None


async def claim(conn: Connection, now: datetime, most: int, quiet: int | None = None) -> list[Duty]:
    """Claim due duties, oldest first: so many at most, and so many of the quiet (None: as many)."""
    quietly = most if quiet is None else quiet
    rows = await conn.fetch(_queries.claim_duties, now, now + LEASE, most, quietly)
    return sorted((_duty(row) for row in rows), key=lambda one: (one.at, one.id))


def _duty(row: Record) -> Duty:
    return Duty(
        id=row["id"],
        account=row["account"],
        kind=row["kind"],
        key=row["key"],
        at=row["next_at"],
        memory=row["memory"],
        tries=row["tries"],
        fence=row["fence"],
        version=row["version"],
    )


async def complete(conn: Connection, duty: Duty, done: Done) -> bool:
    """Write what came of a duty and arm it anew; False, and nothing written, if it is not ours.

    It is not when its lease ran out and somebody claimed it, or its document changed meanwhile.
    """
    async with conn.transaction():
        if done.next_at is None:
            ours = await conn.fetchval(_queries.end_duty, duty.id, duty.fence)
        else:
            ours = await conn.fetchval(
                _queries.rearm_duty, duty.id, duty.fence, done.next_at, dict(done.memory)
            )
        if ours is not None and done.then is not None:
            await done.then(conn)
    return ours is not None


async def postpone(conn: Connection, duty: Duty, until: datetime) -> None:
    """Have a duty that failed come back; what it remembers is untouched."""
    await conn.execute(_queries.postpone_duty, duty.id, duty.fence, until)


async def next_due(
    conn: Connection, now: datetime, *, awaited: bool = True, quiet: bool = True
) -> datetime | None:
    """Return the earliest instant at which a duty of these may be claimed, as seen at `now`."""
    at: datetime | None = await conn.fetchval(_queries.next_duty, awaited, quiet, now)
    return at
