"""Erasing what people said of cases, hand-offs and field jobs: their histories stay and verify."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.chance import SystemChance
from gateway.domain.kinds import WAYS
from gateway.domain.matter_words import without_words
from gateway.domain.matters import Item, Matter, Written
from gateway.store import matters
from gateway.store.claims import Rates
from gateway.store.matters import Hand
from gateway.store.pool import Connection
from gateway.store.queries import load

BATCH: Final = 100
_queries = load("matter_words")


async def erase_before(
    conn: Connection, account: str, before: datetime, order: tuple[str, datetime, str]
) -> int:
    """Erase an account's matters that are over and untouched since an instant, a batch of them.

    `order`: who has it done, when, and why. Returns how many there were.
    """
    rows = await conn.fetch(_queries.matters_with_words, account, before, BATCH)
    return await _erase(conn, [row["id"] for row in rows], order)


async def erase_about(
    conn: Connection,
    accounts: Sequence[str],
    ucns: Sequence[str],
    order: tuple[str, datetime, str],
) -> int:
    """Erase the matters about these messages that are over."""
    rows = await conn.fetch(_queries.matters_about, list(accounts), list(ucns))
    return await _erase(conn, [row["id"] for row in rows], order)


async def _erase(conn: Connection, ids: Sequence[UUID], order: tuple[str, datetime, str]) -> int:
    actor, now, reason = order
    hand, done = Hand(actor, now, SystemChance(), Rates({})), 0
    for matter in ids:
        async with conn.transaction():
            what = partial(_erased, reason)
            if await matters.revise(conn, WAYS, matter, what, hand) is not None:
                await conn.execute(_queries.erase_matter_words, matter)
                done += 1
    return done


def _erased(reason: str, one: Matter[Any]) -> Written[Any] | None:
    """Say that the words of a matter are gone; None while somebody still works it."""
    if not one.ways.over(one.facts):
        return None
    data = {"reason": reason}
    item = Item(f"{one.ways.kind}.erased", "What people said of it was erased.", data=data)
    return Written(without_words(one.facts), (item,), one.next_at)
