"""A local time of every week, such as `Sun 18:00`, and the next instant at which it comes."""

import re
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from schedules.walltime import DAY, WEEK, first_instant, minutes, wall

_FORM: Final = re.compile(r"([A-Za-z]+) +(\d{1,2}):(\d{2})")
_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = {name: day for day, full in enumerate(_NAMES) for name in (full, full[:3])}
_HOURS: Final = range(24)
_MINUTES: Final = range(60)


class WeekTime(NamedTuple):
    """A time of the week, in whole minutes since Monday 00:00."""

    minute: int

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the first UTC instant after `now` (aware) at which it comes in the zone.

        On a night on which the clock changes it is the first instant after a gap, and the first
        of two (contract, Clock changes).
        """
        local = minutes(now.astimezone(zone).replace(tzinfo=None))
        minute = local + (self.minute - local) % WEEK
        found = first_instant(wall(minute), zone)
        return found if found > now else first_instant(wall(minute + WEEK), zone)


def parse_week_time(text: str) -> WeekTime:
    """Read `Sun 18:00` or `Sunday 18:00`, whatever the case; ValueError otherwise."""
    found = _FORM.fullmatch(text.strip())
    day = _DAYS.get(found[1].lower()) if found else None
    if found is None or day is None or int(found[2]) not in _HOURS or int(found[3]) not in _MINUTES:
        raise ValueError(f"{text!r} is not a time of the week; write it as Sun 18:00")
    return WeekTime(day * DAY + int(found[2]) * 60 + int(found[3]))
