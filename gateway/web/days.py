"""Days of coverage as the API and `coverage --json` give them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Literal

from pydantic import BaseModel

from gateway.domain.accounts import Account
from gateway.domain.history import stamp
from gateway.domain.uncovered import in_office
from gateway.web.views import Json
from schedules.coverage import Day, Gap

_HOUR: Final = timedelta(hours=1)


class GapView(BaseModel):
    """A half-open interval of UTC instants in which nobody is on call."""

    start: str
    end: str


class DayView(BaseModel):
    """A local date: green, all of its 23, 24 or 25 hours are covered; red, none of them.

    `office_gaps` are the parts of the gaps in which the client's own office is open: nobody needs
    to be on call then. Only accounts with office hours have them.
    """

    date: str
    color: Literal["green", "yellow", "red"]
    required_hours: float
    covered_hours: float
    gaps: list[GapView]
    office_gaps: list[GapView] | None = None


def day_view(account: Account, day: Day) -> Json:
    """Show a day of coverage of an account."""
    shown: Json = {
        "date": day.date.isoformat(),
        "color": day.color,
        "required_hours": hours(day.required),
        "covered_hours": hours(day.covered),
        "gaps": _gaps(day.gaps),
    }
    if account.office is not None and account.office.hours is not None:
        shown["office_gaps"] = _gaps(in_office(account, day.gaps))
    return shown


def _gaps(gaps: Iterable[Gap]) -> list[Json]:
    return [{"start": stamp(gap.start), "end": stamp(gap.end)} for gap in gaps]


def hours(length: timedelta) -> float:
    """Return a length in hours, a whole number where it is one."""
    found = round(length / _HOUR, 4)
    return int(found) if found.is_integer() else found
