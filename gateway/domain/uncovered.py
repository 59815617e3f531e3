"""Days ahead on which a schedule leaves hours to nobody, and which of them are news. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.accounts import Account
from schedules.coverage import Day, Gap, coverage
from schedules.walltime import local_date

Told = Mapping[str, str]
"""What was found on local days before: the date and the words for it."""


def uncovered(account: Account, schedule: str, now: datetime, ahead: timedelta) -> dict[str, str]:
    """Return the red and yellow days from `now` on, as words by date; past gaps do not count."""
    first, until = local_date(now, account.zone), now + ahead
    days = (local_date(until, account.zone) - first).days + 1
    found = coverage(account.schedule_named(schedule), account.zone, first, days)
    return {
        day.date.isoformat(): _words(day, account.zone)
        for day in found
        if any(gap.end > now and gap.start < until for gap in day.gaps)
    }


def news(found: Told, told: Told) -> list[str]:
    """Return what of the days found was not told, or told otherwise, in order."""
    return [f"{day} {words}" for day, words in found.items() if told.get(day) != words]


def _words(day: Day, zone: ZoneInfo) -> str:
    if day.color == "red":
        return "(red) all day"
    return f"({day.color}) {', '.join(_gap(gap, day, zone) for gap in day.gaps)}"


def _gap(gap: Gap, day: Day, zone: ZoneInfo) -> str:
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    ends = end.strftime("%H:%M") if end.date() == day.date else "24:00"
    return f"{start:%H:%M}-{ends}"
