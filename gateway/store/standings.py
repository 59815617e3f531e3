"""Standings: how much work is there that has not ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("standings")


@dataclass(frozen=True, slots=True)
class Standings:
    """How much work stands: jobs by state, seconds the oldest due one waits, unsure attempts."""

    jobs: Mapping[str, int]
    oldest: float
    unsure: int


async def standings(conn: Connection, now: datetime) -> Standings:
    """Count what is not ended."""
    row = await conn.fetchrow(_queries.standings, now)
    assert row is not None  # noqa: S101 - it selects one row
    oldest: datetime | None = row["oldest"]
    late = (now - oldest).total_seconds() if oldest else 0.0
    return Standings(row["jobs"], late, row["unsure"])
