"""Published calendars in the store: what each secret address shows, known by fingerprint only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.store.pool import Connection, Record
from gateway.store.queries import load

_queries = load("calendars")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A published calendar: of a schedule, of a contact's shifts, or of both together."""

    id: UUID
    account: str
    schedule: str | None
    contact: str | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar, the account's version in force, and since when that is."""

    calendar: Calendar
    version: int
    changed_at: datetime


async def add(conn: Connection, calendar: Calendar, fingerprint: str) -> None:
    """Publish a calendar at the address with this fingerprint."""
    one = calendar
    await conn.execute(
        _queries.add_calendar,
        one.id,
        one.account,
        one.schedule,
        one.contact,
        fingerprint,
        one.created_at,
        one.created_by,
    )


async def list_all(conn: Connection, account: str) -> list[Calendar]:
    """Return the calendars of an account that are published, oldest first."""
    return [_calendar(row) for row in await conn.fetch(_queries.list_calendars, account)]


async def revoke(conn: Connection, account: str, calendar: UUID, now: datetime) -> bool:
    """Publish a calendar no more; False when there is none of that id."""
    found = await conn.fetchval(_queries.revoke_calendar, account, calendar, now)
    return found is not None


async def find(conn: Connection, fingerprint: str) -> Found | None:
    """Return what an address publishes; None when it is unknown, revoked, or the account gone."""
    row = await conn.fetchrow(_queries.find_calendar, fingerprint)
    return Found(_calendar(row), row["version"], row["changed_at"]) if row else None


def _calendar(row: Record) -> Calendar:
    return Calendar(
        row["id"],
        row["account"],
        row["schedule"],
        row["contact"],
        row["created_at"],
        row["created_by"],
    )
