"""Whose turn it is: handoffs at wall-clock times, counted without walking through them."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.walltime import DAY, WEEK, Moment, minutes, wall
from schedules.windows import parse_weekly

_EVERY = re.compile(r"(\d{1,3})(h|d|w|mo)")
_MINUTES = {"h": 60, "d": DAY, "w": WEEK}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MONTHLY = re.compile(r"(\d{1,2}) +(\d{1,2}:\d{2})")
_WEEKLY = re.compile(r"([A-Za-z]+) +(\d{1,2}:\d{2})")
_LAST_DAY = 31


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
class Rotation:
    """Turns of `every` from the first handoff on, in `walltime.minutes`; `size` people."""

    every: Every
    handoff: Handoff
    first: int
    size: int

    def turn(self, now: Moment) -> int | None:
        """Return the index of the person whose turn it is; None before the first handoff.

        A handoff is the first occurrence of its wall time, thus `since` alone decides; a turn
        that has no length on a spring night is passed over because `since` jumps over it.
        """
        if now.since < self.first:
            return None
        return self._turns(now.since) % self.size

    def handoffs(self, after: int) -> Iterator[int]:
        """Yield, without end, the wall minutes of the handoffs after a wall minute, in order."""
        number = self._turns(after) + 1 if after >= self.first else 0
        while True:
            yield self._begin(number)
            number += 1

    def _begin(self, number: int) -> int:
        if self.every.unit != "mo":
            return self.first + number * self.every.count * _MINUTES[self.every.unit]
        return _monthly(_month(wall(self.first)) + number * self.every.count, self.handoff)

    def _turns(self, minute: int) -> int:
        if self.every.unit != "mo":
            return (minute - self.first) // (self.every.count * _MINUTES[self.every.unit])
        begun, now = wall(self.first), wall(minute)
        months = _month(now) - _month(begun)
        if minute < _monthly(_month(now), self.handoff):
            months -= 1
        return months // self.every.count


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
    return Rotation(every, handoff, _first(handoff, begin), size)


def _first(handoff: Handoff, begin: datetime) -> int:
    floor = minutes(begin + timedelta(seconds=59))  # handoffs stand on whole minutes
    if handoff.day is not None:
        this = _monthly(_month(wall(floor)), handoff)
        return this if this >= floor else _monthly(_month(wall(floor)) + 1, handoff)
    if handoff.weekday is not None:
        return floor + (handoff.weekday * DAY + handoff.minute - floor) % WEEK
    return floor + (handoff.minute - floor) % DAY


def _month(local: datetime) -> int:
    return local.year * 12 + local.month - 1


def _monthly(month: int, handoff: Handoff) -> int:
    year, number = divmod(month, 12)
    day = min(handoff.day or 1, monthrange(year, number + 1)[1])
    return minutes(datetime(year, number + 1, day)) + handoff.minute  # noqa: DTZ001  wall time


def _clock(text: str) -> int:
    hour, minute = (int(number) for number in text.split(":"))
    if hour < 24 and minute < 60:  # noqa: PLR2004
        return hour * 60 + minute
    raise ValueError(f"{text} is not a time of day")
