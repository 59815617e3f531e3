"""Who is away: windows that skip a person without taking them off their schedule (S3-21, S3-22)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schedules.shifts import When
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


def away(absences: tuple[Absence, ...], now: Moment) -> str | None:
    """Return why a person with these absences is away at that moment, None when they are not."""
    for absence in absences:
        if absence.when.holds(now):
            return absence.phrase(now)
    return None


def _sooner(end: str, until: str | None) -> str:
    return end if until is None else min(end, until)
