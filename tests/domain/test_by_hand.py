"""What people relay, deliver, cancel, hold and note by hand, and who may not."""

from datetime import timedelta

import pytest

from gateway.domain.change import ErrandKind
from gateway.domain.deeds import (
    Aim,
    Annotate,
    CancelJob,
    Claim,
    Deed,
    DeliverBy,
    NameSchedule,
    RefusedError,
    Release,
    Report,
    Resume,
    SetCue,
)
from gateway.domain.dispatch import next_step
from gateway.domain.draft import Draft
from gateway.domain.jobs import JobState
from gateway.domain.keeping import given_back
from gateway.domain.messages import MessageState
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.people import (
    AMY,
    DAN,
    JOB,
    LEA,
    after,
    deed,
    facts,
    fresh,
    job_of,
    refusal,
    told,
    waiting,
)

# outcome, cancel


def test_a_relayed_outcome_delivers_and_stops_everything() -> None:
    done = deed(waiting(method="call"), Report(JOB, relayed=True, contact="bob"))
    assert done.message.state is MessageState.DELIVERED
    assert (done.message.evidence, done.message.delivered_to) == ("human", "bob")
    assert job_of(done).state is JobState.COMPLETED
    assert [errand.kind for errand in done.change.errands] == [ErrandKind.HANG_UP]
    assert told(done)[:2] == ["relay.accepted", "message.delivered"]


def test_an_outcome_not_relayed_keeps_the_grid_of_the_rounds() -> None:
    report = Report(JOB, relayed=False, contact="bob", note="His voicemail is full.")
    done = deed(waiting(), report, DAN, later(minutes=4))
    job = job_of(done)
    assert (job.state, job.next_at, job.owner) == (JobState.PENDING, later(minutes=15), None)
    assert told(done) == ["annotation.added", "relay.declined", "cue.canceled", "cue.set"]
    assert not any("voicemail" in item.body for item in done.change.items)
    assert done.change.items[0].words == "His voicemail is full."


def test_an_outcome_not_relayed_before_any_round_counts_from_now() -> None:
    done = deed(fresh(), Report(JOB, relayed=False, contact="bob"), DAN, later(minutes=4))
    assert job_of(done).next_at == later(minutes=19)


def test_a_canceled_job_dials_nobody_and_leaves_the_message_open() -> None:
    done = deed(waiting(method="call"), CancelJob(JOB))
    assert job_of(done).state is JobState.CANCELED
    assert job_of(done).next_at is None
    assert done.message.state is MessageState.OPEN
    assert [errand.kind for errand in done.change.errands] == [ErrandKind.HANG_UP]
    assert told(done) == ["dial.canceled", "job.canceled"]


# deliver


@pytest.mark.parametrize("evidence", ["human", "check_in", "key_press", "reply_code"])
def test_people_deliver_by_evidence_that_counts_here(evidence: str) -> None:
    done = deed(waiting(), DeliverBy(evidence, "ann", "She called in."))
    assert done.message.evidence == evidence
    assert job_of(done).state is JobState.COMPLETED
    assert done.change.closes


@pytest.mark.parametrize("evidence", ["voicemail", "email_accepted", "hearsay"])
def test_other_evidence_is_refused(evidence: str) -> None:
    assert refusal(fresh(), DeliverBy(evidence)) == "bad_evidence"


def test_what_the_client_asked_for_counts_too() -> None:
    protocol = {"name": "all", "evidence": ["voicemail"]}
    state = fresh(doc=document(protocols=[protocol]))
    assert deed(state, DeliverBy("voicemail")).message.evidence == "voicemail"
    assert deed(state, DeliverBy("human")).message.evidence == "human"
    assert refusal(state, DeliverBy("key_press")) == "bad_evidence"


def test_delivered_goes_to_people_of_the_account_only() -> None:
    assert refusal(fresh(), DeliverBy("human", "zoe")) == "unknown_contact"


# the limit


@pytest.mark.parametrize(
    "what",
    [
        Claim(JOB),
        Resume(JOB),
        SetCue(JOB, 15, "L-7"),
        Aim(JOB, "cho", "x"),
        NameSchedule(JOB, "OnCall"),
        Report(JOB, relayed=True, contact="ann"),
        Report(JOB, relayed=False, contact="ann"),
        CancelJob(JOB),
        DeliverBy("human"),
        Annotate("x", "disregard"),
        Annotate("x", "hold_for_office"),
    ],
)
def test_past_the_limit_only_a_lead_decides(what: Deed) -> None:
    state = fresh(state=JobState.LIMIT_REACHED)
    assert refusal(state, what, DAN) == "limit_reached"
    assert deed(state, what, LEA).change.items


def test_a_leads_claim_past_the_limit_changes_no_limit() -> None:
    state = fresh(state=JobState.LIMIT_REACHED)
    claimed = after(state, deed(state, Claim(JOB), LEA))
    assert refusal(claimed, DeliverBy("human"), DAN, later(minutes=1)) == "limit_reached"
    released = job_of(deed(claimed, Release(JOB), LEA, later(minutes=2)))
    assert (released.state, released.next_at) == (JobState.LIMIT_REACHED, later(minutes=17))
    draft = Draft(claimed, later(minutes=5), Dice())
    assert given_back(draft, draft.job(JOB))
    assert draft.job(JOB).state is JobState.LIMIT_REACHED


# annotations


def test_words_alone_change_nothing_and_stay_out_of_the_chain() -> None:
    done = deed(fresh(), Annotate("The gate code is 1234."), AMY)
    assert (done.change.jobs, done.message.state) == ((), MessageState.OPEN)
    (item,) = done.change.items
    assert item.words == "The gate code is 1234."
    assert (
        "1234" not in item.body.replace("agent:1204", "").replace(item.hash, "").split('"data"')[0]
    )


def test_words_can_still_be_added_to_a_closed_message() -> None:
    state = fresh()
    closed = after(state, deed(state, DeliverBy("human")))
    assert told(deed(closed, Annotate("Thanks."), AMY)) == ["annotation.added"]
    assert refusal(closed, Annotate("x", "disregard"), AMY) == "already_delivered"


def test_disregard_cancels_the_message_and_everything_about_it() -> None:
    done = deed(waiting(method="call"), Annotate("A test.", "disregard"), AMY)
    assert done.message.state is MessageState.CANCELED
    assert job_of(done).state is JobState.CANCELED
    assert done.change.closes
    assert told(done) == ["annotation.added", "message.canceled", "dial.canceled", "job.canceled"]
    closed = after(waiting(method="call"), done)
    assert refusal(closed, DeliverBy("human")) == "message_canceled"


def test_held_for_the_office_nobody_is_dialed_before_it_opens() -> None:
    office = {"hours": "Mon-Fri 08:00-17:00", "phone": "+12025550199"}
    state = waiting(method="call", doc=document(office=office))
    done = deed(state, Annotate("Tell the office.", "hold_for_office"), AMY, later(minutes=1))
    job = job_of(done)
    opening = NOON + timedelta(hours=14)
    assert (job.state, job.reason, job.next_at) == (JobState.HELD, "office_open", opening)
    assert "hold.set" in told(done)
    claimed = after(state, deed(after(state, done), Claim(JOB), DAN, later(minutes=2)))
    released = job_of(deed(claimed, Release(JOB), DAN, later(minutes=3)))
    assert (released.state, released.next_at) == (JobState.HELD, opening)


def test_without_an_office_a_lead_decides() -> None:
    done = deed(fresh(), Annotate("Tell the office.", "hold_for_office"), AMY)
    job = job_of(done)
    assert (job.state, job.next_at) == (JobState.HELD, later(minutes=15))
    assert told(done) == ["annotation.added", "hold.set", "job.held", "lead.alerted"]
    assert facts(done, "lead.alerted")["actor"] == "gateway"
    step = next_step(after(fresh(), done), JOB, later(minutes=15), Dice())
    assert [item.kind for item in step.items] == ["lead.alerted"]


# what has ended


@pytest.mark.parametrize("state", [JobState.COMPLETED, JobState.CANCELED, JobState.CLOSED_LEFTOVER])
def test_a_job_that_has_ended_is_worked_by_nobody(state: JobState) -> None:
    assert refusal(fresh(state=state), Claim(JOB), LEA) == "job_ended"


def test_a_leftover_of_a_delivered_message_can_only_be_canceled() -> None:
    state = fresh()
    message = state.message._replace(state=MessageState.DELIVERED, delivered_to="ann")
    leftover = state._replace(message=message)
    assert refusal(leftover, Claim(JOB)) == "already_delivered"
    assert job_of(deed(leftover, CancelJob(JOB))).state is JobState.CANCELED


def test_of_two_deliveries_the_second_hears_who_has_it() -> None:
    state = fresh()
    closed = after(state, deed(state, DeliverBy("human", "ann")))
    with pytest.raises(RefusedError, match="delivered to ann before"):
        deed(closed, DeliverBy("check_in"))
