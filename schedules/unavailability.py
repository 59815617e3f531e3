"""Who is away: windows that skip a person without taking them off their schedule (S3-21, S3-22)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from schedules.shifts import When
from schedules.tables import Table, chosen, table
from schedules.walltime import Moment, wall, words


@dataclass(frozen=True, slots=True)
class Absence:
    """One absence of one person; `until` is the local end of its span in words, if it has one."""

    contact: str
    when: When
    until: str | None
    reason: str | None

    def phrase(self, now: Moment) -> str:
        """Return why the person is skipped at a moment within the absence."""
        end = self.when.weekly.open_until(now) if self.when.weekly else None
        until = self.until if end is None else _sooner(words(wall(end)), self.until)
        head = f"unavailable until {until}" if until else "unavailable"
        return f"{head}: {self.reason}" if self.reason else head


def by_contact(absences: Iterable[Absence]) -> Mapping[str, tuple[Absence, ...]]:
    """Group absences by their person, in document order."""
    grouped: dict[str, tuple[Absence, ...]] = {}
    for absence in absences:
        grouped[absence.contact] = (*grouped.get(absence.contact, ()), absence)
    return grouped


@dataclass(frozen=True, slots=True)
class Away:
    """All absences of an account, with the table of their hours."""

    absences: tuple[Absence, ...]
    table: Table

    def at(self, now: Moment) -> Mapping[str, str]:
        """Return who is away at that moment, and why: by the first of their absences that holds."""
        held = self.table.holding(now)
        if not held:
            return _NOBODY
        holding = list(chosen(self.absences, held))
        return {each.contact: each.phrase(now) for each in reversed(holding)}

    def minute_after(self, now: Moment) -> int:
        """Return the next wall minute after `now.since` at which an absence may begin or end."""
        return self.table.week.following(now)

    def instants_after(self, now: Moment) -> list[datetime]:
        """Return the next instant at which an absence's span begins or ends, if there is one."""
        at = self.table.following(now)
        return [] if at is None else [at]


def away(absences: Mapping[str, tuple[Absence, ...]]) -> Away:
    """Return the absences of every person with their index."""
    listed = tuple(chain.from_iterable(absences.values()))
    return Away(listed, table([each.when for each in listed])) if listed else _NEVER


def _sooner(end: str, until: str | None) -> str:
    return end if until is None else min(end, until)


_NOBODY: Mapping[str, str] = {}
_NEVER = Away((), table(()))
