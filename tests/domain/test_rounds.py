"""Rounds: what governs one, whom it finds on call, the cue, the clock, the gap and the limit."""

from typing import Any

import pytest

from gateway.domain.events import Progress
from gateway.domain.jobs import JobState
from tests.kit.desk import NOON, later
from tests.kit.street import Street, changed, compiled, protocol, roster, shift, street

ALL_DAY = {"start": "2026-02-02T00:00", "end": "2026-02-03T00:00"}
ALONE = {**roster(shift("ann")), "permanent": []}


def round_of(one: Street) -> None:
    """Play one round in which nobody answers, to its end."""
    for _ in range(10):
        change = one.go()
        if change.wire is None:
            return
        one.accepted(change)
        one.tell(Progress(one.last.id, one.last.sid, "no_answer"))


def test_each_round_names_the_document_and_the_protocol_that_govern_it() -> None:
    one = street(compiled(**protocol()))
    one.version = 7
    one.go()
    assert one.told("protocol.selected")[0]["data"] == {"document": 7, "protocol": "all"}
    assert one.told("oncall.resolved")[0]["data"]["document"] == 7
    assert one.job.round.document == 7


@pytest.mark.parametrize(
    ("keys", "people"),
    [
        (protocol(permanent="when_blank"), "ann, bob"),
        (protocol(steps=[{"reach": "contact:cho"}, {"reach": "oncall"}]), "cho, ann"),
        (roster(shift("ann"), shift("ann", status="sms")), "ann, cho"),
        (roster(shift("ann"), overrides=[{**ALL_DAY, "swap": ["ann", "bob"]}]), "bob, cho"),
        ({"unavailable": [{"contact": "ann", **ALL_DAY}]}, "ann, bob, cho"),
        (roster(shift("ann")) | protocol(steps=[{"reach": "backup"}]), ""),
    ],
)
def test_a_round_says_once_each_whom_its_turns_are_for(keys: dict[str, Any], people: str) -> None:
    one = street(compiled(**keys))
    one.go()
    (resolved,) = one.told("oncall.resolved")
    assert resolved["data"].get("contacts", "") == people
    assert resolved["text"] == f"On call: {people or 'nobody'}."


def test_rounds_keep_the_grid_of_the_first_one() -> None:
    one = street()
    for number in range(1, 5):
        round_of(one)
        assert one.job.round.number == number
        assert one.job.next_at == one.job.due_at == later(minutes=15 * number)
        one.now = later(minutes=15 * number)


def test_a_round_that_outlasts_its_cue_is_followed_at_the_next_whole_multiple() -> None:
    shifts = roster(shift("ann", status="sms"), shift("bob", "backup", "sms"))
    one = street(compiled(**shifts, permanent=[], **protocol(cue="15m")))
    one.reach()
    one.wind(minutes=15)
    one.reach()
    one.wind(minutes=15, seconds=1).go()
    assert one.job.round.number == 1
    assert one.job.next_at == later(minutes=45)


def test_after_two_active_hours_no_further_cue_is_set_and_a_lead_is_told() -> None:
    one = street(compiled(**ALONE))
    for number in range(9):
        one.now = later(minutes=15 * number)
        assert one.job.state is JobState.PENDING
        round_of(one)
    assert one.job.state is JobState.LIMIT_REACHED
    assert one.alerts() == ["limit"]
    assert one.told("limit.reached")[0]["data"]["active_minutes"] == 120
    assert one.job.cue_at is None
    assert one.dialed() == ["ann"] * 9


def test_a_job_at_its_limit_only_reminds() -> None:
    one = street(compiled(**ALONE, **protocol(limit="15m")))
    round_of(one)
    one.wind(minutes=15)
    round_of(one)
    assert one.job.state is JobState.LIMIT_REACHED
    one.wind(minutes=15).step()
    assert one.job.next_at == one.now + (later(minutes=15) - NOON)
    assert one.dialed() == ["ann"] * 2
    assert len(one.alerts()) == 2


@pytest.mark.parametrize("reason", ["office_open", "schedule_named"])
def test_a_job_at_its_limit_only_reminds_whatever_it_waited_for_before(reason: str) -> None:
    one = street(compiled(**ALONE))
    one.jobs[one.job.id] = changed(one.job, state=JobState.LIMIT_REACHED, reason=reason)
    one.step()
    assert one.dialed() == []
    assert one.alerts() == ["limit_reached"]


def test_a_late_round_is_a_gap_that_is_reported_once_and_not_counted() -> None:
    one = street(compiled(**ALONE))
    round_of(one)
    one.wind(minutes=45)
    round_of(one)
    assert one.told("gap.detected")[0]["data"]["seconds"] == 45 * 60
    assert one.alerts("dispatch") == ["gap"]
    assert one.kinds().count("dispatch.alerted") == 1
    assert one.job.active_seconds == 0
    one.now = one.job.due_at or one.now
    round_of(one)
    assert one.kinds().count("gap.detected") == 1
    assert one.job.active_seconds == 15 * 60


def test_a_clock_set_back_and_then_right_takes_nothing_off_the_active_clock() -> None:
    """What became due while it was behind seems to have waited since before the round began."""
    one = street(compiled(**ALONE))
    called = one.reach()
    one.wind(minutes=-20)
    one.tell(Progress(called.id, called.sid, "busy"))
    one.wind(minutes=20, seconds=30)
    one.go()
    one.now = one.job.due_at or one.now
    one.go()
    assert one.job.active_seconds == 15 * 60
    assert "gap.detected" not in one.kinds()


def test_a_round_has_no_more_gaps_than_time() -> None:
    one = street(compiled(**ALONE))
    called = one.reach()
    one.tell(Progress(called.id, called.sid, "busy"))
    idle = changed(one.job.round, idle_seconds=10 * 60)
    one.jobs[one.job.id] = changed(one.job, round=idle)
    one.wind(minutes=20)
    one.go()
    assert one.told("gap.detected")[0]["data"]["seconds"] == 10 * 60


@pytest.mark.parametrize(("late", "gaps"), [(22.5, 0), (22.6, 1)])
def test_one_and_a_half_cues_are_no_gap_yet(late: float, gaps: int) -> None:
    one = street(compiled(**ALONE))
    round_of(one)
    one.wind(minutes=late)
    round_of(one)
    assert one.kinds().count("gap.detected") == gaps


def test_a_pause_that_a_person_made_is_no_gap_and_no_active_time() -> None:
    one = street(compiled(**ALONE))
    round_of(one)
    unpaced = changed(one.job.round, paced=False)
    one.jobs[one.job.id] = changed(one.job, round=unpaced)
    one.wind(hours=3)
    round_of(one)
    assert one.kinds().count("gap.detected") == 0
    assert one.job.active_seconds == 0


def test_a_round_in_which_nobody_could_be_tried_is_exhausted_and_keeps_its_cue() -> None:
    people = {"ann": {"name": "Ann Ames", "phone": "+12025550101", "active": False}}
    one = street(compiled(contacts=people, **ALONE))
    one.go()
    assert one.job.state is JobState.EXHAUSTED
    assert one.job.next_at == later(minutes=15)
    assert one.alerts() == ["exhausted"]
    assert one.told("contact.skipped")[0]["data"]["reason"] == "inactive"
    one.wind(minutes=15).go()
    assert one.job.round.number == 2


def test_a_blank_schedule_goes_to_the_permanent_list_and_tells_a_lead_once_a_day() -> None:
    one = street(compiled(schedules=[{"name": "OnCall", "shifts": []}]))
    assert one.reach().contact == "cho"
    one.tell(Progress(one.last.id, one.last.sid, "no_answer"))
    one.go()
    one.wind(minutes=15)
    assert one.reach().contact == "cho"
    assert one.kinds().count("schedule.blank") == 2
    assert one.alerts() == ["blank"]


def test_a_blank_schedule_and_an_empty_permanent_list_hold_the_job_for_a_lead() -> None:
    one = street(compiled(schedules=[{"name": "OnCall", "shifts": []}], permanent=[]))
    one.go()
    assert (one.job.state, one.job.reason) == (JobState.HELD, "blank")
    assert one.alerts() == ["blank"]


def locations(*names: str) -> dict[str, object]:
    """Return one schedule for each location."""
    return {
        "schedules": [
            {"name": name, "match": {"location": name}, "shifts": [shift(contact)]}
            for name, contact in zip(names, ("ann", "bob"), strict=False)
        ]
    }


def test_a_message_field_selects_the_schedule() -> None:
    one = street(compiled(**locations("West", "East")), fields={"location": "East"})
    assert one.reach().contact == "bob"
    assert one.told("schedule.selected")[0]["data"]["schedule"] == "East"


def test_a_message_that_fits_no_schedule_is_held_and_never_guessed() -> None:
    one = street(compiled(**locations("West", "East")), fields={"location": "North"})
    one.go()
    assert (one.job.state, one.job.reason) == (JobState.HELD, "no_schedule")
    assert one.alerts() == ["no_schedule"]
    assert one.attempts == {}


def test_a_schedule_that_a_person_named_governs_every_later_round() -> None:
    one = street(compiled(**locations("West", "East"), permanent=[]), fields={"location": "North"})
    one.go()
    named = changed(one.job.round, schedule="West", open=False)
    due = one.job.due_now(one.now)
    one.jobs[one.job.id] = changed(due, reason="schedule_named", round=named)
    for number in (1, 2, 3):
        round_of(one)
        assert one.job.round.number == number
        assert one.job.state is JobState.PENDING
        one.now = one.job.due_at or one.now
    assert one.dialed() == ["ann"] * 3


OFFICE = {"office": {"hours": "Mon-Fri 08:00-17:00", "phone": "+12025550199"}}


def test_a_protocol_may_hold_a_message_for_the_opening_of_the_office() -> None:
    one = street(compiled(**OFFICE, **ALONE, **protocol(hold="office_open")))
    one.go()
    opening = later(hours=14)
    assert (one.job.state, one.job.next_at, one.job.due_at) == (JobState.HELD, opening, opening)
    assert one.told("hold.set")[0]["data"]["reason"] == "office_open"
    assert one.alerts() == []
    one.now = opening
    round_of(one)
    assert one.dialed() == ["ann"]
    assert one.kinds().count("gap.detected") == 0


def test_the_protocol_is_chosen_anew_for_every_round() -> None:
    hours = [
        {"name": "after", "when": {"hours": "after"}, "cue": "10m"},
        {"name": "office", "when": {"hours": "office"}, "cue": "20m"},
    ]
    one = street(compiled(**OFFICE, **ALONE, protocols=hours))
    round_of(one)
    assert one.job.next_at == later(minutes=10)
    one.now = later(hours=14)
    round_of(one)
    assert one.job.next_at == later(hours=14, minutes=20)
    chosen = [item["data"]["protocol"] for item in one.told("protocol.selected")]
    assert chosen == ["after", "office"]


def test_the_history_is_a_chain_over_all_rounds() -> None:
    one = street()
    round_of(one)
    one.wind(minutes=15)
    round_of(one)
    assert one.chain_holds()
