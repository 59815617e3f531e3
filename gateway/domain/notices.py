"""Notices: who comes on call and who goes off, and what is to come; and late answers. Pure.

What counts is the schedule with its overrides and temporary schedules. Somebody who is away still
has their shift, but is not told of it; somebody who is inactive is told nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from gateway.domain.accounts import Account
from gateway.domain.contacts import Contact
from gateway.domain.flags import Flags
from gateway.domain.wording import notices as words
from gateway.domain.wording.mail import Letter
from schedules.roster import Line, Roster
from schedules.timeline import Spell, joined

_SPACE: Final = UUID("8a4d1e52-0b6f-5f0e-8c5b-2f6f0f6f7c31")
_DUTY: Final = frozenset({"oncall", "backup"})
# A notice that could not leave for so long (the carrier away, quiet hours) helps nobody.
_FRESH: Final = timedelta(hours=12)
# How far ahead the end of a shift is looked for, and how far back a handoff that was missed.
_AHEAD: Final = timedelta(days=35)
_BACK: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
# Who has waited longer for an answer to a text has called.
_ANSWERS: Final = timedelta(minutes=30)

On = Mapping[str, str]
"""Who is on call in a schedule: contact and role, in order."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    ON = "on"
    OFF = "off"
    DIGEST = "digest"
    REPLY = "reply"


class Notice(NamedTuple):
    """One notice to one person; worthless from `until` on. `at` is the handoff it is about."""

    id: UUID
    account: str
    contact: str
    kind: NoticeKind
    schedule: str
    at: datetime
    until: datetime
    words: Letter


class Handoff(NamedTuple):
    """What a look at a schedule found: who is on, until when at least, and whom to tell."""

    on: On
    until: datetime
    notices: tuple[Notice, ...]


def handoff(
    account: Account, schedule: str, was: On | None, looked: datetime, now: datetime
) -> Handoff:
    """Compare who is on call now with those who `was` at the last look.

    None: nobody has looked before, so nobody is told. Handoffs that were missed meanwhile are
    told as one: whoever is on now and was not then, and the other way round.
    """
    first = min(max(looked, now - _BACK), now)
    spell = next(one for one in _spells(account, schedule, first, now + _AHEAD) if one.end > now)
    on = on_duty(spell.roster)
    at = spell.start if spell.start > first else now
    told = () if was is None else tuple(_told(account, schedule, (was, on), at))
    return Handoff(on, spell.end, told)


def on_duty(roster: Roster) -> dict[str, str]:
    """Return who is on call by the schedule, with their first role; the permanent list is not."""
    found: dict[str, str] = {}
    for line in roster.lines:
        if line.role in _DUTY and line.skipped != "overridden":
            found.setdefault(line.contact, line.role)
    return found


def digest(account: Account, at: datetime) -> tuple[Notice, ...]:
    """Return the digest of an instant: to each person the shifts of the seven days from then."""
    stretches: dict[str, list[words.Stretch]] = {}
    for schedule in account.schedules:
        for contact, stretch in _stretches(account, schedule, at):
            stretches.setdefault(contact, []).append(stretch)
    whose = words.Whose(account.name, account.zone)
    notices = []
    for contact, theirs in stretches.items():
        if contact not in account.crew.inactive:
            letter = words.shifts_to_come(whose, sorted(theirs, key=lambda one: one.start or at))
            notices.append(_notice(account, ("", contact, NoticeKind.DIGEST), at, letter))
    return tuple(notices)


def answer_to(sid: str, whose: tuple[str, str], words: str, now: datetime) -> Notice:
    """Return the answer to a text that was found late; `whose` phone: account and contact."""
    account, contact = whose
    name = uuid5(_SPACE, f"reply\n{sid}")
    letter = Letter("", words)
    return Notice(name, account, contact, NoticeKind.REPLY, "", now, now + _ANSWERS, letter)


def route(contact: Contact, flags: Mapping[str, Flags]) -> tuple[str, str] | None:
    """Return how a notice reaches somebody: `text` or `email` and the address, None if at all.

    A number that opted out or is suspended is none.
    """
    phone = contact.address("sms")
    known = flags.get(phone or "", Flags())
    if phone and not known.opted_out and not known.suspended:
        return "text", phone
    return ("email", contact.email) if contact.email else None


def wanted_still(account: Account, kind: str) -> bool:
    """Tell whether the account's document still asks for notices of that kind."""
    rules = account.notices
    if kind == NoticeKind.REPLY:
        return True
    return rules.digest is not None if kind == NoticeKind.DIGEST else rules.handoff


def _spells(account: Account, schedule: str, start: datetime, end: datetime) -> Iterator[Spell]:
    """Yield intervals that differ in who is on call, whatever else changes in the roster."""
    spells = account.spans(schedule, start, end)
    return joined(spells, lambda roster: frozenset(on_duty(roster).items()))


def _told(account: Account, schedule: str, people: tuple[On, On], at: datetime) -> Iterator[Notice]:
    was, on = people
    whose = words.Whose(account.name, account.zone, schedule if len(account.schedules) > 1 else "")
    for contact, role in on.items():
        if was.get(contact) != role and _there(account, contact, at):
            end = _end(account, schedule, contact, at)
            letter = words.comes_on(whose, role, end)
            notice = _notice(account, (schedule, contact, NoticeKind.ON), at, letter)
            yield notice._replace(until=min(notice.until, end or notice.until))
    for contact in was:
        if contact not in on and _there(account, contact, at):
            now_on = [account.contacts[one].name for one in on if _there(account, one, at)]
            yield _notice(
                account, (schedule, contact, NoticeKind.OFF), at, words.goes_off(whose, now_on)
            )


def _there(account: Account, contact: str, at: datetime) -> bool:
    """Tell whether somebody is still of the account, and neither inactive nor away."""
    line = Line(contact, "oncall", "call", "shift", "")
    return contact in account.contacts and account.crew.seen(line, at).skipped is None


def _end(account: Account, schedule: str, contact: str, at: datetime) -> datetime | None:
    """Return when somebody's turn in their role ends; None when it is far away."""
    role = None
    for spell in _spells(account, schedule, at, at + _AHEAD):
        found = on_duty(spell.roster).get(contact)
        role = role or found
        if found != role:
            return spell.start
    return None


def _stretches(
    account: Account, schedule: str, at: datetime
) -> Iterator[tuple[str, words.Stretch]]:
    """Yield everybody's unbroken times on call that touch the seven days from `at`."""
    named = schedule if len(account.schedules) > 1 else ""
    begun: dict[tuple[str, str], datetime | None] = {}
    for spell in _spells(account, schedule, at, at + _AHEAD):
        on = set(on_duty(spell.roster).items())
        for who in [who for who in begun if who not in on]:
            yield who[0], words.Stretch(named, who[1], begun.pop(who), spell.start)
        if spell.start < at + _WEEK:
            start = spell.start if spell.start > at else None
            begun |= dict.fromkeys(sorted(on - begun.keys()), start)
        elif not begun:
            return
    for (contact, role), start in begun.items():
        yield contact, words.Stretch(named, role, start, None)


def _notice(
    account: Account, about: tuple[str, str, NoticeKind], at: datetime, letter: Letter
) -> Notice:
    """Give a notice its id: the same for the same person, handoff and schedule."""
    schedule, contact, kind = about
    name = "\n".join((account.account, *about, at.astimezone(UTC).isoformat()))
    return Notice(
        uuid5(_SPACE, name), account.account, contact, kind, schedule, at, at + _FRESH, letter
    )
