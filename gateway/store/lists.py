"""Lists: rows by filters that may be left out, each as planned without those (decision 0036)."""

from gateway.store.pool import Connection, Record
from gateway.store.queries import narrowed


async def listed(conn: Connection, query: str, *given: object) -> list[Record]:
    """Return the rows of a query, narrowed by which of its arguments are given."""
    rows: list[Record] = await conn.fetch(narrowed(query, given), *given)
    return rows
