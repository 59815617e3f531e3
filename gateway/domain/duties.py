"""Duties: what an account needs again and again; its document says which."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from gateway.domain.accounts import Account
from gateway.domain.document_deliveries import named
from gateway.domain.document_models import AccountDocument
from gateway.domain.feeds import feeds_of
from schedules.walltime import first_instant

_SPACE: Final = UUID("3c7f1f0e-6d1b-5c54-9d0a-7e9b0f4a2d11")
_MORNING: Final = time(9)


class DutyKind(StrEnum):
    """What is done again and again; the daemon has one function for each."""

    COVERAGE = "coverage"
    PHONES = "phones"
    FEED = "feed"
    HANDOFF = "handoff"
    DIGEST = "digest"
    NOTICE = "notice"
    REPORT = "report"
    DELIVERY = "delivery"
    RETENTION = "retention"
    MATTER = "matter"
    LETTER = "letter"


# Duties of no account: whatever becomes of accounts, they are done.
OF_THE_HOUSE: Final = (DutyKind.MATTER, DutyKind.LETTER)
# Asked for by other duties: no document wants it, and none takes it away.
ASKED_FOR: Final = (DutyKind.NOTICE, DutyKind.DELIVERY, DutyKind.PHONES, *OF_THE_HOUSE)

# Nobody waits for what these find: thousands may come at once, and give way to everything else.
QUIET: Final = (DutyKind.COVERAGE, DutyKind.PHONES, DutyKind.RETENTION)


class Wanted(NamedTuple):
    """A duty of an account; `key` tells several of one kind apart."""

    account: str
    kind: DutyKind
    key: str = ""

    @property
    def id(self) -> UUID:
        """The same for the same duty, whoever arms it and however often."""
        return uuid5(_SPACE, "\n".join(self))


def wanted(document: AccountDocument) -> tuple[Wanted, ...]:
    """Return the duties that a document asks for; every account has at least one."""
    return tuple(Wanted(document.account, kind, key) for kind, key in _kinds(document))


def _kinds(document: AccountDocument) -> Iterator[tuple[DutyKind, str]]:
    yield DutyKind.COVERAGE, ""
    if document.notices.handoff:
        yield from ((DutyKind.HANDOFF, schedule.name) for schedule in document.schedules)
    if document.notices.digest:
        yield DutyKind.DIGEST, ""
    yield from ((DutyKind.FEED, schedule.name) for schedule, _ in feeds_of(document))
    if document.retention is not None:
        yield DutyKind.RETENTION, ""
    digests = (name for name, each in named(document.deliveries) if each.digest)
    yield from ((DutyKind.REPORT, name) for name in digests)


def next_morning(account: Account, now: datetime) -> datetime:
    """Return the next instant at which an account is looked at daily: from 9 to 10 local time.

    Its minute is the account's own, so that thousands of accounts do not come at once.
    """
    minute = uuid5(_SPACE, account.account).int % 60
    local = now.astimezone(account.zone).replace(tzinfo=None)
    at = datetime.combine(local.date(), _MORNING) + timedelta(minutes=minute)
    instant = first_instant(at, account.zone)
    return instant if instant > now else first_instant(at + timedelta(days=1), account.zone)
