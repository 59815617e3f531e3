"""Deeds: what a person may do to a message or a job, and why it may be refused."""

import re
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from gateway.domain.flags import Flags

_ROLE: Final = re.compile(
    "^(?:agent|dispatcher|lead|wfm|account_manager|technician|brand|admin):(?=.)"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with messages: a name and one of the contract's roles.

    `only`: the accounts whose messages they may see, where it is not all. `also`: what they are
    besides, such as a dispatcher who is a technician, too (S1-34).
    """

    name: str
    role: str
    only: frozenset[str] | None = None
    also: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """The person as history names them, such as `dispatcher:D-31`."""
        return f"{self.role}:{self.name}"

    @property
    def roles(self) -> frozenset[str]:
        """Every role they have."""
        return self.also | {self.role}

    @property
    def leads(self) -> bool:
        """True for those who may decide past the limit and out of turn."""
        return self.role in {"lead", "admin"}


def bare(actor: str) -> str:
    """Return whoever was named as an actor (`agent:1204`) or by name alone (`1204`) by name."""
    return _ROLE.sub("", actor, count=1)


class RefusedError(Exception):
    """The deed cannot be done; `code` is stable, the words are for people, `more` for programs."""

    def __init__(self, code: str, words: str, **more: object) -> None:
        super().__init__(words)
        self.code, self.more = code, more


@dataclass(frozen=True, slots=True)
class Claim:
    """Take a job for five minutes (S3-36)."""

    job: UUID


@dataclass(frozen=True, slots=True)
class Release:
    """Give a claimed job back; it is due at once."""

    job: UUID


@dataclass(frozen=True, slots=True)
class Resume:
    """Have a job go on at once, whatever it waits for (S3-24)."""

    job: UUID


@dataclass(frozen=True, slots=True)
class SetCue:
    """Bring a job back after so many minutes; a lead's own, or at a lead's direction (S3-65)."""

    job: UUID
    minutes: int
    directed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """Reach somebody else next, out of turn (S3-66)."""

    job: UUID
    contact: str
    reason: str


@dataclass(frozen=True, slots=True)
class NameSchedule:
    """Say which schedule a job goes by (S3-89)."""

    job: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a person's own call to a contact (S3-75, S3-76)."""

    job: UUID
    relayed: bool
    contact: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CancelJob:
    """End a job without reaching anybody."""

    job: UUID


@dataclass(frozen=True, slots=True)
class DeliverBy:
    """Deliver by hand, as at a client's check-in (S3-37); `to` is a contact of the account."""

    evidence: str
    to: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Annotate:
    """Add words; only a typed directive (disregard, hold_for_office) changes anything (S3-44)."""

    text: str
    directive: str | None = None


@dataclass(frozen=True, slots=True)
class ParkMessage:
    """Set a message aside for people of a skill; `text` says what they shall do (S3-13)."""

    skill: str
    text: str


@dataclass(frozen=True, slots=True)
class ClaimPark:
    """Take a parked message for five minutes (S3-14)."""


@dataclass(frozen=True, slots=True)
class ReleasePark:
    """Have a parked message go on at once."""


@dataclass(frozen=True, slots=True)
class ClosePark:
    """What a message was parked for is done; it goes on in its own time."""


JobDeed = Claim | Release | Resume | SetCue | Aim | NameSchedule | Report | CancelJob


@dataclass(frozen=True, slots=True)
class Resend:
    """Send a message again, once per `request_id`, to a contact's key or an address (S3-15, S3-16).

    `flags`: what is known against the number that `to` leads to.
    """

    channel: str
    to: str
    request_id: str
    flags: Flags | None = None


@dataclass(frozen=True, slots=True)
class AnswerReview:
    """An account manager's answer about a flagged message (S3-18)."""

    text: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an edit puts in place of what was taken; None leaves a part as it is.

    `fields` are put over those that stand; one that is None is taken out.
    """

    text: str | None = None
    form: str | None = None
    caller_name: str | None = None
    caller_phone: str | None = None
    fields: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Correct a message before any attempt reached a carrier (S3-35); `unknown` is a dictionary."""

    amendment: Amendment
    unknown: Callable[[Collection[str]], AbstractSet[str]]


@dataclass(frozen=True, slots=True)
class DecideReview:
    """End the review `review`: approved, waived, or fixed by an edit (S3-12, S3-39)."""

    review: str
    verdict: str
    edit: EditMessage | None = None
    note: str | None = None


ProofDeed = EditMessage | DecideReview
ParkDeed = ParkMessage | ClaimPark | ReleasePark | ClosePark
MessageDeed = DeliverBy | Annotate | ParkDeed | Resend | AnswerReview | ProofDeed
Deed = JobDeed | MessageDeed
