"""Shapes: what the API takes, key by key; unknown keys and wrong types are refused."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from gateway.domain.content import Content
from gateway.domain.durations import parse_duration
from gateway.domain.jobs import JobState
from gateway.domain.messages import Priority
from gateway.domain.taking import Forced, Intake, actor_of

_DAYS: Final = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_YEARS: Final = "(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})"
# Years in which a 29 February stands, 1972 to 2196.
_LEAP: Final = (
    "(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26])"
    "|21(?:0[48]|[2468][048]|[13579][26]))"
)
INSTANT: Final = (
    f"^(?:{_YEARS}-{_DAYS}|{_LEAP}-02-29)T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    "(?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])$"
)
# A date, a local time, or an instant with its offset.
LOCAL: Final = (
    f"^(?:{_YEARS}-{_DAYS}|{_LEAP}-02-29)(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]"
    "(?::[0-5][0-9](?:\\.[0-9]{1,6})?)?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?)?$"
)
DATE: Final = f"^(?:{_YEARS}-{_DAYS}|{_LEAP}-02-29)$"
SPAN: Final = "^[1-9][0-9]{0,3}[smhdw]$"


def _instant(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(INSTANT, value):
        return datetime.fromisoformat(value)
    raise ValueError("must be an instant such as 2026-02-02T23:00:00Z")


def _date(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(DATE, value):
        return date.fromisoformat(value)
    raise ValueError("must be a date such as 2026-02-02")


def _span(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and re.fullmatch(SPAN, value):
        return parse_duration(value)
    raise ValueError("must be a duration such as 3d")


def _whole(value: object) -> object:
    """Take 5.0 for 5: JSON knows only numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


_NO_NUL: Final = r"^[^\x00]*$"
Instant = Annotated[datetime, BeforeValidator(_instant), _schema(INSTANT, "2026-02-02T23:00:00Z")]
Day = Annotated[date, BeforeValidator(_date), _schema(DATE, "2026-02-02")]
Span = Annotated[timedelta, BeforeValidator(_span), _schema(SPAN, "3d")]
Words = Annotated[str, Field(pattern=_NO_NUL, max_length=20_000)]
Said = Annotated[str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=20_000)]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]$", max_length=200)]
Phone = Annotated[
    str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164", examples=["+12025550142"])
]
# Where a recording can be heard; printable, so that it fits a header, and never with a password.
Recording = Annotated[
    str,
    Field(
        pattern=r"^https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:[/?][!-~]{0,1700})?$",
        description="Handed out to those who may listen, and to nobody else.",
        examples=["https://recordings.example/49000001.mp3"],
    ),
]
AccountNumber = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$", examples=["7001"])]
Ucn = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$", examples=["49000001"])]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9_.@:-]{1,80}$", examples=["agent:1204"])]
ContactKey = Annotated[str, Field(pattern="^[A-Za-z0-9_.-]{1,64}$", examples=["ann"])]
PriorityWord = Literal["emergency", "urgent", "routine"]
EvidenceWord = Literal[
    "human", "check_in", "key_press", "reply_code", "read_receipt", "email_accepted", "voicemail"
]  # fmt: skip
DueClass = Literal["due_now", "past_due", "later"]
StateWord = Literal[
    "pending", "claimed", "attempting", "waiting_reply", "held", "parked", "limit_reached",
    "exhausted", "completed", "canceled", "closed_leftover",
]  # fmt: skip
assert set(StateWord.__args__) == {state.value for state in JobState}  # type: ignore[attr-defined] # noqa: S101


class Shape(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Caller(Shape):
    """Who called."""

    name: Line | None = None
    phone: Phone | None = None


class ForcedDial(Shape):
    """The agent's own dial."""

    contact: ContactKey
    relayed: bool
    at: Instant


class NewMessage(Shape):
    """A message as an agent took it."""

    account: AccountNumber
    priority: PriorityWord
    text: Said
    taken_by: Name
    form: Line | None = None
    caller: Caller | None = None
    fields: Annotated[
        dict[Line, Words], Field(max_length=200, json_schema_extra={"additionalProperties": False})
    ] = {}
    taken_at: Instant | None = None
    ucn: Ucn | None = None
    forced: ForcedDial | None = None
    recording_url: Recording | None = None

    def intake(self, now: datetime, posted_by: str) -> Intake:
        """Return it as the domain takes it in; taken now unless it says when."""
        caller = self.caller or Caller()
        forced = self.forced
        return Intake(
            account=self.account,
            priority=Priority[self.priority.upper()],
            content=Content(self.text, caller.name, caller.phone, self.fields),
            taken_by=self.taken_by,
            taken_at=self.taken_at or now,
            form=self.form,
            forced=Forced(forced.contact, forced.relayed, forced.at) if forced else None,
            posted_by=posted_by if posted_by != actor_of(self.taken_by) else None,
        )


class Delivery(Shape):
    """A delivery by hand."""

    evidence: EvidenceWord
    to: ContactKey | None = None
    note: Said | None = None


class Annotation(Shape):
    """Words about a message, for inside only."""

    text: Said
    directive: Literal["disregard", "hold_for_office"] | None = None


class Cue(Shape):
    """When a job shall come back."""

    minutes: Annotated[int, Field(ge=1, le=10_080), BeforeValidator(_whole)]
    directed_by: Line | None = None


class Aimed(Shape):
    """Whom to reach out of turn."""

    contact: ContactKey
    reason: Line


class NamedSchedule(Shape):
    """Which schedule to go by."""

    name: Line


class Outcome(Shape):
    """What came of a person's own call."""

    relayed: bool
    contact: ContactKey
    note: Said | None = None


class Coding(Shape):
    """Whether somebody is coded for dispatch."""

    coded: bool
