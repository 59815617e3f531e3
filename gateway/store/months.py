"""Months in the store: room for what is kept by the month is made before it begins."""

from datetime import date, datetime, timedelta
from typing import Final

import asyncpg

from gateway.domain.months import month_of
from gateway.store.pool import Connection
from gateway.store.queries import load

# Each of them has a partition for each month, and one for what belongs to none of these.
TABLES: Final = ("history", "attempts")
# Every month that stands empty is looked into in vain, so the next one is made near its time.
_AHEAD: Final = timedelta(days=10)
IN_USE: Final = asyncpg.LockNotAvailableError
_queries = load("months")


async def make_room(conn: Connection, now: datetime) -> int:
    """Make what is missing of the partitions of now and of ten days later; return how many.

    Each in a transaction of its own, brief. Raises IN_USE when it would have kept others waiting
    for more than a second; rows then go where they go without a partition.
    """
    made = 0
    for table in TABLES:
        for month in (month_of(now), month_of(now + _AHEAD)):
            made += await conn.fetchval(_queries.make_month, table, month)
    return made


async def away(conn: Connection) -> list[date]:
    """Return the months that were put away: their histories and attempts are kept elsewhere."""
    return [row["month"] for row in await conn.fetch(_queries.months_away)]
