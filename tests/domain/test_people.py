"""People claim, release, resume and aim the same jobs that the gateway works."""

import orjson
import pytest

from gateway.domain.deeds import (
    Aim,
    Annotate,
    CancelJob,
    Claim,
    Deed,
    NameSchedule,
    Person,
    Release,
    Report,
    Resume,
    SetCue,
)
from gateway.domain.dispatch import next_step
from gateway.domain.jobs import JobState, Target
from gateway.domain.keeping import in_hand
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.people import (
    DAN,
    DEB,
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

# claims


def test_a_claim_lasts_five_minutes_and_is_on_record_with_its_owner() -> None:
    done = deed(fresh(), Claim(JOB))
    job = job_of(done)
    assert (job.state, job.owner, job.next_at) == (
        JobState.CLAIMED,
        "dispatcher:D-31",
        later(minutes=5),
    )
    assert facts(done, "job.claimed")["actor"] == "dispatcher:D-31"


@pytest.mark.parametrize("second", [DEB, LEA])
def test_of_two_claimers_the_second_is_told_that_somebody_works_it(second: Person) -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    assert refusal(claimed, Claim(JOB), second, later(minutes=4)) == "claimed"


def test_a_lapsed_claim_is_open_to_others() -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    done = deed(claimed, Claim(JOB), DEB, later(minutes=5))
    assert job_of(done).owner == "dispatcher:D-32"


@pytest.mark.parametrize(
    "what",
    [Claim(JOB), Annotate("Client calls again.")],
)
def test_any_call_of_the_owner_renews_the_claim(what: Deed) -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    done = deed(claimed, what, DAN, later(minutes=4))
    assert job_of(done).next_at == later(minutes=9)
    assert "job.claimed" not in told(done)


def test_somebody_elses_call_does_not_renew_it() -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    assert deed(claimed, Annotate("x"), DEB, later(minutes=4)).change.jobs == ()


@pytest.mark.parametrize(
    "what",
    [
        Release(JOB),
        Resume(JOB),
        SetCue(JOB, 5, "L-7"),
        Aim(JOB, "cho", "x"),
        NameSchedule(JOB, "OnCall"),
        Report(JOB, relayed=True, contact="ann"),
        CancelJob(JOB),
    ],
)
def test_nobody_else_but_a_lead_works_a_claimed_job(what: Deed) -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    assert refusal(claimed, what, DEB, later(minutes=1)) == "claimed"
    assert deed(claimed, what, LEA, later(minutes=1)).change.jobs


def test_a_released_job_is_due_at_once_and_nobodys() -> None:
    state = fresh()
    claimed = after(state, deed(state, Claim(JOB)))
    done = deed(claimed, Release(JOB), DAN, later(minutes=2))
    job = job_of(done)
    assert (job.state, job.owner, job.due_at, job.next_at) == (
        JobState.PENDING,
        None,
        later(minutes=2),
        later(minutes=2),
    )
    assert told(done) == ["job.resumed"]


def test_only_a_claimed_job_can_be_released() -> None:
    assert refusal(fresh(), Release(JOB)) == "not_claimed"


# resume, cue, target, schedule


def test_resuming_waits_no_longer_for_a_reply() -> None:
    done = deed(waiting(), Resume(JOB), at=later(minutes=3))
    job = job_of(done)
    assert (job.state, job.next_at, job.cue_at) == (JobState.PENDING, later(minutes=3), None)
    assert told(done) == ["job.resumed", "cue.canceled"]
    step = next_step(after(waiting(), done), JOB, later(minutes=3), Dice())
    assert [item.kind for item in step.items] == ["dial.started"]
    assert orjson.loads(step.items[0].body)["data"]["contact"] == "bob"


def test_resuming_a_job_lets_a_call_that_rings_ring_on() -> None:
    done = deed(waiting(method="call"), Resume(JOB), at=later(seconds=5))
    assert done.change.errands == ()
    step = next_step(after(waiting(method="call"), done), JOB, later(seconds=5), Dice())
    assert step.wire is None


def test_a_lead_sets_a_cue_that_is_no_gap() -> None:
    done = deed(waiting(), SetCue(JOB, 45), LEA, later(minutes=3))
    job = job_of(done)
    assert (job.state, job.due_at, job.cue_at) == (
        JobState.PENDING,
        later(minutes=48),
        later(minutes=48),
    )
    assert told(done) == ["cue.canceled", "cue.set"]
    assert in_hand(job)
    step = next_step(after(waiting(), done), JOB, later(minutes=48), Dice())
    assert "gap.detected" not in [item.kind for item in step.items]
    assert step.jobs[0].active_seconds == 0


def test_a_dispatcher_sets_a_cue_only_at_a_leads_direction() -> None:
    assert refusal(fresh(), SetCue(JOB, 30)) == "lead_needed"
    done = deed(fresh(), SetCue(JOB, 30, "L-7"))
    assert facts(done, "cue.set")["directed_by"] == "L-7"


def test_a_target_is_the_next_round_alone() -> None:
    state = waiting()
    done = deed(state, Aim(JOB, "cho", "contact someone else"), LEA, later(minutes=3))
    assert told(done) == ["target.override", "cue.canceled"]
    assert facts(done, "target.override")["contact"] == "cho"
    assert job_of(done).target == Target("cho", "contact someone else")
    step = next_step(after(state, done), JOB, later(minutes=3), Dice())
    dialed = [orjson.loads(i.body)["data"] for i in step.items if i.kind == "dial.started"]
    assert [(one["contact"], one["source"]) for one in dialed] == [("cho", "target")]


def test_somebody_tried_in_this_round_can_be_the_target() -> None:
    state = waiting()
    done = deed(state, Aim(JOB, "ann", "she has called in"), LEA, later(minutes=3))
    step = next_step(after(state, done), JOB, later(minutes=3), Dice())
    assert "dial.started" in [item.kind for item in step.items]


def test_a_target_is_one_of_the_accounts_people() -> None:
    assert refusal(fresh(), Aim(JOB, "zoe", "x")) == "unknown_contact"


def test_a_named_schedule_resolves_what_nobody_could_guess() -> None:
    shift = {"contact": "ann", "weekly": "Mon-Sun 00:00-24:00"}
    two = [{"name": name, "shifts": [shift]} for name in ("East", "West")]
    state = fresh(doc=document(schedules=two))
    held = next_step(state, JOB, NOON, Dice())
    state = state._replace(jobs=held.jobs)
    done = deed(state, NameSchedule(JOB, "west"), DAN, later(minutes=1))
    assert facts(done, "schedule.selected")["schedule"] == "West"
    step = next_step(after(state, done), JOB, later(minutes=1), Dice())
    resolved = [orjson.loads(i.body)["data"] for i in step.items if i.kind == "oncall.resolved"]
    assert resolved[0]["schedule"] == "West"


def test_an_unknown_schedule_is_refused() -> None:
    assert refusal(fresh(), NameSchedule(JOB, "North")) == "unknown_schedule"
