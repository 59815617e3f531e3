"""Edges: the instants at which whom a message reaches may change, whatever kind it is."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from gateway.domain.accounts import Account
from gateway.domain.specials import Special
from schedules.lines import ALWAYS
from schedules.roster import Crew
from schedules.shifts import When
from schedules.timeline import changes
from schedules.unavailability import Absence
from schedules.walltime import first_instant, local_date


def edges(
    account: Account,
    schedule: str,
    start: datetime,
    end: datetime,
    posted: Sequence[Special] = (),
) -> set[datetime]:
    """Return the UTC instants in (start, end), both aware, between which everything stays.

    They are those of the roster of a schedule ("" for the permanent list alone), of specials (the
    document's and those posted), of office hours and holidays, by which protocols are chosen, and
    of quiet hours. Some change nothing.
    """
    found = set(changes(account.crew, account.schedule_named(schedule), start, end))
    found.update(changes(_hours(account), None, start, end))
    ruled = [at for each in (*account.specials, *posted) for at in (each.start, each.end)]
    found.update(at for at in (*ruled, *_midnights(account, start, end)) if start < at < end)
    return found


def _hours(account: Account) -> Crew:
    """Return a crew that changes as office and quiet hours do, for their instants alone."""
    weekly = [one.quiet for one in account.contacts.values() if one.quiet]
    if account.office and account.office.hours:
        weekly.append(account.office.hours.weekly)
    windows = tuple(Absence("", When(ALWAYS, one), None, None) for one in weekly)
    return Crew(account.zone, (), {"": windows}, frozenset(), frozenset())


def _midnights(account: Account, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the beginnings of the local days, on which holidays begin and end."""
    if account.office is None or account.office.hours is None:
        return
    day = local_date(start, account.zone)
    while day <= local_date(end, account.zone):
        yield first_instant(datetime.combine(day, time.min), account.zone)
        day += timedelta(days=1)
