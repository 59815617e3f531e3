"""Roles, statuses and changes of people: what a schedule gives as a whole (S3-82, S3-83)."""

from datetime import datetime
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from schedules.walltime import first_instant
from tests.schedules import nights


def account(*shifts: dict[str, Any]) -> Account:
    schedules = [{"name": "OnCall", "shifts": list(shifts)}]
    return compile_account(document_from(nights.account("America/Chicago", schedules), "test"))


def at(of: Account, text: str) -> list[str]:
    """Return the shifts' people at a local time with their role and status."""
    roster = of.roster("OnCall", first_instant(datetime.fromisoformat(text), of.zone))
    shown = [line for line in roster.lines if line.role != "permanent"]
    return [f"{line.contact} {line.role} {line.status}" for line in shown]


def test_backups_follow_the_people_on_call_in_the_order_of_the_document() -> None:
    of = account(
        {"contact": "bob", "role": "backup"},
        {"contact": "ann", "weekly": "Mon-Sun"},
        {"contact": "cho", "role": "backup", "status": "sms"},
        {"contact": "dee", "status": "secure"},
    )
    assert at(of, "2026-02-02T12:00") == [
        "ann oncall call",
        "dee oncall secure",
        "bob backup call",
        "cho backup sms",
    ]


def test_one_person_may_be_called_by_day_and_texted_by_night() -> None:
    of = account(
        {"contact": "ann", "status": "sms", "weekly": "Mon-Sun 20:00-08:00"},
        {"contact": "ann", "status": "call", "weekly": "Mon-Sun 08:00-20:00"},
    )
    assert at(of, "2026-02-02T07:59") == ["ann oncall sms"]
    assert at(of, "2026-02-02T08:00") == ["ann oncall call"]


def test_a_rotation_within_a_window_goes_on_turning_while_it_is_closed() -> None:
    turns = {"rotate": ["ann", "bob", "cho"], "every": "1d", "handoff": "08:00"}
    of = account({**turns, "from": "2026-02-02", "weekly": "Mon-Sun 17:00-08:00"})
    found = [at(of, f"2026-02-0{day}T{time}") for day in (2, 3, 4) for time in ("12:00", "18:00")]
    assert found == [[], ["ann oncall call"], [], ["bob oncall call"], [], ["cho oncall call"]]


def test_a_change_of_people_at_a_handoff_leaves_neither_a_hole_nor_two() -> None:
    """Nor does one on the night of the doubled hour."""
    old = {"rotate": ["ann", "bob"], "every": "1d", "handoff": "01:30", "from": "2020-10-01"}
    new = {**old, "rotate": ["cho", "dee"], "from": "2020-11-01T01:30"}
    of = account({**old, "until": "2020-11-01T01:30"}, new)
    start = first_instant(datetime(2020, 10, 31), of.zone)  # noqa: DTZ001  wall times
    end = first_instant(datetime(2020, 11, 3), of.zone)  # noqa: DTZ001
    spells = list(of.spans("OnCall", start, end))
    people = [[line.contact for line in each.roster.lines][:-1] for each in spells]
    assert people == [["bob"], ["ann"], ["cho"], ["dee"]]
    assert [f"{each.start.astimezone(of.zone):%d %H:%M %Z}" for each in spells[1:]] == [
        "31 01:30 CDT",
        "01 01:30 CDT",
        "02 01:30 CST",
    ]


def test_rotations_that_hand_off_together_keep_their_own_number_of_people() -> None:
    turns = {"every": "1w", "handoff": "Mon 08:00", "from": "2026-01-05"}
    two = {**turns, "rotate": ["ann", "bob"]}
    three = {**turns, "rotate": ["cho", "dee", "eve"], "role": "backup"}
    of = account(two, three)
    found = [at(of, f"2026-01-{day:02}T12:00") for day in (5, 12, 19, 26)]
    assert [[words.split()[0] for words in each] for each in found] == [
        ["ann", "cho"],
        ["bob", "dee"],
        ["ann", "eve"],
        ["bob", "cho"],
    ]
