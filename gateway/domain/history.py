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
    chain = Chain(key, head, at)
    for note, salt in notes:
        kind, text, outcome, facts, job, attempt, actor, words = note
        chain.add(kind, text, outcome, facts, (job, attempt), actor, words, salt)
    return tuple(chain.items)


class Chain:
    """What one decision appends to a message's history, which ends in `head` (seq, hash) so far.

    An item's text is that of `orjson.dumps(item, option=OPT_SORT_KEYS)`, byte for byte, but put
    together from pieces: most of it is the same in every item of a decision.
    """

    def __init__(self, key: Key, head: tuple[int, str], at: datetime) -> None:
        self.items: list[Item] = []
        self.seq, self.hash = head
        self._at = at
        self._account, self._ucn = _quoted(key.account), _dumps(key.ucn).decode()
        # The pieces printed last, which mostly serve again: who acted, and what it is about.
        self._actor: str | None = None
        self._job: UUID | None = None
        self._attempt: UUID | None = None
        self._opening, self._job_id, self._attempt_id = "", "null", "null"

    def add(  # noqa: PLR0913, PLR0917 - an item simply has these parts
        self,
        kind: str,
        text: str,
        outcome: Outcome,
        facts: Mapping[str, Fact],
        about: tuple[UUID | None, UUID | None],
        actor: str = "gateway",
        words: str | None = None,
        salt: str | None = None,
    ) -> None:
        """Append an item about a job and an attempt; words that are erasable come with a salt."""
        if words is not None and salt is not None:
            facts = {**facts, "content_sha256": content_hash(salt, words)}
        job, attempt = about
        if job is not self._job:
            self._job, self._job_id = job, _id(job)
        if attempt is not self._attempt:
            self._attempt, self._attempt_id = attempt, _id(attempt)
        if actor is not self._actor:
            self._actor, self._opening = actor, self._opened_by(actor)
        seq, data = self.seq + 1, _dumps(facts, dict, _SORTED).decode()
        body = (
            f'{self._opening}{self._attempt_id},"data":{data},"job":{self._job_id}'
            f'{_called(kind, outcome)}{self.hash}","seq":{seq},"text":{_dumps(text).decode()}'
            f',"ucn":{self._ucn}}}'
        )
        self.seq, self.hash = seq, hashlib.sha256(body.encode()).hexdigest()
        self.items.append(Item(seq, self._at, kind, body, self.hash, salt, words))

    def _opened_by(self, actor: str) -> str:
        who = f'{{"account":{self._account},"actor":{_quoted(actor)}'
        return f'{who},"at":"{stamp(self._at)}","attempt":'


def _id(row: UUID | None) -> str:
    return _dumps(row, str).decode()  # the database driver has its own class of UUID


@lru_cache(maxsize=1024)
def _called(kind: str, outcome: Outcome) -> str:
    return f',"kind":{_quoted(kind)},"outcome":"{outcome}","prev_hash":"'


@lru_cache(maxsize=4096)
def _quoted(word: str) -> str:
    """Print a word that many items have in common: a kind, an actor, an account."""
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
        item = orjson.loads(body)
        if item["seq"] != expected:
            return Broken(expected, f"item {expected} is missing")
        if item["prev_hash"] != previous:
            return Broken(expected, "it does not follow from the item before it")
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            return Broken(expected, "its text was changed")
        previous = digest
    return None
