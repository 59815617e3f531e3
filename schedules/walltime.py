"""Local wall time to instants and back, across clock changes.

The rule (contract, "Clock changes"): a local time that does not exist is the first instant after
the gap; an ambiguous start is its first occurrence, an ambiguous end its last.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 1440
WEEK = 7 * DAY
_ZERO = timedelta(0)
_MINUTE = timedelta(minutes=1)
_MONDAY = datetime(1, 1, 1)  # noqa: DTZ001  a wall time
_EPOCH = _MONDAY.replace(tzinfo=UTC)
_KEPT_DAYS = 8192  # offsets kept at hand: a year of days in some twenty zones


class Moment(NamedTuple):
    """One UTC instant as the wall clocks of a zone show it, in minutes since Monday 0001-01-01.

    `since` is compared with starts (`start <= since`), `before` with ends (`before < end`). They
    differ only while a local hour is doubled: in its first pass no ambiguous end has come yet, in
    its second pass every ambiguous start is past. `week` is the Monday 00:00 before `since`.
    """

    at: datetime
    since: int
    before: int
    week: int


@cache
def zone_of(key: str) -> ZoneInfo:
    """Return the IANA zone of that name; ValueError when there is none."""
    try:
        return ZoneInfo(key)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{key!r} is not an IANA time zone, such as America/New_York") from None


def minutes(local: datetime) -> int:
    """Return the minutes from Monday 0001-01-01 00:00 to a wall time."""
    return (local.toordinal() - 1) * DAY + local.hour * 60 + local.minute


def wall(minute: int) -> datetime:
    """Return the naive wall time of a count that `minutes` gave."""
    return _MONDAY + timedelta(minutes=minute)


def words(local: datetime) -> str:
    """Return a wall time as people read it: 2026-02-02 17:30."""
    return local.strftime("%Y-%m-%d %H:%M")


def first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a naive start (or handoff): ambiguous ones come first."""
    return _instant(local, zone, fold=0)


def last_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a naive end: of two occurrences the last."""
    return _instant(local, zone, fold=1)


def first_of_minute(minute: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a start, given in `minutes`."""
    offset = _offset_around(zone, minute // DAY)
    if offset is None:
        return first_instant(wall(minute), zone)
    return _EPOCH + (minute - offset) * _MINUTE


def last_of_minute(minute: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of an end, given in `minutes`."""
    offset = _offset_around(zone, minute // DAY)
    if offset is None:
        return last_instant(wall(minute), zone)
    return _EPOCH + (minute - offset) * _MINUTE


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the date that calendars in the zone show at an aware instant."""
    return at.astimezone(zone).date()


def utc(at: datetime) -> datetime:
    """Return an aware instant in UTC, in which alone instants compare; ValueError when naive."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)


def moment(at: datetime, zone: ZoneInfo) -> Moment:
    """Return how an aware instant compares with wall times of the zone; ValueError when naive."""
    at = utc(at)
    passed = at - _EPOCH
    offset = _offset_around(zone, passed.days)
    if offset is None:
        return _beside_change(at, zone)
    minute = passed.days * DAY + passed.seconds // 60 + offset
    return Moment(at, minute, minute, minute - minute % WEEK)


@lru_cache(_KEPT_DAYS)
def _offset_around(zone: ZoneInfo, day: int) -> int | None:
    """Return the zone's offset in minutes, if one holds from a day before to two after.

    `day` counts from 0001-01-01, in UTC or on the wall. None: the clocks change about then, or
    the offset is not in whole minutes. Only then is there more to do than an addition.
    """
    midnight = _MONDAY + timedelta(days=day)
    first, *others = [_offset_at(midnight + timedelta(days=n), zone) for n in (-1, 0, 1, 2)]
    steady = all(other == first for other in others) and not first % _MINUTE
    return first // _MINUTE if steady else None


def _beside_change(at: datetime, zone: ZoneInfo) -> Moment:
    local = at.astimezone(zone)
    minute = minutes(local)
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        return Moment(at, minute, minute, minute - minute % WEEK)
    return _doubled(at, local, zone)


def _doubled(at: datetime, local: datetime, zone: ZoneInfo) -> Moment:
    naive = local.replace(tzinfo=None, fold=0, second=0, microsecond=0)
    early, late = _offset(naive, zone, 0), _offset(naive, zone, 1)
    change = _change(naive - early, naive - late, zone)
    since, before = minutes(naive), minutes(naive)
    if local.fold:
        since = minutes(change + early) - 1
    else:
        before = minutes(change + late) - 1
    return Moment(at, since, before, since - since % WEEK)


def _instant(local: datetime, zone: ZoneInfo, fold: int) -> datetime:
    early, late = _offset(local, zone, 0), _offset(local, zone, 1)
    if early < late:
        return _change(local - late, local - early, zone).replace(tzinfo=UTC)
    return (local - (late if fold else early)).replace(tzinfo=UTC, fold=0)


def _offset(local: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    return local.replace(tzinfo=zone, fold=fold).utcoffset() or _ZERO


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the whole second in (low, high], naive UTC, from which the zone's offset is new."""
    was = _offset_at(low, zone)
    left, right = 0, int((high - low).total_seconds())
    while right - left > 1:
        middle = (left + right) // 2
        if _offset_at(low + timedelta(seconds=middle), zone) == was:
            left = middle
        else:
            right = middle
    return low + timedelta(seconds=right)


def _offset_at(utc: datetime, zone: ZoneInfo) -> timedelta:
    return utc.replace(tzinfo=UTC).astimezone(zone).utcoffset() or _ZERO
