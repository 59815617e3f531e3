"""Scenario files: what happens, when, and what must come of it (CONTRACT section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from adapters.simulator.people import CallScript, People, PeopleError, caller, length
from gateway.domain.documents import AccountDocument, document_of
from gateway.domain.marked import Marked
from gateway.domain.marked_yaml import read_marked
from gateway.domain.problems import DocumentError, Problem, field_name
from gateway.rehearsal.wanted import Expect
from schedules.walltime import first_instant

_STRICT = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


def _span(raw: object) -> timedelta:
    if isinstance(raw, timedelta):
        return raw
    try:
        return length(raw, "")
    except PeopleError as fault:
        raise ValueError(str(fault)) from None


Span = Annotated[timedelta, BeforeValidator(_span)]


_Setting = Literal[
    "CALLS_PER_SECOND",
    "TEXTS_PER_SECOND",
    "COVERAGE_HOURS",
    "COVERAGE_OFFICE",
    "REQUIRE_CODING",
    "SHARE_CALLS_ACROSS_ACCOUNTS",
    "HANDOFF_REMINDER_HOURS",
]


_Role = Literal[
    "agent", "dispatcher", "lead", "wfm", "account_manager", "technician", "admin", "both", "brand"
]  # fmt: skip


class TextEvent(BaseModel):
    """A person writes to us; `to` picks the number of ours, else the one that texted them last."""

    model_config = _STRICT
    from_: str = Field(alias="from")
    body: str
    to: str | None = None


class CallEvent(BaseModel):
    """A person calls us and presses keys; `keys` and `hang_up_after` as in a person's script."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    from_: str = Field(alias="from")
    keys: list[Any] = Field(default_factory=list)
    hang_up_after: Any = None
    to: str | None = None

    @property
    def script(self) -> CallScript:
        """What the caller does on the line; raises PeopleError."""
        ends = {} if self.hang_up_after is None else {"hang_up_after": self.hang_up_after}
        return caller({"keys": self.keys, **ends}, "call")

    @model_validator(mode="after")
    def _readable(self) -> "CallEvent":
        try:
            _ = self.script
        except PeopleError as fault:
            raise ValueError(str(fault)) from None
        return self


class LinkEvent(BaseModel):
    """The last secure link sent to a phone is fetched (`tap: false`) or opened."""

    model_config = _STRICT
    phone: str
    tap: bool


class Actor(BaseModel):
    """Who calls the API."""

    model_config = _STRICT
    name: str = Field(min_length=1)
    role: _Role


class ApiEvent(BaseModel):
    """An API call; without `status` any 2xx will do, `answer` must be a subset of what comes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    as_: Actor = Field(alias="as")
    call: str = Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S*$")
    body: Any = None
    status: int | None = None
    code: str | None = None
    answer: Any = None
    save: str | None = None


class CrashEvent(BaseModel):
    """The process is killed and started again later."""

    model_config = _STRICT
    for_: Span = Field(alias="for")


class CarrierEvent(BaseModel):
    """The carrier is away, or loses its callbacks, for a while."""

    model_config = _STRICT
    down_for: Span | None = None
    lose_callbacks_for: Span | None = None

    @model_validator(mode="after")
    def _some(self) -> "CarrierEvent":
        if self.down_for is None and self.lose_callbacks_for is None:
            raise ValueError("needs down_for or lose_callbacks_for")
        return self


class Event(BaseModel):
    """One thing that happens at `at`: exactly one of the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: str
    message: dict[str, Any] | None = None
    text: TextEvent | None = None
    call: CallEvent | None = None
    link: LinkEvent | None = None
    api: ApiEvent | None = None
    crash: CrashEvent | None = None
    carrier: CarrierEvent | None = None

    @model_validator(mode="after")
    def _one(self) -> "Event":
        given = [name for name in type(self).model_fields if name != "at" and getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                "must hold exactly one of message, text, call, link, api, crash, carrier"
            )
        return self


class SiteAnswer(BaseModel):
    """How a client's site answers a web post; refused: no connection, silent: no answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: int = 200
    body: str = "ok"
    retry_after: float | None = None
    refused: bool = False
    silent: bool = False


class ScenarioDocument(BaseModel):
    """A scenario file as it stands; accounts and people are read by their own rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1)]
    start: str
    until: str
    accounts: list[Any] = Field(min_length=1)
    people: dict[str, Any] = Field(default_factory=dict)
    events: list[Event] = Field(default_factory=list)
    expect: Expect = Expect()
    settings: dict[_Setting, float] = Field(default_factory=dict)
    sites: dict[str, list[SiteAnswer]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to be played: every instant is known."""

    name: str
    start: datetime
    until: datetime
    zone: ZoneInfo
    accounts: tuple[AccountDocument, ...]
    people: Mapping[str, Any]
    events: tuple[tuple[datetime, Event], ...]
    expect: Expect
    settings: Mapping[str, float]
    sites: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def instant(self, at: str) -> datetime:
        """Read an instant, or a local time of day from the start on (past midnight: the next)."""
        return _instant(at, self.start, self.zone)


def _instant(at: str, start: datetime, zone: ZoneInfo) -> datetime:
    if "T" in at or len(at) > len("00:00:00"):
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise ValueError(f"{at!r} needs an offset, as in 2026-02-02T18:00:00-05:00")
        return found
    clock = time.fromisoformat(at)
    local = start.astimezone(zone)
    day: date = local.date()
    if clock < local.time().replace(microsecond=0):
        day += timedelta(days=1)
    return first_instant(datetime.combine(day, clock), zone)


def read_scenarios(text: str, origin: str) -> list[Scenario]:
    """Read the scenarios of one file; DocumentError names the line and field of each fault."""
    return [_scenario(marked) for marked in read_marked(text, origin)]


def _scenario(marked: Marked) -> Scenario:
    try:
        document = ScenarioDocument.model_validate(marked.value)
    except ValidationError as fault:
        raise DocumentError(*_problems(marked, fault)) from None
    accounts = tuple(document_of(one) for one in marked.at("accounts").items())
    zone = ZoneInfo(accounts[0].timezone)
    start = _when(marked, ("start",), document.start, None, zone)
    until = _when(marked, ("until",), document.until, start, zone)
    if until < start:
        line = marked.line_of(("until",))
        raise DocumentError(Problem(marked.origin, line, "until", "must not be before the start"))
    events = [
        (_when(marked, ("events", n, "at"), one.at, start, zone), one)
        for n, one in enumerate(document.events)
    ]
    for ucn, lines in document.expect.history.items():
        for place, entry in enumerate(lines):
            _when(marked, ("expect", "history", ucn, place), entry.split()[0], start, zone)
    try:
        People.read(document.people)
    except PeopleError as fault:
        line = marked.line_of(("people",))
        raise DocumentError(Problem(marked.origin, line, "people", str(fault))) from None
    return Scenario(
        name=document.name,
        start=start,
        until=until,
        zone=zone,
        accounts=accounts,
        people=document.people,
        events=tuple(sorted(events, key=lambda pair: pair[0])),
        expect=document.expect,
        settings={str(name): value for name, value in document.settings.items()},
        sites={url: [one.model_dump() for one in said] for url, said in document.sites.items()},
    )


def _when(
    marked: Marked, loc: tuple[str | int, ...], at: str, start: datetime | None, zone: ZoneInfo
) -> datetime:
    try:
        return _instant(at, start or datetime.fromisoformat(at), zone)
    except ValueError as fault:
        problem = Problem(marked.origin, marked.line_of(loc), field_name(loc), str(fault))
        raise DocumentError(problem) from None


def _problems(marked: Marked, fault: ValidationError) -> list[Problem]:
    return [
        Problem(
            marked.origin, marked.line_of(one["loc"]), field_name(one["loc"]), _said(one["msg"])
        )
        for one in fault.errors()
    ]


def _said(words: str) -> str:
    return words.removeprefix("Value error, ")


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    return ScenarioDocument.model_json_schema()
