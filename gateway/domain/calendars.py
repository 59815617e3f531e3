"""What a published calendar shows: who is on duty from when to when, as few and stable entries.

People who are away or inactive stand on the schedule all the same; the permanent list is none.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from graphlib import TopologicalSorter
from typing import Final, NamedTuple

from gateway.domain.accounts import Account
from schedules.lines import Line
from schedules.timeline import duties
from schedules.walltime import first_instant

_BACK, _AHEAD = 2, 6  # months
_ROLES: Final = {"oncall": "on call", "backup": "backup"}


class Duty(NamedTuple):
    """Whom a line puts on duty, and how."""

    contact: str
    role: str
    status: str


class Watch(NamedTuple):
    """A half-open interval of UTC instants in which the same people are on duty, in order."""

    start: datetime
    end: datetime
    duties: tuple[Duty, ...]


_Order = dict[Duty, dict[Duty, None]]
"""Whom each person stands right behind, at some time or other."""


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
    for watch, places in _placed(_watches(account, name, ends)):
        now = dict.fromkeys((duty, places[duty]) for duty in watch.duties)
        for key in [key for key in open_ if key not in now]:
            yield Entry(name, *key, open_.pop(key), watch.start)
        for key in now:
            open_.setdefault(key, watch.start)
        last = watch.end
    for key, start in open_.items():
        yield Entry(name, *key, start, last)


def _watches(account: Account, name: str, ends: tuple[datetime, datetime]) -> Iterator[Watch]:
    """Yield the watches between two instants; two that touch differ in their people."""
    held: Watch | None = None
    for start, end, lines in duties(account.schedule_named(name), account.zone, *ends):
        found = on_duty(lines)
        if held is not None and held.duties == found:
            held = held._replace(end=end)
            continue
        if held is not None:
            yield held
        held = Watch(start, end, found)
    if held is not None:
        yield held


def on_duty(lines: Iterable[Line]) -> tuple[Duty, ...]:
    """Return those whom the schedule puts on duty, in order, each once."""
    return tuple(
        dict.fromkeys(
            Duty(line.contact, line.role, line.status)
            for line in lines
            if line.role in _ROLES and line.skipped != "overridden"
        )
    )


def _placed(watches: Iterable[Watch]) -> Iterator[tuple[Watch, dict[Duty, int]]]:
    """Yield each watch with the places of its people: the same for as long as orders agree.

    Only where somebody stands before a person and later after them do the places begin anew.
    """
    before: _Order = {}
    era: list[Watch] = []
    for watch in watches:
        if not _agrees(before, watch.duties):
            yield from _numbered(era, before)
            era, before = [], {}
        _add(before, watch.duties)
        era.append(watch)
    yield from _numbered(era, before)


def _agrees(before: _Order, people: tuple[Duty, ...]) -> bool:
    """Tell whether nobody stands, however far, behind somebody whom these people stand before.

    One walk over those before them: to sort all anew for every watch took seconds.
    """
    places = {duty: place for place, duty in enumerate(people)}
    seen: set[Duty] = set()
    for place, duty in enumerate(people):
        behind = [duty]
        while behind:
            for other in before.get(behind.pop(), ()):
                if places.get(other, -1) > place:
                    return False
                if other not in seen:
                    seen.add(other)
                    behind.append(other)
    return True


def _add(before: _Order, people: tuple[Duty, ...]) -> None:
    last: dict[Duty, None] = {}
    for duty in people:
        before.setdefault(duty, {}).update(last)
        last = {duty: None}


def _numbered(era: list[Watch], before: _Order) -> Iterator[tuple[Watch, dict[Duty, int]]]:
    order = {duty: place for place, duty in enumerate(TopologicalSorter(before).static_order())}
    yield from ((watch, order) for watch in era)


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
