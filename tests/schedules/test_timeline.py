"""Who is on call over a span of time: intervals that touch, and in which nothing changes."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from schedules.lines import ALWAYS, Line, Post, Span, span
from schedules.overrides import adding, removing
from schedules.roster import Crew, Roster, Schedule, Temporary
from schedules.rotation import parse_every, parse_handoff, rotation
from schedules.shifts import Rule, Shift, When, fixed, rotating
from schedules.timeline import Spell, changes, joined, spans
from schedules.unavailability import Absence, by_contact
from schedules.windows import parse_weekly

CHICAGO = ZoneInfo("America/Chicago")
CALL = Post("oncall", "call")
CHO = Line("cho", "permanent", "call", "permanent", "permanent list, place 1")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def between(start: str, end: str) -> Span:
    return span(datetime.fromisoformat(start), datetime.fromisoformat(end), CHICAGO)


def weekly(contact: str, text: str) -> Shift:
    return fixed(contact, Rule(CALL, When(ALWAYS, parse_weekly(text))))


def crew(*absences: Absence) -> Crew:
    grouped = by_contact(absences)
    return Crew(CHICAGO, (CHO,), grouped, frozenset(), frozenset(grouped))


def told(spells: list[Spell]) -> list[str]:
    """Say each interval as a line: when it starts and ends on the wall, and who is reached."""
    return [f"{_wall(each.start)} {_wall(each.end)} {_reached(each.roster)}" for each in spells]


def _wall(at: datetime) -> str:
    return at.astimezone(CHICAGO).strftime("%a %H:%M")


def _reached(roster: Roster) -> str:
    return ",".join(line.contact for line in roster.lines if line.skipped is None)


def days(schedule: Schedule | None, of: Crew, first: str, last: str) -> list[Spell]:
    return list(spans(of, schedule, local(first), local(last)))


def test_nights_and_days_take_turns() -> None:
    schedule = Schedule("OnCall", {}, (weekly("ann", "Mon-Fri 17:00-08:00"),))
    found = told(days(schedule, crew(), "2026-02-02T12:00", "2026-02-03T20:00"))
    assert found == [
        "Mon 12:00 Mon 17:00 cho",
        "Mon 17:00 Tue 08:00 ann,cho",
        "Tue 08:00 Tue 17:00 cho",
        "Tue 17:00 Tue 20:00 ann,cho",
    ]


def test_windows_that_follow_each_other_without_a_change_are_one_interval() -> None:
    schedule = Schedule("OnCall", {}, (weekly("ann", "Mon-Sun 08:00-08:00"),))
    found = told(days(schedule, crew(), "2026-02-02T12:00", "2026-03-02T12:00"))
    assert found == ["Mon 12:00 Mon 12:00 ann,cho"]


def test_a_rotation_hands_off_where_its_turns_end() -> None:
    every = parse_every("1w")
    begin = datetime.fromisoformat("2026-01-05")
    turns = rotation(every, parse_handoff("Mon 08:00", "w"), begin, 2)
    shift = rotating(("ann", "bob"), Rule(CALL, When(ALWAYS)), turns)
    schedule = Schedule("OnCall", {}, (shift,))
    found = told(days(schedule, crew(), "2026-01-01T00:00", "2026-01-15T00:00"))
    assert found == [
        "Thu 00:00 Mon 08:00 cho",
        "Mon 08:00 Mon 08:00 ann,cho",
        "Mon 08:00 Thu 00:00 bob,cho",
    ]


def test_a_rotation_of_months_hands_off_on_the_last_day_of_a_short_month() -> None:
    begin = datetime.fromisoformat("2026-01-05")
    turns = rotation(parse_every("1mo"), parse_handoff("31 09:00", "mo"), begin, 2)
    schedule = Schedule("OnCall", {}, (rotating(("ann", "bob"), Rule(CALL, When(ALWAYS)), turns),))
    found = changes(crew(), schedule, local("2026-02-01T00:00"), local("2026-06-01T00:00"))
    walls = [at.astimezone(CHICAGO).strftime("%m-%d %H:%M") for at in found]
    assert walls == ["02-28 09:00", "03-31 09:00", "04-30 09:00", "05-31 09:00"]


def test_overrides_temporary_schedules_and_absences_begin_and_end() -> None:
    away = Absence("ann", When(between("2026-02-02T09:00", "2026-02-02T10:00")), "10:00", None)
    changed = (
        adding(between("2026-02-02T11:00", "2026-02-02T12:00"), "dee", CALL),
        removing(between("2026-02-02T13:00", "2026-02-02T14:00"), "ann"),
    )
    noon = between("2026-02-02T15:00", "2026-02-02T16:00")
    stand_in = Temporary(noon, (fixed("eve", Rule(CALL, When(ALWAYS))),))
    schedule = Schedule("OnCall", {}, (weekly("ann", "Mon-Sun"),), changed, (stand_in,))
    found = told(days(schedule, crew(away), "2026-02-02T08:00", "2026-02-02T17:00"))
    assert [line.split(maxsplit=4)[-1] for line in found] == [
        "ann,cho",
        "cho",
        "ann,cho",
        "ann,dee,cho",
        "ann,cho",
        "cho",
        "ann,cho",
        "eve,cho",
        "ann,cho",
    ]


def test_an_absence_alone_changes_the_permanent_list() -> None:
    away = Absence("cho", When(ALWAYS, parse_weekly("Mon 12:00-13:00")), None, None)
    found = told(days(None, crew(away), "2026-02-02T08:00", "2026-02-02T17:00"))
    assert found == ["Mon 08:00 Mon 12:00 cho", "Mon 12:00 Mon 13:00 ", "Mon 13:00 Mon 17:00 cho"]


def test_on_the_night_of_the_doubled_hour_starts_come_first_and_ends_last() -> None:
    shifts = (weekly("ann", "Sat 20:00-01:30"), weekly("bob", "Sun 01:30-08:00"))
    found = days(Schedule("OnCall", {}, shifts), crew(), "2020-10-31T20:00", "2020-11-01T08:00")
    assert [_reached(each.roster) for each in found] == ["ann,cho", "ann,bob,cho", "bob,cho"]
    assert found[1].end - found[1].start == timedelta(hours=1)


def test_nothing_is_yielded_for_an_empty_span() -> None:
    noon = local("2026-02-02T12:00")
    assert list(spans(crew(), None, noon, noon)) == []
    assert list(spans(crew(), None, noon, noon - timedelta(hours=1))) == []


def test_a_far_end_costs_only_what_is_taken() -> None:
    schedule = Schedule("OnCall", {}, (weekly("ann", "Mon-Fri 17:00-08:00"),))
    begin, end = local("2026-02-02T12:00"), local("2999-01-01T00:00")
    assert len(list(islice(changes(crew(), schedule, begin, end), 10))) == 10


def test_neighbours_may_be_joined_by_less_than_the_whole_roster() -> None:
    shifts = (weekly("ann", "Mon 08:00-12:00"), weekly("ann", "Mon 12:00-16:00"))
    begin, end = local("2026-02-02T08:00"), local("2026-02-02T16:00")
    found = list(spans(crew(), Schedule("OnCall", {}, shifts), begin, end))
    assert len(found) == 2
    assert [(each.start, each.end) for each in joined(found, _reached)] == [(begin, end)]


def test_intervals_touch_and_hold_what_the_roster_says_at_every_minute() -> None:
    begin = datetime.fromisoformat("2026-10-01")
    turns = rotation(parse_every("5h"), parse_handoff("01:30", "h"), begin, 3)
    shifts = (
        weekly("ann", "Mon-Fri 22:00-01:15; Sun 01:15-01:45"),
        rotating(("bob", "dee", "eve"), Rule(Post("backup", "sms"), When(ALWAYS)), turns),
    )
    of, schedule = crew(), Schedule("OnCall", {}, shifts)
    start, end = local("2026-10-30T00:00"), local("2026-11-03T00:00")
    found = list(spans(of, schedule, start, end))
    assert all(one.end == two.start for one, two in pairwise(found))
    assert (found[0].start, found[-1].end) == (start.astimezone(UTC), end.astimezone(UTC))
    minutes = (end - start) // timedelta(minutes=1)
    for at in (start.astimezone(UTC) + timedelta(minutes=n) for n in range(minutes)):
        (spell,) = [each for each in found if each.start <= at < each.end]
        assert spell.roster.lines == of.roster(schedule, at).lines
