"""What is said to the database, statement by statement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from gateway.store.pool import Connection


@asynccontextmanager
async def counted(conn: Connection) -> AsyncIterator[list[str]]:
    """Gather what is sent meanwhile, but for the driver's own questions about our types."""
    sent: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        if query.query.startswith(("--", "BEGIN", "COMMIT", "COPY")):
            sent.append(query.query)

    conn.add_query_logger(note)
    try:
        yield sent
        await conn.execute("select 1")  # the driver tells of a query after it has answered it
    finally:
        conn.remove_query_logger(note)
