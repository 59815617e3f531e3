"""Outcomes: what the carrier and the mail server say, early, late, twice and out of order."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.attempts import AttemptState
from gateway.domain.events import AlertFailed, Doubt, NotFound, Progress, Refusal
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from tests.kit.desk import later
from tests.kit.street import ANN, Street, changed, compiled, of, roster, shift, street

TEXTED = {**roster(shift("ann", status="sms"), shift("bob", "backup")), "permanent": []}


def called() -> Street:
    one = street()
    one.reach()
    return one


def texted() -> Street:
    one = street(compiled(**TEXTED))
    one.reach()
    return one


def says(one: Street, status: str, code: str | None = None) -> None:
    one.tell(Progress(one.last.id, one.last.sid, status, code))


@pytest.mark.parametrize("status", ["busy", "no_answer", "failed", "canceled"])
def test_a_call_that_ends_without_acceptance_moves_on_at_once(status: str) -> None:
    one = called()
    says(one, status)
    assert one.kinds()[-1] == f"dial.{status}"
    assert one.calls == {}
    assert one.reach().contact == "bob"


def test_an_answered_call_that_ends_by_itself_was_hung_up() -> None:
    one = called()
    says(one, "answered")
    says(one, "completed")
    assert one.kinds()[-2:] == ["dial.answered", "dial.hung_up"]
    assert one.last.outcome == "hung_up"


def test_ringing_changes_nothing_but_the_state() -> None:
    one = called()
    items = len(one.items)
    says(one, "ringing")
    assert one.last.state is AttemptState.RINGING
    assert len(one.items) == items


@given(st.permutations(["queued", "ringing", "answered"]))
def test_ranks_never_go_down(statuses: list[str]) -> None:
    one = called()
    for status in statuses:
        says(one, status)
    assert one.last.state is AttemptState.ANSWERED


@given(st.lists(st.sampled_from(["busy", "no_answer", "completed", "ringing", "answered"])))
def test_the_first_end_sticks_and_is_told_once(later_ones: list[str]) -> None:
    one = called()
    says(one, "failed")
    for status in later_ones:
        one.tell(Progress(one.last.id, one.last.sid, status))
    assert one.last.outcome == "failed"
    assert of(one.kinds(), "dial") == ["dial.started", "dial.failed"]
    assert one.job.due_at == one.now


@pytest.mark.parametrize(
    ("first", "second"), [*itertools.permutations(["delivered", "undelivered"], 2)]
)
def test_of_two_ends_of_a_text_the_first_counts(first: str, second: str) -> None:
    one = texted()
    says(one, first, "30003" if first == "undelivered" else None)
    kinds = one.kinds()
    says(one, second, "30003" if second == "undelivered" else None)
    assert one.kinds() == kinds


def test_a_text_on_the_phone_is_no_delivery_and_goes_on_waiting() -> None:
    one = texted()
    says(one, "delivered")
    assert one.kinds()[-1] == "sms.carrier_delivered"
    assert one.message.state is MessageState.OPEN
    assert one.job.state is JobState.WAITING_REPLY
    assert one.last.open


@pytest.mark.parametrize("status", ["undelivered", "failed"])
def test_a_text_that_fails_moves_on_at_once_and_voids_its_cue(status: str) -> None:
    one = texted()
    says(one, status, "30003")
    assert one.kinds()[-2:] == [f"sms.{status}", "cue.canceled"]
    assert one.told(f"sms.{status}")[0]["data"]["code"] == "30003"
    assert one.reach().contact == "bob"


def test_a_text_to_a_number_that_opted_out_suspends_texts_and_tells_a_lead() -> None:
    one = texted()
    says(one, "failed", "21610")
    assert one.flags[ANN].opted_out
    assert one.alerts() == ["opted_out"]
    assert one.reach().contact == "bob"


def test_a_definite_no_is_put_on_record_and_the_next_person_is_tried() -> None:
    one = street()
    one.step()
    no = Refusal(one.last.id, 21211, "not a valid number", again=False, ours=False, number=True)
    one.tell(no)
    assert one.last.outcome == "refused"
    assert "refused" not in str([item.body for item in one.items])
    failed = one.told("dial.failed")[0]
    assert (failed["data"]["code"], failed["data"]["reason"]) == ("21211", "not a valid number")
    assert one.alerts() == []
    assert one.calls == {}
    assert one.reach().contact == "bob"


def test_a_fault_of_ours_is_told_to_a_lead() -> None:
    one = street()
    one.step()
    one.tell(Refusal(one.last.id, 20003, "authenticate", again=False, ours=True))
    assert one.alerts() == ["carrier_refuses"]


def test_a_refusal_by_opt_out_suspends_texts() -> None:
    one = street(compiled(**TEXTED))
    one.step()
    one.tell(Refusal(one.last.id, 21610, "unsubscribed", again=False, ours=False))
    assert one.flags[ANN].opted_out
    assert one.reach().contact == "bob"


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (2, 4), (3, 8), (9, 8)])
def test_refusals_without_a_time_are_repeated_more_and_more_slowly(
    tries: int, seconds: int
) -> None:
    one = street()
    one.step()
    one.attempts[one.last.id] = changed(one.last, tries=tries)
    one.tell(Refusal(one.last.id, None, "refused", again=True, ours=False))
    assert one.job.next_at == later(seconds=seconds)
    assert one.calls == {}


def test_a_carrier_that_wants_much_patience_gets_fifteen_seconds() -> None:
    one = street()
    one.step()
    one.tell(Refusal(one.last.id, 20429, "later", again=True, ours=False, after=600))
    assert one.job.next_at == later(seconds=15)


def test_a_refusal_after_the_end_only_frees_the_phone() -> None:
    one = street()
    one.step()
    one.attempts[one.last.id] = one.last.over("canceled")
    items = len(one.items)
    one.tell(Refusal(one.last.id, 20429, "later", again=True, ours=False))
    assert len(one.items) == items
    assert one.calls == {}
    assert one.last.outcome == "canceled"


def test_doubt_is_looked_into_and_adopted_when_the_carrier_has_it_after_all() -> None:
    one = street()
    one.step()
    one.tell(Doubt(one.last.id, "timeout"))
    one.tell(Progress(one.last.id, "CA9", "ringing"))
    assert one.kinds()[-1] == "dial.adopted"
    assert (one.last.sid, one.last.state) == ("CA9", AttemptState.RINGING)


@pytest.mark.parametrize("reach", [called, texted])
@pytest.mark.parametrize("status", ["ringing", "answered", "completed", "delivered", "failed"])
def test_what_became_of_another_call_or_text_is_not_taken_for_its_own(
    reach: Callable[[], Street], status: str
) -> None:
    """Found by a look-up that was under way when the carrier told us the SID."""
    one = reach()
    before = one.last, one.job, one.kinds(), dict(one.calls)
    one.tell(Progress(one.last.id, "another", status))
    assert (one.last, one.job, one.kinds(), dict(one.calls)) == before


def test_doubt_about_what_the_carrier_has_told_of_means_nothing() -> None:
    one = called()
    one.tell(Doubt(one.last.id, "timeout"))
    assert one.last.state is AttemptState.SENT


def test_nothing_is_lost_before_it_had_time_to_show() -> None:
    one = street()
    one.step()
    one.wind(seconds=17).tell(NotFound(one.last.id))
    assert one.last.open
    one.wind(seconds=1).tell(NotFound(one.last.id))
    assert one.last.outcome == "lost"
    assert one.kinds()[-1] == "dial.lost"


def test_what_was_asked_for_again_has_all_its_time_to_show() -> None:
    """An answer about the first request says nothing of the second."""
    one = street()
    one.step()
    one.wind(seconds=15)
    one.tell(Refusal(one.last.id, 20429, "later", again=True, ours=False))
    one.wind(seconds=10).step()
    one.wind(seconds=17).tell(NotFound(one.last.id))
    assert one.last.open
    one.wind(seconds=1).tell(NotFound(one.last.id))
    assert one.last.outcome == "lost"


def test_a_lost_call_that_rings_after_all_changes_nothing() -> None:
    one = street()
    one.step()
    one.wind(seconds=20).tell(NotFound(one.last.id))
    due, items = one.job.next_at, len(one.items)
    one.tell(Progress(one.last.id, "CA9", "ringing"))
    one.tell(Progress(one.last.id, "CA9", "no_answer"))
    assert (one.job.next_at, len(one.items)) == (due, items)
    assert one.last.sid == "CA9"


def test_late_callbacks_after_the_delivery_are_recorded_and_change_nothing() -> None:
    one = texted()
    one.message = changed(one.message, state=MessageState.DELIVERED)
    ended = {key: job.ended(JobState.COMPLETED) for key, job in one.jobs.items()}
    one.jobs = ended
    one.attempts[one.last.id] = one.last.over("canceled")
    says(one, "delivered")
    assert one.kinds()[-1] == "sms.carrier_delivered"
    assert one.job.state is JobState.COMPLETED
    assert one.job.next_at is None


@pytest.mark.parametrize("state", [JobState.CLAIMED, JobState.HELD, JobState.LIMIT_REACHED])
def test_the_end_of_an_attempt_takes_no_job_out_of_a_persons_hands(state: JobState) -> None:
    one = called()
    mine = changed(one.job, state=state, owner="dispatcher:D-31", next_at=later(minutes=5))
    one.jobs[one.job.id] = mine
    says(one, "no_answer")
    assert (one.job.state, one.job.next_at) == (state, later(minutes=5))
    assert one.kinds()[-1] == "dial.no_answer"


@pytest.mark.parametrize("again", [True, False])
def test_nor_does_a_refusal_or_a_doubt(again: bool) -> None:
    one = street()
    one.step()
    mine = changed(one.job, state=JobState.CLAIMED, next_at=later(minutes=5))
    one.jobs[one.job.id] = mine
    one.tell(Doubt(one.last.id, "timeout"))
    one.tell(Refusal(one.last.id, None, "no", again=again, ours=False))
    assert one.job.next_at == later(minutes=5)


def test_an_alert_that_reached_nobody_is_a_failure_on_record() -> None:
    one = street()
    one.tell(AlertFailed("dispatch", "gap"))
    one.tell(AlertFailed("lead", "limit"))
    assert one.told("dispatch.alerted")[0]["outcome"] == "failure"
    assert one.told("lead.alerted")[0]["outcome"] == "failure"
