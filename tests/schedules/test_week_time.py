"""A time of the week comes once a week, by the wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.walltime import minutes
from schedules.week_time import parse_week_time

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 2, 2, 18, tzinfo=UTC)  # a Monday


def after(text: str, now: datetime = NOON, zone: ZoneInfo = CHICAGO) -> str:
    return parse_week_time(text).after(now, zone).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Sun 18:00", "2026-02-08 18:00 CST"),
        ("mon 12:01", "2026-02-02 12:01 CST"),
        ("Monday  12:00", "2026-02-09 12:00 CST"),
        ("Mon 0:00", "2026-02-09 00:00 CST"),
    ],
)
def test_it_is_the_next_one_and_never_now(text: str, at: str) -> None:
    assert after(text) == at


@pytest.mark.parametrize(
    "text", ["", "18:00", "Sun", "Sun 24:00", "Sun 18:60", "So 18:00", "Sun,18"]
)
def test_what_is_no_time_of_the_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as Sun 18:00"):
        parse_week_time(text)


def test_a_time_that_is_missing_is_the_instant_after_the_gap() -> None:
    spring = datetime(2026, 3, 7, 18, tzinfo=UTC)
    assert after("Sun 02:30", spring) == "2026-03-08 03:00 CDT"


def test_a_time_that_comes_twice_is_its_first() -> None:
    autumn = datetime(2026, 10, 31, 18, tzinfo=UTC)
    assert after("Sun 01:30", autumn) == "2026-11-01 01:30 CDT"
    assert after("Sun 01:30", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)) == "2026-11-08 01:30 CST"


@given(
    st.integers(0, 60 * 24 * 800),
    st.integers(0, 7 * 24 * 60 - 1),
    st.sampled_from(["America/Chicago", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_it_comes_within_a_week_and_an_hour(offset: int, minute: int, name: str) -> None:
    zone, now = ZoneInfo(name), NOON + timedelta(minutes=offset)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[minute // 1440]
    at = parse_week_time(f"{day} {minute % 1440 // 60}:{minute % 60:02}").after(now, zone)
    assert timedelta() < at - now <= timedelta(days=7, hours=1)
    local = minutes(at.astimezone(zone).replace(tzinfo=None)) % (7 * 1440)
    assert (local - minute) % (7 * 1440) <= 60
