"""Alerts in the store: the same words to a sink are told once a minute, with their number."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from gateway.store.pool import Connection
from gateway.store.queries import load

WINDOW: Final = timedelta(minutes=1)
_LONG: Final = timedelta(hours=1)
_queries = load("alerts")


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell it now; the same was asked for `more` times since it was told last.

    `missed`: so often this one was told before, and not taken.
    """

    more: int
    missed: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Tell it then, with how many there were until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """Another alert tells of it."""


Turn = Tell | Wait | Counted


class _Told(NamedTuple):
    until: datetime
    teller: UUID
    waiter: UUID | None
    held: int
    told: int
    tries: int


async def turn(conn: Connection, sink: str, same: str, mine: UUID, now: datetime) -> Turn:
    """Return what becomes of an alert, `mine` the errand that brings it; none is ever lost.

    `same` is what makes two of them the same: their words, as a rule.

    The first within a minute is told, the second waits for the minute's end, all others are counted
    by the one that waits. The same errand may ask again and is answered alike.
    """
    key = (sink, hashlib.sha256(same.encode()).digest())
    async with conn.transaction():
        await conn.execute(_queries.forget_alerts, now - _LONG)
        if await conn.fetchval(_queries.open_alert, *key, now + WINDOW, mine) is not None:
            return Tell(0, 0)
        row = await conn.fetchrow(_queries.lock_alert, *key)
        if row is None:  # forgotten in between
            return Tell(0, 0)
        answer, after = _next(_Told(*row), mine, now)
        await conn.execute(_queries.keep_alert, *key, *after)
    return answer


def _next(before: _Told, mine: UUID, now: datetime) -> tuple[Turn, _Told]:
    """Say what becomes of one, and how it stands then; pure."""
    over = before.until <= now
    if before.teller == mine:
        return Tell(before.told, before.tries), before._replace(tries=before.tries + 1)
    if over and before.waiter in {None, mine}:
        more = before.held - 1 if before.waiter == mine else 0
        return Tell(more, 0), _Told(now + WINDOW, mine, None, 0, more, 1)
    if before.waiter == mine:
        return Wait(before.until), before
    counted = before._replace(held=before.held + 1)
    if before.waiter is None:
        return Wait(before.until), counted._replace(waiter=mine)
    return Counted(), counted
