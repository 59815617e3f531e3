"""Erasing details: what people wrote and said goes, what proves the dispatch stays (DESIGN 12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from gateway.domain.messages import Key
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

# So many messages are erased in one transaction.
BATCH: Final = 500
_queries = load("erasing")


class Order(NamedTuple):
    """Who has details erased, when and why; the account's history says so."""

    actor: str
    now: datetime
    reason: str


async def erase(conn: Connection, keys: Sequence[Key], order: Order) -> list[str]:
    """Erase the details of messages that nobody works any more; return the UCNs that had any."""
    if not keys:
        return []
    async with conn.transaction():
        columns = [list(column) for column in zip(*keys, strict=True)]
        rows = await conn.fetch(_queries.erase_words, *columns)
        if rows:
            accounts, ucns = [r["account"] for r in rows], [r["ucn"] for r in rows]
            said = (order.now, order.actor, order.reason)
            await conn.execute(_queries.note_erased, accounts, ucns, *said)
    return [row["ucn"] for row in rows]


async def of_caller(conn: Connection, phone: str, account: str | None = None) -> list[Key]:
    """Return the messages that were left by whoever gave that phone number."""
    return [key_of(row) for row in await conn.fetch(_queries.of_caller, phone, account)]


async def taken_before(
    conn: Connection, account: str, before: datetime, most: int = BATCH
) -> list[Key]:
    """Return closed messages taken before an instant that still have details, oldest first."""
    rows = await conn.fetch(_queries.taken_before, account, before, most)
    return [key_of(row) for row in rows]


async def with_details(conn: Connection, keys: Sequence[Key]) -> list[str]:
    """Return the UCNs of those messages whose details still stand."""
    if not keys:
        return []
    columns = [list(column) for column in zip(*keys, strict=True)]
    return [row["ucn"] for row in await conn.fetch(_queries.with_details, *columns)]
