"""What a process that is told to end asks of the store: who is on the line, and who else works."""

from datetime import datetime

from gateway.store.jobs import BOOT_LOCK
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("farewell")


async def on_the_line(
    conn: Connection, now: datetime, picked_up: datetime, called: datetime | None = None
) -> bool:
    """Tell whether somebody is on a call who has not said yet what becomes of it.

    Of those who picked up by an instant, or are being called since another (None: nobody of them).
    """
    return bool(await conn.fetchval(_queries.on_the_line, now, picked_up, called))


async def engines(conn: Connection) -> int:
    """Count the engines that live, here and in other processes."""
    return int(await conn.fetchval(_queries.engines, BOOT_LOCK))
