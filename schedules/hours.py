"""Office hours: weekly windows without the holidays, and when the office opens next."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from schedules.walltime import DAY as MINUTES
from schedules.walltime import (
    first_of_minute,
    last_of_minute,
    local_date,
    moment,
    utc,
)
from schedules.windows import Weekly

_COUNTRY = re.compile("[A-Z]{2}")
_CALENDARS = 512  # one object for all accounts that keep a calendar; it weighs some 10 kB a year
_YEARS = range(2024, 2036)
_DAY, _NONE = timedelta(days=1), timedelta()
_TURNS = (first_of_minute, last_of_minute)
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
        now = utc(at)
        found = self._stretches(now, step=1)
        return next((max(opening, now) for opening, closing in found if closing > now), None)

    def after_open(self, start: datetime, span: timedelta) -> datetime | None:
        """Return the first instant by which the office has been open for `span` since `start`.

        Two business hours from Friday 16:00 are Monday 09:00, and those from Friday 15:00 end
        with the day, 17:00. Hours are those that pass, through clock changes too; no span at all
        is `start` itself. None when it is not open that long; ValueError for a negative span.
        """
        left = _not_negative(span)
        if not left:
            return utc(start)
        for opening, closing in self._stretches(utc(start), step=1):
            first = max(opening, utc(start))
            if closing - first >= left:
                return first + left
            left -= max(closing - first, _NONE)
        return None

    def before_open(self, end: datetime, span: timedelta) -> datetime | None:
        """Return the last instant from which the office is open for `span` until `end`.

        The mirror of `after_open`: two business hours before Monday 09:00 are Friday 16:00.
        """
        left = _not_negative(span)
        if not left:
            return utc(end)
        for opening, closing in self._stretches(utc(end), step=-1):
            last = min(closing, utc(end))
            if last - opening >= left:
                return last - left
            left -= max(last - opening, _NONE)
        return None

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the office is open from `start` to `end`, both aware."""
        return sum((closing - opening for opening, closing in self.opened(start, end)), _NONE)

    def opened(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield, in order, when the office is open within [start, end), both aware.

        Half-open UTC intervals; no two of them touch.
        """
        first, last = utc(start), utc(end)
        open_from = open_until = first
        for opening, closing in self._between(first, last):
            if opening > open_until:
                if open_from < open_until:
                    yield open_from, open_until
                open_from = opening
            open_until = closing
        if open_from < open_until:
            yield open_from, open_until

    def _between(self, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield open stretches day by day, cut at two instants."""
        day, final = local_date(first, self.zone), local_date(last, self.zone)
        while day <= final:
            for opening, closing in self._open_on(day):
                if opening < last and closing > first:
                    yield max(opening, first), min(closing, last)
            day += _DAY

    def _stretches(self, at: datetime, step: int) -> Iterator[tuple[datetime, datetime]]:
        """Yield open stretches day by day, forth (step 1) or back (-1), about `at` and beyond.

        They end after as many closed days as `_FAR`.
        """
        day, closed = local_date(at, self.zone) - step * _DAY, 0
        while closed < _FAR:
            found = self._open_on(day)
            yield from found[::step]
            closed = 0 if found else closed + 1
            day += step * _DAY

    def _open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        return [pair for pair in pairwise(self._bounds(day)) if self.open_at(pair[0])]

    def _bounds(self, day: date) -> list[datetime]:
        """Return, in order, midnights and all instants of a local day at which a window may turn.

        A doubled hour starts windows at its first pass and ends them at its second.
        """
        first = (day.toordinal() - 1) * MINUTES
        minutes = [first + minute for minute in self.weekly.turns_on(day.weekday())]
        start, end = (first_of_minute(each, self.zone) for each in (first, first + MINUTES))
        turns = [turn(each, self.zone) for each in minutes for turn in _TURNS]
        return sorted({start, end, *(at for at in turns if start < at < end)})


@lru_cache(_CALENDARS)
def calendar(code: str) -> Container[date]:
    """Return the public holidays, observed days included, of `US` or `US-TX`; else ValueError."""
    # Imported on use: the package takes half a second and 25 MB, and most accounts name none.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, part = code.partition("-")
    if not _COUNTRY.fullmatch(country):
        raise ValueError(f"{code!r} is not a known country, such as US or US-TX")
    try:
        # Counted out at once: another thread may ask while the package counts out a year.
        return country_holidays(country, subdiv=part or None, years=_YEARS)
    except NotImplementedError as error:
        raise ValueError(f"{code!r} is not a known calendar: {error}") from None


def _not_negative(span: timedelta) -> timedelta:
    if span < _NONE:
        raise ValueError("a span of business hours is not negative; before_open counts back")
    return span
