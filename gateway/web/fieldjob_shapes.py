"""Field jobs: what the API takes about them, key by key (CONTRACT section 10)."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Annotated, Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
)

from gateway.domain.deeds import bare
from gateway.domain.durations import parse_duration
from gateway.domain.fieldjobs import Source
from gateway.web.shapes import LOCAL, AccountNumber, Line, Name, Phone, Said, Shape
from schedules.walltime import first_instant

# A local time where the job is, or an instant with its offset; LOCAL would also be a whole day.
WHEN: Final = LOCAL.removesuffix("?$") + "$"
LENGTH: Final = "^(?:[1-9][0-9]{0,4}[sm]|[1-9][0-9]{0,2}h|[1-9][0-9]?d|[1-4]w)$"
CLOCK: Final = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
ETA: Final = f"{WHEN}|{LENGTH}|{CLOCK}"
MAIL: Final = r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}$"
_MINUTE: Final = 60
_DAY: Final = 1_440
_WEEK: Final = 10_080


def _length(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and re.fullmatch(LENGTH, value):
        return parse_duration(value)
    if type(value) is int and 0 < value <= _WEEK:
        return timedelta(minutes=value)
    raise ValueError("must be a duration such as 90m or 2h, or minutes")


# As their token names them; with their role before it is the same person.
Technician = Annotated[Name, AfterValidator(bare)]
When = Annotated[str, Field(pattern=WHEN, examples=["2026-02-02T17:30"])]
Eta = (
    Annotated[
        str,
        Field(
            pattern=ETA,
            description="As `start`, a time of day `17:30`, or from now on: `25m`, minutes.",
            examples=["25m"],
        ),
    ]
    | Annotated[int, Field(ge=0, le=_DAY)]
)
Length = Annotated[
    timedelta,
    BeforeValidator(_length),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": LENGTH},
                {"type": "integer", "minimum": 1, "maximum": _WEEK},
            ],
            "examples": ["2h"],
        }
    ),
]
Mail = Annotated[str, Field(pattern=MAIL, max_length=320, examples=["ann@client.example"])]
Id = Annotated[UUID, Field(strict=False), WithJsonSchema({"type": "string", "format": "uuid"})]


class NewCustomer(Shape):
    """Somebody for whom technicians go out."""

    name: Line
    phone: Phone
    email: Mail | None = None
    address: Said | None = None


class NewAppointment(Shape):
    """A visit; without a technician nobody is assigned yet."""

    start: When
    duration: Length
    technician: Technician | None = None


class NewJob(Shape):
    """A job; with `source` it is an offer."""

    customer: Id
    title: Line
    market: Line | None = None
    account: AccountNumber | None = None
    source: Source | None = None
    brand: Line | None = None
    appointment: NewAppointment | None = None


class Move(Shape):
    """What comes along with an action; which of it counts is the action's."""

    start: When | None = None
    duration: Length | None = None
    technician: Technician | None = None
    appointment: Id | None = None
    eta: Eta | None = None
    reason: Annotated[
        Said | None,
        Field(description="To pause: part, no_customer, interrupted, other. Else free words."),
    ] = None


class Amiss(NamedTuple):
    """What came along with an action and is no `Move`, and what is wrong with it."""

    fault: ValidationError


def _judged_later(value: object, read: Callable[[object], Move | None]) -> Move | Amiss | None:
    try:
        return read(value)
    except ValidationError as fault:
        return Amiss(fault)


# An action that the table does not have is refused as such, whatever came along with it (S1-16).
Moving = Annotated[Move | None, WrapValidator(_judged_later)]


class Change(Shape):
    """What of a visit shall be otherwise; `technician: null` takes the technician away."""

    start: When | None = None
    duration: Length | None = None
    technician: Technician | None = None


class NewNote(Shape):
    """A note; a public one may be seen by the job's brand."""

    text: Said
    public: bool = False


Photo = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9+/]+={0,2}$",
        max_length=14_000_000,
        json_schema_extra={"contentEncoding": "base64"},
    ),
]


class NewPhoto(Shape):
    """A photo as base64; a public one may be seen by the job's brand."""

    content: Photo
    public: bool = False


class Located(Shape):
    """Where somebody is, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Identity(Shape):
    """Whom a user is in account documents."""

    contacts: Annotated[
        list[
            Annotated[
                str,
                Field(
                    pattern="^[A-Za-z0-9_-]{1,40}:[A-Za-z0-9_.-]{1,64}$",
                    description="ACCOUNT:CONTACT",
                    examples=["7001:ann"],
                ),
            ]
        ],
        Field(max_length=200),
    ]


ActionWord = Literal[
    "accept", "decline", "add_appointment", "delete_appointment", "on_my_way", "start", "pause",
    "complete", "cancel", "reopen",
]  # fmt: skip


StatusWord = Literal[
    "New Offer", "Unscheduled", "Scheduled", "In Progress", "Paused", "Complete"
]  # fmt: skip


def instant_of(text: str, zone: str) -> datetime:
    """Read an instant, or a local time where the job is."""
    read = datetime.fromisoformat(text)
    return first_instant(read, ZoneInfo(zone)) if read.tzinfo is None else read


def minutes_of(length: timedelta) -> int:
    """Return whole minutes, at least one."""
    return max(1, -(-int(length.total_seconds()) // _MINUTE))


def eta_of(text: str | int, zone: str, now: datetime) -> datetime:
    """Read when somebody expects to be there: a time of day is the next one."""
    if isinstance(text, int):
        return now + timedelta(minutes=text)
    if re.fullmatch(LENGTH, text):
        return now + parse_duration(text)
    if not re.fullmatch(CLOCK, text):
        return instant_of(text, zone)
    local = now.astimezone(ZoneInfo(zone))
    day = datetime.combine(local.date(), time.fromisoformat(text))
    at = first_instant(day, ZoneInfo(zone))
    return at if at >= now else first_instant(day + timedelta(days=1), ZoneInfo(zone))
