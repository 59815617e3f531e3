"""Months: what is kept for ever is kept by the month, and an attempt's id names its own.

An attempt belongs to the month in which it was begun, or to its message's where that is later (the
clock may be set back): so none is older than its message's month, nor than its own instant.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.chance import Chance
from gateway.domain.messages import Key

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 7000  # 16 bits hold more
_MONTHS: Final = 12
# An id of our own making (RFC 9562, version 8): the months since 2000-01 in the first 16 bits, then
# 106 that nobody guesses, and six that say so.
_MONTH_AT: Final = 112
_VERSION_AT: Final = 76
_OURS: Final = 8
_SAYS_SO: Final = _OURS << _VERSION_AT | 2 << 62
_RANDOM: Final = (1 << _MONTH_AT) - 1 & ~(0xF << _VERSION_AT | 3 << 62)
# Where the attempts stand of which an id tells nothing: anywhere.
EVER: Final = (datetime(1, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
NEVER: Final = (None, None)  # no month at all


def month_of(at: datetime) -> date:
    """Return the month of a message taken then: the first of the month, in UTC."""
    return at.astimezone(UTC).date().replace(day=1)


def attempt_id(chance: Chance, key: Key, now: datetime) -> UUID:
    """Return the id of an attempt that is begun now; it names the attempt's month."""
    month = max(key.month, now.astimezone(UTC).date().replace(day=1))
    if not _FIRST_YEAR <= month.year < _LAST_YEAR:
        return chance.uuid()
    count = (month.year - _FIRST_YEAR) * _MONTHS + month.month - 1
    drawn = int.from_bytes(chance.raw(16), "big") & _RANDOM
    return UUID(int=count << _MONTH_AT | _SAYS_SO | drawn)


def named(attempt: UUID) -> date | None:
    """Return the month that an attempt's id names; None where it names none.

    Those of calls to us are made from the carrier's name of the call, and older ones at random.
    """
    if attempt.int >> _VERSION_AT & 0xF != _OURS:
        return None
    return _month(attempt.int >> _MONTH_AT)


def begun(attempt: Attempt) -> date:
    """Return the month that an attempt belongs to."""
    return named(attempt.id) or max(attempt.key.month, month_of(attempt.started_at))


def span(attempts: Iterable[UUID]) -> tuple[datetime, datetime]:
    """Return the first and the last month in which attempts stand, by their ids alone.

    As instants in UTC, which are looked for alike however a statement was planned (decision 0047).
    """
    months = {named(one) for one in attempts}
    if not months or None in months:
        return EVER
    told = [one for one in months if one]
    return _midnight(min(told)), _midnight(max(told))


def first_month(keys: Iterable[Key]) -> datetime:
    """Return the first month in which attempts for these messages may stand; at least one key."""
    return _midnight(min(key.month for key in keys))


@lru_cache(maxsize=64)
def _month(count: int) -> date | None:
    year = _FIRST_YEAR + count // _MONTHS
    return date(year, count % _MONTHS + 1, 1) if year < _LAST_YEAR else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
