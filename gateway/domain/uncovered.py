"""Days ahead on which a schedule leaves hours to nobody, and which of them are news. Pure.

While the client's own office is open nobody needs to be on call: such hours are shown as what they
are, and alert nobody unless it is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

from gateway.domain.accounts import Account
from schedules.coverage import Day, Gap, coverage
from schedules.walltime import local_date

Told = Mapping[str, str]
"""What was found on local days before: the date and the words for it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far is looked ahead, and whether hours in which the office is open count as gaps."""

    span: timedelta
    office: bool = False


def uncovered(account: Account, schedule: str, now: datetime, ahead: Ahead) -> dict[str, str]:
    """Return the red and yellow days from `now` on, as words by date; past gaps do not count."""
    first, until = local_date(now, account.zone), now + ahead.span
    days = (local_date(until, account.zone) - first).days + 1
    found: dict[str, str] = {}
    for day in coverage(account.schedule_named(schedule), account.zone, first, days):
        gaps = day.gaps if ahead.office else tuple(without_office(account, day.gaps))
        if any(gap.end > now and gap.start < until for gap in gaps):
            found[day.date.isoformat()] = _words(day, gaps, account.zone)
    return found


def in_office(account: Account, gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Yield, in order, the parts of gaps in which the office is open."""
    if account.office is not None and account.office.hours is not None:
        for gap in gaps:
            yield from (Gap(*each) for each in account.office.hours.opened(*gap))


def without_office(account: Account, gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Yield, in order, the parts of gaps in which the office is closed."""
    for gap in gaps:
        ends = chain.from_iterable(in_office(account, [gap]))
        closed = pairwise([gap.start, *ends, gap.end])
        yield from (Gap(*each) for n, each in enumerate(closed) if not n % 2 and each[0] < each[1])


def news(found: Told, told: Told) -> list[str]:
    """Return what of the days found was not told, or told otherwise, in order."""
    return [f"{day} {words}" for day, words in found.items() if told.get(day) != words]


def _words(day: Day, gaps: tuple[Gap, ...], zone: ZoneInfo) -> str:
    if day.color == "red" and gaps == day.gaps:
        return "(red) all day"
    return f"({day.color}) {', '.join(_gap(gap, day, zone) for gap in gaps)}"


def _gap(gap: Gap, day: Day, zone: ZoneInfo) -> str:
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    ends = end.strftime("%H:%M") if end.date() == day.date else "24:00"
    return f"{start:%H:%M}-{ends}"
