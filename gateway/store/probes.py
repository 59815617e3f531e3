"""Probes in the store: a test takes the same claims as what is sent for a message, and no more."""

from datetime import datetime
from uuid import UUID

from gateway.domain.change import CallOut, Change, TextOut
from gateway.domain.messages import Key
from gateway.domain.months import month_of
from gateway.store.claims import Claims
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rates import Rates
from gateway.store.verdicts import Verdict

_queries = load("changes")


async def claim(
    conn: Connection, wire: CallOut | TextOut, until: datetime | None, now: datetime, rates: Rates
) -> Verdict:
    """Claim a sending number for a test and, for a call, the phone until then at the latest.

    Written: it may be sent, once. NoToken, PhoneTaken: later. Stale: that number opted out of
    texts or is suspended.
    """
    change = Change(Key("", month_of(now), ""), 0, now, wire=wire, call_until=until)
    async with conn.transaction():
        return (await Claims(conn, now, rates).take({0: change}))[0]


async def let_go(conn: Connection, attempt: UUID) -> None:
    """Give the phone of a test call back."""
    await conn.execute(_queries.drop_phones, [attempt])
