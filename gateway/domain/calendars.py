"""What a published calendar shows: who is on duty from when to when, as few and stable entries.

People who are away or inactive stand on the schedule all the same; the permanent list is none.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from gateway.domain.accounts import Account
from schedules.roster import Roster
from schedules.timeline import Spell, joined
from schedules.walltime import first_instant

_BACK, _AHEAD = 2, 6  # months
_ROLES: Final = {"oncall": "on call", "backup": "backup"}


class Duty(NamedTuple):
    """Whom a line puts on duty, and how."""

    contact: str
    role: str
    status: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody's unbroken time on duty, half-open in UTC.

    `place` orders those who are on duty at one time. `whole` is false for a calendar of one
    person, whose entries are named after the schedule.
    """

    schedule: str
    duty: Duty
    place: int
    start: datetime
    end: datetime
    whole: bool = True


def published(account: Account, now: datetime) -> tuple[datetime, datetime]:
    """Return the span that is published: whole local months, two back and six ahead.

    It moves at the turn of a month only, and so do the ids of entries that began before it.
    """
    today = account.local_date(now)
    return _month(account, today, -_BACK), _month(account, today, _AHEAD + 1)


def _month(account: Account, today: date, step: int) -> datetime:
    year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    return first_instant(datetime(year, month + 1, 1), account.zone)  # noqa: DTZ001  local


def entries(
    account: Account, names: Iterable[str], contact: str | None, ends: tuple[datetime, datetime]
) -> list[Entry]:
    """Return the entries of these schedules (of one contact, if named) between two instants."""
    found = [entry for name in names for entry in _of_schedule(account, name, ends)]
    if contact is not None:
        mine = [one for one in found if one.duty.contact == contact]
        found = [Entry(e.schedule, e.duty, e.place, e.start, e.end, whole=False) for e in mine]
    return sorted(found, key=lambda entry: (entry.start, entry.schedule, entry.place))


def _of_schedule(account: Account, name: str, ends: tuple[datetime, datetime]) -> Iterator[Entry]:
    open_: dict[tuple[Duty, int], datetime] = {}
    last = ends[1]
    for spell, places in _placed(joined(account.spans(name, *ends), on_duty)):
        now = dict.fromkeys((duty, places[duty]) for duty in on_duty(spell.roster))
        for key in [key for key in open_ if key not in now]:
            yield Entry(name, *key, open_.pop(key), spell.start)
        for key in now:
            open_.setdefault(key, spell.start)
        last = spell.end
    for key, start in open_.items():
        yield Entry(name, *key, start, last)


def on_duty(roster: Roster) -> tuple[Duty, ...]:
    """Return those whom the schedule puts on duty, in order, each once."""
    return tuple(
        dict.fromkeys(
            Duty(line.contact, line.role, line.status)
            for line in roster.lines
            if line.role in _ROLES and line.skipped != "overridden"
        )
    )


def _placed(spells: Iterable[Spell]) -> Iterator[tuple[Spell, dict[Duty, int]]]:
    """Yield each spell with the places of its people: the same for as long as orders agree.

    Only where somebody stands before a person and later after them do the places begin anew.
    """
    before: dict[Duty, dict[Duty, None]] = {}
    era: list[Spell] = []
    for spell in spells:
        added = _added(before, on_duty(spell.roster))
        if not _orderly(added):
            yield from _numbered(era, before)
            era, added = [], _added({}, on_duty(spell.roster))
        before = added
        era.append(spell)
    yield from _numbered(era, before)


def _added(
    before: dict[Duty, dict[Duty, None]], duties: tuple[Duty, ...]
) -> dict[Duty, dict[Duty, None]]:
    added = {duty: dict(others) for duty, others in before.items()}
    for place, duty in enumerate(duties):
        added.setdefault(duty, {}).update(dict.fromkeys(duties[max(0, place - 1) : place]))
    return added


def _orderly(before: dict[Duty, dict[Duty, None]]) -> bool:
    try:
        TopologicalSorter(before).prepare()
    except CycleError:
        return False
    return True


def _numbered(
    era: list[Spell], before: dict[Duty, dict[Duty, None]]
) -> Iterator[tuple[Spell, dict[Duty, int]]]:
    order = {duty: place for place, duty in enumerate(TopologicalSorter(before).static_order())}
    yield from ((spell, order) for spell in era)


def uid(account: Account, entry: Entry) -> str:
    """Return the entry's id: the same as long as the person's time begins at that instant."""
    parts = (account.account, entry.schedule, *entry.duty, entry.start.isoformat())
    return f"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:32]}@dispatchd"


def title(account: Account, entry: Entry) -> str:
    """Return what the entry is called: the person, or the schedule in the calendar of a person."""
    if not entry.whole:
        name = entry.schedule or account.name
        return f"{_ROLES[entry.duty.role].capitalize()}: {name}"
    contact = account.contacts.get(entry.duty.contact)
    name = contact.name if contact else entry.duty.contact
    return name if entry.duty.role == "oncall" else f"{name} ({_ROLES[entry.duty.role]})"


def details(account: Account, entry: Entry) -> str:
    """Return the entry's second line: how and for whom; no address of anybody."""
    return f"{account.name}, {entry.schedule}: {_ROLES[entry.duty.role]} by {entry.duty.status}"
