"""Weekly windows as the contract writes them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.walltime import first_instant, last_instant, moment, wall
from schedules.windows import Weekly, parse_daily, parse_weekly

UTC_ZONE = ZoneInfo("UTC")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONDAY = datetime(2026, 2, 2, tzinfo=UTC)


def covers(weekly: Weekly, day: str, time: str) -> bool:
    hour, minute = time.split(":")
    at = MONDAY + timedelta(days=DAYS.index(day), hours=int(hour), minutes=int(minute))
    return weekly.covers(moment(at, UTC_ZONE))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (
            "Mon-Fri 17:00-08:00",
            ["Mon 17:00", "Tue 07:59", "Fri 23:00", "Sat 07:59"],
            ["Mon 07:59", "Mon 08:00", "Sat 08:00", "Sat 17:00", "Mon 16:59"],
        ),
        (
            "Fri 17:00-Mon 08:00",
            ["Fri 17:00", "Sat 12:00", "Sun 23:59", "Mon 07:59"],
            ["Fri 16:59", "Mon 08:00", "Wed 12:00"],
        ),
        ("Sat-Sun", ["Sat 00:00", "Sun 23:59"], ["Fri 23:59", "Mon 00:00"]),
        ("Sat-Mon", ["Sat 00:00", "Sun 12:00", "Mon 23:59"], ["Fri 23:59", "Tue 00:00"]),
        (
            "Sat-Mon 22:00-02:00",
            ["Mon 22:00", "Tue 01:59", "Sun 01:00"],
            ["Sat 01:59", "Tue 22:00"],
        ),
        ("Wed 18:00-24:00", ["Wed 18:00", "Wed 23:59"], ["Thu 00:00", "Wed 17:59"]),
        ("Wed 08:00-08:00", ["Wed 08:00", "Thu 07:59"], ["Wed 07:59", "Thu 08:00"]),
        ("Sun 23:00-Mon 01:00", ["Sun 23:30", "Mon 00:59"], ["Mon 01:00", "Sun 22:59"]),
        ("Mon,Wed-Thu 9:00-10:00", ["Mon 09:00", "Wed 09:30", "Thu 09:59"], ["Tue 09:30"]),
        ("Mon 08:00-12:00; Tue 13:00-14:00", ["Mon 08:00", "Tue 13:59"], ["Mon 13:00"]),
        ("monday 08:00-09:00", ["Mon 08:30"], ["Tue 08:30"]),
        ("Mon-Sun", ["Mon 00:00", "Sun 23:59"], []),
        (
            "Fri 17:00-Fri 08:00",
            ["Fri 17:00", "Thu 12:00", "Fri 07:59"],
            ["Fri 08:00", "Fri 16:59"],
        ),
    ],
)
def test_windows_cover_exactly_what_they_name(
    text: str, inside: list[str], outside: list[str]
) -> None:
    weekly = parse_weekly(text)
    assert [each for each in inside if not covers(weekly, *each.split())] == []
    assert [each for each in outside if covers(weekly, *each.split())] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty part"),
        ("Mon 08:00-09:00;", "empty part"),
        ("08:00-09:00", "name the days"),
        ("Mon 08:00", "is not a weekly window"),
        ("Foo 08:00-09:00", "'foo' is not a day"),
        ("Mon-Tue-Wed 08:00-09:00", "not a range of days"),
        ("Mon 25:00-26:00", "25:00 is not a time of day"),
        ("Mon 08:60-09:00", "08:60 is not a time of day"),
        ("Mon 24:00-08:00", "24:00 is not a time of day"),
        ("Mon 08:00-24:01", "24:01 is not a time of day"),
        ("Fri 17:00-Fri 17:00", "ends where it starts"),
        ("Mon, 08:00-09:00", "is not a day"),
    ],
)
def test_a_malformed_window_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_weekly(text)


def test_quiet_hours_may_leave_out_the_days() -> None:
    quiet = parse_daily("21:00-07:00")
    assert all(covers(quiet, day, "21:00") and covers(quiet, day, "06:59") for day in DAYS)
    assert not any(covers(quiet, day, "07:00") for day in DAYS)
    assert covers(parse_daily("Sat-Sun"), "Sat", "12:00")


def test_the_end_of_an_open_window_is_known() -> None:
    weekly = parse_weekly("Sun 23:00-Mon 01:00")
    late_sunday = moment(datetime(2026, 2, 8, 23, 30, tzinfo=UTC), UTC_ZONE)
    early_monday = moment(datetime(2026, 2, 9, 0, 30, tzinfo=UTC), UTC_ZONE)
    ends = {weekly.open_until(late_sunday), weekly.open_until(early_monday)}
    assert {end and wall(end) for end in ends} == {datetime(2026, 2, 9, 1)}  # noqa: DTZ001
    assert weekly.open_until(moment(MONDAY + timedelta(days=1), UTC_ZONE)) is None
    assert parse_weekly("Mon-Sun").open_until(late_sunday) is None


@pytest.mark.parametrize("day", ["Sat", "Sun", "Mon"])
def test_days_that_touch_over_the_end_of_the_week_end_where_the_last_one_does(day: str) -> None:
    at = MONDAY + timedelta(days=DAYS.index(day) or 7, hours=12)
    end = parse_weekly("Sat-Mon").open_until(moment(at, UTC_ZONE))
    assert end is not None
    assert wall(end) == datetime(2026, 2, 10)  # noqa: DTZ001


_TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
_DAY = st.sampled_from(DAYS)
_PARTS = st.one_of(st.tuples(_DAY, _DAY, _TIMES, _TIMES), st.tuples(_DAY, _TIMES, _DAY, _TIMES))
_CHANGES = (  # around clock changes, and an ordinary week
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("America/Havana", "2026-03-08T05:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("America/Santiago", "2026-04-05T03:00"),
    ("America/Santiago", "2026-09-06T04:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Europe/London", "2026-06-10T12:00"),
)


@settings(max_examples=300, deadline=None)
@given(
    part=_PARTS,
    change=st.sampled_from(_CHANGES),
    offset=st.integers(-8 * 1440, 8 * 1440) | st.integers(-120, 120),
)
def test_a_window_is_open_from_its_first_start_to_its_last_end(
    part: tuple[str, str, str, str], change: tuple[str, str], offset: int
) -> None:
    """The minutes of the week say the same as every occurrence turned into two instants."""
    one_window = part[2] in DAYS
    first, last = (part[1], part[3]) if one_window else (part[2], part[3])
    if one_window and part[0] == part[2] and first == last:
        return
    form = "{0} {1}-{2} {3}" if one_window else "{0}-{1} {2}-{3}"
    zone = ZoneInfo(change[0])
    at = datetime.fromisoformat(change[1]).replace(tzinfo=UTC) + timedelta(minutes=offset)
    expected = any(
        first_instant(start, zone) <= at < last_instant(end, zone)
        for start, end in _occurrences(part, at.replace(tzinfo=None))
    )
    assert parse_weekly(form.format(*part)).covers(moment(at, zone)) == expected


def _occurrences(
    part: tuple[str, str, str, str], about: datetime
) -> list[tuple[datetime, datetime]]:
    found = []
    for ahead in range(-10, 11):
        day = datetime.combine(about.date(), datetime.min.time()) + timedelta(days=ahead)
        if part[2] in DAYS:
            if DAYS[day.weekday()] == part[0]:
                days = (DAYS.index(part[2]) - DAYS.index(part[0])) % 7
                start, end = _at(day, part[1]), _at(day + timedelta(days=days), part[3])
                found.append((start, end if end > start else end + timedelta(days=7)))
        elif _within(day.weekday(), DAYS.index(part[0]), DAYS.index(part[1])):
            start, end = _at(day, part[2]), _at(day, part[3])
            found.append((start, end if end > start else end + timedelta(days=1)))
    return found


def _within(day: int, first: int, last: int) -> bool:
    return (day - first) % 7 <= (last - first) % 7


def _at(day: datetime, time: str) -> datetime:
    return day + timedelta(hours=int(time[:2]), minutes=int(time[3:]))
