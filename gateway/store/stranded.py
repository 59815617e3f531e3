"""Jobs whose message is not there: held, told to a lead every 15 minutes, ended by one (S3-33)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.domain.chance import Chance
from gateway.domain.jobs import MESSAGE_MISSING, REMIND_EVERY, Job
from gateway.domain.stranded import missing_message
from gateway.store import jobs, needs
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import job_from

_queries = load("stranded")


async def hold(
    conn: Connection, boot: int, stranded: Sequence[Job], now: datetime, chance: Chance
) -> None:
    """Hold claimed jobs and alert a lead about each, all or nothing."""
    ids = [job.id for job in stranded]
    async with conn.transaction():
        rows = await conn.fetch(_queries.hold_stranded, ids, boot, now, now + REMIND_EVERY)
        held = {row["id"] for row in rows}
        found = [job for job in stranded if job.id in held]
        for job in found:
            payload = {"sink": "lead", "reason": MESSAGE_MISSING, "text": missing_message(job)}
            await jobs.add_alert(conn, chance.uuid(), now, payload)
        if found:
            why = MESSAGE_MISSING
            told = [needs.row_of(job.key, job.id, "held", why, now) for job in found]
            await needs.add(conn, told)


async def cancel(conn: Connection, job: UUID) -> Job | None:
    """End a job whose message is not there; None when there is no such job."""
    row = await conn.fetchrow(_queries.cancel_stranded, job)
    return job_from(row) if row else None
