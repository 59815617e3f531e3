"""Specials: a client's instructions for a while, effective at once, reviewed after (S3-77…80).

Of several that are active at one instant the one posted last governs; one of words alone never
does. Sequences of specials stand in the order in which they were posted, those of the account
document first.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from schedules.roster import Crew, Line, Roster
from schedules.walltime import words

SOURCE: Final = "special"
# Marks that agents put around instructions; a web address keeps its slashes (S3-54).
_MARKS: Final = re.compile(r"\*\*|(?<!:)//")
_OF_DOCUMENTS: Final = UUID("6f0c1c0e-61a4-5f6f-9a55-0d6cf2a3b1de")


@dataclass(frozen=True, slots=True)
class Special:
    """One special: aware instants, `start` included and `end` not.

    `replace` names the contact who is reached in place of the schedule's people; `hold` keeps jobs
    until the end; neither: words for people.
    """

    id: str
    text: str
    start: datetime
    end: datetime
    replace: str | None = None
    hold: bool = False

    @property
    def effect(self) -> str:
        """Name what it does: replace, hold or text."""
        if self.replace is not None:
            return "replace"
        return "hold" if self.hold else "text"

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it is active at an instant."""
        return self.start <= at < self.end

    def rules(self, contacts: Container[str]) -> bool:
        """Tell whether it changes anything: a contact that is gone replaces nobody."""
        return self.hold or (self.replace is not None and self.replace in contacts)


def plain(text: str) -> str:
    """Return an instruction on one line, without the marks `//` and `**` around it (S3-54)."""
    return " ".join(_MARKS.sub(" ", text).split())


def id_in_document(account: str, *parts: object) -> str:
    """Return the id of a document's special: the same for the same words, span and effect."""
    return str(uuid5(_OF_DOCUMENTS, "\n".join([account, *map(str, parts)])))


def active(specials: Iterable[Special], at: datetime) -> tuple[Special, ...]:
    """Return those that are active at an instant (S3-78)."""
    return tuple(one for one in specials if one.holds_at(at))


def governing(
    specials: Sequence[Special], contacts: Container[str], at: datetime
) -> Special | None:
    """Return the special that governs at an instant; None when none does."""
    for one in reversed(specials):
        if one.holds_at(at) and one.rules(contacts):
            return one
    return None


def over_at(
    specials: Sequence[Special], contacts: Container[str], special: Special, at: datetime
) -> datetime:
    """Return when a special that governs at `at` no longer does: it ends, or a later one begins."""
    later = specials[specials.index(special) + 1 :]
    starts = (one.start for one in later if one.rules(contacts) and one.start > at)
    return min((at for at in starts if at < special.end), default=special.end)


def stand_in(roster: Roster, special: Special, crew: Crew) -> Roster:
    """Return the roster in which a special's contact stands for the schedule's people.

    They are reached by their own status where the roster has one, else by call. Those they stand
    for stay as overridden; the permanent list follows as it did.
    """
    who = special.replace or ""
    listed = next((line for line in roster.lines if line.contact == who), None)
    local = words(special.end.astimezone(crew.zone))
    reason = f"special {special.id} until {local}"
    line = Line(who, "oncall", listed.status if listed else "call", SOURCE, reason)
    others = (
        each if each.role == "permanent" else each.skip("overridden", f"overridden by {reason}")
        for each in roster.lines
    )
    lines = (crew.seen(line, roster.at), *others)
    return Roster(roster.schedule, roster.at, lines, blank=False)
