"""What may happen in a scenario, and the settings it may choose (CONTRACT section 8)."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adapters.simulator.people import E164, CallScript, PeopleError, caller, length
from gateway.settings_fields import Coverage, Rate, ReminderHours
from gateway.web.shapes import NewMessage

STRICT = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
# The simulated carrier sets no rate limit unless the scenario does (CONTRACT section 8).
_NO_LIMIT = 1e9
# What carriers say instead of the number of somebody who withholds it: `anonymous`.
_WITHHELD = re.compile(r"[A-Za-z]+")


def _span(raw: object) -> timedelta:
    if isinstance(raw, timedelta):
        return raw
    try:
        return length(raw, "")
    except PeopleError as fault:
        raise ValueError(str(fault)) from None


def _phone(words: str) -> str:
    if not E164.fullmatch(words):
        raise ValueError(f"must be a phone number such as +12025550101, not {words!r}")
    return words


def _caller(words: str) -> str:
    return words if _WITHHELD.fullmatch(words) else _phone(words)


Span = Annotated[timedelta, BeforeValidator(_span)]
Phone = Annotated[str, AfterValidator(_phone)]
Caller = Annotated[str, AfterValidator(_caller)]
Role = Literal[
    "agent", "dispatcher", "lead", "wfm", "account_manager", "technician", "admin", "both", "brand"
]  # fmt: skip


class MessageEvent(NewMessage):
    """The body of `POST /v1/messages`; numbers need no quotes, as in account documents."""

    model_config = ConfigDict(strict=False, coerce_numbers_to_str=True)

    @property
    def body(self) -> dict[str, Any]:
        """What is posted: the keys that stand in the file."""
        return self.model_dump(mode="json", exclude_unset=True)


class TextEvent(BaseModel):
    """A person writes to us; `to` picks the number of ours, else the one that texted them last."""

    model_config = STRICT
    from_: Phone = Field(alias="from")
    body: str
    to: Phone | None = None


class CallEvent(BaseModel):
    """A person calls us and presses keys; `keys` and `hang_up_after` as in a person's script."""

    model_config = STRICT
    from_: Caller = Field(alias="from")
    keys: list[Any] = Field(default_factory=list)
    hang_up_after: Any = None
    to: Phone | None = None

    @property
    def script(self) -> CallScript:
        """What the caller does on the line; raises PeopleError."""
        ends = {} if self.hang_up_after is None else {"hang_up_after": self.hang_up_after}
        return caller({"keys": self.keys, **ends}, "")

    @model_validator(mode="after")
    def _readable(self) -> "CallEvent":
        try:
            _ = self.script
        except PeopleError as fault:
            raise ValueError(str(fault)) from None
        return self


class LinkEvent(BaseModel):
    """The last secure link sent to a phone is fetched (`tap: false`) or opened."""

    model_config = STRICT
    phone: Phone
    tap: bool


class Actor(BaseModel):
    """Who calls the API."""

    model_config = STRICT
    name: str = Field(min_length=1)
    role: Role


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

    def welcomes(self, status: int) -> bool:
        """Tell whether an answer's status is what was wished for."""
        return status == self.status if self.status is not None else status // 100 == 2  # noqa: PLR2004 - 2xx

    @property
    def shall_succeed(self) -> bool:
        """Whether it is meant to come off; what is meant to be refused may ask for anything."""
        return self.status is None or self.status // 100 == 2  # noqa: PLR2004 - 2xx


class CrashEvent(BaseModel):
    """The process is killed and started again later."""

    model_config = STRICT
    for_: Span = Field(alias="for")


class CarrierEvent(BaseModel):
    """The carrier is away, or loses its callbacks, for a while."""

    model_config = STRICT
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
    message: MessageEvent | None = None
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


class Chosen(BaseModel):
    """The settings a scenario may choose; it looks ahead in schedules only when it says so."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=str.upper)
    calls_per_second: Rate = _NO_LIMIT
    texts_per_second: Rate = _NO_LIMIT
    coverage_hours: Coverage = 0
    coverage_office: bool = False
    require_coding: bool = False
    share_calls_across_accounts: bool = False
    handoff_reminder_hours: ReminderHours = 4
