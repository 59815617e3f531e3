"""Days of coverage as the API and `coverage --json` give them."""

from datetime import timedelta
from typing import Final, Literal

from pydantic import BaseModel

from gateway.domain.history import stamp
from gateway.web.views import Json
from schedules.coverage import Day

_HOUR: Final = timedelta(hours=1)


class GapView(BaseModel):
    """A half-open interval of UTC instants in which nobody is on call."""

    start: str
    end: str


class DayView(BaseModel):
    """A local date: green, all of its 23, 24 or 25 hours are covered; red, none of them."""

    date: str
    color: Literal["green", "yellow", "red"]
    required_hours: float
    covered_hours: float
    gaps: list[GapView]


def day_view(day: Day) -> Json:
    """Show a day of coverage."""
    return {
        "date": day.date.isoformat(),
        "color": day.color,
        "required_hours": hours(day.required),
        "covered_hours": hours(day.covered),
        "gaps": [{"start": stamp(gap.start), "end": stamp(gap.end)} for gap in day.gaps],
    }


def hours(length: timedelta) -> float:
    """Return a length in hours, a whole number where it is one."""
    found = round(length / _HOUR, 4)
    return int(found) if found.is_integer() else found
