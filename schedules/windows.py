"""Weekly windows: `Mon-Fri 17:00-08:00; Fri 17:00-Mon 08:00; Sat-Sun` as minutes of the week."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from schedules.walltime import DAY, WEEK, Moment

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = r"\d{1,2}:\d{2}"
_ONE = re.compile(rf"([a-z]+)\s+({_TIME})\s*-\s*([a-z]+)\s+({_TIME})")
_DAILY = re.compile(rf"([a-z][a-z,\s-]*?)\s+({_TIME})\s*-\s*({_TIME})")
_TIMES = re.compile(rf"({_TIME})\s*-\s*({_TIME})")
_WHOLE = re.compile(r"[a-z][a-z,\s-]*")
_TEXTS = 4096  # few hours are kept by many accounts: the same text is the same windows, once


@dataclass(frozen=True, slots=True)
class Weekly:
    """A set of weekly windows, parsed once; `starts` and `ends` are disjoint, ordered, half-open.

    They are minutes of the week (Monday 00:00 is 0). The windows of the week before and those
    that run into the next one are among them, so that none is cut at the end of the week.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covers(self, now: Moment) -> bool:
        """Tell whether one of the windows is open at that moment."""
        place = bisect_right(self.starts, now.since - now.week) - 1
        return place >= 0 and now.before - now.week < self.ends[place]

    def open_until(self, now: Moment) -> int | None:
        """Return the end of the open window in `walltime.minutes`; None if closed or endless."""
        if not self.covers(now) or self.endless:
            return None
        return now.week + self.ends[bisect_right(self.starts, now.since - now.week) - 1]

    @property
    def endless(self) -> bool:
        """True when the windows leave no minute of the week free."""
        return self.ends[0] - self.starts[0] >= 2 * WEEK

    def covers_minute(self, minute: int) -> bool:
        """Tell whether a window is open in a minute of the week (Monday 00:00 is 0)."""
        place = bisect_right(self.starts, minute) - 1
        return place >= 0 and minute < self.ends[place]

    def bounds(self) -> Iterator[int]:
        """Yield the minutes of the week after its first at which a window opens or closes."""
        if not self.endless:
            yield from (minute for minute in (*self.starts, *self.ends) if 0 < minute < WEEK)

    def turns_on(self, weekday: int) -> list[int]:
        """Return the minutes of a day (Monday is 0) at which a window opens or closes, in order."""
        first = weekday * DAY
        bounds = sorted({*self.starts, *self.ends})
        return [bound - first for bound in bounds if first <= bound < first + DAY]


@lru_cache(_TEXTS)
def parse_weekly(text: str) -> Weekly:
    """Read weekly windows as the contract writes them; ValueError says which part is wrong."""
    parts = [part.strip() for part in text.split(";")]
    if not all(parts):
        raise ValueError(f"{text!r} has an empty part")
    return _weekly(text, (window for part in parts for window in _windows(part)))


def parse_daily(text: str) -> Weekly:
    """Read `21:00-07:00` (every day) or weekly windows; ValueError says what is wrong."""
    if found := _TIMES.fullmatch(text.strip()):
        return _weekly(text, _each(range(7), found[1], found[2]))
    return parse_weekly(text)


def _weekly(text: str, windows: Iterable[tuple[int, int]]) -> Weekly:
    once = list(windows)
    weeks = ((start + week, end + week) for week in (-WEEK, 0, WEEK) for start, end in once)
    # A day before the week is enough: in a doubled hour at its begin, ends of Sunday still count.
    merged = [(start, end) for start, end in _merged(list(weeks)) if start < WEEK and end > -DAY]
    return Weekly(
        " ".join(text.split()), tuple(start for start, _ in merged), tuple(end for _, end in merged)
    )


def _merged(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _windows(part: str) -> Iterator[tuple[int, int]]:
    lower = part.lower()
    if found := _ONE.fullmatch(lower):
        return _one(part, found)
    if found := _DAILY.fullmatch(lower):
        return _each(_days(found[1], part), found[2], found[3])
    if _WHOLE.fullmatch(lower):
        return ((day * DAY, (day + 1) * DAY) for day in _days(lower, part))
    hint = "name the days, as in " if _TIMES.fullmatch(part) else "write it like "
    raise ValueError(f"{part!r} is not a weekly window; {hint}Mon-Fri 17:00-08:00")


def _one(part: str, found: re.Match[str]) -> Iterator[tuple[int, int]]:
    start = _day(found[1], part) * DAY + _clock(found[2], last=False)
    end = _day(found[3], part) * DAY + _clock(found[4], last=True)
    if start == end:
        raise ValueError(f"{part!r} ends where it starts; the whole week is Mon-Sun")
    return iter([(start, end if end > start else end + WEEK)])


def _each(days: Iterable[int], start: str, end: str) -> Iterator[tuple[int, int]]:
    first, last = _clock(start, last=False), _clock(end, last=True)
    length = last - first if last > first else last - first + DAY
    return iter([(day * DAY + first, day * DAY + first + length) for day in days])


def _days(text: str, part: str) -> list[int]:
    days: list[int] = []
    for piece in text.split(","):
        ends = [_day(name.strip(), part) for name in piece.split("-")]
        if len(ends) > 2:  # noqa: PLR2004  a range has two ends
            raise ValueError(f"{part!r}: {piece.strip()!r} is not a range of days")
        days.extend((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))
    return days


def _day(name: str, part: str) -> int:
    for number, full in enumerate(_NAMES):
        if name in (full, full[:3]):
            return number
    raise ValueError(f"{part!r}: {name!r} is not a day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")


def _clock(text: str, *, last: bool) -> int:
    hour, minute = (int(number) for number in text.split(":"))
    if minute < 60 and (hour < 24 or (last and (hour, minute) == (24, 0))):  # noqa: PLR2004
        return hour * 60 + minute
    raise ValueError(f"{text} is not a time of day")
