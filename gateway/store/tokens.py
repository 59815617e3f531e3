"""API tokens: shown once, stored as their SHA-256 (being random, they need nothing slower)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.store.pool import Connection
from gateway.store.queries import load

ROLES: Final = (
    "agent",
    "dispatcher",
    "lead",
    "wfm",
    "account_manager",
    "technician",
    "admin",
)
_ENTROPY: Final = 32
_queries = load("tokens")


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as a list shows it."""

    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None


def fingerprint(token: str) -> str:
    """Return what is stored of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def create(conn: Connection, name: str, role: str, now: datetime) -> str:
    """Make a token for a person or program and return it, once; ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(f"{role!r} is not a role; there are {', '.join(ROLES)}")
    token = f"dsp_{secrets.token_urlsafe(_ENTROPY)}"
    await conn.execute(_queries.create_token, fingerprint(token), name, role, now)
    return token


async def find(conn: Connection, token: str) -> tuple[str, str] | None:
    """Return the (name, role) of a token; None when it is unknown or revoked."""
    row = await conn.fetchrow(_queries.find_token, fingerprint(token))
    return (row["name"], row["role"]) if row else None


async def revoke(conn: Connection, name: str, now: datetime) -> int:
    """Revoke every token of that name; return how many."""
    return len(await conn.fetch(_queries.revoke_tokens, name, now))


async def list_all(conn: Connection) -> list[Issued]:
    """Return all tokens ever made, by name."""
    rows = await conn.fetch(_queries.list_tokens)
    return [Issued(r["name"], r["role"], r["created_at"], r["revoked_at"]) for r in rows]
