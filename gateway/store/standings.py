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
    rows = await conn.fetch(_queries.count_jobs)
    oldest: datetime | None = await conn.fetchval(_queries.oldest_due, now)
    late = (now - oldest).total_seconds() if oldest else 0.0
    unsure = int(await conn.fetchval(_queries.count_unsure))
    return Standings({row["state"]: row["jobs"] for row in rows}, late, unsure)
