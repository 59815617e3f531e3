"""Whose turn it is: handoffs at wall-clock times, counted without walking through them."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from schedules.walltime import DAY, WEEK, minutes
from schedules.windows import parse_weekly

_EVERY = re.compile(r"(\d{1,3})(h|d|w|mo)")
_MINUTES = {"h": 60, "d": DAY, "w": WEEK}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MONTHLY = re.compile(r"(\d{1,2}) +(\d{1,2}:\d{2})")
_WEEKLY = re.compile(r"([A-Za-z]+) +(\d{1,2}:\d{2})")
_LAST_DAY = 31
_SHARED = 4096  # many accounts hand off at the same time; some years of months


@dataclass(frozen=True, slots=True)
class Every:
    """The length of a turn: count hours, days, weeks (`h`, `d`, `w`) or months (`mo`)."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """When turns change: a minute of the day; in weeks a weekday (Monday 0), in months a day."""

    minute: int
    weekday: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns of `every` from the first handoff on, in `walltime.minutes`, numbered from 0.

    `length` is that of a turn in wall minutes, 0 for months, which have no length of their own.
    Rotations that hand off together share one of these.
    """

    every: Every
    handoff: Handoff
    first: int
    length: int

    def at(self, since: int) -> tuple[int, int]:
        """Return the number of the turn at a wall minute, and the minute of the next handoff.

        Before the first handoff the number is -1. A handoff is the first occurrence of its wall
        time, thus `Moment.since` alone decides; a turn that has no length on a spring night is
        passed over because `since` jumps over it.
        """
        if since < self.first:
            return -1, self.first
        if self.length:
            number, passed = divmod(since - self.first, self.length)
            return number, since - passed + self.length
        count, begun = self.every.count, _month_of(self.first)
        number = (self._months(since) - begun) // count
        return number, _monthly(begun + (number + 1) * count, self.handoff)

    def handoffs(self, after: int) -> Iterator[int]:
        """Yield, without end, the wall minutes of the handoffs after a wall minute, in order."""
        while True:
            after = self.at(after)[1]
            yield after

    def _months(self, since: int) -> int:
        month = _month_of(since)
        return month - 1 if since < _monthly(month, self.handoff) else month


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who have the turns one after the other; `size` is how many they are."""

    turns: Turns
    size: int

    @property
    def every(self) -> Every:
        """The length of a turn."""
        return self.turns.every


def parse_every(text: str) -> Every:
    """Read `12h`, `1d`, `2w` or `1mo`; ValueError otherwise."""
    found = _EVERY.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(
            f"{text!r} is not a turn; write hours, days, weeks or months: 12h, 1d, 2w, 1mo"
        )
    return Every(int(found[1]), found[2])


def parse_handoff(text: str, unit: str) -> Handoff:
    """Read the handoff that suits the unit: HH:MM, `Mon HH:MM` or `31 HH:MM`; else ValueError."""
    if unit == "mo" and (found := _MONTHLY.fullmatch(text)):
        if 1 <= int(found[1]) <= _LAST_DAY:
            return Handoff(_clock(found[2]), day=int(found[1]))
    elif unit == "w" and (found := _WEEKLY.fullmatch(text)):
        return Handoff(_clock(found[2]), weekday=parse_weekly(found[1]).starts[-1] // DAY)
    elif unit in "hd" and _CLOCK.fullmatch(text):
        return Handoff(_clock(text))
    form = {"h": "HH:MM", "d": "HH:MM", "w": "Mon HH:MM", "mo": "31 HH:MM"}[unit]
    raise ValueError(f"{text!r} is not a handoff for turns in {unit}; write it as {form}")


def rotation(every: Every, handoff: Handoff, begin: datetime, size: int) -> Rotation:
    """Return the rotation whose first turn starts at the first handoff on or after `begin`."""
    return Rotation(_turns(every, handoff, _first(handoff, begin)), size)


@lru_cache(_SHARED)
def _turns(every: Every, handoff: Handoff, first: int) -> Turns:
    return Turns(every, handoff, first, every.count * _MINUTES.get(every.unit, 0))


def _first(handoff: Handoff, begin: datetime) -> int:
    floor = minutes(begin + timedelta(seconds=59))  # handoffs stand on whole minutes
    if handoff.day is not None:
        this = _monthly(_month_of(floor), handoff)
        return this if this >= floor else _monthly(_month_of(floor) + 1, handoff)
    if handoff.weekday is not None:
        return floor + (handoff.weekday * DAY + handoff.minute - floor) % WEEK
    return floor + (handoff.minute - floor) % DAY


def _month_of(minute: int) -> int:
    """Return the months from year 0 to the one that a wall minute lies in."""
    day = date.fromordinal(minute // DAY + 1)
    return day.year * 12 + day.month - 1


def _monthly(month: int, handoff: Handoff) -> int:
    return _day_of(month, handoff.day or 1) + handoff.minute


@lru_cache(_SHARED)
def _day_of(month: int, most: int) -> int:
    """Return the first minute of a day of the month, of its last day if it has fewer."""
    year, number = divmod(month, 12)
    day = min(most, monthrange(year, number + 1)[1])
    return minutes(datetime(year, number + 1, day))  # noqa: DTZ001  wall time


def _clock(text: str) -> int:
    hour, minute = (int(number) for number in text.split(":"))
    if hour < 24 and minute < 60:  # noqa: PLR2004
        return hour * 60 + minute
    raise ValueError(f"{text} is not a time of day")
