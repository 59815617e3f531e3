"""What is unsound about an account: hours without anybody, people without an address. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from gateway.cli.instants import local
from gateway.cli.points import Fault
from gateway.domain.accounts import Account
from gateway.domain.edges import edges
from gateway.domain.flags import Flags
from gateway.domain.messages import Priority
from gateway.domain.notices import on_duty, route
from gateway.domain.outlook import idle_overrides
from gateway.domain.protocols import DEFAULT_PROTOCOL
from gateway.domain.uncovered import without_office
from schedules.overrides import Override
from schedules.roster import Line

AHEAD: Final = timedelta(days=7)
FORECAST: Final = timedelta(days=30)
_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Times:
    """How long something is so, and from when on."""

    first: datetime | None = None
    length: timedelta = timedelta(0)

    def add(self, start: datetime, end: datetime) -> None:
        """Count one interval; they come in order."""
        self.first = self.first or start
        self.length += end - start

    def words(self, account: Account, ahead: timedelta, when: str = "") -> str:
        """Say `for 3 h of the next 7 days, first at …`."""
        hours = f"{round(self.length / _HOUR, 2):g} h of the next {ahead.days} days{when}"
        return f"for {hours}, first at {local(self.first, account.zone)}" if self.first else hours


@dataclass(slots=True)
class _Seen:
    """What looking ahead at one schedule found."""

    nobody: _Times = field(default_factory=_Times)
    uncovered: _Times = field(default_factory=_Times)
    no_address: dict[str, str] = field(default_factory=dict)


def faults_of(account: Account, now: datetime, flags: Mapping[str, Flags]) -> Iterator[Fault]:
    """Yield what is wrong with an account: who is reached in the next 7 days, gaps in 30."""
    for name in tuple(account.schedules) or ("",):
        yield from _of_schedule(account, name, _look(account, name, now))
        yield from _of_overrides(account, name, now)
    yield from _of_protocols(account, now)
    yield from _of_phones(account, flags)
    yield from _of_notices(account, now, flags)


def _look(account: Account, schedule: str, now: datetime) -> _Seen:
    seen = _Seen()
    for start, end in _pieces(account, schedule, now, now + AHEAD):
        lines = account.roster(schedule, start).lines
        lacking = [line for line in lines if not _address(account, line)]
        seen.no_address |= {line.contact: line.status for line in lacking}
        if all(line.skipped or line in lacking for line in lines):
            seen.nobody.add(start, end)
    for start, end in _gaps(account, schedule, now) if account.schedules else ():
        seen.uncovered.add(start, end)
    return seen


def _gaps(account: Account, schedule: str, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when nobody is on call and the office is closed."""
    yield from without_office(account, account.gaps(schedule, now, now + FORECAST))


def _pieces(
    account: Account, schedule: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield intervals in which roster and office hours stay as they are."""
    yield from pairwise(sorted({start, end} | edges(account, schedule, start, end)))


def _address(account: Account, line: Line) -> str | None:
    contact = account.contacts.get(line.contact)
    return contact.address(line.status) if contact else None


def _of_schedule(account: Account, name: str, seen: _Seen) -> Iterator[Fault]:
    called = f"schedule {name}" if name else "the permanent list"
    for contact, status in sorted(seen.no_address.items()):
        remedy = f"give {contact} a number or e-mail, or the shift another status"
        yield Fault("fail", f"{called}: {contact} has no address for {status}", remedy)
    if seen.nobody.first:
        words = f"{called}: nobody can be reached {seen.nobody.words(account, AHEAD)}"
        yield Fault("fail", words, "add a shift for those hours, or a permanent list")
    if seen.uncovered.first:
        when = " outside office hours" if account.office and account.office.hours else ""
        words = seen.uncovered.words(account, FORECAST, when)
        remedy = f"add a shift; `dispatchd coverage {account.account}` shows the hours"
        yield Fault("warn", f"{called}: nobody is on call {words}", remedy)


def _of_overrides(account: Account, name: str, now: datetime) -> Iterator[Fault]:
    """Find overrides of the forecast's days that change nothing at any time."""
    schedule = account.schedule_named(name)
    for override in schedule.overrides if schedule else ():
        start = max(override.span.start or now, now)
        end = min(override.span.end or start, now + FORECAST)
        if override.added is None and start < end:
            said = [
                _idle(account, name, each, override)
                for each, _ in _pieces(account, name, start, end)
            ]
            if all(said):
                remedy = "look for a slip in whom or when, or take the override out"
                yield Fault("warn", f"schedule {name}: {said[0]}", remedy)


def _idle(account: Account, name: str, at: datetime, override: Override) -> str | None:
    remarks = idle_overrides(account, name, at)
    return next((each for each in remarks if each.startswith(override.reason)), None)


def _of_protocols(account: Account, now: datetime) -> Iterator[Fault]:
    """Find priorities for which no protocol matches at some hour."""
    lacking: dict[str, None] = {}
    for at, _ in _pieces(account, "", now, now + AHEAD):
        for priority in Priority:
            if account.protocol_for(priority.word, None, at) is DEFAULT_PROTOCOL:
                lacking[priority.word] = None
    if lacking:
        words = f"no protocol fits {', '.join(lacking)} messages: the default governs"
        yield Fault("warn", words, "add a protocol without `when` at the end")


def _of_phones(account: Account, flags: Mapping[str, Flags]) -> Iterator[Fault]:
    for key, contact in account.contacts.items():
        for phone in {contact.phone, contact.sms} - {None}:
            known = flags.get(phone or "")
            if known and known.suspended:
                words = f"the number of {key} is suspended: {known.reason}"
                remedy = "put the right number into the document, or have a lead restore this one"
                yield Fault("warn", words, remedy)
            elif known and known.opted_out:
                remedy = "they text START to our number, or are called instead"
                yield Fault("warn", f"the number of {key} opted out of texts", remedy)


def _of_notices(account: Account, now: datetime, flags: Mapping[str, Flags]) -> Iterator[Fault]:
    """Find those with a shift in the next days whom no notice of it would reach."""
    if not account.notices.handoff and account.notices.digest is None:
        return
    people = {
        contact
        for name in account.schedules
        for spell in account.spans(name, now, now + AHEAD)
        for contact in on_duty(spell.roster)
    }
    for key in sorted(people - account.crew.inactive):
        if key in account.contacts and route(account.contacts[key], flags) is None:
            words = "can get no text and has no e-mail: they are told nothing of their shifts"
            yield Fault("warn", f"notices: {key} {words}", "give them an e-mail address")
