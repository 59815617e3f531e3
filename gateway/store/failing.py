"""Which phones only ever fail, by the attempts of the last days."""

from datetime import datetime

from gateway.domain.failing import ENOUGH, LOOKED_BACK, Failing
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("failing")


async def failing(conn: Connection, account: str, now: datetime) -> list[Failing]:
    """Return the phones of an account's people of which nothing but failures come."""
    rows = await conn.fetch(_queries.failing_phones, account, now - LOOKED_BACK, ENOUGH)
    return [Failing(*row.values()) for row in rows]
