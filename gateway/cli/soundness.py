"""What is unsound about an account: hours without anybody, people without an address. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from gateway.cli.instants import local
from gateway.domain.accounts import Account
from gateway.domain.messages import Priority
from gateway.domain.notices import on_duty, route
from gateway.domain.protocols import DEFAULT_PROTOCOL
from gateway.domain.state import Flags
from schedules.roster import Line

Result = Literal["ok", "warn", "fail"]
AHEAD: Final = timedelta(days=7)
STEP: Final = timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Seen:
    """What a week of looking at one schedule found."""

    nobody: list[datetime] = field(default_factory=list)
    stand_in: list[datetime] = field(default_factory=list)
    no_address: dict[str, str] = field(default_factory=dict)


def faults_of(
    account: Account, now: datetime, flags: Mapping[str, Flags]
) -> Iterator[tuple[Result, str]]:
    """Yield what is wrong with an account in the seven days from `now`, looked at by half hours."""
    for name in tuple(account.schedules) or ("",):
        yield from _of_schedule(account, name, _look(account, name, now))
    yield from _of_protocols(account, now)
    yield from _of_phones(account, flags)
    yield from _of_notices(account, now, flags)


def _instants(now: datetime) -> Iterator[datetime]:
    first = now.replace(minute=0, second=0, microsecond=0)
    return (first + STEP * n for n in range(AHEAD // STEP))


def _look(account: Account, schedule: str, now: datetime) -> _Seen:
    seen = _Seen()
    for at in _instants(now):
        roster = account.roster(schedule, at)
        reachable = 0
        for line in roster.lines:
            if not _address(account, line):
                seen.no_address[line.contact] = line.status
            elif line.skipped is None:
                reachable += 1
        if not reachable:
            seen.nobody.append(at)
        elif roster.blank and account.schedules and not account.office_open(at):
            seen.stand_in.append(at)
    return seen


def _address(account: Account, line: Line) -> str | None:
    contact = account.contacts.get(line.contact)
    return contact.address(line.status) if contact else None


def _of_schedule(account: Account, name: str, seen: _Seen) -> Iterator[tuple[Result, str]]:
    called = f"schedule {name}" if name else "the permanent list"
    for contact, status in sorted(seen.no_address.items()):
        yield "fail", f"{called}: {contact} has no address for {status}"
    if seen.nobody:
        first = local(seen.nobody[0], account.zone)
        words = f"nobody can be reached for {_hours(seen.nobody)} of the next 7 days"
        yield "fail", f"{called}: {words}, first at {first}"
    if seen.stand_in:
        words = f"nobody is scheduled for {_hours(seen.stand_in)} of the next 7 days after hours"
        yield "warn", f"{called}: {words}; the permanent list stands in"


def _hours(instants: list[datetime]) -> str:
    return f"{len(instants) * STEP / _HOUR:g} h"


def _of_protocols(account: Account, now: datetime) -> Iterator[tuple[Result, str]]:
    """Find priorities for which no protocol matches at some hour."""
    lacking: dict[str, None] = {}
    for at in _instants(now):
        for priority in Priority:
            if account.protocol_for(priority.word, None, at) is DEFAULT_PROTOCOL:
                lacking[priority.word] = None
    if lacking:
        yield "warn", f"no protocol fits {', '.join(lacking)} messages: the default governs"


def _of_phones(account: Account, flags: Mapping[str, Flags]) -> Iterator[tuple[Result, str]]:
    for key, contact in account.contacts.items():
        for phone in {contact.phone, contact.sms} - {None}:
            known = flags.get(phone or "")
            if known and known.suspended:
                yield "warn", f"the number of {key} is suspended: {known.reason}"
            elif known and known.opted_out:
                yield "warn", f"the number of {key} opted out of texts"


def _of_notices(
    account: Account, now: datetime, flags: Mapping[str, Flags]
) -> Iterator[tuple[Result, str]]:
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
            yield "warn", f"notices: {key} {words}"
