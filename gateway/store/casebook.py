"""The casebook in the store: each version stays, the newest is in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from gateway.domain.casebook import Casebook
from gateway.store.pool import Connection
from gateway.store.queries import load

BOOK: Final = TypeAdapter(Casebook)
_queries = load("casebook")


@dataclass(frozen=True, slots=True)
class InForce:
    """The casebook in force; version 0, by nobody, is the usual one before any was put."""

    version: int
    book: Casebook
    put_at: datetime | None
    put_by: str | None


async def in_force(conn: Connection) -> InForce:
    """Return the casebook in force."""
    row = await conn.fetchrow(_queries.newest_casebook)
    if row is None:
        return InForce(0, Casebook(), None, None)
    return InForce(
        row["version"], BOOK.validate_python(row["document"]), row["put_at"], row["put_by"]
    )


async def put(
    conn: Connection, book: Casebook, version: int, by: str, now: datetime
) -> InForce | None:
    """Put a casebook in force in place of `version`; None when that is not the newest any more."""
    document = BOOK.dump_python(book, mode="json")
    found = await conn.fetchval(_queries.put_casebook, version + 1, document, now, by)
    return InForce(found, book, now, by) if found is not None else None
