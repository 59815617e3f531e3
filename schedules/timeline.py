"""When the roster changes: who is on call over a span of time, as half-open intervals."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from heapq import merge
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.lines import Span
from schedules.roster import Crew, Roster, Schedule
from schedules.rotation import Rotation
from schedules.shifts import Shift, When
from schedules.walltime import WEEK, Moment, first_instant, last_instant, moment, wall


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
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    previous = first
    for at in merge(*_streams(crew, schedule, moment(first, crew.zone))):
        if at >= last:
            return
        if at > previous:
            yield at
            previous = at


def spans(crew: Crew, schedule: Schedule | None, start: datetime, end: datetime) -> Iterator[Spell]:
    """Yield who is on call from `start` to `end` as touching half-open intervals, in order.

    The intervals fill [start, end) wholly; two that touch differ in a line (a reason counts too)
    or in being blank. Nothing is yielded unless start < end, both aware. To tell intervals apart
    by less, such as by the people reached alone, give them to `joined`.
    """
    return joined(_each(crew, schedule, start, end), _whole)


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
    begin, last = start.astimezone(UTC), end.astimezone(UTC)
    if begin >= last:
        return
    for at in chain(changes(crew, schedule, begin, last), (last,)):
        yield Spell(begin, at, crew.roster(schedule, begin))
        begin = at


def _streams(crew: Crew, schedule: Schedule | None, now: Moment) -> Iterator[Iterable[datetime]]:
    """Yield ordered streams of instants: bounds of spans, window starts and ends, handoffs."""
    shifts = list(_shifts(schedule)) if schedule else []
    absences = chain.from_iterable(crew.absences.values())
    whens = [shift.when for shift in shifts] + [absence.when for absence in absences]
    spans_ = [when.span for when in whens] + (list(_spans(schedule)) if schedule else [])
    yield sorted({at for each in spans_ for at in (each.start, each.end) if at is not None})
    starts, ends = _minutes(whens)
    yield _weekly(starts, now.week - WEEK, crew.zone, first_instant)
    yield _weekly(ends, now.week - WEEK, crew.zone, last_instant)
    for turns in {shift.rotation for shift in shifts if shift.rotation}:
        yield _handoffs(turns, now, crew.zone)


def _shifts(schedule: Schedule) -> Iterator[Shift]:
    yield from schedule.shifts
    for stand_in in schedule.temporary:
        yield from stand_in.shifts


def _spans(schedule: Schedule) -> Iterator[Span]:
    yield from (override.span for override in schedule.overrides)
    yield from (stand_in.span for stand_in in schedule.temporary)


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
    instant: Callable[[datetime, ZoneInfo], datetime],
) -> Iterator[datetime]:
    while minutes:
        yield from (instant(wall(week + minute), zone) for minute in minutes)
        week += WEEK


def _handoffs(turns: Rotation, now: Moment, zone: ZoneInfo) -> Iterator[datetime]:
    return (first_instant(wall(minute), zone) for minute in turns.handoffs(now.since))
