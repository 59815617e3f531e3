"""Schedules and an instant become ordered people, each with the rule that put them there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.lines import Line, Span
from schedules.overrides import Override, apply
from schedules.rota import Duty, Rota, rota
from schedules.shifts import Shift, When
from schedules.tables import Table, chosen, table
from schedules.unavailability import Absence, Away, away
from schedules.walltime import WEEK, Moment, first_of_minute, moment, utc

_NONE, _NEAR = timedelta(), timedelta(days=1)
__all__ = ["Crew", "Line", "Roster", "Schedule", "Temporary"]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is to be reached at an instant: on-call people, backups, then the permanent list.

    `blank` is true when nobody at all is scheduled, judged after overrides and before absences
    (S3-86). Skipped lines stay in their place.
    """

    schedule: str
    at: datetime
    lines: tuple[Line, ...]
    blank: bool


@dataclass(frozen=True, slots=True)
class Temporary:
    """A schedule that stands in for the shifts wholly while its span lasts."""

    span: Span
    shifts: tuple[Shift, ...]
    rota: Rota = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the shifts."""
        object.__setattr__(self, "rota", rota(self.shifts))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A named schedule; `match` holds the message fields that select it."""

    name: str
    match: Mapping[str, str]
    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...] = ()
    temporary: tuple[Temporary, ...] = ()
    rota: Rota = field(init=False, repr=False, compare=False)
    _overriding: Table = field(init=False, repr=False, compare=False)
    _standing_in: Table = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index shifts, overrides and temporary schedules by time."""
        stand_ins, overrides = self.temporary, self.overrides
        object.__setattr__(self, "rota", rota(self.shifts))
        object.__setattr__(self, "_overriding", table([When(each.span) for each in overrides]))
        object.__setattr__(self, "_standing_in", table([When(each.span) for each in stand_ins]))

    def all_shifts(self) -> Iterator[Shift]:
        """Yield its shifts, then those of the temporary schedules."""
        yield from self.shifts
        for stand_in in self.temporary:
            yield from stand_in.shifts

    def changed(self) -> Iterator[Span]:
        """Yield the spans of overrides and temporary schedules."""
        yield from (override.span for override in self.overrides)
        yield from (stand_in.span for stand_in in self.temporary)

    def duty(self, now: Moment) -> Duty:
        """Return the lines at that moment, role oncall first; overridden ones are marked."""
        duty = self.plan(now).duty(now)
        active = self.overriding(now)
        if not active:
            return duty
        lines = sorted(apply(duty.lines, active), key=lambda line: line.role != "oncall")
        return Duty(lines, duty.until)

    def plan(self, now: Moment) -> Rota:
        """Return the shifts that count at that moment: a temporary schedule's, or its own."""
        standing_in = self._standing_in.holding(now) if self.temporary else 0
        return next(chosen(self.temporary, standing_in)).rota if standing_in else self.rota

    def overriding(self, now: Moment) -> list[Override]:
        """Return the overrides in force at that moment: none during a temporary schedule."""
        found = self._overriding.holding(now) if self.overrides else 0
        if not found or self.plan(now) is not self.rota:
            return []
        return list(chosen(self.overrides, found))

    def covered(self, now: Moment) -> bool:
        """Tell whether anybody is on call at that moment, away or not (contract, Coverage)."""
        if self.overriding(now):
            return any(line.role == "oncall" and not line.skipped for line in self.duty(now).lines)
        return self.plan(now).covers(now)

    def instants_after(self, now: Moment) -> list[datetime]:
        """Return the next instant at which each kind of span begins or ends, where there is one."""
        tables = (self._standing_in, self._overriding, self.plan(now).table)
        return [at for each in tables if (at := each.following(now)) is not None]


class _Kept(NamedTuple):
    """The last roster of a schedule and the half-open span in which it holds.

    The end is worked out when somebody asks again soon: who asks about far instants never needs it.
    """

    schedule: Schedule | None
    now: Moment
    minute: int
    end: datetime | None
    roster: Roster

    def near(self, schedule: Schedule | None, at: datetime) -> bool:
        """Tell whether the roster is that of the schedule and may still hold at an instant."""
        return schedule is self.schedule and _NONE <= at - self.now.at < _NEAR


@dataclass(frozen=True, slots=True)
class Crew:
    """What holds for every schedule of an account: zone, permanent list and who is not there.

    `watched` are the people who are inactive or have absences: all others are never looked at.
    The last roster of each schedule is kept while it holds: a crew is built anew with every
    version of its account, so none of an older version can be shown.
    """

    zone: ZoneInfo
    permanent: tuple[Line, ...]
    absences: Mapping[str, tuple[Absence, ...]]
    inactive: frozenset[str]
    watched: frozenset[str]
    _away: Away = field(init=False, repr=False, compare=False)
    _kept: dict[str, _Kept] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the absences by time."""
        object.__setattr__(self, "_away", away(self.absences))

    def roster(self, schedule: Schedule | None, at: datetime) -> Roster:
        """Return the roster at an aware instant; without a schedule the permanent list alone."""
        name = schedule.name if schedule else ""
        at, kept = utc(at), self._kept.get(name)
        if kept is not None and kept.near(schedule, at):
            end = kept.end or self._until(schedule, kept.now, kept.minute)
            if at < end:
                self._kept[name] = kept if kept.end else kept._replace(end=end)
                return Roster(name, at, kept.roster.lines, kept.roster.blank)
        now = moment(at, self.zone)
        duty = schedule.duty(now) if schedule else Duty([], now.week + WEEK)
        blank = not any(line.skipped is None for line in duty.lines)
        lines = self._seen([*duty.lines, *self.permanent], now)
        roster = Roster(name, at, tuple(lines), blank)
        self._kept[name] = _Kept(schedule, now, duty.until, None, roster)
        return roster

    def seen(self, line: Line, at: datetime) -> Line:
        """Return a line named out of turn, marked when its contact is away at that instant."""
        return (
            self._seen([line], moment(at, self.zone))[0] if line.contact in self.watched else line
        )

    def _seen(self, lines: list[Line], now: Moment) -> list[Line]:
        away = self._away.at(now)
        gone = self.inactive | away.keys() if away else self.inactive
        if not gone:
            return lines
        return [
            self._gone(line, away) if line.contact in gone and line.skipped is None else line
            for line in lines
        ]

    def _gone(self, line: Line, away: Mapping[str, str]) -> Line:
        if line.contact in self.inactive:
            return line.skip("inactive", f"{line.contact} is marked inactive")
        return line.skip("unavailable", away[line.contact])

    def _until(self, schedule: Schedule | None, now: Moment, minute: int) -> datetime:
        """Return an instant before which no roster changes; the moment's own in a doubled hour."""
        if now.since != now.before:
            return now.at
        minute, instants = min(minute, self._away.minute_after(now)), self._away.instants_after(now)
        if schedule is not None:
            instants += schedule.instants_after(now)
        return min([first_of_minute(minute, self.zone), *instants])
