"""Casework in the store: which cases nobody has looked at."""

from datetime import datetime, timedelta

from gateway.domain import reviewing
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case
from gateway.store import matters
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("casework")


async def stale(conn: Connection, days: int, now: datetime, most: int) -> list[Case]:
    """Return the open cases not reviewed for so many days, longest unreviewed first (S4-24)."""
    limit = now - timedelta(days=days)
    ids = [row["id"] for row in await conn.fetch(_queries.stale_cases, limit, most)]
    found = [one.facts for one in await matters.find_all(conn, CASES, ids)]
    # A case may have been reviewed between the two statements.
    left = reviewing.stale(found, days, now)
    return [one.case for one in sorted(left, key=lambda one: (one.since, one.case.id))]
