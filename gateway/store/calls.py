"""Calls in the store: the log of those that agents took and those placed for messages (S3-53)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gateway.domain.messages import Key
from gateway.store.lists import listed
from gateway.store.messages import item_from
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import key_of

# Of somebody's messages, the calls in a span are found of those taken at most so long before it.
OPEN_FOR: Final = timedelta(days=30)
_queries = load("calls")
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SoughtCalls:
    """Which calls to list; None: any. With `key`, those of one message, however old.

    `agent` took the message, named with or without its role.
    """

    since: datetime
    key: Key | None = None
    account: str | None = None
    agent: str | None = None
    contact: str | None = None
    most: int = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `attempt` is None for the one on which the message was taken.

    `events` are the history items of that call alone, in order.
    """

    key: Key
    taken_by: str
    attempt: UUID | None
    contact: str | None
    address: str | None
    source: str | None
    at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    recorded: bool
    events: Sequence[Item]


async def list_calls(conn: Connection, sought: SoughtCalls) -> list[Call]:
    """Return the calls sought, newest first, each with its own events."""
    rows = await (_of_some(conn, sought) if sought.key or sought.agent else _newest(conn, sought))
    items = await _items(conn, {key_of(row) for row in rows})
    found = [_call(row, items[key_of(row)]) for row in rows]
    return sorted(found, key=_place, reverse=True)


async def _newest(conn: Connection, sought: SoughtCalls) -> list[Record]:
    given = (sought.account, sought.since, sought.contact, sought.most)
    return await listed(conn, _queries.list_calls, *given)


async def _of_some(conn: Connection, sought: SoughtCalls) -> list[Record]:
    """Return the calls of one message, or of those that somebody took."""
    key, since = sought.key, None if sought.key else sought.since
    given = (
        key.account if key else sought.account,
        key.month if key else None,
        key.ucn if key else None,
        _names(sought.agent),
        since - OPEN_FOR if since else None,
        since,
        sought.contact,
        sought.most,
    )
    return await listed(conn, _queries.calls_of_messages, *given)


def _place(call: Call) -> tuple[datetime, str, int]:
    """Return a call's place in time; of one message's at one instant the history tells it."""
    return call.at, call.key.ucn, call.events[0]["seq"] if call.events else 0


def _names(agent: str | None) -> list[str] | None:
    """Return how somebody who took a message may stand on it: a bare number is an agent's."""
    return [agent, agent.removeprefix("agent:"), f"agent:{agent}"] if agent else None


async def _items(conn: Connection, keys: set[Key]) -> dict[Key, list[Item]]:
    found: dict[Key, list[Item]] = {key: [] for key in keys}
    columns = [[key[place] for key in found] for place in range(3)]
    for row in await conn.fetch(_queries.items_of_calls, *columns):
        found[key_of(row)].append(item_from(row["item"], row["hash"], None))
    return found


def _call(row: Record, items: Sequence[Item]) -> Call:
    attempt = row["attempt"]
    mine = str(attempt) if attempt else None
    events = [one for one in items if (one["attempt"] == mine if mine else _of_intake(one))]
    return Call(
        key=key_of(row),
        taken_by=row["taken_by"],
        attempt=attempt,
        contact=row["contact"],
        address=row["address"],
        source=row["source"],
        at=row["at"],
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
        recorded=row["recorded"],
        events=events,
    )


def _of_intake(item: Item) -> bool:
    """Tell whether an item is of the call on which the message was taken, forced dial included."""
    return item["kind"] == "message.taken" or "forced_at" in item["data"]
