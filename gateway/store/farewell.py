"""What a process that is told to end asks of the store: who is on the line, and who else works."""

from datetime import datetime
from typing import Final

from gateway.store.jobs import BOOT_LOCK
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("farewell")
# Each process that ends holds it, shared with the others.
_LEAVE_LOCK: Final = 0x6470_6C76


async def on_the_line(
    conn: Connection, now: datetime, picked_up: datetime, called: datetime | None = None
) -> bool:
    """Tell whether somebody is on a call who has not said yet what becomes of it.

    Of those who picked up by an instant, or are being called since another (None: nobody of them).
    """
    return bool(await conn.fetchval(_queries.on_the_line, now, picked_up, called))


async def take_leave(conn: Connection) -> None:
    """Have all processes know that this one, with its engine, ends; as long as `conn` lives."""
    await conn.fetchval(_queries.take_leave, _LEAVE_LOCK)


async def engines_that_stay(conn: Connection) -> int:
    """Count the engines that live in processes which do not end."""
    return int(await conn.fetchval(_queries.engines_that_stay, BOOT_LOCK, _LEAVE_LOCK))
