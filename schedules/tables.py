"""Which of many rules hold at a moment, by binary search: built once, asked in a microsecond."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import compress
from typing import Final, TypeVar

from schedules.lines import Span
from schedules.shifts import When
from schedules.walltime import WEEK, Moment
from schedules.windows import Weekly

_Rule = TypeVar("_Rule")
_TRUTH = bytes.maketrans(b"01", b"\x00\x01")
_PATTERNS = 4096  # accounts that keep the same hours share one table of the week


@dataclass(frozen=True, slots=True)
class Week:
    """The weekly windows of rules: from `minutes[n]` of the week on, those in `open[n]` are open.

    A set of rules is an integer with the bit of each rule's place; `minutes` begins with 0.
    """

    minutes: tuple[int, ...]
    open: tuple[int, ...]

    def holding(self, now: Moment) -> int:
        """Return the rules whose window is open at that moment."""
        minutes = self.minutes
        place = bisect_right(minutes, now.since - now.week) - 1
        found = self.open[place]
        if now.since == now.before:
            return found
        # A window is open if it starts by `since` and ends after `before`: all in between count.
        first = bisect_right(minutes, (now.before - now.week) % WEEK) - 1
        while first != place:
            found |= self.open[first]
            first = (first + 1) % len(minutes)
        return found

    def closed(self, rules: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches of wall minutes from `start` to `end` in which none of them is open.

        They are cut at `start` and `end`, and do not touch.
        """
        minutes, states = self.minutes, self.open
        week = start - start % WEEK
        place = bisect_right(minutes, start - week) - 1
        minute, since = start, -1
        while minute < end:
            if not states[place] & rules:
                since = minute if since < 0 else since
            elif since >= 0:
                yield since, minute
                since = -1
            place += 1
            if place == len(minutes):
                place, week = 0, week + WEEK
            minute = week + minutes[place]
        if since >= 0:
            yield since, end

    def following(self, now: Moment) -> int:
        """Return the next minute after `now.since` that begins another part of the week."""
        place = bisect_right(self.minutes, now.since - now.week)
        return now.week + (self.minutes[place] if place < len(self.minutes) else WEEK)


@dataclass(frozen=True, slots=True)
class Table:
    """Rules that hold within their span and weekly window, in document order.

    `lasting[n]` are the rules whose span includes the instants from `instants[n - 1]` (or ever)
    up to `instants[n]` (or for ever).
    """

    week: Week
    instants: tuple[datetime, ...]
    lasting: tuple[int, ...]

    def holding(self, now: Moment) -> int:
        """Return the rules that hold at that moment, as bits."""
        lasting = self.lasting_at(now.at)
        return lasting & self.week.holding(now) if lasting else 0

    def lasting_at(self, at: datetime) -> int:
        """Return the rules whose span includes the instant, whatever their windows."""
        return self.lasting[bisect_right(self.instants, at)]

    def following(self, now: Moment) -> datetime | None:
        """Return the first instant after the moment at which a span begins or ends, if any."""
        place = bisect_right(self.instants, now.at)
        return self.instants[place] if place < len(self.instants) else None


def table(rules: Sequence[When]) -> Table:
    """Return the table of rules; the bit of each is its place in the sequence."""
    if not rules:
        return _NOTHING
    instants, lasting = _lasting([rule.span for rule in rules])
    return Table(_week(tuple(rule.weekly for rule in rules)), instants, lasting)


def chosen(rules: Sequence[_Rule], found: int) -> Iterator[_Rule]:
    """Yield, in order, those of a sequence whose places are in the set; fast where it is long."""
    return compress(rules, bin(found)[:1:-1].encode().translate(_TRUTH))


_NOTHING: Final = Table(Week((0,), (0,)), (), (0,))


@lru_cache(_PATTERNS)
def _week(windows: tuple[Weekly | None, ...]) -> Week:
    flips: defaultdict[int, int] = defaultdict(int)
    found = 0
    for place, weekly in enumerate(windows):
        bit = 1 << place
        if weekly is None or weekly.covers_minute(0):
            found |= bit
        for minute in weekly.bounds() if weekly else ():
            flips[minute] ^= bit
    minutes, states = [0], [found]
    for minute in sorted(flips):
        found ^= flips[minute]
        minutes.append(minute)
        states.append(found)
    return Week(tuple(minutes), tuple(states))


def _lasting(spans: Iterable[Span]) -> tuple[tuple[datetime, ...], tuple[int, ...]]:
    flips: defaultdict[datetime, int] = defaultdict(int)
    found = 0
    for place, span in enumerate(spans):
        bit = 1 << place
        if span.start is None:
            found |= bit
        if span.start is not None and span.end is not None and span.end <= span.start:
            continue
        for at in (span.start, span.end):
            if at is not None:
                flips[at] ^= bit
    instants, states = sorted(flips), [found]
    for at in instants:
        found ^= flips[at]
        states.append(found)
    return tuple(instants), tuple(states)
