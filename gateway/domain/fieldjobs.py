"""Field jobs: what a technician goes out for, and the status table S1 (S1-01 to S1-26). Pure.

A job has one customer and any number of appointments. What may follow what is one table, `MOVES`;
every pair that is not in it is refused and changes nothing (S1-16).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

UNPLACED: Final = "UTC"  # the zone of a job of which nobody knows where it is
Source = Literal["connected_account", "booking_page"]
Resolution = Literal["completed", "canceled", "declined"]
PauseReason = Literal["part", "no_customer", "interrupted", "other"]
PhotoKind = Literal["image/jpeg", "image/png", "image/webp", "image/heif"]


class Status(StrEnum):
    """Where a job stands; a declined offer is nobody's job any more (S1-04)."""

    NEW_OFFER = "New Offer"
    UNSCHEDULED = "Unscheduled"
    SCHEDULED = "Scheduled"
    IN_PROGRESS = "In Progress"
    PAUSED = "Paused"
    COMPLETE = "Complete"
    DECLINED = "Declined"


class Action(StrEnum):
    """What people do to a job."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ADD = "add_appointment"
    DELETE = "delete_appointment"
    ON_MY_WAY = "on_my_way"
    START = "start"
    PAUSE = "pause"
    COMPLETE = "complete"
    CANCEL = "cancel"
    REOPEN = "reopen"


_S, _A = Status, Action
# Rows S1-03 to S1-15 and S1-17, in their order. `delete_appointment` of one of several leaves a job
# Scheduled; `reopen` is for a job that was canceled, not for one that was completed.
MOVES: Final[Mapping[tuple[Status, Action], Status]] = MappingProxyType(
    {
        (_S.NEW_OFFER, _A.ACCEPT): _S.UNSCHEDULED,
        (_S.NEW_OFFER, _A.DECLINE): _S.DECLINED,
        (_S.UNSCHEDULED, _A.ADD): _S.SCHEDULED,
        (_S.SCHEDULED, _A.DELETE): _S.UNSCHEDULED,
        (_S.SCHEDULED, _A.ON_MY_WAY): _S.IN_PROGRESS,
        (_S.SCHEDULED, _A.START): _S.IN_PROGRESS,
        (_S.SCHEDULED, _A.COMPLETE): _S.COMPLETE,
        (_S.SCHEDULED, _A.CANCEL): _S.COMPLETE,
        (_S.IN_PROGRESS, _A.COMPLETE): _S.COMPLETE,
        (_S.IN_PROGRESS, _A.PAUSE): _S.PAUSED,
        (_S.PAUSED, _A.ADD): _S.SCHEDULED,
        (_S.PAUSED, _A.CANCEL): _S.COMPLETE,
        (_S.COMPLETE, _A.ADD): _S.SCHEDULED,
        (_S.COMPLETE, _A.REOPEN): _S.SCHEDULED,
    }
)
# S1-19; a declined offer has none.
COLORS: Final[Mapping[Status, str]] = MappingProxyType(
    {
        _S.NEW_OFFER: "green",
        _S.UNSCHEDULED: "red",
        _S.SCHEDULED: "blue",
        _S.IN_PROGRESS: "orange",
        _S.PAUSED: "yellow",
        _S.COMPLETE: "gray",
    }
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit: aware instants, `minutes` its length, `technician` the name on their token.

    What happened stands as instants that are written once (S1-22). `canceled_in` is the number of
    the cancellation that took it away; reopening gives back what the last one took (S1-17).
    """

    id: UUID
    start: datetime
    minutes: int
    technician: str | None = None
    on_my_way_at: datetime | None = None
    eta: datetime | None = None
    started_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: PauseReason | None = None
    completed_at: datetime | None = None
    canceled_in: int | None = None

    @property
    def end(self) -> datetime:
        """When it is over as planned."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def begun(self) -> bool:
        """True once somebody set out or arrived: then it is edited no more (S1-20)."""
        return self.on_my_way_at is not None or self.started_at is not None

    @property
    def ended(self) -> bool:
        """True once it came to something, or to nothing."""
        over = (self.completed_at, self.paused_at, self.canceled_in)
        return any(one is not None for one in over)

    @property
    def state(self) -> str:
        """One word: planned, on_my_way, started, paused, completed or canceled."""
        told = (
            ("canceled", self.canceled_in),
            ("completed", self.completed_at),
            ("paused", self.paused_at),
            ("started", self.started_at),
            ("on_my_way", self.on_my_way_at),
        )
        return next((word for word, fact in told if fact is not None), "planned")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the job knows it; the picture is a file named by its id."""

    id: UUID
    kind: PhotoKind
    size: int
    public: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """The visit that an offer asks for: a proposal until somebody schedules it."""

    start: datetime
    minutes: int
    technician: str | None = None


@dataclass(frozen=True, slots=True)
class FieldJob:
    """A job's facts; `zone` is where its local days and times are read.

    `technician`: who took it before there is an appointment, such as the on-call technician whose
    accept opened it from the message `ucn`.
    """

    customer: UUID
    title: str
    status: Status
    created_by: str
    created_at: datetime
    zone: str
    resolution: Resolution | None = None
    market: str | None = None
    account: str | None = None
    source: Source | None = None
    brand: str | None = None
    technician: str | None = None
    ucn: str | None = None
    wish: Wish | None = None
    appointments: tuple[Appointment, ...] = ()
    cancellations: int = 0
    photos: tuple[Photo, ...] = ()
    survey_asked_at: datetime | None = None
    survey_rating: int | None = None

    @property
    def color(self) -> str | None:
        """The status view's colour (S1-19)."""
        return COLORS.get(self.status)

    @property
    def planned(self) -> tuple[Appointment, ...]:
        """The visits that are still to come or under way, the earliest first."""
        left = (one for one in self.appointments if not one.ended)
        return tuple(sorted(left, key=lambda one: (one.start, one.id)))

    @property
    def technicians(self) -> frozenset[str]:
        """Whose job it is: who has a visit that was not canceled, who took it or is to take it."""
        named = {one.technician for one in self.appointments if one.canceled_in is None}
        wished = self.wish.technician if self.wish else None
        return frozenset(one for one in (*named, self.technician, wished) if one)

    @property
    def placed(self) -> bool:
        """True when it is known what a clock shows where the job is."""
        return self.account is not None or self.zone != UNPLACED

    def day_of(self, at: datetime) -> date:
        """Return the local date of an instant where the job is."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def visited(self) -> bool:
        """True once a technician arrived or completed a visit."""
        return any(one.started_at or one.completed_at for one in self.appointments)

    @property
    def completed_at(self) -> datetime | None:
        """When a visit was last completed."""
        ends = [one.completed_at for one in self.appointments if one.completed_at]
        return max(ends, default=None)


FACTS: Final = TypeAdapter(FieldJob)
_UNNAMED: Final = re.compile(r"[^A-Za-z0-9_.@:-]+")


def brand_name(brand: str) -> str:
    """Return a brand as the NAME of its tokens has it: `Acme Home` is `Acme-Home`."""
    return _UNNAMED.sub("-", brand)


def legal(job: FieldJob, action: Action) -> bool:
    """Tell whether the table has that pair (S1-16)."""
    if action is Action.REOPEN and job.resolution != "canceled":
        return False
    return (job.status, action) in MOVES
