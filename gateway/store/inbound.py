"""Inbound calls in the store: who calls, and which messages are open for them."""

from typing import NamedTuple

from gateway.domain.messages import Key
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

_queries = load("inbound")


class Waiting(NamedTuple):
    """A message that is open for a caller: whoever of its account they are."""

    key: Key
    contact: str


async def waiting_for(conn: Connection, phone: str) -> tuple[Waiting, ...]:
    """Find the open messages of which a phone's owner was told already, the most urgent first."""
    rows = await conn.fetch(_queries.waiting_for, phone)
    return tuple([Waiting(key_of(row), row["contact"]) for row in rows])
