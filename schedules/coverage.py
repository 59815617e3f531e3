"""Coverage: which hours of each local day somebody is on call, and exactly which nobody is."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain, pairwise, starmap
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from schedules.roster import Schedule
from schedules.timeline import bounds, duty_changes
from schedules.walltime import DAY, first_of_minute, last_of_minute, moment, utc

Color = Literal["green", "yellow", "red"]
_DAY: Final = timedelta(days=1)
_NONE: Final = timedelta(0)


class Gap(NamedTuple):
    """A half-open interval [start, end) of UTC instants in which nobody is on call."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long nobody is on call."""
        return self.end - self.start


class Day(NamedTuple):
    """A local date: its colour, its hours, those of them that are covered, and the gaps (S3-81).

    `required` is the whole local day, 23, 24 or 25 hours; `required - covered` is the sum of the
    gaps, which are cut at the ends of the day. green: no gap; red: nobody all day; else yellow.
    """

    date: date
    color: Color
    required: timedelta
    covered: timedelta
    gaps: tuple[Gap, ...]


def coverage(schedule: Schedule | None, zone: ZoneInfo, first: date, days: int) -> tuple[Day, ...]:
    """Return `days` local dates from `first` on, in order.

    What counts is role oncall of the shifts, or of the temporary schedule that stands in for
    them, after overrides; people who are away or inactive still cover (contract, Coverage).
    Without a schedule nobody does. A date that the zone skipped has no hours, and is green.
    """
    midnights = [_midnight(first + n * _DAY, zone) for n in range(days + 1)]
    found = gaps(schedule, zone, midnights[0], midnights[-1]) if days > 0 else iter(())
    pending = next(found, None)
    result = []
    for number in range(days):
        start, end = midnights[number], midnights[number + 1]
        todays: list[Gap] = []
        while pending is not None and pending.start < end:
            if start < end:
                todays.append(Gap(max(pending.start, start), min(pending.end, end)))
            if pending.end > end:
                break
            pending = next(found, None)
        result.append(_day(first + number * _DAY, end - start, todays))
    return tuple(result)


def gaps(
    schedule: Schedule | None, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[Gap]:
    """Yield, in order, the gaps within [start, end), both aware; no two of them touch.

    See `coverage` for what counts. This is the forecast of gaps: they are not cut at midnight.
    """
    held: Gap | None = None
    for gap in _pieces(schedule, zone, utc(start), utc(end)):
        if held is not None and held.end == gap.start:
            held = Gap(held.start, gap.end)
            continue
        if held is not None:
            yield held
        held = gap
    if held is not None:
        yield held


def _pieces(
    schedule: Schedule | None, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[Gap]:
    """Yield gaps, cut wherever a span begins or ends: in between only the week's hours count."""
    if start >= end:
        return
    if schedule is None:
        yield Gap(start, end)
        return
    shifts = list(schedule.all_shifts())
    cuts = bounds([*(shift.when.span for shift in shifts), *schedule.changed()])
    cuts += [first_of_minute(each.rotation.turns.first, zone) for each in shifts if each.rotation]
    within = sorted({start, end, *(at for at in cuts if start < at < end)})
    for piece in starmap(Gap, pairwise(within)):
        yield from _in_piece(schedule, zone, piece)


def _in_piece(schedule: Schedule, zone: ZoneInfo, piece: Gap) -> Iterator[Gap]:
    now = moment(piece.start, zone)
    active = schedule.overriding(now)
    if any(each.added is not None and each.added.role == "oncall" for each in active):
        return
    removed = {one for each in active for one, other in each.instead.items() if other is None}
    plan = schedule.plan(now)
    surely, perhaps = plan.primaries(now, removed)
    until = moment(piece.end, zone).since + 1
    for first, last in plan.table.week.closed(surely, now.before, until):
        # A doubled hour ends what ends in it late and starts what starts in it early.
        start = max(piece.start, last_of_minute(first, zone))
        end = min(piece.end, first_of_minute(last, zone))
        if start < end:
            gap = Gap(start, end)
            yield from _uncovered(schedule, zone, gap) if perhaps else (gap,)


def _uncovered(schedule: Schedule, zone: ZoneInfo, gap: Gap) -> Iterator[Gap]:
    """Yield the parts of a gap that nobody covers, asking anew at every change in it."""
    changes = chain((gap.start,), duty_changes(schedule, zone, *gap), (gap.end,))
    for start, end in pairwise(changes):
        if not schedule.covered(moment(start, zone)):
            yield Gap(start, end)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return first_of_minute((day.toordinal() - 1) * DAY, zone)


def _day(day: date, required: timedelta, found: list[Gap]) -> Day:
    missing = sum((gap.length for gap in found), _NONE)
    if not missing:
        return Day(day, "green", required, required, ())
    color: Color = "red" if missing == required else "yellow"
    return Day(day, color, required, required - missing, tuple(found))
