"""Rotations: whose turn it is, across weeks, months and clock changes."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.rotation import Rotation, parse_every, parse_handoff, rotation
from schedules.walltime import first_instant, moment

NEW_YORK = ZoneInfo("America/New_York")


def turns(every: str, handoff: str, begin: str, size: int = 2) -> Rotation:
    length = parse_every(every)
    start = datetime.fromisoformat(begin)
    return rotation(length, parse_handoff(handoff, length.unit), start, size)


def turn(of: Rotation, wall_time: str, fold: int = 0) -> int | None:
    at = datetime.fromisoformat(wall_time).replace(tzinfo=NEW_YORK, fold=fold)
    number = of.turns.at(moment(at.astimezone(UTC), NEW_YORK).since)[0]
    return None if number < 0 else number % of.size


@pytest.mark.parametrize(
    ("wall_time", "expected"),
    [
        ("2026-01-05T07:59", None),
        ("2026-01-05T08:00", 0),
        ("2026-01-12T07:59", 0),
        ("2026-01-12T08:00", 1),
        ("2026-01-19T08:00", 0),
    ],
)
def test_the_first_turn_begins_at_the_first_handoff_and_nobody_is_before_it(
    wall_time: str, expected: int | None
) -> None:
    assert turn(turns("1w", "Mon 08:00", "2026-01-05"), wall_time) == expected


@pytest.mark.parametrize(
    ("handoff", "begin", "first"),
    [
        ("Mon 08:00", "2026-01-05T08:00", "2026-01-05T08:00"),
        ("Mon 08:00", "2026-01-05T08:00:01", "2026-01-12T08:00"),
        ("Sun 17:30", "2026-01-05", "2026-01-11T17:30"),
    ],
)
def test_a_weekly_rotation_waits_for_its_first_handoff(
    handoff: str, begin: str, first: str
) -> None:
    weekly = turns("1w", handoff, begin)
    before = datetime.fromisoformat(first) - timedelta(minutes=1)
    assert turn(weekly, first) == 0
    assert turn(weekly, before.isoformat()) is None


def test_a_month_without_that_day_uses_its_last() -> None:
    monthly = turns("1mo", "31 09:00", "2026-01-05", size=3)
    seen = [turn(monthly, f"2026-{month:02}-28T10:00") for month in (1, 2, 3, 4)]
    assert seen == [None, 1, 1, 2]
    assert turn(monthly, "2026-02-28T08:59") == 0
    assert turn(monthly, "2026-04-30T09:00") == 0
    assert turn(turns("1mo", "1 09:00", "2026-01-05"), "2026-01-31T10:00") is None


def test_handoffs_keep_their_wall_clock_time_through_the_summer() -> None:
    daily = turns("1d", "17:00", "2026-03-06")
    assert [turn(daily, f"2026-03-{day:02}T16:59") for day in (7, 8, 9)] == [0, 1, 0]
    assert [turn(daily, f"2026-03-{day:02}T17:00") for day in (7, 8, 9)] == [1, 0, 1]


def test_an_hourly_turn_without_length_on_a_spring_night_is_passed_over() -> None:
    hourly = turns("1h", "00:00", "2026-03-08", size=24)
    assert [turn(hourly, f"2026-03-08T{hour:02}:30") for hour in (0, 1, 3)] == [0, 1, 3]


def test_a_handoff_in_a_doubled_hour_is_its_first_occurrence() -> None:
    hourly = turns("1h", "00:30", "2026-11-01", size=24)
    assert turn(hourly, "2026-11-01T01:29") == 0
    assert turn(hourly, "2026-11-01T01:30") == 1
    assert turn(hourly, "2026-11-01T01:00", fold=1) == 1
    assert turn(hourly, "2026-11-01T01:45", fold=1) == 1
    assert turn(hourly, "2026-11-01T02:30") == 2


@pytest.mark.parametrize("text", ["", "1", "0w", "1y", "90m", "1.5d", "-1d", "1 w", "9999d"])
def test_a_turn_is_hours_days_weeks_or_months(text: str) -> None:
    with pytest.raises(ValueError, match="is not a turn"):
        parse_every(text)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("Mon 08:00", "d", "write it as HH:MM"),
        ("08:00", "w", "write it as Mon HH:MM"),
        ("08:00", "mo", "write it as 31 HH:MM"),
        ("32 08:00", "mo", "write it as 31 HH:MM"),
        ("0 08:00", "mo", "write it as 31 HH:MM"),
        ("Foo 08:00", "w", "is not a day"),
        ("24:00", "d", "is not a time of day"),
        ("12:60", "h", "is not a time of day"),
    ],
)
def test_a_handoff_suits_the_length_of_the_turns(text: str, unit: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_handoff(text, unit)


@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from(["America/New_York", "America/Havana", "Australia/Lord_Howe"]),
    unit=st.sampled_from(["h", "d", "w", "mo"]),
    count=st.integers(1, 5),
    begin=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001  wall time
    minute=st.integers(0, 20_000),
)
def test_turns_are_the_spans_between_handoffs(
    zone: str, unit: str, count: int, begin: datetime, minute: int
) -> None:
    """The arithmetic agrees with a list of handoffs, each turned into one instant."""
    begin = begin.replace(second=0, microsecond=0, fold=0)
    handoff = {"h": "02:30", "d": "02:30", "w": "Sun 02:30", "mo": "31 00:30"}[unit]
    rota = turns(f"{count}{unit}", handoff, begin.isoformat(), size=3)
    where = ZoneInfo(zone)
    scale = timedelta(minutes={"h": 1, "d": 5, "w": 20, "mo": 60}[unit])
    at = first_instant(begin, where) + minute * scale
    instants = [first_instant(each, where) for each in _handoffs(unit, count, begin)]
    spans = enumerate(pairwise(instants))
    expected = [number % 3 for number, (start, end) in spans if start <= at < end]
    number = rota.turns.at(moment(at, where).since)[0]
    assert number % 3 == expected[0] if expected else number == -1


def _handoffs(unit: str, count: int, begin: datetime) -> list[datetime]:
    if unit == "mo":
        every = [_month_end(begin, ahead) for ahead in range(40)]
        return [each for each in every if each >= begin][::count]
    first = begin.replace(hour=2, minute=30)
    while first < begin or (unit == "w" and first.weekday() != 6):
        first += timedelta(days=1)
    hours = count * {"h": 1, "d": 24, "w": 168}[unit]
    return [first + number * timedelta(hours=hours) for number in range(400)]


def _month_end(begin: datetime, ahead: int) -> datetime:
    year, month = divmod(begin.year * 12 + begin.month - 1 + ahead, 12)
    return datetime(year, month + 1, monthrange(year, month + 1)[1], 0, 30)  # noqa: DTZ001
