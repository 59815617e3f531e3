"""When the roster changes: who is on call over a span of time, as half-open intervals."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.lines import Line, Span
from schedules.roster import Crew, Roster, Schedule
from schedules.rotation import Turns
from schedules.shifts import When
from schedules.walltime import WEEK, Moment, first_of_minute, last_of_minute, moment, utc


class Spell(NamedTuple):
    """A half-open interval [start, end) of UTC instants in which one roster holds throughout.

    `roster.at` is an instant of the interval at which the roster was looked up: its start, or that
    of the first of the spells joined to one.
    """

    start: datetime
    end: datetime
    roster: Roster


def changes(
    crew: Crew, schedule: Schedule | None, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Yield, in order and once each, the UTC instants in (start, end) where a roster may change.

    Every begin and end of a shift, window, override, temporary schedule or absence and every
    handoff is among them; between two of them (and before the first) the roster is constant, its
    reasons included. Some change nothing. Without a schedule only absences count. `start` and
    `end` are aware; nothing is held in memory, so a far `end` costs only what is consumed.
    """
    whens = [absence.when for each in crew.absences.values() for absence in each]
    return _merged(_Rules(schedule, whens, crew.zone), start, end)


def duty_changes(
    schedule: Schedule | None, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Yield as `changes` does, but only where the schedule itself may change: no absences."""
    return _merged(_Rules(schedule, [], zone), start, end)


def spans(crew: Crew, schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[Spell]:
    """Yield who is on call from `start` to `end` as touching half-open intervals, in order.

    The intervals fill [start, end) wholly; two that touch differ in a line (a reason counts too)
    or in being blank. Nothing is yielded unless start < end, both aware. To tell intervals apart
    by less, such as by the people reached alone, give them to `joined`.
    """
    return joined(_each(crew, schedule, start, end), _whole)


def duties(
    schedule: Schedule | None, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, list[Line]]]:
    """Yield what the schedule itself says from `start` to `end`: half-open intervals that touch.

    Role oncall first; overridden lines are marked, absences and the permanent list count for
    nothing. Neighbours may be equal. Nothing is yielded unless start < end, both aware.
    """
    begin, last = utc(start), utc(end)
    if begin >= last:
        return
    for at in chain(duty_changes(schedule, zone, begin, last), (last,)):
        yield begin, at, schedule.duty(moment(begin, zone)).lines if schedule else []
        begin = at


def joined(spells: Iterable[Spell], key: Callable[[Roster], object]) -> Iterator[Spell]:
    """Join neighbours whose rosters have an equal key; the first one's roster stands for all."""
    held: Spell | None = None
    for spell in spells:
        if held is not None and key(held.roster) == key(spell.roster):
            held = held._replace(end=spell.end)
            continue
        if held is not None:
            yield held
        held = spell
    if held is not None:
        yield held


def _whole(roster: Roster) -> object:
    return roster.lines, roster.blank


def _each(crew: Crew, schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[Spell]:
    begin, last = utc(start), utc(end)
    if begin >= last:
        return
    for at in chain(changes(crew, schedule, begin, last), (last,)):
        yield Spell(begin, at, crew.roster(schedule, begin))
        begin = at


class _Rules(NamedTuple):
    """What may change a roster: a schedule, and the hours of absences."""

    schedule: Schedule | None
    absences: list[When]
    zone: ZoneInfo


def _merged(rules: _Rules, start: datetime, end: datetime) -> Iterator[datetime]:
    previous, last = utc(start), utc(end)
    for at in merge(*_streams(rules, moment(previous, rules.zone))):
        if at >= last:
            return
        if at > previous:
            yield at
            previous = at


def _streams(rules: _Rules, now: Moment) -> Iterator[Iterable[datetime]]:
    """Yield ordered streams of instants: bounds of spans, window starts and ends, handoffs."""
    shifts = list(rules.schedule.all_shifts()) if rules.schedule else []
    whens = [shift.when for shift in shifts] + rules.absences
    changed = rules.schedule.changed() if rules.schedule else ()
    yield bounds([*(when.span for when in whens), *changed])
    starts, ends = _minutes(whens)
    yield _weekly(starts, now.week - WEEK, rules.zone, first_of_minute)
    yield _weekly(ends, now.week - WEEK, rules.zone, last_of_minute)
    for turns in {shift.rotation.turns for shift in shifts if shift.rotation}:
        yield _handoffs(turns, now, rules.zone)


def bounds(spans_: Iterable[Span]) -> list[datetime]:
    """Return, in order and once each, the instants at which spans begin or end."""
    return sorted({at for each in spans_ for at in (each.start, each.end) if at is not None})


def _minutes(whens: Iterable[When]) -> tuple[list[int], list[int]]:
    """Return the minutes of the week at which windows open, and those at which they close."""
    tables = {when.weekly for when in whens if when.weekly and not when.weekly.endless}
    starts = {start % WEEK for table in tables for start in table.starts}
    ends = {end % WEEK for table in tables for end in table.ends}
    return sorted(starts), sorted(ends)


def _weekly(
    minutes: list[int],
    week: int,
    zone: ZoneInfo,
    instant: Callable[[int, ZoneInfo], datetime],
) -> Iterator[datetime]:
    while minutes:
        yield from (instant(week + minute, zone) for minute in minutes)
        week += WEEK


def _handoffs(turns: Turns, now: Moment, zone: ZoneInfo) -> Iterator[datetime]:
    return (first_of_minute(minute, zone) for minute in turns.handoffs(now.since))
