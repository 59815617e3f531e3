"""Matters: cases, hand-off tickets and field jobs: a history, a clock and what they send each.

What a kind decides is a pure function of (facts, who, what was asked, now) that answers `Written`;
the store writes it whole or not at all, and the engine keeps its clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from gateway.domain.history import Outcome
from gateway.domain.masking import mask_address, mask_within

F = TypeVar("F")
Way = Literal["text", "email"]
Sink = Literal["lead", "dispatch", "specials", "incident"]
_FATES: Final[Mapping[str, tuple[str, Outcome]]] = {
    "sent": ("The {what} {letter} left.", Outcome.SUCCESS),
    "failed": ("The {what} {letter} was refused for good.", Outcome.FAILURE),
    "unsure": ("The {what} {letter} may have left or not; it is not sent again.", Outcome.FAILURE),
    "dropped": ("The {what} {letter} was not sent.", Outcome.FAILURE),
}
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Kind(StrEnum):
    """What a matter is; its history's kinds begin with that word (`case.created`)."""

    CASE = "case"
    HANDOFF = "handoff"
    FIELDJOB = "fieldjob"

    __hash__ = str.__hash__


class Item(NamedTuple):
    """One item of a matter's history, before it has its place in the chain.

    `text` is one plain sentence without personal words, `data` JSON without floats and without
    personal words either; those (notes, comments, descriptions) go into `words`, which can be
    erased: only their salted hash enters the chain. `actor` None: whoever asked for the decision.
    """

    kind: str
    text: str
    outcome: Outcome = Outcome.INFO
    data: Mapping[str, Any] = _NOTHING
    words: str | None = None
    actor: str | None = None


class Letter(NamedTuple):
    """What leaves for somebody outside, once at most; `name` is unique within the matter.

    `to`: E.164 for a text, an address for an e-mail; `subject` is "" for a text. From `until` on
    it is no longer worth sending. A letter whose name the matter has used already is left alone.
    """

    name: str
    way: Way
    to: str
    subject: str
    body: str
    until: datetime | None = None


class Alarm(NamedTuple):
    """Words for one of the alert sinks; `reason` is a short stable word."""

    sink: Sink
    reason: str
    text: str


Fate = Literal["sent", "failed", "unsure", "dropped"]


class Result(NamedTuple):
    """What became of a letter, and why in words.

    sent: the carrier or mail server took it. failed: a definite no, tried as often as it is worth.
    unsure: it may or may not have left, and is never sent again. dropped: nobody was asked to send
    it (too late, or the number opted out of texts).
    """

    state: Fate
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Written(Generic[F]):
    """What one decision writes; `next_at` is when the clock comes next (None: it stands still).

    Every decision says so anew, also one that has nothing to do with the clock: let a kind have
    one function of its facts that tells it. `called_back`: names of letters that need not leave
    any more; one that is on the wire already is not stopped.
    """

    facts: F
    items: tuple[Item, ...] = ()
    next_at: datetime | None = None
    letters: tuple[Letter, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    called_back: tuple[str, ...] = ()


class Shown(NamedTuple):
    """By what a matter is found: narrow columns beside its facts.

    `state` and `owner` for lists. `subject`: at most one matter of a kind may have the same one at
    a time, races or not (None: no such limit, as for what is closed). `about`: what lists filter
    by besides, such as a technician or a customer. `account` and `ucns`: a client's account and
    the messages it is linked to.
    """

    state: str
    owner: str | None = None
    subject: str | None = None
    about: tuple[str, ...] = ()
    account: str | None = None
    ucns: tuple[str, ...] = ()


class News(NamedTuple):
    """What views are told of a decision: the item's kind, and the state after it; no words.

    `whom`: who hears it besides those who hear all of its kind: somebody, such as
    `technician:T-1`, or everybody of a role, such as `agent`; `lost`: who saw it until now.
    """

    kind: str
    state: str
    whom: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def silent(_before: object, _written: object) -> None:
    """Tell no view of any decision."""


def never(_facts: object) -> bool:
    """Say of any facts that somebody may still work them."""
    return False


@dataclass(frozen=True, slots=True)
class Ways(Generic[F]):
    """How a kind of matter goes: its facts, by what they are found, what follows by itself.

    `when_due(facts, now)`: the clock came (it must go on, or stand still). `when_sent(facts, name,
    result, now)`: what became of a letter; the item that says so is written by the sender
    (`KIND.letter_sent`, `.letter_failed`, `.letter_unsure`, `.letter_dropped`, with `data.letter`).
    Both answer what is to be written; `keep(facts, next_at)` where nothing is. `over`: whether
    nobody works it any more, so that what people said of it may be erased; never, unless told.
    `news(before, written)`: what views hear of a decision (`before` None: it opens the matter).
    """

    kind: Kind
    facts: TypeAdapter[F]
    shown: Callable[[F], Shown]
    when_due: Callable[[F, datetime], Written[F]]
    when_sent: Callable[[F, str, Result, datetime], Written[F]]
    over: Callable[[F], bool] = never
    news: Callable[[F | None, Written[F]], News | None] = silent


@dataclass(frozen=True, slots=True)
class Matter(Generic[F]):
    """A matter as it stands: `seq` and `hash` are the head of its chain, `version` its lock.

    `opened_at` None: it is about to be opened.
    """

    id: UUID
    ways: Ways[F]
    facts: F
    version: int = 0
    seq: int = 0
    hash: str = "0" * 64
    next_at: datetime | None = None
    opened_at: datetime | None = None


def told(ways: Ways[F], facts: F, letter: Letter, result: Result, now: datetime) -> Written[F]:
    """Put on record what became of a letter, and what its matter makes of it."""
    after = ways.when_sent(facts, letter.name, result, now)
    data = {"letter": letter.name, "method": letter.way, "address": mask_address(letter.to)}
    if result.reason is not None:
        data["reason"] = mask_within(result.reason)
    words, outcome = _FATES[result.state]
    what = "text" if letter.way == "text" else "e-mail"
    kind = f"{ways.kind}.letter_{result.state}"
    item = Item(kind, words.format(what=what, letter=letter.name), outcome, data, actor="gateway")
    return replace(after, items=(item, *after.items))


def rung(kind: Kind, sink: str, reason: str, *, reached: bool) -> Item:
    """Say that an alarm of a matter reached nobody, or was taken after all (CONTRACT section 3)."""
    data = {"sink": sink, "reason": reason}
    if reached:
        words = f"The alert to {sink} was taken after all."
        return Item(f"{kind}.alert_reached", words, Outcome.SUCCESS, data, actor="gateway")
    words = f"The alert to {sink} reached nobody."
    return Item(f"{kind}.alert_failed", words, Outcome.FAILURE, data, actor="gateway")


def keep(facts: F, next_at: datetime | None) -> Written[F]:
    """Answer that nothing changes but the clock's next instant."""
    return Written(facts, next_at=next_at)
