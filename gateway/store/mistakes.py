"""Mistakes in the store: entered about people's work on a message, and counted for coaching."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.messages import Key
from gateway.domain.taking import actor_of
from gateway.store.lists import listed
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("mistakes")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mistake: a row, as kinds change over time (S3-60)."""

    type: str
    name: str
    description: str
    active: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that went wrong in an agent's work on a message (S3-59)."""

    id: UUID
    agent: str
    type: str
    detail: str
    auto: bool


async def kinds(conn: Connection, *, unused: bool) -> list[dict[str, Any]]:
    """Return the kinds of mistake; also those no longer used, if asked for."""
    return [dict(row) for row in await conn.fetch(_queries.list_types, unused)]


async def set_kind(conn: Connection, kind: Kind, by: str, now: datetime) -> dict[str, Any]:
    """Add a kind of mistake, or change it."""
    row = await conn.fetchrow(
        _queries.set_type, kind.type, kind.name, kind.description, kind.active, now, by
    )
    assert row is not None  # noqa: S101 - it was written
    return dict(row)


async def in_use(conn: Connection, kind: str) -> bool:
    """Tell whether mistakes of this kind may be entered."""
    return bool(await conn.fetchval(_queries.type_in_use, kind))


async def agents(conn: Connection, part: str, most: int) -> list[str]:
    """Return those who take or dispatch messages and have this in their name, as actors."""
    return [row["actor"] for row in await conn.fetch(_queries.find_agents, part, most)]


async def resolve(conn: Connection, key: Key, agent_id: str) -> str | None:
    """Return the actor an id stands for: one of the message's history, or known otherwise."""
    actor = actor_of(agent_id)
    if await conn.fetchval(_queries.acted_on, *key, actor):
        return actor
    known = await conn.fetchval(_queries.is_agent, actor, actor.partition(":")[2])
    return actor if known else None


async def add(conn: Connection, key: Key, mistake: Mistake, by: str, now: datetime) -> None:
    """Enter a mistake."""
    one = mistake
    of = (one.agent, one.type, one.detail, one.auto, now, by)
    await conn.execute(_queries.add_mistake, one.id, *key, *of)


async def newest(
    conn: Connection, agent: str | None, ucn: str | None, most: int
) -> list[Mapping[str, Any]]:
    """Return the newest mistakes, of an agent or message (None: any)."""
    given = (agent, ucn, most, None)
    return [dict(row) for row in await listed(conn, _queries.list_mistakes, *given)]


async def entered(conn: Connection, mistake: UUID) -> Mapping[str, Any]:
    """Return a mistake as it was entered; LookupError for one that was not."""
    rows = await listed(conn, _queries.list_mistakes, None, None, 1, mistake)
    if not rows:
        raise LookupError(mistake)
    return dict(rows[0])


async def report(conn: Connection, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Count the mistakes entered from `start` and before `end` by agent, kind and week (S3-92)."""
    return [dict(row) for row in await conn.fetch(_queries.count_mistakes, start, end)]
