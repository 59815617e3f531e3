"""Secure links in the store: by fingerprint only, with the one-time nonces of their pages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.messages import Key
from gateway.domain.receipts import NONCE_LIFETIME
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of

_queries = load("links")


@dataclass(frozen=True, slots=True)
class StoredLink:
    """What a link opens, for whom, until when."""

    key: Key
    attempt: UUID
    contact: str
    expires_at: datetime
    opened_at: datetime | None


async def find(conn: Connection, fingerprint: str) -> StoredLink | None:
    """Find a link; None when there is none."""
    row = await conn.fetchrow(_queries.find_link, fingerprint)
    if row is None:
        return None
    at = row["opened_at"]
    return StoredLink(key_of(row), row["attempt"], row["contact"], row["expires_at"], at)


async def add_nonce(conn: Connection, fingerprint: str, nonce: str, now: datetime) -> None:
    """Remember (the fingerprint of) the nonce of a page that is about to be shown."""
    await conn.execute(_queries.add_nonce, fingerprint, nonce, now)


async def use_nonce(conn: Connection, fingerprint: str, nonce: str, now: datetime) -> bool:
    """Use a nonce up; False when it is unknown, used or too old."""
    since = now - NONCE_LIFETIME
    return await conn.fetchval(_queries.use_nonce, fingerprint, nonce, since) is not None


async def note_opened(conn: Connection, fingerprint: str, now: datetime) -> None:
    """Note that a link was opened."""
    await conn.execute(_queries.note_opened, fingerprint, now)


async def opened(conn: Connection, attempt: UUID) -> bool:
    """Tell whether any link of an attempt was opened."""
    return bool(await conn.fetchval(_queries.opened, attempt))
