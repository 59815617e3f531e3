"""Office hours: weekly windows, holidays, and when the office opens next."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.hours import Holidays, Hours, calendar
from schedules.windows import parse_weekly

NEW_YORK = ZoneInfo("America/New_York")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def office(weekly: str, holidays: Holidays | None = None) -> Hours:
    return Hours(parse_weekly(weekly), holidays or Holidays(()), NEW_YORK)


def test_the_office_is_open_in_its_hours_and_closed_at_their_end() -> None:
    hours = office("Mon-Fri 08:00-17:00")
    assert hours.open_at(local("2026-02-02T08:00"))
    assert not hours.open_at(local("2026-02-02T17:00"))
    assert not hours.open_at(local("2026-02-07T12:00"))


def test_public_holidays_close_the_whole_day_observed_ones_too() -> None:
    hours = office("Mon-Fri 08:00-17:00", Holidays(calendar("US")))
    assert not hours.open_at(local("2026-12-25T10:00"))
    assert not hours.open_at(local("2026-07-03T10:00"))  # the Fourth is a Saturday
    assert hours.open_at(local("2026-07-06T10:00"))


def test_a_subdivision_has_days_of_its_own() -> None:
    texas, day = calendar("US-TX"), date(2026, 3, 2)  # Texas Independence Day
    assert day in texas
    assert day not in calendar("US")


def test_days_may_be_added_to_and_taken_from_a_calendar() -> None:
    eve, columbus = date(2026, 12, 24), date(2026, 10, 12)
    days = Holidays(calendar("US"), frozenset({eve}), frozenset({columbus}))
    assert eve in days
    assert columbus not in days
    assert date(2026, 12, 25) in days
    assert "2026-12-25" not in days


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ZZ", "'ZZ' is not a known calendar: Country ZZ"),
        ("US-ZZ", "does not have subdivision ZZ"),
        ("MON", "is not a known country"),
        ("us", "is not a known country"),
    ],
)
def test_an_unknown_calendar_is_refused(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        calendar(code)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-02-02T06:00", "2026-02-02T08:00"),
        ("2026-02-02T09:30", "2026-02-02T09:30"),
        ("2026-02-06T17:00", "2026-02-09T08:00"),
        ("2026-12-24T18:00", "2026-12-28T08:00"),
    ],
)
def test_the_next_opening_skips_nights_weekends_and_holidays(at: str, opening: str) -> None:
    hours = office("Mon-Fri 08:00-17:00", Holidays(calendar("US")))
    assert hours.next_opening(local(at)) == local(opening)


def test_hours_around_the_clock_open_again_at_midnight_after_a_holiday() -> None:
    hours = office("Mon-Sun", Holidays((), frozenset({date(2026, 2, 3)})))
    assert hours.next_opening(local("2026-02-03T12:00")) == local("2026-02-04T00:00")


def test_an_office_that_is_never_open_has_no_next_opening() -> None:
    days = frozenset(date(2026, 1, 1) + timedelta(days=step) for step in range(1000))
    assert office("Mon-Sun", Holidays((), days)).next_opening(local("2026-02-03T12:00")) is None


@settings(max_examples=60, deadline=None)
@given(
    weekly=st.sampled_from(
        ["Sat-Sun 01:30-01:45", "Sun 02:15-02:45; Mon 09:00-10:00", "Sat 22:00-02:00", "Sun"]
    ),
    closed=st.sets(st.sampled_from([date(2026, 3, 7), date(2026, 3, 8), date(2026, 11, 1)])),
    start=st.sampled_from(["2026-03-07T20:00", "2026-10-31T20:00"]),
    quarters=st.integers(0, 100),
)
def test_the_next_opening_is_the_first_open_instant(
    weekly: str, closed: set[date], start: str, quarters: int
) -> None:
    hours = office(weekly, Holidays((), frozenset(closed)))
    at = local(start).astimezone(UTC) + timedelta(minutes=15 * quarters)
    instants = (at + timedelta(minutes=15 * step) for step in range(2_000))
    assert hours.next_opening(at) == next(each for each in instants if hours.open_at(each))


_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-02-02T09:00", 2, "2026-02-02T11:00"),
        ("2026-02-06T15:00", 2, "2026-02-06T17:00"),  # Friday: the day's end is soon enough
        ("2026-02-06T16:00", 2, "2026-02-09T09:00"),
        ("2026-02-07T12:00", 2, "2026-02-09T10:00"),
        ("2026-12-24T16:00", 2, "2026-12-28T09:00"),  # Christmas is a Friday
        ("2026-02-02T06:00", 9, "2026-02-02T17:00"),
        ("2026-02-02T06:00", 10, "2026-02-03T09:00"),
        ("2026-02-02T08:00", 45, "2026-02-06T17:00"),
    ],
)
def test_business_hours_are_counted_over_nights_weekends_and_holidays(
    start: str, hours: int, end: str
) -> None:
    office_hours = office("Mon-Fri 08:00-17:00", Holidays(calendar("US")))
    assert office_hours.after_open(local(start), hours * _HOUR) == local(end)
    assert office_hours.open_time(local(start), local(end)) == hours * _HOUR


@pytest.mark.parametrize(
    ("end", "hours", "start"),
    [
        ("2026-02-09T09:00", 2, "2026-02-06T16:00"),
        ("2026-02-09T10:00", 2, "2026-02-09T08:00"),
        ("2026-12-28T09:00", 2, "2026-12-24T16:00"),
        ("2026-02-08T12:00", 9, "2026-02-06T08:00"),
    ],
)
def test_business_hours_are_counted_back(end: str, hours: int, start: str) -> None:
    office_hours = office("Mon-Fri 08:00-17:00", Holidays(calendar("US")))
    assert office_hours.before_open(local(end), hours * _HOUR) == local(start)


def test_business_hours_are_those_that_pass_when_the_clock_changes() -> None:
    nights = office("Sat 22:00-06:00")
    assert nights.after_open(local("2026-03-07T22:00"), 7 * _HOUR) == local("2026-03-08T06:00")
    assert nights.after_open(local("2026-10-31T22:00"), 9 * _HOUR) == local("2026-11-01T06:00")
    assert nights.open_time(local("2026-10-31T20:00"), local("2026-11-01T08:00")) == 9 * _HOUR


def test_no_business_hours_at_all_is_the_instant_itself() -> None:
    saturday = local("2026-02-07T12:00")
    assert office("Mon-Fri 08:00-17:00").after_open(saturday, timedelta()) == saturday
    assert office("Mon-Fri 08:00-17:00").before_open(saturday, timedelta()) == saturday


def test_an_office_that_is_not_open_long_enough_has_no_answer() -> None:
    days = frozenset(date(2026, 2, 3) + timedelta(days=step) for step in range(-1000, 1000))
    closed = office("Mon-Sun", Holidays((), days))
    assert closed.after_open(local("2026-02-02T12:00"), _HOUR) is None
    assert closed.before_open(local("2026-02-02T12:00"), _HOUR) is None


def test_a_negative_span_of_business_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        office("Mon-Sun").after_open(local("2026-02-02T12:00"), -_HOUR)


@settings(max_examples=40, deadline=None)
@given(
    weekly=st.sampled_from(["Sat-Sun 01:30-01:45", "Sat 22:00-02:00; Mon 09:00-10:00", "Sun"]),
    start=st.sampled_from(["2026-03-07T20:00", "2026-10-31T20:00", "2026-06-01T09:30"]),
    minutes=st.integers(1, 2000),
)
def test_counting_back_undoes_counting_forth(weekly: str, start: str, minutes: int) -> None:
    hours, span = office(weekly), timedelta(minutes=minutes)
    end = hours.after_open(local(start), span)
    assert end is not None
    assert hours.open_time(local(start), end) == span
    begun = hours.before_open(end, span)
    assert begun == hours.next_opening(local(start))


@settings(max_examples=30, deadline=None)
@given(
    weekly=st.sampled_from(["Sat-Sun 01:30-01:45", "Sat 22:00-02:00; Mon 09:00-10:00", "Sun"]),
    start=st.sampled_from(["2026-03-07T20:00", "2026-10-31T20:00", "2026-06-06T23:30"]),
    minutes=st.integers(0, 4000),
)
def test_the_office_is_open_in_every_minute_of_its_stretches_and_no_other(
    weekly: str, start: str, minutes: int
) -> None:
    hours = office(weekly, Holidays((), frozenset([date(2026, 6, 7)])))
    end = local(start) + minutes * _MINUTE
    found = list(hours.opened(local(start), end))
    assert all(one[1] < two[0] for one, two in pairwise(found))
    for number in range(0, minutes, 5):
        at = local(start) + number * _MINUTE
        assert hours.open_at(at) == any(one <= at < two for one, two in found)
    assert all(local(start) <= one < two <= end for one, two in found)
