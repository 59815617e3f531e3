"""What follows: the next instant at which something may be claimed, from a bound on."""

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from gateway.store.pool import Connection
from gateway.store.queries import load

Since: TypeAlias = tuple[datetime, datetime, datetime]
"""From which instant on jobs are looked at: emergencies, urgent and routine ones."""
LONG_AGO: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
EVER: Final[Since] = (LONG_AGO, LONG_AGO, LONG_AGO)
_queries = load("jobs")


class Following(NamedTuple):
    """The earliest instant at which a job or errand may be claimed, and that of the jobs alone."""

    at: datetime | None
    job_at: datetime | None


async def next_due(conn: Connection, since: Since = EVER) -> Following:
    """Return what is the first to be claimed of all that nobody holds, jobs `since` then."""
    row = await conn.fetchrow(_queries.next_due, since)
    assert row is not None  # noqa: S101 - it selects one row
    return Following(row["at"], row["job_at"])
