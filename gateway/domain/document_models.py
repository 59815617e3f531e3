"""The account document, key by key, as the contract's section 4 states it."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from gateway.domain.document_deliveries import ClientDelivery
from gateway.domain.document_fields import (
    AccountNumber,
    Bound,
    ContactKey,
    Day,
    Duration,
    Email,
    Line,
    LocalTime,
    Phone,
    Pin,
    Quiet,
    Text,
    Weekly,
    WeekTime,
    Zone,
    between,
)
from gateway.domain.document_schedules import Part, Schedule, Status, in_order
from gateway.domain.specials import plain

Priority = Literal["emergency", "urgent", "routine"]
Evidence = Literal[
    "key_press",
    "reply_code",
    "read_receipt",
    "human",
    "check_in",
    "email_accepted",
    "voicemail",
]
_REACH = r"^(oncall|backup|permanent|office|contact:[A-Za-z0-9_.-]{1,64})$"
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


class Consent(Part):
    """What a contact agreed to, when and how."""

    voice: StrictBool | None = None
    text: StrictBool | None = None
    at: Bound | None = None
    source: Line | None = None


class PhoneLimit(Part):
    """At most `calls` calls to the phone within `per`."""

    calls: Annotated[StrictInt, Field(ge=1, le=10_000)]
    per: Annotated[Duration, between(_SECOND, 30 * _DAY)]


class Contact(Part):
    """A person of the account; `pin` is write-only, `quiet` holds for routine messages."""

    name: Line | None = None
    phone: Phone | None = None
    sms: Phone | None = None
    email: Email | None = None
    active: StrictBool = True
    notes: Text | None = None
    requires_human: StrictBool = False
    pin: Pin | None = None
    quiet: Quiet | None = None
    consent: Consent | None = None
    phone_limit: PhoneLimit | None = None


class Absence(Part):
    """A span or weekly window (or windows within a span) in which a contact is skipped."""

    contact: ContactKey
    start: LocalTime | None = None
    end: LocalTime | None = None
    weekly: Weekly | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        in_order(self.start, self.end)
        if self.start is None and self.weekly is None:
            raise ValueError("needs start and end, or weekly")
        return self


class Holidays(Part):
    """A public calendar with days added and taken away."""

    calendar: Text | None = None
    also: list[Day] = Field(default_factory=list)
    never: list[Day] = Field(default_factory=list, alias="not")

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if both := sorted(set(self.also) & set(self.never)):
            raise ValueError(f"{both[0]} stands under also and under not")
        return self


def calendar_named(value: object) -> object:
    """Take `US-TX` for `{calendar: US-TX}`."""
    return {"calendar": value} if isinstance(value, str) else value


class Office(Part):
    """The client's own office."""

    hours: Weekly | None = None
    holidays: Annotated[Holidays, BeforeValidator(calendar_named)] | None = None
    phone: Phone | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _hours_for_holidays(self) -> Self:
        if self.holidays is not None and self.hours is None:
            raise ValueError("holidays need hours to take away from")
        return self


class Permanent(Part):
    """One person of the permanent on-call list."""

    contact: ContactKey
    status: Status = "call"


class When(Part):
    """When a protocol governs; what is absent or empty matches everything."""

    priority: list[Priority] = Field(default_factory=list)
    form: list[Line] = Field(default_factory=list)
    hours: Literal["office", "after", "any"] = "any"


class Step(Part):
    """One step of a round."""

    reach: Annotated[Text, Field(pattern=_REACH)]
    by: Literal["status", "call", "sms", "secure", "email"] = "status"
    wait: Annotated[Duration, between(0 * _DAY, 7 * _DAY)] | None = None
    repeat: Annotated[StrictInt, Field(ge=1, le=100)] = 1


class Protocol(Part):
    """How messages are dispatched while `when` matches."""

    name: Line
    when: When = When()
    cue: Annotated[Duration, between(5 * _SECOND, 30 * _DAY)] = timedelta(minutes=15)
    limit: Annotated[Duration, between(_SECOND, 30 * _DAY)] = timedelta(hours=2)
    ring: Annotated[Duration, between(5 * _SECOND, 600 * _SECOND)] = timedelta(seconds=25)
    permanent: Literal["after_shift", "when_blank"] = "after_shift"
    voicemail: Literal["leave", "hang_up"] = "leave"
    steps: Annotated[list[Step], Field(min_length=1)] | None = None
    evidence: Annotated[list[Evidence], Field(min_length=1)] | None = None
    hold: Literal["office_open"] | None = None
    rotation: Literal["whole", "one_per_cue"] = "whole"


class FormJob(Part):
    """What an accept of such a message by phone opens: a field job of whoever accepted."""

    title: Line | None = None
    market: Line | None = None
    brand: Line | None = None


class Form(Part):
    """A message form of the account."""

    required: list[Line] = Field(default_factory=list)
    schedule_field: Line | None = None
    kind: Line | None = None
    field_job: FormJob | None = None


class Effect(Part):
    """What a special does besides telling people: somebody else is reached, or jobs are held."""

    replace: ContactKey | None = None
    hold: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.replace is None) == (self.hold is None):
            raise ValueError("needs either replace or hold")
        return self


class Special(Part):
    """An instruction for a while; a date stands for its first minute (S3-80)."""

    text: Line
    start: Bound
    end: Bound
    effect: Effect | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        in_order(self.start, self.end)
        if not plain(self.text):
            raise ValueError("text must say something besides marks")
        return self


class Notices(Part):
    """What people are told about their shifts: each handoff, and weekly what is to come."""

    handoff: StrictBool = False
    digest: WeekTime | None = None


class AccountDocument(Part):
    """A whole account (contract, section 4)."""

    account: AccountNumber
    name: Line
    timezone: Zone
    phi: StrictBool = False
    contacts: dict[ContactKey, Contact] = Field(default_factory=dict)
    unavailable: list[Absence] = Field(default_factory=list)
    office: Office | None = None
    schedules: list[Schedule] = Field(default_factory=list)
    permanent: list[Permanent] = Field(default_factory=list)
    protocols: list[Protocol] = Field(default_factory=list)
    forms: dict[Line, Form] = Field(default_factory=dict)
    deliveries: Annotated[list[ClientDelivery], Field(max_length=100)] = Field(default_factory=list)
    specials: list[Special] = Field(default_factory=list)
    notices: Notices = Notices()
    words: Annotated[list[Line], Field(max_length=10_000)] = Field(default_factory=list)
    retention: Annotated[Duration, between(_DAY, 3_660 * _DAY)] | None = None
