"""Wall times across clock changes: gaps open late, doubled starts come first, doubled ends last."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.walltime import first_instant, last_instant, minutes, moment, wall, zone_of

NEW_YORK = ZoneInfo("America/New_York")
# Zones whose clocks change at midnight, by half an hour, by a whole day, or never.
ZONES = (
    "America/New_York",
    "America/Havana",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Europe/London",
    "Asia/Kathmandu",
    "UTC",
)
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("wall_time", "first", "last"),
    [
        ("2026-02-02T17:30", "2026-02-02T22:30", "2026-02-02T22:30"),
        ("2026-03-08T01:59", "2026-03-08T06:59", "2026-03-08T06:59"),
        ("2026-03-08T02:00", "2026-03-08T07:00", "2026-03-08T07:00"),
        ("2026-03-08T02:30", "2026-03-08T07:00", "2026-03-08T07:00"),
        ("2026-03-08T03:00", "2026-03-08T07:00", "2026-03-08T07:00"),
        ("2026-11-01T00:59", "2026-11-01T04:59", "2026-11-01T04:59"),
        ("2026-11-01T01:00", "2026-11-01T05:00", "2026-11-01T06:00"),
        ("2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
        ("2026-11-01T02:00", "2026-11-01T07:00", "2026-11-01T07:00"),
    ],
)
def test_a_missing_time_is_the_end_of_the_gap_and_a_doubled_one_has_two_instants(
    wall_time: str, first: str, last: str
) -> None:
    assert first_instant(local(wall_time), NEW_YORK) == utc(first)
    assert last_instant(local(wall_time), NEW_YORK) == utc(last)


def test_a_day_that_a_country_skipped_opens_at_its_end() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert first_instant(local("2011-12-30T12:00"), apia) == utc("2011-12-30T10:00")


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2011, 1, 1), datetime(2036, 1, 1)),  # noqa: DTZ001  wall times
)
def test_first_and_last_instants_agree_with_a_clock_watched_minute_by_minute(
    zone: str, start: datetime
) -> None:
    wall_time = start.replace(second=0, microsecond=0, fold=0)
    first, last = first_instant(wall_time, zone_of(zone)), last_instant(wall_time, zone_of(zone))
    assert _shown(first, zone) >= wall_time > _shown(first - MINUTE, zone)
    assert all(_shown(last + step * MINUTE, zone) >= wall_time for step in range(0, 121, 5))
    assert first == last or _shown(first, zone) == _shown(last, zone) == wall_time
    assert _shown(last - MINUTE, zone) < wall_time


def _shown(at: datetime, zone: str) -> datetime:
    return at.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def test_a_moment_outside_a_doubled_hour_compares_alike_with_starts_and_ends() -> None:
    now = moment(utc("2026-02-02T22:30:59"), NEW_YORK)
    assert now.since == now.before == minutes(local("2026-02-02T17:30"))
    assert wall(now.week) == local("2026-02-02T00:00")


def test_in_the_first_pass_of_a_doubled_hour_no_doubled_end_has_come() -> None:
    now = moment(utc("2026-11-01T05:30"), NEW_YORK)
    assert wall(now.since) == local("2026-11-01T01:30")
    assert wall(now.before) == local("2026-11-01T00:59")


def test_in_the_second_pass_of_a_doubled_hour_every_doubled_start_is_past() -> None:
    now = moment(utc("2026-11-01T06:30"), NEW_YORK)
    assert wall(now.since) == local("2026-11-01T01:59")
    assert wall(now.before) == local("2026-11-01T01:30")


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        moment(local("2026-02-02T17:30"), NEW_YORK)


@pytest.mark.parametrize("key", ["", "America", "Mars/Olympus", "../../etc/passwd", "zone.tab"])
def test_what_is_no_zone_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        zone_of(key)
