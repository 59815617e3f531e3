"""Nights on which the clocks change, told as people know them: S3-21, S3-81."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from schedules.walltime import first_instant, last_instant, zone_of

CHICAGO = "America/Chicago"
LORD_HOWE = "Australia/Lord_Howe"
HOUR = timedelta(hours=1)


def rotating(zone: str, every: str, handoff: str, begin: str) -> Account:
    people = [f"p{number}" for number in range(30)]
    turns = {"rotate": people, "every": every, "handoff": handoff, "from": begin}
    return account(zone, turns)


def account(zone: str, *shifts: dict[str, object]) -> Account:
    people = {str(each) for shift in shifts for each in [shift.get("contact")] if each}
    people |= {f"p{number}" for number in range(30)}
    value = {
        "account": "7001",
        "name": "Northside HVAC",
        "timezone": zone,
        "contacts": {key: {} for key in people},
        "schedules": [{"name": "OnCall", "shifts": list(shifts)}],
    }
    return compile_account(document_from(value, "test"))


def day(text: str, zone: str) -> tuple[datetime, datetime]:
    midnight = datetime.fromisoformat(text)
    return first_instant(midnight, zone_of(zone)), first_instant(
        midnight + timedelta(days=1), zone_of(zone)
    )


def handoffs(of: Account, when: str) -> list[str]:
    """Return the handoffs of a local date, as clocks of that zone show them."""
    spells = list(of.spans("OnCall", *day(when, of.zone.key)))
    return [f"{each.start.astimezone(of.zone):%H:%M %Z}" for each in spells[1:]]


@pytest.mark.parametrize(
    ("zone", "every", "handoff", "when", "expected"),
    [
        (CHICAGO, "1d", "02:30", "2020-03-07", ["02:30 CST"]),
        (CHICAGO, "1d", "02:30", "2020-03-08", ["03:00 CDT"]),
        (CHICAGO, "1d", "02:30", "2020-03-09", ["02:30 CDT"]),
        (CHICAGO, "1d", "01:30", "2020-10-31", ["01:30 CDT"]),
        (CHICAGO, "1d", "01:30", "2020-11-01", ["01:30 CDT"]),
        (CHICAGO, "1d", "01:30", "2020-11-02", ["01:30 CST"]),
        (LORD_HOWE, "1d", "02:15", "2020-10-03", ["02:15 +1030"]),
        (LORD_HOWE, "1d", "02:15", "2020-10-04", ["02:30 +11"]),
        (LORD_HOWE, "1d", "02:15", "2020-10-05", ["02:15 +11"]),
    ],
)
def test_a_daily_handoff_keeps_its_time_or_takes_the_first_instant_after_the_gap(
    zone: str, every: str, handoff: str, when: str, expected: list[str]
) -> None:
    assert handoffs(rotating(zone, every, handoff, "2020-03-01"), when) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2020-03-08", ["00:30 CST", "01:30 CST", "03:00 CDT", "03:30 CDT"]),
        ("2020-11-01", ["00:30 CDT", "01:30 CDT", "02:30 CST", "03:30 CST"]),
    ],
)
def test_hourly_handoffs_at_half_past_through_a_change(when: str, expected: list[str]) -> None:
    assert handoffs(rotating(CHICAGO, "1h", "00:30", "2020-03-01"), when)[:4] == expected


@pytest.mark.parametrize(
    ("begin", "hours"),
    [("2020-03-02", 167), ("2020-03-09", 168), ("2020-10-26", 169)],
)
def test_a_week_is_168_hours_give_or_take_one(begin: str, hours: int) -> None:
    of = rotating(CHICAGO, "1w", "Mon 08:00", "2020-01-06")
    start = datetime.fromisoformat(f"{begin}T08:00")
    ends = (first_instant(start, of.zone), first_instant(start + timedelta(days=8), of.zone))
    first, _ = of.spans("OnCall", *ends)
    assert (first.end - first.start) / HOUR == hours


def test_a_monday_night_reaches_into_tuesday_and_not_into_monday_morning() -> None:
    of = account(CHICAGO, {"contact": "ann", "weekly": "Mon 20:00-08:00"})
    on = {
        text: not of.roster("OnCall", first_instant(datetime.fromisoformat(text), of.zone)).blank
        for text in ("2026-02-03T07:00", "2026-02-02T09:00", "2026-02-02T20:00", "2026-02-03T08:00")
    }
    assert list(on.values()) == [True, False, True, False]


@pytest.mark.parametrize(
    ("weekly", "when", "first", "last", "hours"),
    [
        ("Sat 22:00-06:00", "2020-03-07T22:00", "22:00 CST", "06:00 CDT", 7),
        ("Sat 22:00-06:00", "2020-10-31T22:00", "22:00 CDT", "06:00 CST", 9),
        ("Sun 01:30-06:00", "2020-11-01T01:30", "01:30 CDT", "06:00 CST", 5.5),
        ("Sat 22:00-01:30", "2020-10-31T22:00", "22:00 CDT", "01:30 CST", 4.5),
        ("Sun 02:15-02:45", "2020-03-08T02:15", None, None, 0),
        ("Sun 02:15-03:15", "2020-03-08T02:15", "03:00 CDT", "03:15 CDT", 0.25),
    ],
)
def test_a_night_shift_is_as_long_as_the_night(
    weekly: str, when: str, first: str | None, last: str | None, hours: float
) -> None:
    """An ambiguous start is its first occurrence, an ambiguous end its last."""
    of = account(CHICAGO, {"contact": "ann", "weekly": weekly})
    begin = first_instant(datetime.fromisoformat(when), of.zone) - HOUR
    on = [each for each in of.spans("OnCall", begin, begin + 20 * HOUR) if not each.roster.blank]
    assert [(f"{o.start.astimezone(of.zone):%H:%M %Z}", f"{o.end.astimezone(of.zone):%H:%M %Z}")
            for o in on] == ([(first, last)] if first else [])  # fmt: skip
    assert sum((each.end - each.start for each in on), timedelta()) == hours * HOUR


def test_dated_shifts_that_meet_in_a_doubled_hour_overlap_and_leave_no_hole() -> None:
    of = account(
        CHICAGO,
        {"contact": "p1", "start": "2020-10-31T20:00", "end": "2020-11-01T01:30"},
        {"contact": "p2", "start": "2020-11-01T01:30", "end": "2020-11-01T08:00"},
    )
    start = first_instant(datetime.fromisoformat("2020-10-31T20:00"), of.zone)
    end = last_instant(datetime.fromisoformat("2020-11-01T08:00"), of.zone)
    spells = list(of.spans("OnCall", start, end))
    assert [[line.contact for line in each.roster.lines] for each in spells] == [
        ["p1"],
        ["p1", "p2"],
        ["p2"],
    ]
    assert all(one.end == two.start for one, two in pairwise(spells))
    assert spells[1].end - spells[1].start == HOUR


def test_a_handoff_is_one_instant_even_in_a_doubled_hour() -> None:
    of = rotating(CHICAGO, "1d", "01:30", "2020-10-01")
    spells = list(of.spans("OnCall", *day("2020-11-01", CHICAGO)))
    assert [len(each.roster.lines) for each in spells] == [1, 1]
