"""Schedules in the account document: shifts, rotations, overrides, temporary schedules."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.domain.document_fields import (
    Bound,
    ContactKey,
    Duration,
    FeedFile,
    FeedUrl,
    Line,
    LocalTime,
    Text,
    Turn,
    Utc,
    Weekly,
    between,
)
from schedules.rotation import parse_every, parse_handoff

Role = Literal["oncall", "backup"]
Status = Literal["call", "sms", "secure", "email"]
_LEAST_REFRESH, _MOST_REFRESH = timedelta(minutes=5), timedelta(days=1)


class Part(BaseModel):
    """A part of the document: unknown keys are errors, a key without a value is as if absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, value: object) -> object:
        if not isinstance(value, dict) or None not in value.values():
            return value
        known = {each.alias or name for name, each in cls.model_fields.items()}
        return {key: item for key, item in value.items() if item is not None or key not in known}


def in_order(start: datetime | None, end: datetime | None) -> None:
    """Raise ValueError unless both are given, the end after the start, or neither is."""
    if (start is None) != (end is None):
        raise ValueError("start and end belong together; one is missing")
    if start is not None and end is not None and end <= start:
        raise ValueError("the end is not after the start")


class Shift(Part):
    """One person's shift, or a rotation of several."""

    contact: ContactKey | None = None
    rotate: Annotated[list[ContactKey], Field(min_length=1)] | None = None
    every: Turn | None = None
    handoff: Text | None = None
    role: Role = "oncall"
    status: Status = "call"
    weekly: Weekly | None = None
    start: LocalTime | None = None
    end: LocalTime | None = None
    begin: Bound | None = Field(default=None, alias="from")
    until: Bound | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.contact is None) == (self.rotate is None):
            raise ValueError("needs either contact or rotate")
        if self.rotate is None:
            self._as_shift()
        else:
            self._as_rotation()
        return self

    def _as_shift(self) -> None:
        if self.every is not None or self.handoff is not None:
            raise ValueError("every and handoff belong to a rotation (rotate: [...])")
        if self.begin is not None and self.start is not None:
            raise ValueError("has both start and from; keep one")
        in_order(self.start, self.end)
        first = self.start or self.begin
        if first is not None and self.until is not None and self.until <= first:
            raise ValueError("until is not after the start")

    def _as_rotation(self) -> None:
        if self.start is not None or self.end is not None:
            raise ValueError("a rotation has from and until, not start and end")
        if self.every is None or self.handoff is None or self.begin is None:
            raise ValueError("a rotation needs every, handoff and from")
        parse_handoff(self.handoff, parse_every(self.every).unit)
        if self.until is not None and self.until <= self.begin:
            raise ValueError("until is not after from")


class Override(Part):
    """A change for a span: replace … with, add, remove or swap."""

    start: LocalTime
    end: LocalTime
    replace: ContactKey | None = None
    substitute: ContactKey | None = Field(default=None, alias="with")
    add: ContactKey | None = None
    remove: ContactKey | None = None
    swap: Annotated[list[ContactKey], Field(min_length=2, max_length=2)] | None = None
    role: Role | None = None
    status: Status | None = None

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        in_order(self.start, self.end)
        changes = (self.replace, self.add, self.remove, self.swap)
        if sum(change is not None for change in changes) != 1:
            raise ValueError("needs exactly one of replace, add, remove and swap")
        if (self.replace is None) != (self.substitute is None):
            raise ValueError("replace and with belong together")
        if self.add is None and (self.role is not None or self.status is not None):
            raise ValueError("role and status are for add; a substitute takes those of the line")
        pair = self.swap or [self.replace or "", self.substitute or "-"]
        if pair[0] == pair[1]:
            raise ValueError("names one person twice")
        return self


class Temporary(Part):
    """Shifts that stand in for the schedule's own wholly while the span lasts."""

    start: LocalTime
    end: LocalTime
    shifts: list[Shift]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        in_order(self.start, self.end)
        return self


class FedShift(Part):
    """A shift that came from the feed; its ends are instants, since a feed's times are."""

    contact: ContactKey
    start: Utc
    end: Utc
    role: Role = "oncall"
    status: Status = "call"

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        in_order(self.start, self.end)
        return self


class Feed(Part):
    """A calendar from outside whose events are shifts; `shifts` is written by the program."""

    url: FeedUrl | None = None
    file: FeedFile | None = None
    people: dict[Line, ContactKey] = Field(default_factory=dict, alias="map")
    ignore: list[Line] = Field(default_factory=list)
    role: Role | None = None
    status: Status | None = None
    refresh: Annotated[Duration, between(_LEAST_REFRESH, _MOST_REFRESH)] = timedelta(minutes=15)
    shifts: list[FedShift] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.url is None) == (self.file is None):
            raise ValueError("needs either url or file")
        return self


class Schedule(Part):
    """A named on-call schedule; `match` holds the message fields that select it."""

    name: Line
    match: dict[Text, Line] = Field(default_factory=dict)
    shifts: list[Shift] = Field(default_factory=list)
    overrides: list[Override] = Field(default_factory=list)
    temporary: list[Temporary] = Field(default_factory=list)
    feed: Feed | None = None
