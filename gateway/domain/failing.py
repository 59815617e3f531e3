"""Phones of which nothing but failures come, and when their people are next on call. Pure.

A number that rings out or is busy works; one that the carrier can never reach does not, and whoever
has it is on call in name only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.accounts import Account
from gateway.domain.duties import next_morning
from gateway.domain.notices import on_duty

# So many failures in a row, with nothing else among the last 30 days' attempts after the first.
ENOUGH: Final = 3
LOOKED_BACK: Final = timedelta(days=30)
# A lead is told of whoever is on call within a day, and looked for again before each shift.
AHEAD: Final = timedelta(days=1)
_BEFORE: Final = timedelta(hours=1)


class Failing(NamedTuple):
    """A phone that failed `times` in a row; `spoken`: calls to it, otherwise texts."""

    phone: str
    spoken: bool
    times: int
    since: datetime
    last: datetime


class Flagged(NamedTuple):
    """Somebody with a failing phone, and when they are next on call (None: not within the span)."""

    contact: str
    failing: Failing
    shift: datetime | None

    @property
    def name(self) -> str:
        """What tells it from the account's others."""
        return f"{self.contact} {'call' if self.failing.spoken else 'text'}"


def flagged(
    account: Account, failing: Iterable[Failing], now: datetime, ahead: timedelta = AHEAD
) -> tuple[Flagged, ...]:
    """Return whose phones fail, with their next shift within `ahead` from `now`."""
    found = list(failing)
    shifts = _shifts(account, now, ahead) if found else {}
    return tuple(
        Flagged(key, one, shifts.get(key))
        for key, contact in account.contacts.items()
        for one in found
        if contact.address("call" if one.spoken else "sms") == one.phone
    )


def news(found: Sequence[Flagged], told: Mapping[str, str]) -> tuple[Flagged, ...]:
    """Return those on call soon of whom a lead has not heard since their phones began to fail."""
    return tuple(one for one in found if one.shift is not None and not _heard(one, told))


def remembered(found: Sequence[Flagged], told: Mapping[str, str]) -> dict[str, str]:
    """Return of whom a lead has heard, each with its last failure; who works is forgotten."""
    known = (one for one in found if one.shift is not None or _heard(one, told))
    return {one.name: one.failing.last.isoformat() for one in known}


def _heard(one: Flagged, told: Mapping[str, str]) -> bool:
    """Tell whether these failures go on from those that were told.

    Their first is no mark of them: it moves on as the days that are looked back on do.
    """
    last = told.get(one.name)
    return last is not None and one.failing.since <= datetime.fromisoformat(last)


def next_look(account: Account, now: datetime) -> datetime:
    """Return when phones are looked at again: an hour before the next handoff, or next morning."""
    morning = next_morning(account, now)
    handoffs = (
        spell.start - _BEFORE
        for name in account.schedules
        for spell in account.spans(name, now, morning + _BEFORE)
        if spell.start - _BEFORE > now
    )
    return min(handoffs, default=morning)


def _shifts(account: Account, now: datetime, ahead: timedelta) -> dict[str, datetime]:
    """Return when everybody's next shift begins, `now` for who is on; the permanent list always."""
    begins = {line.contact: now for line in account.permanent}
    for contact, at in _starts(account, now, ahead):
        begins[contact] = min(at, begins.get(contact, at))
    return {contact: at for contact, at in begins.items() if contact not in account.crew.inactive}


def _starts(account: Account, now: datetime, ahead: timedelta) -> Iterator[tuple[str, datetime]]:
    for name in account.schedules:
        for spell in account.spans(name, now, now + ahead):
            yield from ((contact, spell.start) for contact in on_duty(spell.roster))
