"""Coverage: green, yellow and red days, their hours and their exact gaps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules.coverage import Day, coverage, gaps
from schedules.lines import ALWAYS, Post, Span, span
from schedules.overrides import adding, removing, replacing, swapping
from schedules.roster import Schedule, Temporary
from schedules.rotation import parse_every, parse_handoff, rotation
from schedules.shifts import Rule, Shift, When, fixed, rotating
from schedules.windows import parse_weekly

CHICAGO = ZoneInfo("America/Chicago")
CALL = Post("oncall", "call")
MONDAY = date(2026, 2, 2)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def between(start: str, end: str) -> Span:
    return span(datetime.fromisoformat(start), datetime.fromisoformat(end), CHICAGO)


def weekly(contact: str, text: str, post: Post = CALL) -> Shift:
    return fixed(contact, Rule(post, When(ALWAYS, parse_weekly(text))))


def of(*shifts: Shift, changes: tuple[object, ...] = ()) -> Schedule:
    return Schedule("OnCall", {}, shifts, changes)  # type: ignore[arg-type]


def day(schedule: Schedule | None, when: date = MONDAY) -> Day:
    (found,) = coverage(schedule, CHICAGO, when, 1)
    return found


def told(found: Day) -> str:
    """Say a day as a line: colour, covered of required hours, gaps by the wall."""
    walls = [f"{_wall(gap.start)}-{_wall(gap.end)}" for gap in found.gaps]
    return " ".join([found.color, f"{found.covered / HOUR:g}/{found.required / HOUR:g}", *walls])


def _wall(at: datetime) -> str:
    return at.astimezone(CHICAGO).strftime("%H:%M")


def test_a_day_is_green_when_somebody_is_on_call_all_day() -> None:
    shifts = (weekly("ann", "Mon-Sun 08:00-17:00"), weekly("bob", "Mon-Sun 17:00-08:00"))
    assert told(day(of(*shifts))) == "green 24/24"


def test_a_day_is_yellow_with_its_gaps_when_somebody_is_on_call_for_a_part() -> None:
    nights = of(weekly("ann", "Mon-Fri 17:00-08:00"))
    assert told(day(nights)) == "yellow 7/24 00:00-17:00"
    assert told(day(nights, date(2026, 2, 3))) == "yellow 15/24 08:00-17:00"
    assert told(day(nights, date(2026, 2, 7))) == "yellow 8/24 08:00-00:00"


def test_a_day_is_red_when_nobody_is_on_call() -> None:
    assert told(day(of(weekly("ann", "Tue 17:00-08:00")))) == "red 0/24 00:00-00:00"
    assert told(day(of())) == "red 0/24 00:00-00:00"
    assert told(day(None)) == "red 0/24 00:00-00:00"


def test_only_the_primary_shift_counts_backups_do_not() -> None:
    backup = weekly("bob", "Mon-Sun", Post("backup", "call"))
    assert day(of(backup)).color == "red"
    assert told(day(of(backup, weekly("ann", "Mon 00:00-12:00")))) == "yellow 12/24 12:00-00:00"


@pytest.mark.parametrize(
    ("when", "hours"),
    [(date(2020, 3, 8), 23), (date(2020, 3, 9), 24), (date(2020, 11, 1), 25)],
)
def test_days_of_23_24_and_25_hours_are_counted_right(when: date, hours: int) -> None:
    assert told(day(of(weekly("ann", "Mon-Sun")), when)) == f"green {hours}/{hours}"
    found = day(of(weekly("ann", "Mon-Sun 03:00-24:00")), when)
    assert found.covered == 21 * HOUR
    assert found.required - found.covered == found.gaps[0].length


def test_a_doubled_hour_leaves_no_hole_between_two_shifts() -> None:
    shifts = (weekly("ann", "Mon-Sun 20:00-01:30"), weekly("bob", "Mon-Sun 01:30-20:00"))
    assert day(of(*shifts), date(2020, 11, 1)).color == "green"
    apart = (weekly("ann", "Mon-Sun 20:00-01:15"), weekly("bob", "Mon-Sun 01:45-20:00"))
    assert day(of(*apart), date(2020, 11, 1)).color == "green"
    assert told(day(of(*apart), date(2020, 11, 2))) == "yellow 23.5/24 01:15-01:45"


def test_a_gap_within_the_missing_hour_is_none() -> None:
    shifts = (weekly("ann", "Mon-Sun 20:00-02:00"), weekly("bob", "Mon-Sun 02:45-20:00"))
    assert told(day(of(*shifts), date(2020, 3, 8))) == "green 23/23"
    assert told(day(of(*shifts), date(2020, 3, 9))) == "yellow 23.25/24 02:00-02:45"


def test_a_day_that_the_zone_skipped_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    (skipped,) = coverage(None, apia, date(2011, 12, 30), 1)
    assert (skipped.color, skipped.required) == ("green", timedelta())
    whole = coverage(None, apia, date(2011, 12, 29), 3)
    assert [found.color for found in whole] == ["red", "green", "red"]


def test_who_is_removed_leaves_a_gap_and_who_is_replaced_or_swapped_does_not() -> None:
    morning = between("2026-02-02T08:00", "2026-02-02T10:00")
    ann, bob = weekly("ann", "Mon-Sun"), weekly("bob", "Mon-Sun", Post("backup", "call"))
    removed = of(ann, changes=(removing(morning, "ann"),))
    assert told(day(removed)) == "yellow 22/24 08:00-10:00"
    assert day(of(ann, changes=(replacing(morning, "ann", "bob"),))).color == "green"
    assert day(of(ann, bob, changes=(swapping(morning, "ann", "bob"),))).color == "green"
    both = of(ann, weekly("cho", "Mon-Sun"), changes=(removing(morning, "ann"),))
    assert day(both).color == "green"


def test_who_is_added_covers_in_the_role_they_are_given() -> None:
    morning = between("2026-02-02T08:00", "2026-02-02T10:00")
    assert told(day(of(changes=(adding(morning, "dee", CALL),)))) == (
        "yellow 2/24 00:00-08:00 10:00-00:00"
    )
    backup = adding(morning, "dee", Post("backup", "call"))
    assert day(of(changes=(backup,))).color == "red"


def test_of_a_rotation_only_the_turns_of_a_removed_person_are_gaps() -> None:
    begin = datetime.fromisoformat("2026-02-02T00:00")
    turns = rotation(parse_every("8h"), parse_handoff("00:00", "h"), begin, 3)
    shift = rotating(("ann", "bob", "cho"), Rule(CALL, When(ALWAYS)), turns)
    week = between("2026-02-02T00:00", "2026-02-09T00:00")
    found = day(of(shift, changes=(removing(week, "bob"),)))
    assert told(found) == "yellow 16/24 08:00-16:00"


def test_before_the_first_turn_of_a_rotation_nobody_covers() -> None:
    begin = datetime.fromisoformat("2026-02-02T09:00")
    turns = rotation(parse_every("1d"), parse_handoff("17:00", "d"), begin, 2)
    shift = rotating(("ann", "bob"), Rule(CALL, When(ALWAYS)), turns)
    assert told(day(of(shift))) == "yellow 7/24 00:00-17:00"
    assert told(day(of(shift), date(2026, 2, 3))) == "green 24/24"


def test_a_temporary_schedule_covers_in_place_of_the_shifts_and_overrides_do_nothing() -> None:
    noon = between("2026-02-02T10:00", "2026-02-02T14:00")
    stand_in = Temporary(noon, (weekly("dee", "Mon 11:00-24:00"),))
    changes = (removing(between("2026-02-02T00:00", "2026-02-03T00:00"), "dee"),)
    schedule = Schedule("OnCall", {}, (weekly("ann", "Mon-Sun"),), changes, (stand_in,))
    assert told(day(schedule)) == "yellow 23/24 10:00-11:00"


def test_the_forecast_does_not_cut_gaps_at_midnight() -> None:
    days = of(weekly("ann", "Mon-Fri 08:00-17:00"))
    found = list(gaps(days, CHICAGO, local("2026-02-02T12:00"), local("2026-02-10T00:00")))
    walls = [f"{each.start.astimezone(CHICAGO):%a %H:%M}" for each in found]
    assert walls == [f"{name} 17:00" for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Mon")]
    assert [each.length / HOUR for each in found] == [15, 15, 15, 15, 63, 7]


def test_no_days_and_empty_spans_have_no_coverage() -> None:
    noon = local("2026-02-02T12:00")
    assert coverage(of(), CHICAGO, MONDAY, 0) == ()
    assert list(gaps(of(), CHICAGO, noon, noon)) == []


def test_gaps_are_told_in_utc_and_cut_at_the_ends_of_what_was_asked() -> None:
    noon = local("2026-02-02T12:00")
    (gap,) = gaps(of(), CHICAGO, noon, noon + HOUR)
    assert (gap.start, gap.end) == (noon, noon + HOUR)
    assert gap.start.tzinfo is UTC
