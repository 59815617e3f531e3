"""Market escalations: the eight combinations, and what must be there before one is saved."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.domain.advice import advice, offer, versions
from gateway.domain.escalation_forms import FORMS, Topic
from gateway.domain.escalation_opening import Ground, WorkOrder
from gateway.domain.market_defaults import SHIPPED
from gateway.domain.markets import compiled, queue
from tests.domain.escalated import (
    CASE,
    DAY,
    FOLLOW_UP,
    HOUR,
    NOW,
    ONE,
    ORDER,
    OTHER,
    QUOTA,
    UPDATE,
    asked,
    ground,
    market,
    notes_of,
    refusal,
    save,
    two,
)

QUOTA_NOTES = {"best_contact_number", "time_frame_requested", "pertinent_comments"}
SAME = {"reason_for_request", "contact_number", "tech_id", "name_of_support_person"}
TIMED = {"reason", "time_frame_requested", "contact_number"}
ROWS = [
    (QUOTA, UPDATE, QUOTA_NOTES, HOUR / 2),
    ("Quota Escalations/Specific Time Frame Needed", UPDATE, QUOTA_NOTES, HOUR / 2),
    ("Quota Escalation/Do Sooner Than 1st Available", UPDATE, QUOTA_NOTES, HOUR / 2),
    (
        "Combine Multiple Work Orders",
        UPDATE,
        {"reason", "contact_name", "number", "business_hours", "tech_id"},
        None,
    ),
    (
        "Business Unresolved/Repeat Issue",
        UPDATE,
        {*TIMED, "tech_id", "name_of_support_person"},
        HOUR / 2,
    ),
    ("Tech Go Back Request", UPDATE, SAME, HOUR / 2),
    ("Tech Left Behind Items", UPDATE, SAME, None),
    (
        "Requesting Lead/Supervisor Technician",
        FOLLOW_UP,
        {*TIMED, "tech_name_or_id", "pertinent_comments"},
        HOUR / 2,
    ),
]


@pytest.mark.parametrize(("case_reason", "detail", "notes", "within"), ROWS)
def test_a_case_has_the_fields_of_its_row(
    case_reason: str, detail: str, notes: set[str], within: timedelta | None
) -> None:
    """S2-01, S2-02, S2-03, S2-04, S2-05, S2-06, S2-07, S2-08: exact strings, all notes needed."""
    done = save(asked(case_reason), ground("TX", *two()))
    record = done.facts.escalation
    assert record is not None
    assert (record.record_type, record.reason) == (
        "Non Technical",
        "Work Order Inquiry/Escalation",
    )
    assert (record.case_reason, record.reason_detail) == (case_reason, detail)
    assert {one.key for one in FORMS[case_reason].notes} == notes
    due = NOW + within if within else datetime(2026, 2, 4, 15, tzinfo=UTC)
    assert (done.facts.pickup_at, done.facts.contact_due) == (NOW, due)
    for key in notes:
        short = {name: text for name, text in notes_of(case_reason).items() if name != key}
        for without in (short, {**short, key: "  "}):
            refused = refusal(asked(case_reason, notes=without), ground("TX", *two()))
            assert (refused.code, refused.more["missing"]) == ("missing_notes", [key])


def test_there_are_eight_reasons_and_no_other() -> None:
    """S2-03: one of them is an Escalation, in the singular."""
    assert list(FORMS) == [row[0] for row in ROWS]
    for other in ("Quota Escalations/Do Sooner Than 1st Available", "tech go back request", ""):
        what = asked(notes={}, reason_detail=None)
        assert refusal(replace(what, case_reason=other)).code == "unknown_case_reason"


@pytest.mark.parametrize(("case_reason", "detail"), [row[:2] for row in ROWS])
def test_a_reason_keeps_its_own_detail(case_reason: str, detail: str) -> None:
    """S2-29: who asks for a certain technician asks for a follow up, not for a change."""
    other = UPDATE if detail == FOLLOW_UP else FOLLOW_UP
    refused = refusal(asked(case_reason, reason_detail=other))
    assert (refused.code, refused.more) == ("wrong_reason_detail", {"reason_detail": detail})
    done = save(asked(case_reason, reason_detail=detail), ground("FL", *two()))
    assert done.facts.escalation
    assert done.facts.escalation.reason_detail == detail


def test_notes_go_by_their_letters_and_none_is_lost() -> None:
    notes = {
        "Best contact number": "+12025550142",
        "TIME FRAME": "noon",
        "comments": "dog",
        "x": "y",
    }
    words = save(asked(notes=notes)).items[0].words
    assert words == (
        "Best contact number: +12025550142\nTime frame requested: noon\nPertinent comments: dog\n"
        "x: y\nJustification: No quota until May."
    )


MISSING = [
    (QUOTA, ORDER._replace(appointments=()), "no_appointment"),
    ("Business Unresolved/Repeat Issue", ORDER._replace(visited=False), "no_tech_visit"),
    ("Tech Go Back Request", ORDER._replace(visited=False), "no_tech_visit"),
    ("Tech Go Back Request", ORDER._replace(completed_at=None), "not_completed_today"),
    ("Tech Go Back Request", ORDER._replace(completed_at=NOW - DAY), "not_completed_today"),
    ("Combine Multiple Work Orders", ORDER, "one_work_order"),
]


@pytest.mark.parametrize(("case_reason", "order", "code"), MISSING)
def test_nothing_is_escalated_that_lacks_what_it_is_about(
    case_reason: str, order: WorkOrder, code: str
) -> None:
    """S2-09, S2-10, S2-19, S2-27."""
    assert refusal(asked(case_reason), ground("FL", order)).code == code


def test_other_reasons_need_no_visit_and_no_completion() -> None:
    """S2-10: an appointment will do."""
    planned = ORDER._replace(visited=False, completed_at=None)
    for case_reason, _, _, _ in ROWS:
        if case_reason not in {row[0] for row in MISSING} - {QUOTA}:
            assert save(asked(case_reason), ground("FL", planned)).facts.open


def test_a_work_order_must_be_there_and_be_one_customers() -> None:
    """S2-12 and S2-27: two orders of one customer are combined, those of two are not."""
    assert refusal(asked(), Ground(market("FL"), 0, ())).code == "no_work_order"
    combine = asked("Combine Multiple Work Orders")
    strangers = two(customer=CASE)
    assert refusal(combine, ground("FL", *strangers)).code == "several_customers"
    done = save(combine, ground("FL", *two(appointments=())))
    assert done.facts.escalation
    assert done.facts.escalation.field_jobs == (ONE, OTHER)


def test_completed_today_is_today_in_the_market() -> None:
    """S2-19, S2-31: an hour after midnight in Florida it is still yesterday in California."""
    late = datetime(2026, 2, 4, 6, 30, tzinfo=UTC)
    order = ORDER._replace(completed_at=late - HOUR * 2)
    go_back = asked("Tech Go Back Request")
    assert refusal(go_back, ground("FL", order), late).code == "not_completed_today"
    assert save(go_back, ground("CA", order), late).facts.open


def test_texas_takes_no_go_backs_after_three_and_others_do() -> None:
    """S2-17, S2-18."""
    go_back, three = asked("Tech Go Back Request"), NOW + 3 * HOUR
    late = three + timedelta(seconds=1)
    assert save(go_back, ground("TX"), three).facts.open
    assert refusal(go_back, ground("TX"), late).code == "tx_no_tgb_after_3pm"
    assert save(go_back, ground("CA"), late).facts.open
    assert save(asked(), ground("TX"), late).facts.open


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_no_market_takes_requests_for_a_sunday(code: str) -> None:
    """S2-14, S2-15: by its own code where there is no quota; the next day is offered."""
    shipped = compiled(SHIPPED[code])
    sunday = asked(requested_date=date(2026, 2, 8))
    refused = refusal(sunday, ground(shipped))
    none = code in {"CA", "OR", "WA"}
    assert refused.code == ("no_sunday_quota" if none else "sunday_not_accommodated")
    assert refused.more == {"offer": "2026-02-09"}
    assert save(asked(requested_date=date(2026, 2, 9)), ground(shipped)).facts.open
    allowed = compiled(SHIPPED[code].model_copy(update={"sunday": "allowed"}))
    assert save(sunday, ground(allowed)).facts.open


def test_it_is_said_why_and_the_customer_was_told_first() -> None:
    """S2-11, S2-23: no escalation without a reason, nor before its text was read out."""
    assert refusal(asked(justification=" \n")).code == "no_justification"
    refused = refusal(asked(customer_advised=False))
    current = advice(market("FL"), Topic.QUOTA)
    assert (refused.code, refused.more["advice"]) == ("customer_not_advised", current._asdict())
    assert refusal(asked(advice="quota-000000000000")).code == "unknown_advice"
    old = Ground(market("FL"), 3, (ORDER,), frozenset({"quota-000000000000"}))
    for what, on, version in [
        (asked(), ground(), current.version),
        (asked(advice=current.version), ground(), current.version),
        (asked(advice="quota-000000000000"), old, "quota-000000000000"),
    ]:
        done = save(what, on)
        assert done.items[0].data["advice"] == version


def test_the_texts_are_the_manuals_and_each_has_a_version() -> None:
    """S2-22, S2-24: word for word; what is changed has another version."""
    quota = advice(market("TX"), Topic.QUOTA)
    assert quota.text.startswith(
        "I am immediately escalating your appointment request to Dispatch for consideration. "
        "You will ONLY hear back from Dispatch if we are able to accommodate your request"
    )
    assert "original appointment stands unless you receive a call back." in quota.text
    assert quota in versions(market("TX").advice)
    other = replace(
        market("TX"), advice=market("TX").advice.model_copy(update={"quota": "Other words."})
    )
    assert advice(other, Topic.QUOTA).version != quota.version
    assert advice(market("TX"), Topic.GO_BACK) == advice(market("TX"), Topic.LEAD_TECHNICIAN)
    assert advice(market("TX"), Topic.COMBINE) != advice(market("TX"), Topic.LEFT_BEHIND)


def test_openings_are_offered_before_a_quota_case() -> None:
    """S2-25: from tomorrow on, no Sunday, no holiday."""
    said = offer(market("FL"), datetime(2026, 2, 13, 18, tzinfo=UTC))
    assert said
    assert said.text == (
        "We have many open appointments beginning with Saturday, February 14, 8 AM to 12 PM; "
        "Saturday, February 14, 1 PM to 5 PM; Tuesday, February 17, 8 AM to 12 PM. "
        "What one of these works best for you?"
    )


def test_the_queue_is_the_markets_own() -> None:
    """S2-30: by market and reason; nobody chooses it."""
    names = {queue(market(code), topic) for code in ("TX", "FL") for topic in Topic}
    assert len(names) == 2 * len(Topic)
    assert queue(market("TX"), Topic.QUOTA) == "Dispatch TX Quota Escalations"
    assert save(asked()).facts.owner == queue(market("FL"), Topic.QUOTA)
