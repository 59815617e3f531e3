"""History: append-only items, numbered without a gap and chained by their hashes (CONTRACT 7)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import orjson

from gateway.domain.messages import Key

_dumps, _SORTED = orjson.dumps, orjson.OPT_SORT_KEYS
START_HASH = "0" * 64
Fact = str | int | bool | None


class Outcome(StrEnum):
    """S3-46: what an item says of its own success."""

    INITIATED = "initiated"
    SUCCESS = "success"
    FAILURE = "failure"
    INFO = "info"

    __hash__ = str.__hash__  # an enum's own one is written in Python


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


# A note's parts in their order, and the salt of its words.
Noted = tuple[
    *tuple[str, str, Outcome, Mapping[str, Fact]],
    *tuple[UUID | None, UUID | None, str, str | None, str | None],
]


class Whose(NamedTuple):
    """Whose history it is, where it is not a message's: its account and message, if any."""

    account: str | None
    ucn: str | None


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
    return _printed(at if at.tzinfo is UTC else at.astimezone(UTC))


@lru_cache(maxsize=1024)
def _printed(utc: datetime) -> str:
    """Print an instant once: a batch of decisions is made at one, and its cues are alike."""
    printed = orjson.dumps(utc, option=orjson.OPT_UTC_Z)[1:-1].decode()
    return printed if utc.microsecond else f"{printed[:-1]}.000000Z"


def content_hash(salt: str, words: str) -> str:
    """Return the salted SHA-256 (hex) that names erasable words."""
    return hashlib.sha256((salt + words).encode()).hexdigest()


def chained(
    key: Key, head: tuple[int, str], at: datetime, notes: Iterable[tuple[Note, str | None]]
) -> tuple[Item, ...]:
    """Append notes (each with a salt when it has words) to a chain that ends in `head`."""
    return chain(key, head, at, [(*note, salt) for note, salt in notes])


def chain(
    key: Key | Whose, head: tuple[int, str], at: datetime, notes: Iterable[Noted]
) -> tuple[Item, ...]:
    """Append what was noted at one instant to a chain that ends in `head` (seq, hash).

    An item's text is that of `orjson.dumps(item, option=OPT_SORT_KEYS)`, byte for byte, but put
    together from pieces: most of it is the same in every item of a decision.
    """
    seq, previous = head
    account, moment, ucn = _quoted(key.account), stamp(at), _dumps(key.ucn).decode()
    named: tuple[UUID | None, str] = (None, "null")
    items = []
    for kind, text, outcome, facts, job, attempt, actor, words, salt in notes:
        data = facts if words is None or salt is None else _hashed(facts, salt, words)
        if job is not named[0]:
            named = job, _id(job)
        seq += 1
        body = (
            f'{{"account":{account},"actor":{_quoted(actor)},"at":"{moment}"'
            f',"attempt":{"null" if attempt is None else _id(attempt)}'
            f',"data":{_dumps(data, dict, _SORTED).decode()},"job":{named[1]}'
            f',{_called(kind, outcome)},"prev_hash":"{previous}","seq":{seq}'
            f',"text":{_quoted(text)},"ucn":{ucn}}}'
        )
        previous = hashlib.sha256(body.encode()).hexdigest()
        items.append(Item(seq, at, kind, body, previous, salt, words))
    return tuple(items)


def _hashed(facts: Mapping[str, Fact], salt: str, words: str) -> Mapping[str, Fact]:
    return {**facts, "content_sha256": content_hash(salt, words)}


def _id(row: UUID | None) -> str:
    return _dumps(row, str).decode()  # the database driver has its own class of UUID


@lru_cache(maxsize=1024)
def _called(kind: str, outcome: Outcome) -> str:
    return f'"kind":{_quoted(kind)},"outcome":"{outcome}"'


@lru_cache(maxsize=4096)
def _quoted(word: str | None) -> str:
    """Print words that many items have in common: a kind, an actor, an account, a sentence."""
    return _dumps(word).decode()


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain breaks, and why."""

    seq: int
    why: str


def verify(items: Iterable[tuple[str, str]]) -> Broken | None:
    """Check (body, hash) pairs from the first on; None means the chain holds."""
    previous = START_HASH
    for expected, (body, digest) in enumerate(items, start=1):
        item = _read(body)
        if item.get("seq") != expected:
            return Broken(expected, f"item {expected} is missing")
        if item.get("prev_hash") != previous:
            return Broken(expected, "it does not follow from the item before it")
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            return Broken(expected, "its text was changed")
        previous = digest
    return None


def _read(body: str) -> dict[str, object]:
    """Read an item's text; what is no item any more reads as an empty one, so that it is told."""
    try:
        item = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return item if isinstance(item, dict) else {}
