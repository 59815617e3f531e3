"""Months in the store: room for what is kept by the month is made before it begins."""

from datetime import datetime, timedelta
from typing import Final

from gateway.domain.months import month_of
from gateway.store.pool import Connection
from gateway.store.queries import load

# Each of them has a partition for each month, and one for what belongs to none of these.
TABLES: Final = ("history", "attempts")
# Longer than a month, shorter than two.
_NEXT: Final = timedelta(days=32)
_queries = load("months")


async def make_room(conn: Connection, now: datetime) -> int:
    """Make what is missing of the partitions of this month and the next; return how many.

    Each in a transaction of its own that waits 2 s for its locks at most and is brief. Raises
    asyncpg.LockNotAvailableError after that; rows then go where they go without a partition.
    """
    made = 0
    for table in TABLES:
        for month in (month_of(now), month_of(month_after(now))):
            made += await conn.fetchval(_queries.make_month, table, month)
    return made


def month_after(now: datetime) -> datetime:
    """Return an instant in the month after."""
    return now.replace(day=1) + _NEXT
