"""Sessions: who is coded for dispatch (S3-03, S3-07)."""

from datetime import datetime

from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("sessions")


async def code(conn: Connection, name: str, by: str, now: datetime, *, coded: bool) -> None:
    """Code somebody for dispatch, or take it back; `by` is an actor such as `wfm:W-1`."""
    await conn.execute(_queries.code_session, name, coded, now, by)


async def is_coded(conn: Connection, name: str) -> bool:
    """Tell whether somebody is coded for dispatch; nobody is by default."""
    return bool(await conn.fetchval(_queries.is_coded, name))
