"""Schedules and an instant become ordered people, each with the rule that put them there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.lines import Line, Span
from schedules.overrides import Override, apply
from schedules.shifts import Shift
from schedules.unavailability import Absence, away
from schedules.walltime import Moment, moment

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


@dataclass(frozen=True, slots=True)
class Schedule:
    """A named schedule; `match` holds the message fields that select it."""

    name: str
    match: Mapping[str, str]
    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...] = ()
    temporary: tuple[Temporary, ...] = ()

    def on_duty(self, now: Moment) -> list[Line]:
        """Return the lines at that moment in document order; overridden ones are marked."""
        for stand_in in self.temporary:
            if stand_in.span.holds(now.at):
                return _lines(stand_in.shifts, now)
        lines = _lines(self.shifts, now)
        active = [override for override in self.overrides if override.span.holds(now.at)]
        return list(apply(lines, active)) if active else lines


@dataclass(frozen=True, slots=True)
class Crew:
    """What holds for every schedule of an account: zone, permanent list and who is not there.

    `watched` are the people who are inactive or have absences: all others are never looked at.
    """

    zone: ZoneInfo
    permanent: tuple[Line, ...]
    absences: Mapping[str, tuple[Absence, ...]]
    inactive: frozenset[str]
    watched: frozenset[str]

    def roster(self, schedule: Schedule | None, at: datetime) -> Roster:
        """Return the roster at an aware instant; without a schedule the permanent list alone."""
        now = moment(at, self.zone)
        duty = schedule.on_duty(now) if schedule else []
        blank = not any(line.skipped is None for line in duty)
        lines = [line for line in duty if line.role == "oncall"]
        lines += [line for line in duty if line.role != "oncall"]
        lines += self.permanent
        watched = self.watched
        if watched:
            lines = [self._seen(line, now) if line.contact in watched else line for line in lines]
        return Roster(schedule.name if schedule else "", at, tuple(lines), blank)

    def seen(self, line: Line, at: datetime) -> Line:
        """Return a line named out of turn, marked when its contact is away at that instant."""
        now = moment(at, self.zone)
        return self._seen(line, now) if line.contact in self.watched else line

    def _seen(self, line: Line, now: Moment) -> Line:
        if line.skipped is not None:
            return line
        if line.contact in self.inactive:
            return line.skip("inactive", f"{line.contact} is marked inactive")
        why = away(self.absences[line.contact], now)
        return line.skip("unavailable", why) if why else line


def _lines(shifts: Iterable[Shift], now: Moment) -> list[Line]:
    return [line for shift in shifts if (line := shift.line(now)) is not None]
