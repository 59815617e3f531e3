"""Schedules and an instant become ordered people, each with the rule that put them there."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schedules.lines import ALWAYS, Line, Post, Span, span
from schedules.overrides import adding, clash, removing, replacing, swapping
from schedules.roster import Crew, Roster, Schedule, Temporary
from schedules.rotation import parse_every, parse_handoff, rotation
from schedules.shifts import Rule, Shift, When, fixed, rotating
from schedules.unavailability import Absence, by_contact
from schedules.windows import parse_weekly

NEW_YORK = ZoneInfo("America/New_York")
NIGHTS = parse_weekly("Mon-Sun 17:00-08:00")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def between(start: str, end: str) -> Span:
    return span(datetime.fromisoformat(start), datetime.fromisoformat(end), NEW_YORK)


def nightly(contact: str, role: str = "oncall", status: str = "call") -> Shift:
    return fixed(contact, Rule(Post(role, status), When(ALWAYS, NIGHTS)))


SATURDAY = between("2026-02-07T00:00", "2026-02-08T00:00")
NIGHT = local("2026-02-07T18:00")
ANN_AND_BOB = Schedule("OnCall", {}, (nightly("ann"), nightly("bob", "backup", "sms")))
CHO = Line("cho", "permanent", "call", "permanent", "permanent list, place 1")


def crew(*absences: Absence, inactive: frozenset[str] = frozenset()) -> Crew:
    grouped = by_contact(absences)
    return Crew(NEW_YORK, (CHO,), grouped, inactive, inactive | grouped.keys())


def people(roster: Roster) -> list[str]:
    return [f"{each.contact} {each.role} {each.skipped or each.source}" for each in roster.lines]


def with_changes(schedule: Schedule, *changes: object) -> Schedule:
    return Schedule(schedule.name, {}, schedule.shifts, changes)  # type: ignore[arg-type]


def test_oncall_people_come_first_then_backups_then_the_permanent_list() -> None:
    shifts = (nightly("bob", "backup"), nightly("ann"), nightly("dee"))
    roster = crew().roster(Schedule("OnCall", {}, shifts), NIGHT)
    assert [line.contact for line in roster.lines] == ["ann", "dee", "bob", "cho"]
    assert not roster.blank
    assert roster.lines[0].reason == "weekly Mon-Sun 17:00-08:00"


def test_when_no_shift_covers_the_instant_the_schedule_is_blank() -> None:
    roster = crew().roster(ANN_AND_BOB, local("2026-02-07T12:00"))
    assert roster.blank
    assert people(roster) == ["cho permanent permanent"]


def test_without_a_schedule_there_is_the_permanent_list_alone() -> None:
    roster = crew().roster(None, NIGHT)
    assert (roster.schedule, roster.blank, people(roster)) == (
        "",
        True,
        ["cho permanent permanent"],
    )


def test_dated_shifts_are_half_open_and_say_their_span() -> None:
    when = When(between("2026-02-02T17:00", "2026-02-03T08:00"))
    schedule = Schedule("OnCall", {}, (fixed("bob", Rule(Post("oncall", "call"), when)),))
    duty = [crew().roster(schedule, local(at)) for at in ("2026-02-02T17:00", "2026-02-03T08:00")]
    assert [roster.blank for roster in duty] == [False, True]
    assert duty[0].lines[0].reason == "2026-02-02 17:00 to 2026-02-03 08:00"


def test_the_reasons_of_rotations_name_people_and_turn() -> None:
    every = parse_every("1w")
    begin = datetime.fromisoformat("2026-01-05")
    turns = rotation(every, parse_handoff("Mon 08:00", "w"), begin, 2)
    rule = Rule(Post("oncall", "call"), When(ALWAYS, NIGHTS))
    schedule = Schedule("OnCall", {}, (rotating(("ann", "bob"), rule, turns),))
    reason = crew().roster(schedule, NIGHT).lines[0].reason
    assert reason == ("rotation of ann, bob every 1w, turn of ann, weekly Mon-Sun 17:00-08:00")
    assert crew().roster(schedule, local("2026-01-04T18:00")).blank
    assert crew().roster(schedule, local("2026-02-07T12:00")).blank


def test_a_person_who_is_away_stays_on_the_roster_but_is_skipped() -> None:
    surgery = between("2026-02-07T17:30", "2026-02-07T19:00")
    away = Absence("ann", When(surgery), "2026-02-07 19:00", "surgery")
    roster = crew(away).roster(ANN_AND_BOB, NIGHT)
    assert people(roster)[0] == "ann oncall unavailable"
    assert roster.lines[0].reason == "unavailable until 2026-02-07 19:00: surgery"
    assert not roster.blank
    later = crew(away).roster(ANN_AND_BOB, local("2026-02-07T19:00"))
    assert people(later)[0] == "ann oncall shift"


def test_weekly_absences_end_with_their_window() -> None:
    weekly = Absence("ann", When(ALWAYS, parse_weekly("Sat 17:00-19:00")), None, None)
    line = crew(weekly).roster(ANN_AND_BOB, NIGHT).lines[0]
    assert line.reason == "unavailable until 2026-02-07 19:00"
    bounded = When(between("2026-02-01T00:00", "2026-02-07T18:30"), parse_weekly("Sat-Sun"))
    reason = Absence("ann", bounded, "2026-02-07 18:30", None)
    line = crew(reason).roster(ANN_AND_BOB, NIGHT).lines[0]
    assert line.reason == "unavailable until 2026-02-07 18:30"
    endless = Absence("ann", When(ALWAYS, parse_weekly("Mon-Sun")), None, "left")
    assert crew(endless).roster(ANN_AND_BOB, NIGHT).lines[0].reason == "unavailable: left"


def test_everybody_away_is_not_a_blank_schedule() -> None:
    away = [Absence(each, When(SATURDAY), "2026-02-08 00:00", None) for each in ("ann", "bob")]
    roster = crew(*away).roster(ANN_AND_BOB, NIGHT)
    assert not roster.blank
    assert [line.skipped for line in roster.lines] == ["unavailable", "unavailable", None]


def test_inactive_people_are_skipped_on_the_permanent_list_too() -> None:
    roster = crew(inactive=frozenset({"cho", "bob"})).roster(ANN_AND_BOB, NIGHT)
    assert people(roster)[1:] == ["bob backup inactive", "cho permanent inactive"]
    assert roster.lines[1].reason == "bob is marked inactive"


def test_somebody_named_out_of_turn_is_looked_at_too() -> None:
    line = Line("ann", "oncall", "call", "target", "named by a lead")
    away = Absence("ann", When(SATURDAY), "2026-02-08 00:00", None)
    assert crew(away).seen(line, NIGHT).skipped == "unavailable"
    assert crew(inactive=frozenset({"ann"})).seen(line, NIGHT).skipped == "inactive"
    assert crew().seen(line, NIGHT) is line


def test_a_substitute_takes_the_place_role_and_status_of_the_line() -> None:
    changed = with_changes(ANN_AND_BOB, replacing(SATURDAY, "bob", "dee"))
    roster = crew().roster(changed, NIGHT)
    assert people(roster)[1:3] == ["bob backup overridden", "dee backup override"]
    assert roster.lines[2].status == "sms"
    assert roster.lines[2].reason == (
        "override 2026-02-07 00:00 to 2026-02-08 00:00: dee replaces bob"
    )
    after = crew().roster(changed, local("2026-02-08T00:00"))
    assert people(after) == people(crew().roster(ANN_AND_BOB, NIGHT))


def test_replacing_somebody_who_is_not_on_call_does_nothing() -> None:
    changed = with_changes(ANN_AND_BOB, replacing(SATURDAY, "dee", "eve"))
    assert crew().roster(changed, NIGHT).lines == crew().roster(ANN_AND_BOB, NIGHT).lines


def test_a_swap_exchanges_two_people() -> None:
    roster = crew().roster(with_changes(ANN_AND_BOB, swapping(SATURDAY, "ann", "bob")), NIGHT)
    assert people(roster)[:4] == [
        "ann oncall overridden",
        "bob oncall override",
        "bob backup overridden",
        "ann backup override",
    ]


def test_added_people_come_last_in_their_role() -> None:
    change = adding(SATURDAY, "dee", Post("oncall", "email"))
    roster = crew().roster(with_changes(ANN_AND_BOB, change), NIGHT)
    assert people(roster)[:3] == ["ann oncall shift", "dee oncall override", "bob backup shift"]
    assert roster.lines[1].status == "email"


def test_blank_is_judged_after_overrides() -> None:
    away = with_changes(ANN_AND_BOB, removing(SATURDAY, "ann"), removing(SATURDAY, "bob"))
    assert crew().roster(away, NIGHT).blank
    noon = local("2026-02-07T12:00")
    added = with_changes(ANN_AND_BOB, adding(SATURDAY, "dee", Post("oncall", "call")))
    assert not crew().roster(added, noon).blank


def test_a_temporary_schedule_stands_in_wholly_and_overrides_do_nothing() -> None:
    post = Post("oncall", "call", "temporary")
    rule = Rule(post, When(ALWAYS), f"temporary {SATURDAY.text}")
    stand_in = Temporary(SATURDAY, (fixed("dee", rule),))
    changes = (replacing(SATURDAY, "dee", "eve"),)
    schedule = Schedule("OnCall", {}, ANN_AND_BOB.shifts, changes, (stand_in,))
    roster = crew().roster(schedule, NIGHT)
    assert people(roster)[0] == "dee oncall temporary"
    assert roster.lines[0].reason == "temporary 2026-02-07 00:00 to 2026-02-08 00:00"
    assert people(crew().roster(schedule, local("2026-02-08T00:00")))[0] == "ann oncall shift"


def test_overrides_clash_when_they_touch_one_person_at_one_time() -> None:
    sunday = between("2026-02-08T00:00", "2026-02-09T00:00")
    one = replacing(SATURDAY, "ann", "bob")
    assert clash(one, removing(SATURDAY, "bob")) == "bob"
    assert clash(one, removing(sunday, "bob")) is None
    assert clash(one, removing(SATURDAY, "cho")) is None


def test_spans_say_their_ends_in_local_words() -> None:
    day = datetime.fromisoformat("2026-02-07")
    texts = [span(*ends, NEW_YORK).text for ends in ((day, None), (None, day), (None, None))]
    assert texts == ["from 2026-02-07 00:00", "until 2026-02-07 00:00", ""]


@given(hours=st.integers(0, 24 * 30), gap=st.integers(0, 24 * 30), length=st.integers(1, 500))
def test_touching_spans_share_no_instant(hours: int, gap: int, length: int) -> None:
    start = local("2026-02-01T00:00") + timedelta(hours=hours)
    end = start + timedelta(hours=length)
    later = Span(end + timedelta(hours=gap), None)
    assert not Span(start, end).meets(later)
    assert Span(start, end).holds(start)
    assert not Span(start, end).holds(end)
    assert Span(start, later.start and later.start + timedelta(seconds=1)).meets(later)
