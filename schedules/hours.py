"""Office hours: weekly windows without the holidays, and when the office opens next."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schedules.walltime import first_instant, local_date, moment
from schedules.windows import Weekly

_COUNTRY = re.compile("[A-Z]{2}")
_CALENDARS = 512  # one object for all accounts that keep a calendar; it weighs some 10 kB a year
_FAR = 400  # days looked ahead for an opening: longer than any run of holidays


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days off: those of a calendar and `also`, without `never`."""

    calendar: Container[date]
    also: frozenset[date] = frozenset()
    never: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        """Tell whether the local date is a holiday."""
        if not isinstance(day, date) or day in self.never:
            return False
        return day in self.also or day in self.calendar


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours in a zone; a holiday closes its whole local day."""

    weekly: Weekly
    holidays: Holidays
    zone: ZoneInfo

    def open_at(self, at: datetime) -> bool:
        """Tell whether the office is open at an aware instant."""
        if not self.weekly.covers(moment(at, self.zone)):
            return False
        return local_date(at, self.zone) not in self.holidays

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first open instant from `at` on (`at` itself while open); None if never."""
        if self.open_at(at):
            return at
        for instant in self._openings(local_date(at, self.zone)):
            if instant > at and self.open_at(instant):
                return instant
        return None

    def _openings(self, day: date) -> Iterator[datetime]:
        """Yield, in order, each instant at which the office may open: windows and midnights."""
        for ahead in range(_FAR):
            midnight = datetime.combine(day + timedelta(days=ahead), time.min)
            for minute in sorted({0, *self.weekly.opens_on(midnight.weekday())}):
                yield first_instant(midnight + timedelta(minutes=minute), self.zone)


@lru_cache(_CALENDARS)
def calendar(code: str) -> Container[date]:
    """Return the public holidays, observed days included, of `US` or `US-TX`; else ValueError."""
    # Imported on use: the package takes half a second and 25 MB, and most accounts name none.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, part = code.partition("-")
    if not _COUNTRY.fullmatch(country):
        raise ValueError(f"{code!r} is not a known country, such as US or US-TX")
    try:
        return country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(f"{code!r} is not a known calendar: {error}") from None
