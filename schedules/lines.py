"""The line of a roster and the span of time a rule lasts: what all rules share."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.walltime import first_instant, last_instant, words


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a roster, in order, with the rule that put them there or removed them.

    role is oncall, backup, permanent or office; status call, sms, secure or email; source shift,
    override, temporary or permanent; skipped None, unavailable, inactive or overridden, and then
    the reason names what removed them.
    """

    contact: str
    role: str
    status: str
    source: str
    reason: str
    skipped: str | None = None

    def skip(self, why: str, reason: str) -> "Line":
        """Return the same line as skipped."""
        return Line(self.contact, self.role, self.status, self.source, reason, why)


@dataclass(frozen=True, slots=True)
class Post:
    """What a shift line gives to whoever stands in it: role, status and source."""

    role: str
    status: str
    source: str = "shift"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of instants; None is open. `text` says it in local words, "" if always."""

    start: datetime | None
    end: datetime | None
    text: str = ""

    def holds(self, at: datetime) -> bool:
        """Tell whether start <= at < end."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def meets(self, other: "Span") -> bool:
        """Tell whether the two spans share an instant."""
        return _ordered(self.start, other.end) and _ordered(other.start, self.end)


ALWAYS = Span(None, None)


def span(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> Span:
    """Return the span between two naive local times of the zone (None: open)."""
    first = None if start is None else first_instant(start, zone)
    last = None if end is None else last_instant(end, zone)
    return Span(first, last, span_words(start, end))


def span_words(start: datetime | None, end: datetime | None) -> str:
    """Return a span as people read it: `2026-02-02 17:00 to 2026-02-03 08:00`."""
    if start is not None and end is not None:
        return f"{words(start)} to {words(end)}"
    if start is not None:
        return f"from {words(start)}"
    return "" if end is None else f"until {words(end)}"


def _ordered(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
