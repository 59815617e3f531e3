"""Recordings in the store: where the calls can be heard on which messages were taken (S3-53)."""

from collections.abc import Sequence

from gateway.domain.messages import Key
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("recordings")


async def keep(conn: Connection, recorded: Sequence[tuple[Key, str]]) -> None:
    """Keep the addresses of new messages' recordings."""
    rows = [(*key, url) for key, url in recorded]
    await conn.execute(_queries.keep_recordings, *map(list, zip(*rows, strict=True)))


async def find(conn: Connection, key: Key) -> str | None:
    """Return the address of a message's recording; None when its call was not recorded."""
    row = await conn.fetchrow(_queries.recording_of, *key)
    return str(row["url"]) if row else None
