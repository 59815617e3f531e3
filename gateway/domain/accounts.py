"""An account as the program works with it: built once per version of its document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.contacts import Contact, address
from gateway.domain.delivery_rules import DeliveryRule
from gateway.domain.protocols import DEFAULT_PROTOCOL, Protocol
from gateway.domain.specials import Special
from gateway.domain.turns import Turns
from schedules.coverage import Day, Gap, coverage, gaps
from schedules.hours import Hours
from schedules.roster import Crew, Line, Roster, Schedule
from schedules.timeline import Spell, spans
from schedules.walltime import local_date, moment
from schedules.week_time import WeekTime


@dataclass(frozen=True, slots=True)
class FormJob:
    """The field job that an accept opens: its title, and whose market and brand it is."""

    title: str
    market: str | None = None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A message form: its required fields, the field that selects a schedule, and its kind.

    `field_job`: what an accept of such a message opens; None: nothing.
    """

    name: str
    required: tuple[str, ...] = ()
    schedule_field: str | None = None
    kind: str | None = None
    field_job: FormJob | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """The client's office: its hours (None: always after hours) and where it is reached."""

    hours: Hours | None
    phone: str | None
    email: str | None

    def address(self, status: str) -> str | None:
        """Return where a status (call, sms, secure, email) reaches the office."""
        return address(status, self.phone, None, self.email)


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """Whether people are told of each handoff, and when in the week of the shifts to come."""

    handoff: bool = False
    digest: WeekTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account (contract, section 4); everything in it is frozen and compiled.

    `turns` keeps the last turns by protocol and schedule, for `walk.slots` to look at.
    """

    account: str
    name: str
    zone: ZoneInfo
    phi: bool
    contacts: Mapping[str, Contact]
    schedules: Mapping[str, Schedule]
    crew: Crew
    protocols: tuple[Protocol, ...]
    forms: Mapping[str, Form]
    office: Office | None
    notices: NoticeRules = NoticeRules()
    names: Mapping[str, str] = field(repr=False)  # schedule names by their casefold
    specials: tuple[Special, ...] = ()
    words: frozenset[str] = frozenset()  # right for this account, in lower case
    deliveries: tuple[DeliveryRule, ...] = ()
    retention: timedelta | None = None
    turns: dict[tuple[str, str], Turns] = field(default_factory=dict, repr=False, compare=False)

    @property
    def longest_limit(self) -> timedelta | None:
        """Return the longest time for which a phone's limit counts calls; None without limits."""
        spans = [one.phone_limit.per for one in self.contacts.values() if one.phone_limit]
        return max(spans, default=None)

    @property
    def permanent(self) -> tuple[Line, ...]:
        """The permanent on-call list, in order."""
        return self.crew.permanent

    def roster(self, schedule: str, at: datetime) -> Roster:
        """Return the roster of a schedule at an aware instant; "" is the permanent list alone.

        Case does not matter in the name; KeyError when there is no such schedule.
        """
        return self.crew.roster(self.schedule_named(schedule), at)

    def spans(self, schedule: str, start: datetime, end: datetime) -> Iterator[Spell]:
        """Yield the rosters from `start` to `end` as touching half-open intervals, in order.

        The schedule is named as for `roster`; the instants are aware.
        """
        return spans(self.crew, self.schedule_named(schedule), start, end)

    def coverage(self, schedule: str, first: date, days: int) -> tuple[Day, ...]:
        """Return the coverage of `days` local dates from `first` on (S3-81).

        The schedule is named as for `roster`.
        """
        return coverage(self.schedule_named(schedule), self.zone, first, days)

    def gaps(self, schedule: str, start: datetime, end: datetime) -> Iterator[Gap]:
        """Yield, in order, the gaps of a schedule within two aware instants, end excluded.

        The schedule is named as for `roster`.
        """
        return gaps(self.schedule_named(schedule), self.zone, start, end)

    def schedule_named(self, name: str) -> Schedule | None:
        """Return the schedule of that name, whatever the case; None for "", else KeyError."""
        if not name:
            return None
        found = self.schedules.get(name)
        return found if found is not None else self.schedules[self.names[name.casefold()]]

    def schedule_for(self, fields: Mapping[str, str], form: str | None) -> str | None:
        """Return the name of the schedule a message selects (S3-88, S3-89).

        An only schedule is the default, "" stands for no schedules at all; None means that
        nothing or more than one matches: such a message is held, never guessed.
        """
        if len(self.schedules) <= 1:
            return next(iter(self.schedules), "")
        fitting = self.schedules_for(fields, form)
        return fitting[0].name if len(fitting) == 1 else None

    def schedules_for(self, fields: Mapping[str, str], form: str | None) -> tuple[Schedule, ...]:
        """Return the schedules that fit a message, of several: one is to be gone by, no others.

        First those that the form's own field names (of several, those whose whole match fits),
        then those whose match fits, else those without a match: they take what fits no other.
        """
        schedules = tuple(self.schedules.values())
        named = self._named(fields, form)
        if len(named) > 1:
            named = tuple(each for each in named if _fits(each, fields)) or named
        fitting = named or tuple(each for each in schedules if each.match and _fits(each, fields))
        return fitting or tuple(each for each in schedules if not each.match)

    def schedule_field(self, form: str | None) -> str | None:
        """Return the field of a form that selects the schedule; None when it has none."""
        rule = self.forms.get(form) if form else None
        return rule.schedule_field if rule else None

    def protocol_for(self, priority: str, form: str | None, at: datetime) -> Protocol:
        """Return the first protocol whose `when` matches, else the default."""
        for protocol in self.protocols:
            if protocol.when.fits(priority, form) and self._in_hours(protocol, at):
                return protocol
        return DEFAULT_PROTOCOL

    def protocol_at(self, at: datetime) -> Protocol:
        """Return the first protocol whose hours fit, whatever the message, else the default."""
        fitting = (each for each in self.protocols if self._in_hours(each, at))
        return next(fitting, DEFAULT_PROTOCOL)

    def office_open(self, at: datetime) -> bool:
        """Tell whether the office is open; without office hours it never is."""
        return bool(self.office and self.office.hours and self.office.hours.open_at(at))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on at which the office is open, None if never."""
        if self.office is None or self.office.hours is None:
            return None
        return self.office.hours.next_opening(at)

    def local_date(self, at: datetime) -> date:
        """Return the account's local date at an aware instant."""
        return local_date(at, self.zone)

    def quiet(self, contact: str, at: datetime) -> bool:
        """Tell whether the contact's quiet hours (routine messages only) hold at that instant."""
        hours = self.contacts[contact].quiet
        return hours is not None and hours.covers(moment(at, self.zone))

    def _in_hours(self, protocol: Protocol, at: datetime) -> bool:
        hours = protocol.when.hours
        return hours == "any" or (hours == "office") == self.office_open(at)

    def _named(self, fields: Mapping[str, str], form: str | None) -> tuple[Schedule, ...]:
        """Return the schedules that the form's own field names, by name or by match."""
        field = self.schedule_field(form)
        if field is None:
            return ()
        wanted = _folded(fields.get(field, ""))
        if wanted in self.names:
            return (self.schedules[self.names[wanted]],)
        return tuple(each for each in self.schedules.values() if _has(each, field, wanted))


def _fits(schedule: Schedule, fields: Mapping[str, str]) -> bool:
    return all(
        _folded(fields.get(key, "")) == _folded(value) for key, value in schedule.match.items()
    )


def _has(schedule: Schedule, key: str, wanted: str) -> bool:
    return key in schedule.match and _folded(schedule.match[key]) == wanted


def _folded(text: str) -> str:
    return text.strip().casefold()
