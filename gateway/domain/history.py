"""History: append-only items, numbered without a gap and chained by their hashes (CONTRACT 7)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import orjson

from gateway.domain.messages import Key

START_HASH = "0" * 64
Fact = str | int | bool | None


class Outcome(StrEnum):
    """S3-46: what an item says of its own success."""

    INITIATED = "initiated"
    SUCCESS = "success"
    FAILURE = "failure"
    INFO = "info"


class Note(NamedTuple):
    """A history item before it has its place in the chain.

    `words` are details that must be erasable: only their salted hash enters the chain.
    """

    kind: str
    text: str
    outcome: Outcome = Outcome.INFO
    facts: Mapping[str, Fact] = MappingProxyType({})
    job: UUID | None = None
    attempt: UUID | None = None
    actor: str = "gateway"
    words: str | None = None


class Item(NamedTuple):
    """A chained item: `body` is the exact JSON text that was hashed."""

    seq: int
    at: datetime
    kind: str
    body: str
    hash: str
    salt: str | None = None
    words: str | None = None


def stamp(at: datetime) -> str:
    """Write an instant as history does: UTC, six decimals, `Z`."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def content_hash(salt: str, words: str) -> str:
    """Return the salted SHA-256 (hex) that names erasable words."""
    return hashlib.sha256((salt + words).encode()).hexdigest()


def chained(
    key: Key, head: tuple[int, str], at: datetime, notes: Iterable[tuple[Note, str | None]]
) -> tuple[Item, ...]:
    """Append notes (each with a salt when it has words) to a chain that ends in `head`."""
    seq, previous = head
    printed = stamp(at)
    items = []
    for note, salt in notes:
        seq += 1
        item = _item(key, seq, at, printed, note, salt, previous)
        items.append(item)
        previous = item.hash
    return tuple(items)


def _item(  # noqa: PLR0913, PLR0917 - an item simply has these parts
    key: Key, seq: int, at: datetime, printed: str, note: Note, salt: str | None, previous: str
) -> Item:
    facts = dict(note.facts)
    if note.words is not None and salt is not None:
        facts["content_sha256"] = content_hash(salt, note.words)
    body = orjson.dumps(
        {
            "account": key.account,
            "actor": note.actor,
            "at": printed,
            "attempt": note.attempt,
            "data": facts,
            "job": note.job,
            "kind": note.kind,
            "outcome": note.outcome,
            "prev_hash": previous,
            "seq": seq,
            "text": note.text,
            "ucn": key.ucn,
        },
        default=str,  # the database driver has its own class of UUID
        option=orjson.OPT_SORT_KEYS,
    )
    digest = hashlib.sha256(body).hexdigest()
    return Item(seq, at, note.kind, body.decode(), digest, salt, note.words)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain breaks, and why."""

    seq: int
    why: str


def verify(items: Iterable[tuple[str, str]]) -> Broken | None:
    """Check (body, hash) pairs from the first on; None means the chain holds."""
    previous = START_HASH
    for expected, (body, digest) in enumerate(items, start=1):
        item = orjson.loads(body)
        if item["seq"] != expected:
            return Broken(expected, f"item {expected} is missing")
        if item["prev_hash"] != previous:
            return Broken(expected, "it does not follow from the item before it")
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            return Broken(expected, "its text was changed")
        previous = digest
    return None
