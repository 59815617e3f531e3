"""What a document would change before it is in force: who is reached, and which open messages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from gateway.domain.accounts import Account
from gateway.domain.document_changes import Edit
from gateway.domain.jobs import Job
from gateway.domain.messages import Priority
from gateway.domain.outlook import Known, imagined
from gateway.domain.rounds import NAMED
from gateway.domain.state import Flags, State
from gateway.domain.walk import address_of, slots, why_skipped
from schedules.lines import ALWAYS
from schedules.roster import Crew
from schedules.shifts import When
from schedules.timeline import changes
from schedules.unavailability import Absence
from schedules.walltime import first_instant, local_date

AHEAD = timedelta(days=14)
# Open messages are looked at this long from their next instant on: by then a lead has them.
MESSAGE_AHEAD = timedelta(days=1)
PERSON = "person"
Flagged = Mapping[str, Flags]


class Reached(NamedTuple):
    """Somebody who would really be tried: contact key, name, method (or `person`) and address."""

    contact: str
    name: str
    method: str
    address: str | None

    def as_before(self, other: "Reached") -> bool:
        """Tell whether it is the same person by the same way, whatever became of key or name."""
        same = self.contact == other.contact or self.name == other.name
        return same and (self.method, self.address) == (other.method, other.address)


People = tuple[Reached, ...]


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


@dataclass(frozen=True, slots=True)
class Affected:
    """An open message that would go on otherwise: `schedule`, `reached`, `protocol`, `details`."""

    ucn: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change; `version` is the one in force (None: a new account).

    `kinds` are all kinds of messages that were looked at from `start` to `end`.
    """

    account: Account
    version: int | None
    start: datetime
    end: datetime
    edits: tuple[Edit, ...]
    kinds: tuple[Kind, ...]
    moves: tuple[Move, ...]
    messages: tuple[Affected, ...]


def kinds_of(old: Account | None, new: Account) -> tuple[Kind, ...]:
    """Return every kind of message that a protocol of either document may tell from others."""
    protocols = (*(old.protocols if old else ()), *new.protocols)
    forms = sorted({form for each in protocols for form in each.when.form})
    return tuple(Kind(priority, form) for form in (None, *forms) for priority in Priority)


def moves(
    old: Account | None, new: Account, start: datetime, end: datetime, flags: Flagged
) -> Iterator[Move]:
    """Yield who would be reached differently from `start` to `end`, by schedule and in order.

    Whom a message of each kind would really reach is asked of the round's own walk, on both
    documents; neighbouring times with the same answer are one.
    """
    kinds = kinds_of(old, new)
    for name, was, now in _pairs(old, new):
        edges = _edges(((old, was), (new, now)), start, end)
        found: dict[tuple[datetime, datetime, People, People], list[Kind]] = {}
        for kind in kinds:
            before = [_imagined(old, was, kind, at, flags) for at in edges[:-1]]
            after = [_imagined(new, now, kind, at, flags) for at in edges[:-1]]
            for move in _merged(edges, before, after):
                found.setdefault(move, []).append(kind)
        for (begin, last, had, has), of in sorted(found.items(), key=lambda item: item[0][:2]):
            yield Move(name, tuple(of), begin, last, had, has)


def affected(new: Account, states: Iterable[State], now: datetime) -> Iterator[Affected]:
    """Yield the messages whose open jobs would go on otherwise if `new` came into force now."""
    for state in states:
        reasons = {
            why
            for job in state.jobs
            if not job.state.terminal
            for why in _reasons(state, state._replace(account=new), job, now)
        }
        if reasons:
            order = ("schedule", "reached", "protocol", "details")
            yield Affected(state.message.key.ucn, tuple(w for w in order if w in reasons))


def _reasons(old: State, new: State, job: Job, now: datetime) -> Iterator[str]:
    was, will = _selected(old, job), _selected(new, job)
    if was != will and not (was and will and was.casefold() == will.casefold()):
        yield "schedule"
    if old.account is None or new.account is None or old.account.phi != new.account.phi:
        yield "details"
    end = max(now, job.next_at or now) + MESSAGE_AHEAD
    for at in _edges(((old.account, was), (new.account, will)), now, end)[:-1]:
        if _differ(_reached(old, was, job, at), _reached(new, will, job, at)):
            yield "reached"
        if _protocol(old, at) != _protocol(new, at):
            yield "protocol"


def _protocol(state: State, at: datetime) -> object:
    m = state.message
    return state.account and state.account.protocol_for(m.priority.word, m.form, at)


def _selected(state: State, job: Job) -> str | None:
    """Return the schedule the job's next round goes by, as rounds choose it; None: it is held."""
    account = state.account
    if account is None:
        return None
    chosen = job.round.schedule
    if (job.round.open or job.reason == NAMED) and chosen.casefold() in account.names:
        return chosen
    fields = state.content.fields if state.content else {}
    return account.schedule_for(fields, state.message.form)


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


def _edges(
    both: Iterable[tuple[Account | None, str | None]], start: datetime, end: datetime
) -> list[datetime]:
    """Return start, end and every instant between them at which somebody else may be reached."""
    found = {start, end}
    for account, schedule in both:
        if account is not None and schedule is not None:
            found.update(changes(account.crew, account.schedule_named(schedule), start, end))
            found.update(changes(_hours(account), None, start, end))
            found.update(at for at in _midnights(account, start, end) if start < at < end)
    return sorted(found)


def _hours(account: Account) -> Crew:
    """Return a crew that changes as office and quiet hours do, for their instants alone."""
    weekly = [one.quiet for one in account.contacts.values() if one.quiet]
    if account.office and account.office.hours:
        weekly.append(account.office.hours.weekly)
    windows = tuple(Absence("", When(ALWAYS, one), None, None) for one in weekly)
    return Crew(account.zone, (), {"": windows}, frozenset(), frozenset())


def _midnights(account: Account, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the beginnings of the local days, on which holidays begin and end."""
    if account.office is None or account.office.hours is None:
        return
    day = local_date(start, account.zone)
    while day <= local_date(end, account.zone):
        yield first_instant(datetime.combine(day, time.min), account.zone)
        day += timedelta(days=1)


def _imagined(
    account: Account | None, schedule: str | None, kind: Kind, at: datetime, flags: Flagged
) -> People:
    """Return whom a message of that kind would reach if it came in at that instant."""
    if account is None:
        return ()
    state, job = imagined(account, at, Known(flags, priority=kind.priority, form=kind.form))
    return _reached(state, schedule, job, at)


def _reached(state: State, schedule: str | None, job: Job, at: datetime) -> People:
    """Return whom a round that began at that instant would try, each person once, in order."""
    account = state.account
    if account is None or schedule is None:
        return ()
    protocol = account.protocol_for(job.priority.word, state.message.form, at)
    found: dict[str, Reached] = {}
    for slot in slots(account, protocol, account.roster(schedule, at), job):
        if slot.contact in found or why_skipped(state, job, slot, at):
            continue
        contact = account.contacts.get(slot.contact)
        method = PERSON if contact and contact.requires_human else slot.method
        name = contact.name if contact else slot.contact
        found[slot.contact] = Reached(slot.contact, name, method, address_of(account, slot))
    return tuple(found.values())


def _merged(
    edges: list[datetime], before: list[People], after: list[People]
) -> Iterator[tuple[datetime, datetime, People, People]]:
    """Yield the intervals that differ; neighbours with the same people are one."""
    held: tuple[datetime, datetime, People, People] | None = None
    for (start, end), was, now in zip(pairwise(edges), before, after, strict=True):
        if held and held[1] == start and held[2:] == (was, now):
            held = (held[0], end, was, now)
            continue
        if held:
            yield held
        held = (start, end, was, now) if _differ(was, now) else None
    if held:
        yield held


def _differ(was: People, now: People) -> bool:
    if len(was) != len(now):
        return True
    return not all(one.as_before(other) for one, other in zip(was, now, strict=True))
