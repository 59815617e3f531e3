"""Letters in the store: written with what decides on them, on the wire once at most."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.domain.matters import Kind, Letter
from gateway.store.outbox import Outbox
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("letters")
OUTBOX: Final = Outbox(_queries.lock_letter, _queries.intend_letter, _queries.settle_letter)


@dataclass(frozen=True, slots=True)
class Found:
    """A letter, whose it is, and how it stands: waiting, intended, sent, failed, unsure, dropped.

    `barred`: its number takes no texts.
    """

    id: UUID
    matter: UUID
    kind: Kind
    letter: Letter
    state: str
    barred: bool


async def find(conn: Connection, letter: UUID) -> Found | None:
    """Look a letter up."""
    row = await conn.fetchrow(_queries.find_letter, letter)
    if row is None:
        return None
    what = Letter(
        row["name"], row["way"], row["recipient"], row["subject"], row["body"], row["until"]
    )
    return Found(
        row["id"], row["matter"], Kind(row["matter_kind"]), what, row["state"], row["barred"]
    )
