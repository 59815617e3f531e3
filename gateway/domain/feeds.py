"""Feeds: the events of a calendar from outside become shifts of a schedule in the document.

What a feed gave stands in the document itself (`feed.shifts`), so that a version of a document says
everything; only the feed's reader writes it, and a document that is put keeps what is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from gateway.domain.document_models import AccountDocument
from gateway.domain.document_schedules import FedShift, Feed, Role, Schedule, Status
from gateway.domain.naming import Book, Named
from schedules.walltime import first_instant, last_instant, zone_of

MOST: Final = 8_000  # as many as a document may hold that is put over HTTP
_BACK, _AHEAD = 1, 6  # months
_ROLES: Final[dict[str, Role]] = {"oncall": "oncall", "backup": "backup"}
_STATUSES: Final[dict[str, Status]] = {
    "call": "call",
    "sms": "sms",
    "secure": "secure",
    "email": "email",
}


class Marks(Protocol):
    """What an event of our own export says besides."""

    @property
    def contact(self) -> str:
        """The contact's key."""

    @property
    def role(self) -> str:
        """Their role."""

    @property
    def status(self) -> str:
        """Their status."""

    @property
    def place(self) -> int:
        """Their place among those on duty at one time."""


class Event(Named, Protocol):
    """One occurrence of a calendar, half-open; naive ends are local times of the account."""

    @property
    def uid(self) -> str:
        """The event's own id."""

    @property
    def start(self) -> datetime:
        """Its start."""

    @property
    def end(self) -> datetime:
        """Its end."""

    @property
    def own(self) -> Marks | None:
        """What our own export says besides."""


class Stranger(NamedTuple):
    """An event that became no shift: its title, UTC start and why."""

    title: str
    start: datetime
    why: str


class Matched(NamedTuple):
    """The shifts of a feed in order, and the events still to come that became none."""

    shifts: tuple[FedShift, ...]
    strangers: tuple[Stranger, ...]


class FeedError(ValueError):
    """A feed that cannot be used as it is; words for people."""


def window(now: datetime) -> tuple[datetime, datetime]:
    """Return the UTC span whose events become shifts: whole months, one back and six ahead.

    It moves at the turn of a month, so that a feed that does not change makes no new version.
    """
    return _month(now, -_BACK), _month(now, _AHEAD + 1)


def _month(now: datetime, step: int) -> datetime:
    at = now.astimezone(UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + step, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def feeds_of(document: AccountDocument) -> Iterator[tuple[Schedule, Feed]]:
    """Yield the schedules that have a feed, with it."""
    for schedule in document.schedules:
        if schedule.feed is not None:
            yield schedule, schedule.feed


def source_of(feed: Feed) -> str:
    """Return what tells one source from another; `file:` stands before the name of a file."""
    return feed.url or f"file:{feed.file}"


def matched(
    events: Iterable[Event], document: AccountDocument, feed: Feed, now: datetime
) -> Matched:
    """Turn events into shifts of the document's people; FeedError for more than 8,000.

    People on duty at one time stand in the order of our own export, else of start and UID.
    """
    book, zone = Book(document.contacts, feed), zone_of(document.timezone)
    found: list[tuple[tuple[object, ...], FedShift]] = []
    strangers: list[Stranger] = []
    for event in events:
        if book.ignores(event):
            continue
        start, end = _instants(event, zone)
        meant = book.meant(event, event.own.contact if event.own else None)
        if meant.contact is None:
            strangers += [Stranger(event.summary, start, meant.why)] if end > now else []
        elif start < end:
            place = event.own.place if event.own else 0
            shift = _shift(meant.contact, event, feed, (start, end))
            found.append(((place, start, end, event.uid), shift))
    if len(found) > MOST:
        raise FeedError(f"gives more than {MOST} shifts")
    found.sort(key=lambda pair: pair[0])
    return Matched(tuple(shift for _, shift in found), tuple(sorted(strangers, key=_when)))


def _when(stranger: Stranger) -> tuple[datetime, str]:
    return stranger.start, stranger.title


def _instants(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if event.start.tzinfo is None:
        return first_instant(event.start, zone), last_instant(event.end, zone)
    return event.start.astimezone(UTC), event.end.astimezone(UTC)


def _shift(contact: str, event: Event, feed: Feed, ends: tuple[datetime, datetime]) -> FedShift:
    own = event.own
    return FedShift(
        contact=contact,
        start=ends[0],
        end=ends[1],
        role=feed.role or _ROLES.get(own.role if own else "", "oncall"),
        status=feed.status or _STATUSES.get(own.status if own else "", "call"),
    )


def ahead(shifts: Iterable[FedShift], now: datetime) -> int:
    """Count the shifts that are not over yet."""
    return sum(shift.end > now for shift in shifts)


def amended(
    document: AccountDocument, name: str, source: str, shifts: Sequence[FedShift]
) -> AccountDocument:
    """Return the document with what that schedule's feed gave; as it is if the feed is another."""
    return _with(document, {name: (source, list(shifts))})


def with_feeds(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with what the stored one's feeds gave, whatever it says there itself.

    A feed whose source was changed keeps the shifts of the old one until the new one was read.
    """
    had = {one.name: list(feed.shifts) for one, feed in feeds_of(stored)} if stored else {}
    kept = {
        one.name: (source_of(feed), had[one.name])
        for one, feed in feeds_of(document)
        if had.get(one.name)
    }
    return _with(document, kept)


def _with(
    document: AccountDocument, given: dict[str, tuple[str, list[FedShift]]]
) -> AccountDocument:
    changed = [_schedule_with(one, given.get(one.name)) for one in document.schedules]
    if all(new is old for new, old in zip(changed, document.schedules, strict=True)):
        return document
    return document.model_copy(update={"schedules": changed})


def _schedule_with(schedule: Schedule, given: tuple[str, list[FedShift]] | None) -> Schedule:
    feed = schedule.feed
    if feed is None or given is None or given[0] != source_of(feed) or feed.shifts == given[1]:
        return schedule
    new = feed.model_copy(update={"shifts": given[1]})
    return schedule.model_copy(update={"feed": new})
