"""Deliveries in the store: written with what asks for them, moved on together with the record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.domain.change import Change
from gateway.domain.content import Content
from gateway.domain.deliveries import Delivery
from gateway.domain.duties import DutyKind, Wanted
from gateway.domain.history import Note
from gateway.domain.messages import Key, Message
from gateway.domain.state import State
from gateway.store import changes, specials
from gateway.store.desk import ContentionError, Desk, UnknownMessageError
from gateway.store.lists import listed
from gateway.store.parts import delivery_rows
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import content_from, message_from
from gateway.store.verdicts import Written

KEPT: Final = timedelta(days=90)
MOST_IN_DIGEST: Final = 2_000
_TRIES: Final = 20
_queries = load("deliveries")
_added = load("added")
Decide = Callable[[State], tuple[Change, Delivery]]


class ChangedError(RuntimeError):
    """A delivery is no longer as it was read: somebody else has moved it on."""


class _MovedOnError(Exception):
    """The message of a delivery changed while a decision about it was made."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A web post as it stands, and when it is looked at next (None: never by itself)."""

    delivery: Delivery
    next_at: datetime | None


async def add(conn: Connection, deliveries: Sequence[Delivery]) -> None:
    """Have these sent, each once: one that stands there already is left alone."""
    if deliveries:
        columns = [list(column) for column in zip(*delivery_rows(deliveries), strict=True)]
        await conn.execute(_added.add_deliveries, *columns)


async def find(conn: Connection, delivery: UUID) -> Delivery | None:
    """Look a delivery up."""
    row = await conn.fetchrow(_queries.find_delivery, delivery)
    return _delivery(row) if row else None


async def approved(conn: Connection, one: Delivery) -> Mapping[str, str] | None:
    """Return the values of a post that a person approved; None once they were erased."""
    if one.words is None:
        return {}
    words = await conn.fetchval(_queries.approved_words, *one.key, one.words)
    return orjson.loads(words) if words is not None else None


async def find_post(conn: Connection, post: UUID) -> Shown | None:
    """Look a web post up; None when there is none of that id."""
    row = await conn.fetchrow(_queries.find_post, post)
    return Shown(_delivery(row), row["next_at"]) if row else None


async def list_posts(
    conn: Connection, account: str | None, state: str | None, most: int
) -> list[Shown]:
    """Return web posts in a state (None: all that wait for a person), oldest first."""
    rows = await listed(conn, _queries.list_posts, account, state, most)
    return [Shown(_delivery(row), row["next_at"]) for row in rows]


async def decide(desk: Desk, one: Delivery, decision: Decide, *, wake: bool = False) -> Delivery:
    """Decide about a delivery of a message, and write both in one transaction, all or nothing.

    `wake` has it performed at once. Raises ChangedError when somebody moved it on since it was
    read, UnknownMessageError, ContentionError, and whatever the decision raises.
    """
    for _ in range(_TRIES):
        async with desk.pool.acquire() as conn:
            done = await _decide_once(conn, desk, one, decision, wake=wake)
        if done is not None:
            change, after = done
            desk.on_written(change)
            return after
    raise ContentionError(one.key.ucn)


async def _decide_once(
    conn: Connection, desk: Desk, one: Delivery, decision: Decide, *, wake: bool
) -> tuple[Change, Delivery] | None:
    """Try once; None when the message changed meanwhile, and nothing was written."""
    now = desk.clock.now()
    with suppress(_MovedOnError):
        async with conn.transaction():
            state = (await desk.states.of(conn, [one.key])).get(one.key)
            change, after = decision(_there(state, one))
            # The row of the delivery is locked before its message, here as everywhere.
            moved = await move(conn, one, after)
            (verdict,) = await changes.write(conn, [change], now, desk.rates)
            if not isinstance(verdict, Written):
                raise _MovedOnError
            if wake:
                await _wake(conn, one, now)
        return change, moved
    return None


def _there(state: State | None, one: Delivery) -> State:
    if state is None:
        raise UnknownMessageError(one.key.ucn)
    return state


async def move(conn: Connection, one: Delivery, after: Delivery) -> Delivery:
    """Write how a delivery stands; ChangedError when it is not as it was read."""
    row = (after.state, after.tries, after.streak, after.words, after.reason, after.status)
    moved = await conn.fetchval(_queries.move_delivery, one.id, one.version, *row)
    if moved is None:
        raise ChangedError(str(one.id))
    return after._replace(version=one.version + 1)


async def note_account(
    conn: Connection, one: Delivery, after: Delivery, notes: Sequence[Note], now: datetime
) -> Delivery:
    """Move a delivery of no message on, with its account's own record."""
    async with conn.transaction():
        moved = await move(conn, one, after)
        await specials.add_items(conn, one.key.account, notes, specials.Author("gateway", now))
        return moved


async def _wake(conn: Connection, one: Delivery, now: datetime) -> None:
    duty = Wanted(one.key.account, DutyKind.DELIVERY, str(one.id))
    await conn.execute(_queries.wake_delivery, duty.id, *duty, now)


async def forget_old(conn: Connection, account: str, now: datetime) -> None:
    """Delete an account's deliveries that were over long ago."""
    await conn.execute(_queries.forget_deliveries, account, now - KEPT)


async def messages_between(
    conn: Connection, account: str, span: tuple[datetime, datetime], forms: Collection[str]
) -> list[tuple[Message, Content | None]]:
    """Return the messages taken in a span, in order; at most 2,000."""
    rows = await conn.fetch(_queries.messages_between, account, *span, MOST_IN_DIGEST, list(forms))
    return [(message_from(row), content_from(row["content"])) for row in rows]


def _delivery(row: Record | Mapping[str, Any]) -> Delivery:
    names = ("id", "name", "kind", "occasion", "state", "created_at", "version", "tries", "streak")
    more = ("words", "reason", "status", "since", "until")
    key = Key(row["account"], row["month"], row["ucn"])
    return Delivery(key=key, **{name: row[name] for name in (*names, *more)})
