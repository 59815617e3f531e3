"""API tokens: shown once, stored as their SHA-256 (being random, they need nothing slower)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from gateway.store.pool import Connection, Record
from gateway.store.queries import load

ROLES: Final = (
    "agent",
    "dispatcher",
    "lead",
    "wfm",
    "account_manager",
    "technician",
    "brand",
    "admin",
)
# Two roles in one token: who plans, and goes out as well (S1-34).
BOTH: Final = "both"
_MEANS: Final = {BOTH: ("dispatcher", ["technician"])}
_ENTROPY: Final = 32
_queries = load("tokens")


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as a list shows it."""

    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None
    accounts: tuple[str, ...] | None = None
    also: frozenset[str] = frozenset()


class Holder(NamedTuple):
    """Whose token it is, with which role, and for which accounts alone (None: for all).

    `also`: the roles they have besides.
    """

    name: str
    role: str
    accounts: frozenset[str] | None
    also: frozenset[str] = frozenset()


def fingerprint(token: str) -> str:
    """Return what is stored of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def create(
    conn: Connection, name: str, role: str, now: datetime, accounts: Sequence[str] = ()
) -> str:
    """Make a token for a person or program and return it, once; ValueError for an unknown role.

    It is for these accounts alone; without any, for all. `both` is dispatcher and technician.
    """
    main, also = _MEANS.get(role, (role, None))
    if main not in ROLES:
        raise ValueError(f"{role!r} is not a role; there are {', '.join((*ROLES, BOTH))}")
    token = f"dsp_{secrets.token_urlsafe(_ENTROPY)}"
    scope = sorted(set(accounts)) or None
    await conn.execute(_queries.create_token, fingerprint(token), name, main, now, scope, also)
    return token


async def find(conn: Connection, token: str) -> Holder | None:
    """Return whose token it is; None when it is unknown, revoked, or of somebody deactivated."""
    printed = fingerprint(token)
    return (await find_all(conn, [printed])).get(printed)


async def find_all(conn: Connection, fingerprints: Sequence[str]) -> dict[str, Holder]:
    """Return whose tokens these are, by fingerprint; those that open nothing are left out."""
    rows = await conn.fetch(_queries.find_tokens, fingerprints)
    return {row["fingerprint"]: _holder(row) for row in rows}


def _holder(row: Record) -> Holder:
    scope = row["accounts"]
    only = None if scope is None else frozenset(scope)
    return Holder(row["name"], row["role"], only, frozenset(row["also"] or ()))


async def revoke(conn: Connection, name: str, now: datetime) -> int:
    """Revoke every token of that name; return how many."""
    return len(await conn.fetch(_queries.revoke_tokens, name, now))


async def list_all(conn: Connection) -> list[Issued]:
    """Return all tokens ever made, by name."""
    rows = await conn.fetch(_queries.list_tokens)
    return [
        Issued(
            row["name"],
            row["role"],
            row["created_at"],
            row["revoked_at"],
            None if row["accounts"] is None else tuple(row["accounts"]),
            frozenset(row["also"] or ()),
        )
        for row in rows
    ]


async def technicians(conn: Connection) -> list[str]:
    """Return the names of all who work in the field, whether they are active or not."""
    return [row["name"] for row in await conn.fetch(_queries.list_technicians)]
