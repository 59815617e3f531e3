"""Casework: assignments, what comes back, reviews, owners, and how a case ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.casebook import Casebook
from gateway.domain.cases import shown
from gateway.domain.casework import (
    Answer,
    Assign,
    Close,
    Comment,
    HandOver,
    LogReview,
    Step,
    do,
)
from gateway.domain.deeds import Person
from gateway.domain.escalation_facts import Escalation
from gateway.domain.reviewing import prefilled, stale
from tests.kit.cases import ACTIVE, BOOK, DESK, SUNNY, after, case, item, refusal, sent_back
from tests.kit.desk import NOON
from tests.kit.people import AMY, DAN, LEA

ESCALATION = Escalation("Dallas", "Reschedule", None, "Dallas Dispatch", "Dispatch", "Market")
ASSIGN = Assign("Compliance", "Leak", "Look at it.")


def test_an_assignment_is_a_task_of_another_team_and_changes_no_owner() -> None:
    """S4-03, S4-04: team, reason, comments and how it stands; the case stays its owner's."""
    written = do(case(), replace(ASSIGN, team="compliance"), DESK, DAN, NOON)
    (given,) = written.facts.work.assignments
    assert (given.n, given.team, given.reason, given.comments, given.state, given.by) == (
        *(1, "Compliance", "Leak", "Look at it.", "open", "dispatcher:D-31"),
    )
    assert written.facts.owner == "agent:1204"
    assert "Look at it." not in f"{item(written).text}{item(written).data}"


@pytest.mark.parametrize("team", [one.name for one in Casebook().teams])
def test_every_team_takes_assignments_or_owns_cases(team: str) -> None:
    """S4-04, S4-25: a queue of cases is no team for an assignment, and a team owns no case."""
    queue = team in {"Support", "Back Office"}
    if queue:
        assert refusal(case(), Assign(team, "Leak", "…")) == "not_assignable"
        assert after(case(), (HandOver(team.upper()), AMY)).owner == team
    else:
        assert after(case(), (Assign(team, "Leak", "…"), AMY)).work.assignments[0].team == team
        assert refusal(case(), HandOver(team)) == "not_an_owner"


def test_only_sales_is_referred_to_the_two_people_of_the_organization() -> None:
    """S4-27: looked up, unless they are named; nobody else is told of them."""
    one = case(contract=ACTIVE, organization=SUNNY)
    sales = replace(ASSIGN, team="Sales")
    named = replace(sales, account_manager="Abe Account")
    first, second = after(one, (sales, AMY), (named, AMY)).work.assignments
    assert (first.account_manager, first.sales_manager) == ("Ada Account", "Saul Sales")
    assert (second.account_manager, second.sales_manager) == ("Abe Account", "Saul Sales")
    assert after(one, (ASSIGN, AMY)).work.assignments[0].account_manager is None
    assert refusal(one, replace(ASSIGN, sales_manager="Saul Sales")) == "no_referral"
    assert after(case(), (sales, AMY)).work.assignments[0].account_manager is None


@pytest.mark.parametrize("state", ["returned", "rejected"])
def test_what_a_resolution_specialist_sends_back_is_closed_as_void(state: str) -> None:
    """S4-14: the owner gets a task, and closes it for that one reason only."""
    one = sent_back(case(), state=state)
    (task,) = one.work.tasks
    assert (task.owner, task.status, task.comments) == ("agent:1204", "Open", "Not ours.")
    assert refusal(one, Close("Resolved")) == "must_be_case_voided"
    assert refusal(one, Close("Case Voided"), LEA) == "not_owner"
    assert item(do(one, Close("Case Voided"), DESK, AMY, NOON)).data == {"voided": True}
    ended = after(one, (Close("case voided"), AMY))
    assert (ended.status, ended.close_reason, ended.work.tasks) == ("closed", "Case Voided", ())


@pytest.mark.parametrize(
    ("team", "then", "reason"),
    [
        ("Compliance", (), "Resolved"),
        ("Resolution Specialist", ("done",), "Resolved"),
        ("Resolution Specialist", ("returned",), None),
    ],
)
def test_which_assignments_force_the_closed_reason(
    team: str, then: tuple[str, ...], reason: str | None
) -> None:
    """S4-14: those of that team; one that was given again and done lets go of it."""
    one = sent_back(case(), team)
    for state in then:
        one = after(one, (Assign(team, "Again", "…"), AMY))
        step = Answer(2, state, "Done." if state == "done" else "No.")  # type: ignore[arg-type]
        one = after(one, (step, DAN))
    if reason is None:
        assert refusal(one, Close("Resolved")) == "must_be_case_voided"
    else:
        assert after(one, (Close(reason), AMY)).close_reason == reason


def test_what_was_given_again_still_voids_until_it_is_done() -> None:
    """S4-14."""
    one = after(sent_back(case()), (Assign("Resolution Specialist", "Again", "…"), AMY))
    assert refusal(one, Close("Resolved")) == "must_be_case_voided"


def test_an_owner_is_named_as_tokens_are() -> None:
    """CONTRACT section 7: who owns a case stands in the chain, where nothing is erased."""
    assert refusal(case(), HandOver("Ann +12025550101")) == "not_an_owner"


def test_a_review_is_the_owners_alone() -> None:
    """S4-16: everybody else has comments, a lead as well."""
    for who in (DAN, LEA, Person("1205", "agent")):
        assert refusal(case(), LogReview("All well."), who) == "not_owner"
        assert item(do(case(), Comment("All well."), DESK, who, NOON)).words == "All well."


@pytest.mark.parametrize("unit", ["a", "é", "🏠"])
def test_a_review_has_a_thousand_characters_as_people_count_them(unit: str) -> None:
    """S4-19: Unicode code points, whatever bytes they take."""
    assert after(case(), (LogReview(unit * 1000), AMY)).work.review
    assert refusal(case(), LogReview(unit * 1001)) == "too_long"


def test_a_review_is_an_activity_of_exactly_this_form() -> None:
    """S4-20."""
    written = do(case(), LogReview("Parts are ordered."), DESK, AMY, NOON)
    assert item(written).kind == "case.reviewed"
    assert item(written).data == {
        "subject": "Case Review",
        "name": None,
        "due_date": None,
        "status": "Completed",
    }
    assert item(written).words == "Parts are ordered."


def test_another_review_overwrites_the_last_one_and_another_user_is_the_new_owner() -> None:
    """S4-21, S4-22: each writes an activity of its own; only the owner of the day may."""
    one = after(case(), (LogReview("First."), AMY), (HandOver("dispatcher:D-31"), AMY))
    assert refusal(one, LogReview("Second."), AMY) == "not_owner"
    review = after(one, (LogReview("Second."), DAN)).work.review
    assert review
    assert (review.comments, review.by) == ("Second.", "dispatcher:D-31")


@pytest.mark.parametrize(
    ("owner", "who", "outcome"),
    [
        ("agent:1204", AMY, "D-31"),
        ("agent:1204", LEA, "D-31"),
        ("agent:1204", DAN, "not_owner"),
        ("1204", AMY, "D-31"),
        ("Back Office", DAN, "D-31"),
        ("Dallas Dispatch", DAN, "D-31"),
    ],
)
def test_who_may_hand_a_case_over(owner: str, who: Person, outcome: str) -> None:
    """S4-09, S4-25: its owner, a lead, and anybody whom a queue's case falls to."""
    one = replace(case(), owner=owner, escalation=ESCALATION)
    if outcome == "not_owner":
        assert refusal(one, HandOver("D-31"), who) == outcome
        assert refusal(one, Close("Solved"), who) == outcome
    else:
        assert after(one, (HandOver("D-31"), who)).owner == outcome


def test_a_case_in_a_queue_is_closed_by_whoever_sees_to_it_and_reviewed_by_nobody() -> None:
    """S4-14, S4-16: its owner is no person."""
    one = replace(case(), owner="Back Office")
    assert refusal(one, LogReview("Mine."), DAN) == "not_owner"
    assert after(one, (Close("Solved"), DAN)).close_reason == "Solved"


def test_a_new_owner_has_the_tasks() -> None:
    """S4-14: what came back is the owner's to do, whoever that is by now."""
    one = after(sent_back(case()), (HandOver("dispatcher:D-31"), AMY))
    assert [task.owner for task in one.work.tasks] == ["dispatcher:D-31"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (ASSIGN, "case_closed"),
        (LogReview("…"), "case_closed"),
        (HandOver("D-31"), "case_closed"),
        (Close("Resolved"), "case_closed"),
        (Answer(1, "returned", "No."), "case_closed"),
    ],
)
def test_a_closed_case_takes_comments_only_and_its_subject_is_free(step: Step, code: str) -> None:
    """S4-02, S4-23."""
    one = after(case(), (ASSIGN, AMY), (Close("Resolved"), AMY))
    assert refusal(one, step) == code
    assert after(one, (Comment("They called again."), DAN)).work.comments == 1
    assert shown(one).subject is None


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Assign("Plumbers", "Leak", "…"), "unknown_team"),
        (Answer(2, "done", "Done."), "unknown_assignment"),
        (Answer(0, "done", "Done."), "unknown_assignment"),
    ],
)
def test_what_is_not_there_is_refused(step: Step, code: str) -> None:
    assert refusal(after(case(), (ASSIGN, AMY)), step) == code


def test_an_assignment_ends_once() -> None:
    one = sent_back(case())
    assert refusal(one, Answer(1, "done", "Done.")) == "assignment_ended"


def test_a_review_begins_with_what_is_pending_and_whose_it_is() -> None:
    """S4-17, S4-18: status, pending items and their owners; the operator words it."""
    assert prefilled(case(), BOOK) == (
        "Current status: open\nPending action items: none\nOwners: agent:1204"
    )
    busy = after(sent_back(case()), (ASSIGN, AMY))
    text = prefilled(busy, BOOK)
    assert "Compliance: Leak" in text
    assert "Assignment sent back: Not ours." in text
    assert text.endswith("Owners: Compliance, agent:1204")
    wordy = after(case(), *[(replace(ASSIGN, reason="x" * 700), AMY)] * 2)
    assert after(wordy, (LogReview(prefilled(wordy, BOOK)), AMY)).work.review
    assert prefilled(busy, replace(BOOK, template="{status}, {else}")) == "open, {else}"


def test_a_case_is_stale_when_nobody_reviewed_it_for_longer_than_so_many_days() -> None:
    """S4-24: counted to the second from the last review, or from its opening."""
    week = timedelta(days=7)
    later = do(case(), LogReview("…"), DESK, AMY, NOON + timedelta(days=1)).facts
    closed = after(case(), (Close("Resolved"), AMY))
    many = [case(), later, closed]
    assert list(stale(many, 7, NOON + week)) == []
    (found,) = stale(many, 7, NOON + week + timedelta(seconds=1))
    assert found == (case(), NOON)
