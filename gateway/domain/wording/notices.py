"""What people are told about their shifts: when and for whom they are on call, never a message.

The body is what a text says, the subject is for e-mail only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.wording import phrases
from gateway.domain.wording.mail import Letter

_NAME: Final = 60
_SHIFTS: Final = 8  # in one text; more would be cut by the carrier
_ROLES: Final = {"oncall": "on call", "backup": "on call as backup"}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose shifts these are: the account's name, its zone, and a schedule where it has several."""

    account_name: str
    zone: ZoneInfo
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One shift of a person: the schedule's name ("" if there is but one), role, and from when.

    None as `start` has begun already, None as `end` goes on.
    """

    schedule: str
    role: str
    start: datetime | None
    end: datetime | None


def comes_on(whose: Whose, role: str, until: datetime | None) -> Letter:
    """Tell somebody that they are on call now, and until when."""
    lasts = f" until {phrases.moment(until, whose.zone)}" if until else ""
    return _letter(whose, f"you are now {_ROLES[role]}{lasts}", "you are on call")


def goes_off(whose: Whose, now_on: Sequence[str]) -> Letter:
    """Tell somebody that they are no longer on call, and who (people's names) is."""
    followed = f" On call now: {phrases.listed(_named(now_on))}." if now_on else ""
    letter = _letter(whose, "you are no longer on call", "you are no longer on call")
    return Letter(letter.subject, letter.body + followed)


def shifts_to_come(whose: Whose, stretches: Sequence[Stretch]) -> Letter:
    """List somebody's shifts to come, in order; those beyond the eighth are only counted."""
    lines = [_shift(whose, one) for one in stretches[:_SHIFTS]]
    more = len(stretches) - _SHIFTS
    lines += [f"and {more} more"] if more > 0 else []
    name = _head(whose)
    body = "\n".join([f"{name}: your shifts of the next 7 days.", *lines])
    return Letter(f"{name}: your shifts", body)


def _shift(whose: Whose, one: Stretch) -> str:
    start = phrases.moment(one.start, whose.zone) if one.start else "now"
    end = f" to {phrases.moment(one.end, whose.zone)}" if one.end else " on"
    named = f" ({phrases.one_line(one.schedule)})" if one.schedule else ""
    return f"{start}{end}: {_ROLES[one.role]}{named}"


def _letter(whose: Whose, words: str, about: str) -> Letter:
    name = _head(whose)
    return Letter(f"{name}: {about}", phrases.sentence(f"{name}: {words}"))


def _head(whose: Whose) -> str:
    parts = [whose.account_name, whose.schedule]
    return ", ".join(phrases.shortened(phrases.one_line(one), _NAME) for one in parts if one)


def _named(people: Sequence[str]) -> list[str]:
    return [phrases.one_line(one) for one in people]
