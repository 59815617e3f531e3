"""What a calendar holds, in plain shapes."""

from dataclasses import dataclass
from datetime import datetime


class CalendarError(ValueError):
    """The text cannot be used as a calendar; the words say why and quote no address."""


@dataclass(frozen=True, slots=True)
class Own:
    """What an event of our own export says besides: contact's key, role, status, place in line."""

    contact: str
    role: str
    status: str
    place: int


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence, half-open [start, end).

    Both ends are UTC instants, or both naive: then the calendar states no zone (floating times and
    whole days), and the reader's own applies. `emails` are lower-case addresses of those invited
    who have not declined.
    """

    uid: str
    start: datetime
    end: datetime
    summary: str
    emails: tuple[str, ...] = ()
    description: str = ""
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The occurrences of a calendar, and in words those that cannot be understood."""

    events: tuple[Event, ...]
    unread: tuple[str, ...] = ()
