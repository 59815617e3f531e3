"""Inbound calls in the store: who calls, and which messages are open for them."""

from datetime import datetime
from typing import NamedTuple

from gateway.domain.guesses import WINDOW
from gateway.domain.messages import Key
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

_queries = load("inbound")


class Waiting(NamedTuple):
    """A message that is open for a caller: whoever of its account they are."""

    key: Key
    contact: str


async def first_heard_of(conn: Connection, call: str, now: datetime) -> datetime:
    """Remember for ever that a call came, by the carrier's name of it; return when it first did."""
    return await conn.fetchval(_queries.hear_of, call, now) or now


async def waiting_for(conn: Connection, phone: str) -> tuple[Waiting, ...]:
    """Find the open messages of which a phone's owner was told already, the most urgent first."""
    rows = await conn.fetch(_queries.waiting_for, phone)
    return tuple([Waiting(key_of(row), row["contact"]) for row in rows])


async def guess(conn: Connection, phone: str, now: datetime, press: str) -> int:
    """Count a PIN that is tried on a call from a number; return which one it is in a day.

    `press` names the key press, which counts once.
    """
    return int(await conn.fetchval(_queries.count_guess, phone, now, now - WINDOW, press))


async def guesses(conn: Connection, phone: str, now: datetime) -> int:
    """Return how many PINs were tried on calls from a number in a day, none of them right."""
    return int(await conn.fetchval(_queries.guesses, phone, now - WINDOW) or 0)


async def forget_guesses(conn: Connection, phone: str) -> None:
    """Begin to count anew: the right PIN came."""
    await conn.execute(_queries.forget_guesses, phone)
