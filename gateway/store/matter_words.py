"""Erasing what people said of cases, hand-offs and field jobs: their histories stay and verify.

With it go their files, who a customer was, and what requests about them were answered.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from gateway.chance import SystemChance
from gateway.domain.kinds import WAYS
from gateway.domain.matter_words import files_of, without_words
from gateway.domain.matters import Item, Matter, Written
from gateway.store import customers, files, idempotency, matters
from gateway.store.matters import Hand
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rates import Rates

BATCH: Final = 100
Ordered = tuple[str, datetime, str]
"""Who has it erased, when, and why."""
Pair = tuple[str, str]
_queries = load("matter_words")


class Gone(NamedTuple):
    """What was erased of a caller: how many matters and customers; and what is still worked."""

    matters: int
    customers: int
    left: tuple[UUID, ...]


async def erase_before(conn: Connection, account: str, before: datetime, order: Ordered) -> int:
    """Erase an account's matters that are over and untouched since an instant, a batch of them.

    Returns how many there were.
    """
    rows = await conn.fetch(_queries.matters_with_words, account, before, BATCH)
    return await _erase(conn, rows, order)


async def erase_about(
    conn: Connection, accounts: Sequence[str], ucns: Sequence[str], order: Ordered
) -> int:
    """Erase the matters about these messages that are over."""
    return await _erase_worded(conn, await _about(conn, accounts, ucns), order)


async def worked_about(
    conn: Connection, accounts: Sequence[str], ucns: Sequence[str]
) -> list[UUID]:
    """Return the matters about these messages that keep words: not over, or a letter is leaving."""
    return await _left(conn, await _about(conn, accounts, ucns))


async def ucns_kept(conn: Connection, accounts: Sequence[str], ucns: Sequence[str]) -> set[Pair]:
    """Return account and UCN of those of these messages that such matters are about."""
    left = await worked_about(conn, accounts, ucns)
    rows = await conn.fetch(_queries.messages_of_matters, left)
    return {(row["account"], row["ucn"]) for row in rows}


async def _about(conn: Connection, accounts: Sequence[str], ucns: Sequence[str]) -> list[UUID]:
    rows = await conn.fetch(_queries.matters_about, list(accounts), list(ucns))
    return [row["id"] for row in rows]


async def _left(conn: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Return which of these are not over, or have anything left to erase."""
    found = [await matters.find_all(conn, ways, ids) for ways in WAYS.values()]
    worked = {one.id for each in found for one in each if not one.ways.over(one.facts)}
    worded = {row["id"] for row in await conn.fetch(_queries.matters_still_worded, list(ids))}
    return sorted(worked | worded)


async def erase_caller(
    conn: Connection, phone: str, account: str | None, order: Callable[[], Ordered]
) -> Gone:
    """Erase what is over of whoever has that number: their field jobs, cases about these, them.

    Their hand-offs likewise. With an account only its jobs, and customers for whom nothing is left.
    `order` is asked before each batch, so that it says when that was.
    """
    before: int = await conn.fetchval(_queries.count_customers, phone)
    rows = await conn.fetch(_queries.matters_of_caller, phone, account)
    ids = [row["id"] for row in rows]
    done = 0
    for start in range(0, len(ids), BATCH):
        done += await _erase_worded(conn, ids[start : start + BATCH], order())
    if account is None:
        await customers.erase_caller(conn, phone, *order()[:2])
    after: int = await conn.fetchval(_queries.count_customers, phone)
    return Gone(done, before - after, tuple(await _left(conn, ids)))


async def _erase_worded(conn: Connection, ids: Sequence[UUID], order: Ordered) -> int:
    """Erase those of these that are over and have anything left to erase; return how many."""
    return await _erase(conn, await conn.fetch(_queries.matters_still_worded, list(ids)), order)


async def _erase(conn: Connection, rows: Sequence[Record], order: Ordered) -> int:
    """Erase those of these that are over, each whole or not at all; return how many."""
    return sum([await _erase_one(conn, row["id"], order) for row in rows])


async def _erase_one(conn: Connection, matter: UUID, order: Ordered) -> bool:
    actor, now, reason = order
    filed: tuple[UUID, ...] = ()

    def what(one: Matter[Any]) -> Written[Any] | None:
        nonlocal filed
        filed = files_of(one.facts)
        return _erased(reason, one)

    async with conn.transaction():
        held = await conn.fetch(_queries.hold_letters, matter)
        if any(row["state"] == "intended" for row in held):
            return False  # on the wire: what becomes of it is still to be written down
        hand = Hand(actor, now, SystemChance(), Rates({}))
        if await matters.revise(conn, WAYS, matter, what, hand) is None:
            return False
        await conn.execute(_queries.erase_matter_words, matter)
        await idempotency.erase(conn, [matter])
        await files.note_erased(conn, filed, now)
        await customers.erase_with(conn, [matter], actor, now)
    return True


def _erased(reason: str, one: Matter[Any]) -> Written[Any] | None:
    """Say that the words of a matter are gone; None while somebody still works it."""
    if not one.ways.over(one.facts):
        return None
    data = {"reason": reason}
    item = Item(f"{one.ways.kind}.erased", "What people said of it was erased.", data=data)
    return Written(without_words(one.facts), (item,), one.next_at)
