"""What a decision leaves to people, and who takes a break."""

from datetime import timedelta

import pytest

from gateway.domain.deeds import Annotate, ParkMessage, Report
from gateway.domain.dispatch import next_step
from gateway.domain.floor import CallState, Session, Verdict, away, judge_break
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from gateway.domain.needs import Need, WorkKind, needs_of
from gateway.domain.stranded import hold_unplanned
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.people import AMY, JOB, after, deed, fresh, told, waiting
from tests.kit.street import protocol, roster, shift

HUMAN = {"ann": {"name": "Ann Ames", "phone": "+12025550101", "requires_human": True}}


def planned(**job: object) -> tuple[Need, ...]:
    """Return what the next step of Northside's job leaves to people."""
    state = fresh(**job)
    return needs_of(next_step(state, JOB, NOON, Dice()))


def test_an_attempt_leaves_nothing_to_people() -> None:
    assert planned() == ()


def test_a_contact_whom_only_a_person_may_call_needs_one() -> None:
    """S3-61, S3-71."""
    people = document(contacts=HUMAN, permanent=[], **roster(shift("ann")))
    state = fresh(doc=people)
    (need,) = needs_of(next_step(state, JOB, NOON, Dice()))
    assert need == Need(WorkKind.DISPATCH, "requires_human", JOB, "requires_human")


def test_a_held_job_and_its_reminders_need_a_person() -> None:
    """S3-61: also each time a lead is reminded."""
    nobody = document(contacts={}, schedules=[], permanent=[])
    first = next_step(fresh(doc=nobody), JOB, NOON, Dice())
    assert needs_of(first) == (Need(WorkKind.DISPATCH, "held", JOB, "blank"),)
    held = fresh(doc=nobody, state=JobState.HELD, reason="blank")
    assert needs_of(next_step(held, JOB, later(minutes=15), Dice())) == needs_of(first)


def test_the_limit_and_an_exhausted_round_need_a_person() -> None:
    """S3-61."""
    away = [{"contact": who, "weekly": "Mon-Sun 00:00-24:00"} for who in ("ann", "bob", "cho")]
    state = fresh(doc=document(unavailable=away))
    (exhausted,) = needs_of(next_step(state, JOB, NOON, Dice()))
    assert exhausted.reason == "exhausted"
    short = document(unavailable=away, **protocol(limit="1s"))
    (limit,) = needs_of(next_step(fresh(doc=short, active_seconds=60), JOB, NOON, Dice()))
    assert limit.reason == "limit"


@pytest.mark.parametrize(
    ("skill", "kind"), [("Dispatch", WorkKind.DISPATCH), ("Callback", WorkKind.CALLBACK)]
)
def test_a_park_is_work_of_its_skill(skill: str, kind: WorkKind) -> None:
    """S3-05, S3-14, S3-61."""
    state = waiting()
    noted = after(state, deed(state, Annotate("Call them."), AMY))
    done = deed(noted, ParkMessage(skill, "Call the client back."), AMY)
    assert needs_of(done.change) == (Need(kind, "parked", JOB),)


def test_what_cannot_be_planned_is_held_and_told() -> None:
    """S3-33: with a lead alerted, and in a person's hands from then on."""
    change = hold_unplanned(fresh(), JOB, NOON, Dice())
    (job,) = change.jobs
    assert (job.state, job.reason, job.next_at) == ("held", "plan_failed", later(minutes=15))
    assert [item.kind for item in change.items] == ["job.held", "lead.alerted"]
    assert needs_of(change) == (Need(WorkKind.DISPATCH, "held", JOB, "plan_failed"),)


def test_a_job_older_than_the_delivery_is_a_leftover_and_a_younger_one_runs() -> None:
    """S3-30, S3-28: the leftover dials nobody."""
    state = fresh()
    given = state.message._replace(state=MessageState.DELIVERED, delivered_at=later(minutes=1))
    left = next_step(state._replace(message=given), JOB, later(minutes=2), Dice())
    assert [item.kind for item in left.items] == ["job.closed_leftover"]
    assert (left.wire, left.jobs[0].state) == (None, "closed_leftover")
    younger = tuple(job._replace(created_at=later(minutes=2)) for job in state.jobs)
    run = next_step(state._replace(message=given, jobs=younger), JOB, later(minutes=2), Dice())
    assert run.wire is not None


def test_a_cue_of_a_job_that_has_ended_does_nothing() -> None:
    """S3-28."""
    change = next_step(fresh(state=JobState.COMPLETED), JOB, NOON, Dice())
    assert (change.items, change.wire, change.jobs[0].next_at) == ((), None, None)


@pytest.mark.parametrize(
    ("minutes", "covered", "waiting", "verdict"),
    [
        (5, False, 3, Verdict.GRANTED),
        (4.9, True, 3, Verdict.GRANTED),
        (4.9, False, 1, Verdict.REFUSED),
        (4.9, False, 0, Verdict.FLAGGED),
        (0, False, 1, Verdict.REFUSED),
    ],
)
def test_a_break_needs_five_minutes_unless_somebody_covers_it(
    minutes: float, covered: bool, waiting: int, verdict: Verdict
) -> None:
    """S3-06."""
    assert judge_break(timedelta(minutes=minutes), covered=covered, waiting=waiting) is verdict


def test_who_is_coded_covers_while_their_phone_is_in_disp_and_they_stay() -> None:
    """S3-04, S3-06."""
    dan = Session("D-31", True, NOON, "wfm:W-1", CallState.DISP)
    assert dan.covers(NOON)
    assert not dan._replace(coded=False).covers(NOON)
    assert not dan._replace(call_state=CallState.TALK).covers(NOON)
    assert not dan._replace(break_at=later(minutes=4)).covers(NOON)
    assert dan._replace(break_at=later(minutes=5)).covers(NOON)


def test_a_persons_own_call_ends_in_one_transaction() -> None:
    """S3-75: relayed delivers the message and completes the job at once."""
    done = deed(waiting(), Report(JOB, relayed=True, contact="bob"))
    assert (done.message.state, done.jobs[0].state) == ("delivered", "completed")
    assert "message.delivered" in told(done)


def test_who_is_coded_is_away_when_none_of_them_covers() -> None:
    """S3-06: a break counts from five minutes before it; a phone off Disp at once."""
    here = Session(
        "D-1", coded=True, changed_at=NOON, changed_by="wfm:W", call_state=CallState.DISP
    )
    soon = here._replace(name="D-2", break_at=later(minutes=4))
    talks = here._replace(name="D-3", call_state=CallState.TALK)
    gone = here._replace(name="D-4", coded=False)
    assert away([soon, talks, gone], NOON) == ["D-2", "D-3"]
    assert away([soon, talks, gone], later(minutes=-2)) == []
    assert away([here, soon], NOON) == []
    assert away([gone], NOON) == []
