"""A change: all that one decision writes about one message, or nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.aside import Aside
from gateway.domain.attempts import Attempt
from gateway.domain.content import Content
from gateway.domain.deliveries import Delivery
from gateway.domain.history import Item
from gateway.domain.jobs import Job
from gateway.domain.messages import Key, Message


class ErrandKind(StrEnum):
    """What may be asked of the wire besides an attempt."""

    HANG_UP = "hang_up"
    VOICEMAIL = "voicemail"
    ALERT = "alert"
    LINK_CHECK = "link_check"
    PARK_CHECK = "park_check"
    FIELD_JOB = "field_job"
    CASE = "case"

    __hash__ = str.__hash__


class Errand(NamedTuple):
    """Something the daemon does after the commit: end a call, alert people, open a case."""

    id: UUID
    kind: ErrandKind
    at: datetime
    job: UUID | None = None
    attempt: UUID | None = None
    payload: Mapping[str, str] | None = None


class Link(NamedTuple):
    """A secure link as it is stored: by the fingerprint of its token only."""

    fingerprint: str
    attempt: UUID
    contact: str
    created_at: datetime
    expires_at: datetime


class CodeClaim(NamedTuple):
    """A reply code wanted for a phone; `fresh` is false where the pair already has it."""

    phone: str
    code: str
    contact: str


@dataclass(frozen=True, slots=True)
class PhoneFlag:
    """A phone opted out of (True) or into (False) texts, or suspended with a reason."""

    phone: str
    opted_out: bool | None = None
    suspended: str | None = None


class CallOut(NamedTuple):
    """A call to place; ring and limit in seconds, `machine` asks for machine detection.

    `shared`: it is the call of several messages.
    """

    attempt: UUID
    to: str
    ring: int
    limit: int
    machine: bool
    deadline: datetime
    shared: bool = False


class TextOut(NamedTuple):
    """A text to send; `tail` (the reply code's sentence) is never cut. `validity` in seconds."""

    attempt: UUID
    to: str
    body: str
    tail: str
    validity: int
    deadline: datetime
    shared: bool = False


@dataclass(frozen=True, slots=True)
class MailOut:
    """An e-mail to send."""

    attempt: UUID
    to: str
    subject: str
    body: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """An attempt to look up at the carrier: by its SID, or by listing what was sent.

    `code` tells a text from another one to the same phone.
    """

    attempt: UUID
    method: str
    to: str
    sender: str | None
    sid: str | None
    since: datetime
    code: str | None = None
    shared: bool = False


Wire = CallOut | TextOut | MailOut | Look


class Change(NamedTuple):
    """What a decision writes. Refused as a whole when any row is not as it was read.

    `document`: the account version it was planned with (None: any will do). `call_until`: claims
    the callee's phone until then; `waits_for`: valid only while that phone is taken; `code`,
    `blank_day`: other claims that must be free. `freed`: attempts whose phones are free again.
    `opened`: new jobs of the message. `seen`: jobs that are as they were read but must be so, and
    are counted on to a new version.
    `url`: the secure link that the answer to an accept carries; it is never stored.
    `aside`: what is set aside of the message, where that changes; `content`: its details, likewise
    (with its form). `deliveries`: new ones of it.
    `rides`: attempts that ride along with another from now on, or no longer. Changes that name the
    same attempt in `shares` are written all of them or none.
    """

    key: Key
    head_seq: int
    at: datetime
    document: int | None = None
    message: Message | None = None
    items: tuple[Item, ...] = ()
    jobs: tuple[Job, ...] = ()
    seen: tuple[Job, ...] = ()
    begun: tuple[Attempt, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    errands: tuple[Errand, ...] = ()
    wire: Wire | None = None
    call_until: datetime | None = None
    waits_for: str | None = None
    code: CodeClaim | None = None
    link: Link | None = None
    blank_day: date | None = None
    freed: tuple[UUID, ...] = ()
    flags: tuple[PhoneFlag, ...] = ()
    closes: bool = False
    url: str | None = None
    aside: Aside | None = None
    opened: tuple[Job, ...] = ()
    content: Content | None = None
    deliveries: tuple[Delivery, ...] = ()
    rides: tuple[tuple[UUID, UUID | None], ...] = ()
    shares: UUID | None = None

    @property
    def empty(self) -> bool:
        """Tell whether it says nothing: a repeated event, mostly."""
        return not any(self[_SAYS:])


_SAYS: Final = Change._fields.index("message")
