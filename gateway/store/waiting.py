"""Waiting: jobs that found all sending numbers busy stand in a list, and are called up from it.

A job stands in it as long as its `next_at` is what it was when it joined; whatever gives it another
one takes it out. It comes back by that instant at the latest, whatever becomes of the list.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gateway.domain.sharing import MOST
from gateway.store.jobs import LEASE, Claimed
from gateway.store.pool import Connection, untangled
from gateway.store.queries import load
from gateway.store.rates import Rates
from gateway.store.rows import job_from

_queries = load("waiting")


class Waiter(NamedTuple):
    """A claimed job that is to wait: for a number of which channel, to reach which phone.

    It is looked at again at `until`, called up or not.
    """

    job: UUID
    channel: str
    phone: str
    until: datetime


class Tokens(NamedTuple):
    """How many calls or texts may leave now, as far as anybody asked, and when the next one may."""

    now: int
    next_at: datetime


async def join(conn: Connection, boot: int, waiters: Sequence[Waiter]) -> None:
    """Put jobs that this boot has claimed into the list; their due time is untouched."""
    if waiters:
        columns = [list(column) for column in zip(*waiters, strict=True)]
        await untangled(lambda: conn.execute(_queries.wait_for_numbers, *columns, boot))


async def tokens(conn: Connection, channel: str, rates: Rates, now: datetime, most: int) -> Tokens:
    """Count what the numbers of a channel may place now, `most` at most; nothing is taken."""
    rows = await conn.fetch(_queries.numbers_free, channel)
    free = {row["number"]: row["free_at"] for row in rows}
    return Tokens(*rates.tokens(channel, free, now, most))


async def call_up(
    conn: Connection, boot: int, now: datetime, channel: str, most: tuple[int, int]
) -> list[Claimed]:
    """Claim the most urgent who wait for a channel, then those who have waited for longest.

    `most`: so many, and so many of them of a lesser class (S3-10). With each come those who wait
    for the same phone, as many as go together (S3-67). What is known of each is to be loaded.
    """
    claims = (channel, *most, MOST - 1, now, boot, now + LEASE)
    rows = await conn.fetch(_queries.call_up, *claims)
    found = [Claimed(job_from(row), None, None, None, whole=False) for row in rows]
    return sorted(found, key=lambda one: (one.job.priority, one.due_at or now, one.id))
