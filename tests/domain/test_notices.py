"""Who is told of a handoff, and what of the shifts to come."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts import Account
from gateway.domain.flags import Flags
from gateway.domain.notices import Handoff, NoticeKind, digest, handoff, on_duty, route
from tests.kit.desk import NOON, later
from tests.kit.street import compiled, roster, shift

ASKED = {"notices": {"handoff": True, "digest": "Sun 18:00"}}
NIGHTS = {"contact": "ann", "weekly": "Mon-Sun 17:00-08:00"}
DAYS = {"contact": "bob", "weekly": "Mon-Sun 08:00-17:00"}


def local(words: str) -> datetime:
    return datetime.fromisoformat(f"{words}-05:00")


FIVE = local("2026-02-02T17:00")


def account(*shifts: dict[str, str], **keys: object) -> Account:
    """Return the example account with these shifts, asking for notices."""
    return compiled(**{**roster(*(shifts or (NIGHTS, DAYS))), **ASKED, **keys})


def look(one: Account, at: datetime, was: dict[str, str] | None, looked: datetime) -> Handoff:
    return handoff(one, "OnCall", was, looked, at)


def told(found: Handoff) -> set[tuple[str, str]]:
    return {(notice.contact, notice.kind.value) for notice in found.notices}


def words(found: Handoff) -> list[str]:
    return [notice.words.body for notice in found.notices]


def test_the_first_look_tells_nobody_and_knows_the_next_handoff() -> None:
    found = look(account(), NOON, None, NOON)
    assert (found.on, found.notices) == ({"ann": "oncall"}, ())
    assert found.until == local("2026-02-03T08:00")


def test_a_handoff_tells_who_comes_and_who_goes() -> None:
    found = look(account(), FIVE, {"bob": "oncall"}, later(hours=-9))
    assert told(found) == {("ann", "on"), ("bob", "off")}
    assert words(found) == [
        "Northside HVAC: you are now on call until 8:00 AM EST, Tue Feb 3.",
        "Northside HVAC: you are no longer on call. On call now: Ann Ames.",
    ]
    assert {notice.at for notice in found.notices} == {FIVE}


def test_a_look_between_two_handoffs_tells_nobody() -> None:
    assert look(account(), NOON, {"ann": "oncall"}, FIVE).notices == ()


def test_a_late_look_makes_the_same_notices_as_one_in_time() -> None:
    in_time = look(account(), FIVE, {"bob": "oncall"}, later(hours=-9))
    late = look(account(), NOON, {"bob": "oncall"}, later(hours=-9))
    assert [one.id for one in late.notices] == [one.id for one in in_time.notices]


def test_handoffs_that_were_missed_are_told_as_one() -> None:
    missed = look(account(), NOON, {"ann": "oncall"}, NOON - timedelta(days=3))
    assert missed.notices == ()
    found = look(account(), NOON, {"bob": "oncall"}, NOON - timedelta(days=300))
    assert told(found) == {("ann", "on"), ("bob", "off")}


def test_a_document_that_changes_who_is_on_is_a_handoff_of_that_instant() -> None:
    changed = account(shift("cho"), DAYS)
    found = look(changed, NOON, {"ann": "oncall"}, later(minutes=-5))
    assert told(found) == {("cho", "on"), ("ann", "off")}
    assert {notice.at for notice in found.notices} == {NOON}


def test_another_role_is_told_and_the_text_names_it() -> None:
    both = account({**NIGHTS, "role": "backup"}, {**DAYS, "weekly": "Mon-Sun"})
    found = look(both, FIVE, {"bob": "oncall", "ann": "oncall"}, later(hours=-2))
    assert told(found) == {("ann", "on")}
    assert "now on call as backup until 8:00 AM EST, Tue Feb 3" in words(found)[0]


def test_the_name_of_the_schedule_is_said_where_there_are_several() -> None:
    several = account(
        schedules=[{"name": "OnCall", "shifts": [NIGHTS]}, {"name": "West", "match": {"a": "b"}}]
    )
    found = look(several, FIVE, {}, later(hours=-9))
    assert words(found)[0].startswith("Northside HVAC, OnCall: you are now on call")


def test_who_is_always_on_is_told_no_end() -> None:
    found = look(account(shift("ann")), NOON, {}, later(hours=-1))
    assert words(found) == ["Northside HVAC: you are now on call."]


def test_who_is_away_or_inactive_is_told_nothing_and_no_absence_is_a_handoff() -> None:
    away = {"contact": "ann", "start": "2026-02-02T16:00", "end": "2026-02-02T19:00"}
    found = look(account(unavailable=[away]), FIVE, {"bob": "oncall"}, later(hours=-9))
    assert told(found) == {("bob", "off")}
    assert found.until == local("2026-02-03T08:00")
    inactive = {"ann": {"phone": "+12025550101", "active": False}, "bob": {}, "cho": {}}
    found = look(account(contacts=inactive), FIVE, {"bob": "oncall"}, later(hours=-9))
    assert told(found) == {("bob", "off")}


def test_an_override_is_a_handoff_and_who_was_replaced_goes_off() -> None:
    swap = {"start": "2026-02-02T18:00", "end": "2026-02-02T20:00", "replace": "ann", "with": "cho"}
    schedule = {"name": "OnCall", "shifts": [NIGHTS, DAYS], "overrides": [swap]}
    one = account(schedules=[schedule])
    found = look(one, NOON, {"ann": "oncall"}, FIVE)
    assert told(found) == {("cho", "on"), ("ann", "off")}
    assert found.until == local("2026-02-02T20:00")


def test_the_permanent_list_has_no_shifts() -> None:
    assert look(account({**NIGHTS}), local("2026-02-03T08:00"), {}, NOON).on == {}


def test_the_digest_lists_the_shifts_of_seven_days_in_order() -> None:
    found = {one.contact: one.words for one in digest(account(), FIVE)}
    assert set(found) == {"ann", "bob"}
    lines = found["bob"].body.splitlines()
    assert lines[0] == "Northside HVAC: your shifts of the next 7 days."
    assert lines[1] == "8:00 AM EST, Tue Feb 3 to 5:00 PM EST, Tue Feb 3: on call"
    assert len(lines) == 8
    assert found["ann"].body.splitlines()[1] == "now to 8:00 AM EST, Tue Feb 3: on call"
    assert found["ann"].subject == "Northside HVAC: your shifts"


def test_many_shifts_are_counted_and_endless_ones_go_on() -> None:
    hours = {"contact": "bob", "weekly": "Mon-Sun 08:00-09:00; Mon-Sun 10:00-11:00"}
    found = {one.contact: one.words.body for one in digest(account(hours, shift("ann")), NOON)}
    assert found["bob"].splitlines()[-1] == "and 6 more"
    assert found["ann"].splitlines()[1] == "now on: on call"


def test_a_person_of_several_schedules_gets_one_digest() -> None:
    west = {"name": "West", "match": {"a": "b"}, "shifts": [{**DAYS, "weekly": "Tue 08:00-09:00"}]}
    several = account(schedules=[{"name": "OnCall", "shifts": [NIGHTS]}, west])
    found = {one.contact: one.words.body for one in digest(several, NOON)}
    assert found["bob"].endswith("9:00 AM EST, Tue Feb 3: on call (West)")


def test_who_has_no_shift_or_is_inactive_gets_no_digest() -> None:
    inactive = {"ann": {"active": False}, "bob": {}, "cho": {}}
    assert [one.contact for one in digest(account(contacts=inactive), NOON)] == ["bob"]


@pytest.mark.parametrize(
    ("flags", "way"),
    [
        ({}, ("text", "+12025550112")),
        ({"+12025550112": Flags(opted_out=True)}, ("email", "bob@northside.example")),
        ({"+12025550112": Flags(suspended=True)}, ("email", "bob@northside.example")),
        ({"+12025550102": Flags(opted_out=True)}, ("text", "+12025550112")),
    ],
)
def test_a_notice_goes_by_text_else_by_mail(
    flags: dict[str, Flags], way: tuple[str, str] | None
) -> None:
    phones = {"phone": "+12025550102", "sms": "+12025550112"}
    people = {"bob": {**phones, "email": "bob@northside.example"}, "ann": {}, "cho": {}}
    one = account(contacts=people)
    assert route(one.contacts["bob"], flags) == way
    assert route(one.contacts["ann"], flags) is None


@given(st.lists(st.integers(0, 14 * 24 * 60), min_size=1, max_size=30))
def test_whenever_it_is_looked_everybody_knows_whether_they_are_on(minutes: list[int]) -> None:
    """What people were told last is what the roster says, however late or often one looks."""
    one = account(
        {**NIGHTS, "weekly": "Mon-Fri 17:00-08:00; Sat-Sun"},
        {**DAYS, "weekly": "Mon-Thu 07:00-17:30; Sun 12:00-13:00"},
    )
    was, looked = dict(look(one, NOON, None, NOON).on), NOON
    knows = dict.fromkeys(was, True)
    for minute in sorted(minutes):
        now = later(minutes=minute)
        found = look(one, now, was, looked)
        knows |= {notice.contact: notice.kind is NoticeKind.ON for notice in found.notices}
        was, looked = dict(found.on), now
        assert {who for who, on in knows.items() if on} == set(
            on_duty(one.roster("OnCall", now)).keys()
        )
        assert found.until > now


def test_a_successor_who_is_inactive_is_told_nothing_and_not_named() -> None:
    """Nobody who goes off is told that somebody is on who is not there."""
    inactive = {key: {"active": key != "ann"} for key in ("ann", "bob", "cho")}
    gone = account(contacts=inactive)
    found = look(gone, FIVE, {"bob": "oncall"}, later(hours=-9))
    assert told(found) == {("bob", "off")}
    assert words(found) == ["Northside HVAC: you are no longer on call."]
    assert found.on == {"ann": "oncall"}
