"""Market escalations after they were saved: answers, contacts, promises that were not kept."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.domain import escalations
from gateway.domain.case_ways import CASES
from gateway.domain.cases import clock
from gateway.domain.deeds import RefusedError
from gateway.domain.market_defaults import SHIPPED
from gateway.domain.markets import compiled
from gateway.domain.matters import Result
from tests.domain.escalated import (
    DAY,
    DESK,
    HOUR,
    NOW,
    ORDER,
    asked,
    ground,
    notes_of,
    save,
)

BEHIND = "Tech Left Behind Items"


def test_nobody_is_promised_a_call_before_the_case_is_picked_up() -> None:
    """S2-16, S2-20: a lead who means Monday literally is not late on Wednesday."""
    literal = compiled(SHIPPED["TX"].model_copy(update={"weeknight_rollover": "monday_literal"}))
    night = datetime(2026, 2, 4, 3, tzinfo=UTC)  # Tuesday, 21:00
    facts = save(asked(), ground(literal), night).facts
    assert facts.pickup_at == facts.contact_due == datetime(2026, 2, 9, 15, tzinfo=UTC)


def test_a_declined_quota_request_is_over_and_nothing_was_missed() -> None:
    """S2-22: only who can be accommodated hears back; the original appointment stands."""
    case = save(asked()).facts
    assert case.escalation
    assert case.escalation.original == NOW + DAY
    done = escalations.decided(case, accommodated=False, note=None, who=DESK, now=NOW + HOUR / 4)
    assert (done.facts.status, done.facts.close_reason, done.next_at) == (
        "closed",
        "declined",
        None,
    )
    late = escalations.when_due(done.facts, NOW + HOUR)
    assert (late.items, late.alarms, late.next_at) == ((), (), None)


def test_an_accommodated_customer_is_called_in_time_or_a_lead_hears_of_it() -> None:
    """S2-20, S2-22: once."""
    case = save(asked()).facts
    yes = escalations.decided(case, accommodated=True, note="Tuesday", who=DESK, now=NOW)
    assert (yes.next_at, yes.items[0].words) == (case.contact_due, "Tuesday")
    called = escalations.contacted(yes.facts, NOW + HOUR / 2)
    assert called.items[0].data == {"late": False}
    assert (called.facts.status, called.next_at) == ("closed", None)
    early = escalations.when_due(yes.facts, NOW + HOUR / 4)
    assert (early.alarms, early.next_at) == ((), case.contact_due)
    missed = CASES.when_due(yes.facts, NOW + HOUR / 2)
    assert [one.sink for one in missed.alarms] == ["lead"]
    assert "FL" in missed.alarms[0].text
    assert [one.kind for one in missed.items] == ["case.contact_missed"]
    assert CASES.when_due(missed.facts, NOW + HOUR).alarms == ()
    late = escalations.contacted(missed.facts, NOW + HOUR)
    assert late.items[0].data == {"late": True}


def test_who_asked_for_something_else_is_called_whatever_the_answer() -> None:
    """S2-05, S2-20: only a quota request may go without a call."""
    case = save(asked("Business Unresolved/Repeat Issue")).facts
    no = escalations.decided(case, accommodated=False, note=None, who=DESK, now=NOW)
    assert (no.facts.open, no.next_at) == (True, case.contact_due)
    assert escalations.contacted(no.facts, NOW).facts.open


def test_what_was_answered_stands() -> None:
    case = save(asked()).facts
    no = escalations.decided(case, accommodated=False, note=None, who=DESK, now=NOW).facts
    yes = escalations.decided(case, accommodated=True, note=None, who=DESK, now=NOW).facts
    repeat = save(asked("Business Unresolved/Repeat Issue")).facts
    done = escalations.contacted(repeat, NOW).facts
    other = replace(case, escalation=None)
    for code, deed in [
        ("case_closed", lambda: escalations.contacted(no, NOW)),
        ("case_closed", lambda: escalations.decided(no, True, None, DESK, NOW)),
        ("already_decided", lambda: escalations.decided(yes, False, None, DESK, NOW)),
        ("not_an_escalation", lambda: escalations.decided(other, True, None, DESK, NOW)),
    ]:
        with pytest.raises(RefusedError) as refused:
            deed()
        assert refused.value.code == code
    for same in (
        escalations.contacted(done, NOW + HOUR),
        escalations.decided(no, False, None, DESK, NOW + HOUR),
        escalations.decided(yes, True, None, DESK, NOW + HOUR),
    ):
        assert (same.items, same.next_at) == ((), clock(same.facts))
    assert escalations.contacted(done, NOW + HOUR).facts.contacted_at == NOW


@pytest.mark.parametrize(("accommodated", "end"), [(True, "contacted"), (False, "declined")])
def test_who_was_called_before_the_answer_was_called(accommodated: bool, end: str) -> None:
    """S2-01, S2-20, S2-22: the clock stops; the case waits for the answer, which ends it."""
    called = escalations.contacted(save(asked()).facts, NOW)
    assert (called.facts.open, called.next_at) == (True, None)
    assert called.items[0].data == {"late": False, "undecided": True}
    assert CASES.when_due(called.facts, NOW + DAY).alarms == ()
    done = escalations.decided(called.facts, accommodated, None, DESK, NOW + HOUR)
    assert (done.facts.close_reason, done.next_at) == (end, None)


def test_a_technician_s_text_is_short_one_line_and_of_private_jobs_says_nothing() -> None:
    """S2-28: else the carrier refuses it, or a stranger reads it."""
    notes = {**notes_of(BEHIND), "reason_for_request": "ladder,\nrope " * 2_000}
    notes |= {"contact_number": "+12025550142", "tech_id": "T\n" * 10_000}
    known = ORDER._replace(phone="+12025550107")
    (letter,) = save(asked(BEHIND, notes=notes), ground("TX", known)).letters
    assert (len(letter.body) < 500, "\n" in letter.body) == (True, False)
    assert "+12025550142" in letter.body
    (private,) = save(asked(BEHIND, notes=notes), ground("TX", known._replace(phi=True))).letters
    assert private.body.endswith(f"please call dispatch, job {known.id}.")
    assert "ladder" not in private.body
    nobody = ORDER._replace(technician=None)
    (alarm,) = save(asked(BEHIND, notes=notes), ground("TX", nobody)).alarms
    assert (len(alarm.text) < 200, "\n" in alarm.text) == (True, False)


def test_nothing_left_behind_is_due_before_it_is_picked_up() -> None:
    """S2-16, S2-28: TX on a Saturday after five."""
    saturday = datetime(2026, 2, 8, 0, tzinfo=UTC)
    facts = save(asked(BEHIND), ground("TX"), saturday).facts
    assert facts.escalation
    assert facts.escalation.dispatch_due == facts.pickup_at == facts.contact_due


def test_a_technician_who_left_items_behind_is_told_now() -> None:
    """S2-07, S2-28: by text where a number is known, else somebody calls; tomorrow it is done."""
    nine = datetime(2026, 2, 4, 15, tzinfo=UTC)
    known = save(
        asked("Tech Left Behind Items"), ground("TX", ORDER._replace(phone="+12025550107"))
    )
    assert [(one.to, one.way, one.until) for one in known.letters] == [
        ("+12025550107", "text", nine)
    ]
    assert known.facts.escalation
    assert known.facts.escalation.dispatch_due == known.facts.contact_due == nine
    assert known.facts.escalation.technician == "T-7"
    unknown = save(asked("Tech Left Behind Items"), ground("TX"))
    assert (unknown.letters, [one.sink for one in unknown.alarms]) == ((), ["dispatch"])
    failed = CASES.when_sent(known.facts, "left_behind", Result("failed"), NOW)
    assert [one.reason for one in failed.alarms] == ["technician_not_told"]
    assert failed.next_at == nine
    assert CASES.when_sent(known.facts, "left_behind", Result("sent"), NOW).alarms == ()


def test_what_is_stored_reads_back_the_same() -> None:
    facts = save(asked(requested_date=date(2026, 2, 9))).facts
    assert CASES.facts.validate_json(CASES.facts.dump_json(facts)) == facts
