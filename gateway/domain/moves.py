"""Moves: from when to when messages of which kinds would reach other people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from gateway.domain.accounts import Account
from gateway.domain.heeding import in_force
from gateway.domain.messages import Priority
from gateway.domain.outlook import Known, imagined
from gateway.domain.reached import People, differ, instants, reached

_Change = tuple[People, People]
_Interval = tuple[datetime, datetime, People, People]
_SAME: _Change = ((), ())


class Kind(NamedTuple):
    """A kind of message: what chooses among protocols."""

    priority: Priority
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """From `start` to `end` (half-open) messages of these kinds reach other people, in order.

    `schedule` is the one they select, "" where there is none.
    """

    schedule: str
    kinds: tuple[Kind, ...]
    start: datetime
    end: datetime
    was: People
    now: People


def kinds_of(old: Account | None, new: Account) -> tuple[Kind, ...]:
    """Return every kind of message that a protocol of either document may tell from others."""
    protocols = (*(old.protocols if old else ()), *new.protocols)
    forms = sorted({form for each in protocols for form in each.when.form})
    return tuple(Kind(priority, form) for form in (None, *forms) for priority in Priority)


def moves(
    old: Account | None, new: Account, start: datetime, end: datetime, known: Known
) -> Iterator[Move]:
    """Yield who would be reached differently from `start` to `end`, by schedule and in order.

    Whom a message of each kind would really reach is asked of the round's own walk, on both
    documents; neighbouring times with the same answer are one. `known` holds for both.
    """
    kinds = kinds_of(old, new)
    for name, was, now in _pairs(old, new):
        edges = instants(((old, was), (new, now)), start, end, known.specials)
        sides = _Side(old, was, known), _Side(new, now, known)
        changes = [_changes(sides, kinds, at) for at in edges[:-1]]
        found: dict[_Interval, list[Kind]] = {}
        for kind, column in zip(kinds, zip(*changes, strict=True), strict=True):
            for interval in _merged(edges, column):
                found.setdefault(interval, []).append(kind)
        for interval, of in sorted(found.items(), key=lambda item: item[0][:2]):
            yield Move(name, tuple(of), *interval)


class _Side(NamedTuple):
    """One of the documents compared: its account and the schedule by which messages go."""

    account: Account | None
    schedule: str | None
    known: Known

    def ground(self, kind: Kind, at: datetime) -> object:
        """Return all that decides whom such a message reaches; None if nobody is."""
        account = self.account
        if account is None or self.schedule is None:
            return None
        roster = account.roster(self.schedule, at)
        protocol = account.protocol_for(kind.priority.word, kind.form, at)
        rules = account.zone, account.contacts, account.office, account.crew.absences
        special = in_force(account, at, self.known.specials)
        return roster.lines, roster.blank, protocol, rules, special, bool(account.schedules)

    def people(self, kind: Kind, at: datetime) -> People:
        """Return whom a message of that kind would reach if it came in at that instant."""
        if self.account is None:
            return ()
        known = replace(self.known, priority=kind.priority, form=kind.form)
        state, job = imagined(self.account, at, known)
        return reached(state, self.schedule, job, at)


def _changes(sides: tuple[_Side, _Side], kinds: tuple[Kind, ...], at: datetime) -> list[_Change]:
    """Return for each kind whom it reaches before and after; the walk is spared where it can be."""
    old, new = sides
    return [
        _SAME
        if old.ground(kind, at) == new.ground(kind, at)
        else (old.people(kind, at), new.people(kind, at))
        for kind in kinds
    ]


def _pairs(old: Account | None, new: Account) -> list[tuple[str, str | None, str | None]]:
    """Return each schedule, and by which one its messages go before and after (None: held).

    Those of a schedule that comes or goes are followed to the one they select without it.
    """
    found: list[tuple[str, str | None, str | None]] = []
    for name, each in new.schedules.items():
        found.append((name, _found(old, name, each.match), name))
    for name, each in old.schedules.items() if old else ():
        found.append((name, name, _found(new, name, each.match)))
    if not found:
        found.append(("", None if old is None else "", ""))
    ways = {(was, now): name for name, was, now in reversed(found)}
    return [(name, *way) for way, name in reversed(ways.items())]


def _found(account: Account | None, name: str, match: Mapping[str, str]) -> str | None:
    if account is None:
        return None
    return account.names.get(name.casefold()) or account.schedule_for(match, None)


def _merged(edges: list[datetime], changes: tuple[_Change, ...]) -> Iterator[_Interval]:
    """Yield the intervals that differ; neighbours with the same people are one."""
    held: _Interval | None = None
    for (start, end), (was, now) in zip(pairwise(edges), changes, strict=True):
        if held and held[1] == start and held[2:] == (was, now):
            held = (held[0], end, was, now)
            continue
        if held:
            yield held
        held = (start, end, was, now) if differ(was, now) else None
    if held:
        yield held
