"""The shifts of a plan, indexed by time: who has one at a moment, and how long that holds."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from schedules.lines import Line
from schedules.rotation import Turns
from schedules.shifts import Shift
from schedules.tables import Table, chosen, table
from schedules.walltime import Moment


class Duty(NamedTuple):
    """The lines on duty, and the next wall minute after `since` at which they may be others."""

    lines: list[Line]
    until: int


class Rotating(NamedTuple):
    """The lines of a rotation, one per person, how many, and the place of its turns in the rota."""

    lines: tuple[Line, ...]
    size: int
    turns: int


@dataclass(frozen=True, slots=True)
class Rota:
    """What each shift gives, those of role oncall first, with the table of their hours.

    `primary` marks those of role oncall; `turns` are the turns that rotations go by, each with a
    mark of the shifts that do.
    """

    given: tuple[Line | Rotating, ...]
    table: Table
    primary: int
    turns: tuple[tuple[Turns, int], ...]

    def duty(self, now: Moment) -> Duty:
        """Return who is on duty at that moment: role oncall first, then in document order."""
        found = self.table.holding(now)
        until, numbers = self.table.week.following(now), []
        for turns, mark in self.turns:
            number, handoff = turns.at(now.since) if found & mark else (-1, until)
            until = min(until, handoff)
            numbers.append(number)
            if number < 0:
                found &= ~mark
        lines = [
            each if isinstance(each, Line) else each.lines[numbers[each.turns] % each.size]
            for each in chosen(self.given, found)
        ]
        return Duty(lines, until)

    def covers(self, now: Moment) -> bool:
        """Tell whether anybody has a shift of role oncall at that moment."""
        found = self.table.holding(now) & self.primary
        return bool(found and found & ~self._unbegun(now))

    def primaries(self, now: Moment, without: AbstractSet[str]) -> tuple[int, int]:
        """Return the shifts of role oncall that last and have begun, whatever their windows.

        First those that none of the people `without` has, then the rotations in which some of
        them have turns.
        """
        found = self.table.lasting_at(now.at) & self.primary & ~self._unbegun(now)
        doubtful = 0
        for place, given in enumerate(self.given if without else ()):
            if isinstance(given, Line):
                found &= ~(1 << place) if given.contact in without else -1
            elif any(line.contact in without for line in given.lines):
                doubtful |= found & 1 << place
        return found & ~doubtful, doubtful

    def _unbegun(self, now: Moment) -> int:
        """Return the rotations whose first handoff is still to come."""
        return sum(mark for turns, mark in self.turns if now.since < turns.first)


def rota(shifts: tuple[Shift, ...]) -> Rota:
    """Return what the shifts give, with its index."""
    ordered = sorted(shifts, key=lambda each: each.role != "oncall")
    primary = sum(1 << place for place, each in enumerate(ordered) if each.role == "oncall")
    turns = list(dict.fromkeys(each.rotation.turns for each in ordered if each.rotation))
    marks = [
        sum(1 << place for place, each in enumerate(ordered) if each.goes_by(one)) for one in turns
    ]
    return Rota(
        tuple(_given(each, turns) for each in ordered),
        table([each.when for each in ordered]),
        primary,
        tuple(zip(turns, marks, strict=True)),
    )


def _given(shift: Shift, turns: Sequence[Turns]) -> Line | Rotating:
    if shift.rotation is None:
        return shift.lines[0]
    return Rotating(shift.lines, len(shift.lines), turns.index(shift.rotation.turns))
