"""Parks in the store: those that are not over, with their words and the message's annotations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.messages import Key, Message
from gateway.store.lists import listed
from gateway.store.messages import item_from
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of, message_from

_queries = load("parks")


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message, what it was parked for (None once erased), and its annotations' items."""

    message: Message
    text: str | None
    annotations: Sequence[dict[str, Any]]


async def list_parked(
    conn: Connection, account: str | None, skill: str | None, most: int
) -> list[Parked]:
    """Return parked messages, of an account, for a skill (None: any); longest parked first."""
    rows = await listed(conn, _queries.list_parked, account, skill, most)
    keys = [key_of(row) for row in rows]
    notes = await annotations_of(conn, keys)
    return [
        Parked(message_from(row), row["park_words"], notes[key])
        for row, key in zip(rows, keys, strict=True)
    ]


async def annotations_of(conn: Connection, keys: Sequence[Key]) -> dict[Key, list[dict[str, Any]]]:
    """Return the items of these messages' annotations, oldest first."""
    columns = [[key[place] for key in keys] for place in range(3)]
    notes: dict[Key, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in await conn.fetch(_queries.annotations_of, *columns):
        notes[key_of(row)].append(item_from(row["item"], row["hash"], row["words"]))
    return notes
