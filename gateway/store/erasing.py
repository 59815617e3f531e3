"""Erasing details: what people wrote and said goes, what proves the dispatch stays (DESIGN 12)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from gateway.domain.messages import Key
from gateway.store import matter_words
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

# So many messages are erased in one transaction.
BATCH: Final = 500
_queries = load("erasing")


class Order(NamedTuple):
    """Who has details erased, when and why; the account's history says so."""

    actor: str
    now: datetime
    reason: str


class Aged(NamedTuple):
    """Messages old enough to be erased; `then`: after which to go on, empty when there are none."""

    keys: list[Key]
    then: Mapping[str, str]


async def erase(conn: Connection, keys: Sequence[Key], order: Order) -> list[str]:
    """Erase the details of messages that nobody works any more; return the UCNs that had any.

    Those of cases and field jobs about them go too, where they are over.
    """
    if not keys:
        return []
    async with conn.transaction():
        columns = [list(column) for column in zip(*keys, strict=True)]
        await conn.execute(_queries.lock_messages, *columns)
        rows = await conn.fetch(_queries.erase_words, *columns)
        if rows:
            accounts, ucns = [r["account"] for r in rows], [r["ucn"] for r in rows]
            said = (order.now, order.actor, order.reason)
            await conn.execute(_queries.note_erased, accounts, ucns, *said)
    about = [key.account for key in keys], [key.ucn for key in keys]
    await matter_words.erase_about(conn, *about, (order.actor, order.now, order.reason))
    return [row["ucn"] for row in rows]


async def erase_about(conn: Connection, keys: Sequence[Key], order: Order) -> list[Key]:
    """Erase what is over about messages; return those about which nothing is left to erase."""
    about = [key.account for key in keys], [key.ucn for key in keys]
    await matter_words.erase_about(conn, *about, (order.actor, order.now, order.reason))
    kept = await matter_words.ucns_kept(conn, *about)
    return [key for key in keys if (key.account, key.ucn) not in kept]


async def of_caller(conn: Connection, phone: str, account: str | None = None) -> list[Key]:
    """Return the messages that were left by whoever gave that phone number."""
    return [key_of(row) for row in await conn.fetch(_queries.of_caller, phone, account)]


async def details_before(
    conn: Connection, account: str, before: datetime, after: Mapping[str, str]
) -> Aged:
    """Return the next messages taken before an instant that are over and still have details."""
    place = date.fromisoformat(after.get("month", "0001-01-01")), after.get("ucn", "")
    rows = await conn.fetch(_queries.details_before, account, before, BATCH, *place)
    last = rows[-1] if len(rows) == BATCH else None
    then = {"month": last["month"].isoformat(), "ucn": last["ucn"]} if last else {}
    return Aged([key_of(row) for row in rows if row["aged"]], then)


async def with_details(conn: Connection, keys: Sequence[Key]) -> list[str]:
    """Return the UCNs of those messages whose details still stand."""
    if not keys:
        return []
    columns = [list(column) for column in zip(*keys, strict=True)]
    return [row["ucn"] for row in await conn.fetch(_queries.with_details, *columns)]
