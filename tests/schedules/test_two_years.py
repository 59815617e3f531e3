"""One account with every kind of rule, walked through two years in each zone against the naive way.

Walked are every seventh hour, so that each hour of a week is met fifteen times, every minute within
three hours of a clock change, and the minutes on either side of every instant at which the program
itself says that something changes.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from tests.schedules import naive, nights
from tests.schedules.naive import DAYS
from tests.schedules.nights import ZONES

MINUTE, STEP = timedelta(minutes=1), timedelta(hours=7)
TWO_YEARS = nights.MINUTES * MINUTE


def every_day(times: str) -> str:
    return "; ".join(f"{day} {times}" for day in DAYS)


class Calendar(NamedTuple):
    """Local times, counted in days from the second day of a zone's two years."""

    zone: str

    def local(self, days: int, hour: int = 2, minute: int = 30) -> str:
        start = naive.shown(nights.start_of(self.zone) + timedelta(days=2), self.zone)
        at = start.replace(hour=hour, minute=minute) + timedelta(days=days)
        return at.isoformat("T", "minutes")

    def span(self, first: int, length: int) -> dict[str, str]:
        return {"start": self.local(first), "end": self.local(first + length, 1, 45)}


def document(zone: str) -> dict[str, Any]:
    """Return an account whose windows and handoffs lie in the hours that clocks skip and repeat."""
    local, span = Calendar(zone).local, Calendar(zone).span
    overrides = [
        {**span(60, 12), "replace": "ann", "with": "fay"},
        {**span(66, 30), "swap": ["bob", "dee"]},
        {**span(70, 200), "remove": "cho"},
        {**span(64, 250), "add": "eve", "role": "backup"},
    ]
    temporary = [
        {**span(75, 3), "shifts": [{"contact": "fay", "weekly": every_day("02:30-01:30")}]},
        {**span(430, 9), "shifts": []},
    ]
    away = [
        {"contact": "dee", "weekly": "Sun 02:00-03:30; Thu 01:45-02:15"},
        {"contact": "ann", **span(80, 20)},
        {"contact": "eve", "weekly": "Sat 23:30-02:30", **span(200, 400)},
    ]
    schedule = {"shifts": [*plain(Calendar(zone)), *rotations(local)]}
    schedule |= {"overrides": overrides, "temporary": temporary}
    contacts = {key: {"active": key != "cho"} for key in nights.PEOPLE}
    whole = nights.account(zone, [{"name": "OnCall", **schedule}])
    return whole | {"unavailable": away, "contacts": contacts}


def plain(on: Calendar) -> list[dict[str, Any]]:
    weekly = every_day("02:15-02:45")
    return [
        {"contact": "ann", "weekly": every_day("17:15-02:30")},
        {"contact": "bob", "weekly": "Sun 01:30-01:30; Wed 02:00-03:00", "status": "sms"},
        {"contact": "cho", "role": "backup", **on.span(40, 300), "weekly": weekly},
        {"contact": "dee", **on.span(5, 600)},
    ]


def rotations(local: Callable[[int], str]) -> list[dict[str, Any]]:
    people = ["fay", "eve", "dee"]
    monthly = {"rotate": people, "every": "1mo", "handoff": "31 02:00", "role": "backup"}
    monthly |= {"from": local(20), "until": local(500), "status": "sms"}
    return [
        {"rotate": ["eve", "ann", "bob"], "every": "1w", "handoff": "Sun 02:30", "from": local(0)},
        {"rotate": ["cho", "dee"], "every": "11h", "handoff": "01:30", "from": local(9)},
        {**monthly, "weekly": every_day("00:30-02:15")},
    ]


def walked(zone: str, account: Account) -> Iterator[datetime]:
    start = nights.start_of(zone)
    yield from (start + number * STEP for number in range(TWO_YEARS // STEP))
    for change in nights.clock_changes(zone):
        yield from (change + number * MINUTE for number in range(-180, 181))
    for spell in account.spans("OnCall", start, start + TWO_YEARS):
        yield from (spell.start - MINUTE, spell.start)


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_are_those_of_a_naive_walk(zone: str) -> None:
    value = document(zone)
    account = compile_account(document_from(value, "test"))
    for at in sorted(set(walked(zone, account))):
        found = [
            naive.Seen(line.contact, line.role, line.status, line.source, line.skipped)
            for line in account.roster("OnCall", at).lines
        ]
        assert found == naive.roster(value, at), at
