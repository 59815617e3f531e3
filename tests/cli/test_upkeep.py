"""`check` says of backups and tests of the carrier what the alerts would, and what to do."""

from datetime import datetime, timedelta

import pytest

from gateway.cli.upkeep import GOOD_FOR, INTERVALS, Upkeep, upkeep
from gateway.store.chores import Chore, Kind
from tests.deploy.watching import alerts
from tests.kit.desk import NOON

HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
PHONE = "+12025550177"


def backup(tried: timedelta, well: timedelta | None = None, place: str = "db1") -> Chore:
    """Say when one was tried and when the last good one was made, counted back from noon."""
    good = None if well is None else NOON - well
    return Chore("backup", place, NOON - tried, good == NOON - tried, good, 60.0, None)


def carrier_test(channel: Kind, tried: timedelta, *, well: bool | None, every: timedelta) -> Chore:
    return Chore(channel, PHONE, NOON - tried, well, None, None, every)


def said(*done: Chore, since: datetime | None = NOON - YEAR, embedded: bool = True) -> list[str]:
    points = list(upkeep(Upkeep(list(done), NOON, since, embedded)))
    assert all(bool(point.remedy) == (point.result == "warn") for point in points)
    return [f"{one.result} {one.name}: {one.words}" for one in points]


@pytest.mark.parametrize(
    ("since", "embedded", "start"),
    [
        (NOON - YEAR, True, "warn backup: none was ever made, and this is in use since 2025-"),
        (NOON - HOUR, True, "ok backup: none yet"),
        (None, True, "ok backup: none yet"),
        (NOON - YEAR, False, "ok backup: none by dispatchd"),
    ],
)
def test_a_backup_that_was_never_made_is_missed_where_nobody_else_makes_them(
    since: datetime | None, embedded: bool, start: str
) -> None:
    (line,) = said(since=since, embedded=embedded)
    assert line.startswith(start)


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    ("done", "starts"),
    [
        ([backup(HOUR, HOUR)], ["ok backup: the last one was made 2026-"]),
        ([backup(GOOD_FOR, GOOD_FOR)], ["ok backup"]),
        ([backup(40 * HOUR, 40 * HOUR)], ["warn backup: the last good one was made 2026-"]),
        ([backup(HOUR, 25 * HOUR)], ["warn backup: the last one on db1 failed"]),
        ([backup(HOUR)], ["warn backup: the last one on db1 failed"]),
        ([backup(HOUR, 49 * HOUR)], ["warn backup: the last one on", "warn backup: the last good"]),
        ([backup(YEAR, YEAR, "db0"), backup(HOUR, HOUR)], ["ok backup"]),
    ],
)
def test_backups_are_judged_by_the_last_of_each_host_and_the_last_good_one(
    done: list[Chore], starts: list[str], embedded: bool
) -> None:
    lines = said(*done, embedded=embedded)
    assert len(lines) == len(starts)
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True)), lines


@pytest.mark.parametrize(
    ("tried", "well", "start"),
    [
        (HOUR / 2, True, "ok probe: test call to +12025550177: arrived"),
        (HOUR / 2, None, "ok probe: test call to +12025550177: not made yet"),
        (HOUR / 2, False, "warn probe: the test call to +12025550177 failed, 2026-"),
        (HOUR * 3, True, "warn probe: no test call to +12025550177 since 2026-"),
    ],
)
def test_tests_on_a_schedule_are_judged_and_others_are_nobodys_concern(
    tried: timedelta, well: bool | None, start: str
) -> None:
    unscheduled = carrier_test("probe_text", HOUR, well=False, every=HOUR)._replace(every=None)
    night = backup(HOUR, HOUR)
    _, line = said(night, unscheduled, carrier_test("probe_call", tried, well=well, every=HOUR))
    assert line.startswith(start)


def test_check_and_the_alerts_miss_a_backup_and_a_test_after_the_same_time() -> None:
    found = alerts()
    hours = GOOD_FOR // HOUR
    assert f"> {hours} * 3600" in found["DispatchdBackupOld"]["expr"]
    assert f"> {INTERVALS} * max" in found["DispatchdProbeSilent"]["expr"].replace("\n", " ")
