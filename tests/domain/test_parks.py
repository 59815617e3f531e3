"""Parks: what they ask for, what they pause, who may end them, and where jobs go on after them."""

from datetime import datetime

import pytest

from gateway.domain.absorb import absorb
from gateway.domain.attempts import AttemptState
from gateway.domain.change import ErrandKind
from gateway.domain.deeds import (
    Aim,
    Annotate,
    Claim,
    ClaimPark,
    ClosePark,
    Deed,
    DeliverBy,
    ParkMessage,
    Person,
    ReleasePark,
    Resume,
)
from gateway.domain.dispatch import next_step
from gateway.domain.events import ParkWaits
from gateway.domain.jobs import JobState
from gateway.domain.state import State
from tests.kit.desk import NOON, Dice, later
from tests.kit.people import (
    AMY,
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

PARK = ParkMessage("Dispatch", "Client changes the address.")


def noted(state: State, at: datetime = NOON) -> State:
    """Return the message with an annotation."""
    return after(state, deed(state, Annotate("They call back."), AMY, at))


def parked(state: State | None = None, at: datetime = NOON) -> State:
    """Return the message annotated and parked."""
    state = noted(state or fresh(), at)
    return after(state, deed(state, PARK, AMY, at))


def claimed(state: State | None = None, who: Person = DAN) -> State:
    """Return the message parked and claimed."""
    state = parked(state)
    return after(state, deed(state, ClaimPark(), who))


def test_a_park_wants_words_that_are_newer_than_the_last_one() -> None:
    """S3-13."""
    assert refusal(fresh(), PARK, AMY) == "not_annotated"
    state = claimed()
    state = after(state, deed(state, ReleasePark()))
    assert refusal(state, PARK, AMY) == "not_annotated"
    assert told(deed(noted(state), PARK, AMY))[0] == "park.created"


def test_a_message_is_parked_once_at_a_time() -> None:
    assert refusal(noted(parked()), PARK, AMY) == "already_parked"


def test_a_park_pauses_the_job_and_lets_a_call_ring() -> None:
    """S3-13: nothing new begins; what rings goes on to its end and moves nothing on."""
    state = parked(waiting(method="call"))
    (job,) = state.jobs
    assert (job.state, job.next_at, job.cue_at, job.round.open) == (
        JobState.PARKED,
        None,
        None,
        False,
    )
    assert state.attempts[0].open


def test_a_park_takes_back_what_was_to_go_out_again() -> None:
    state = waiting(method="call")
    deferred = state.attempts[0]._replace(state=AttemptState.DEFERRED)
    assert not parked(state._replace(attempts=(deferred,))).attempts[0].open


def test_the_words_of_a_park_stand_apart_from_its_item() -> None:
    done = deed(noted(fresh()), PARK, AMY)
    (item,) = (one for one in done.change.items if one.kind == "park.created")
    assert item.words == PARK.text
    assert PARK.text not in item.body
    assert facts(done, "park.created")["skill"] == "Dispatch"
    park = done.message.aside.park
    assert park is not None
    assert (park.seq, park.by, park.at) == (item.seq, "agent:1204", NOON)


def test_of_two_dispatchers_one_has_the_park() -> None:
    """S3-14, S3-36: a lead does not have it either, as long as the claim lasts."""
    state = claimed()
    for who in (DEB, LEA):
        assert refusal(state, ClaimPark(), who, later(minutes=4)) == "claimed"
    assert told(deed(state, ClaimPark(), DAN, later(minutes=4))) == []
    assert told(deed(state, ClaimPark(), DEB, later(minutes=5))) == ["park.claimed"]


@pytest.mark.parametrize("what", [Annotate("x"), ClaimPark()])
def test_any_call_of_its_owner_renews_the_claim(what: Deed) -> None:
    done = deed(claimed(), what, DAN, later(minutes=4))
    park = done.message.aside.park
    assert park is not None
    assert park.until == later(minutes=9)


def test_a_parked_job_is_left_to_whoever_has_the_park() -> None:
    state = claimed()
    for what in (Resume(JOB), Claim(JOB), Aim(JOB, "cho", "asked for")):
        assert refusal(state, what, DEB) == "claimed"
    assert job_of(deed(state, Resume(JOB), DAN)).state is JobState.PENDING
    assert job_of(deed(state, Resume(JOB), LEA)).state is JobState.PENDING


@pytest.mark.parametrize("end", [ReleasePark(), ClosePark()])
def test_only_its_owner_or_a_lead_ends_a_park(end: Deed) -> None:
    assert refusal(fresh(), end) == "not_parked"
    assert refusal(parked(), end) == "not_claimed"
    assert refusal(claimed(), end, DEB) == "claimed"
    assert refusal(claimed(), end, DAN, later(minutes=5)) == "not_claimed"
    for who in (DAN, LEA):
        assert deed(claimed(), end, who).message.aside.park is None


def test_a_released_job_is_due_at_once_and_no_gap() -> None:
    state = parked(waiting())
    done = deed(state, ReleasePark(), LEA, later(hours=3))
    job = job_of(done)
    assert (job.state, job.next_at, job.owner) == (JobState.PENDING, later(hours=3), None)
    change = next_step(after(state, done), JOB, later(hours=3), Dice())
    assert not {"gap.detected", "limit.reached"} & {item.kind for item in change.items}


@pytest.mark.parametrize(("minutes", "back"), [(5, 15), (14, 15), (15, 15), (16, 30), (44, 45)])
def test_a_closed_job_goes_on_at_its_own_cue(minutes: int, back: int) -> None:
    done = deed(parked(waiting()), ClosePark(), LEA, later(minutes=minutes))
    job = job_of(done)
    assert (job.state, job.next_at) == (JobState.PENDING, later(minutes=back))


def test_a_closed_job_that_never_began_is_due() -> None:
    done = deed(parked(), ClosePark(), LEA, later(minutes=5))
    assert job_of(done).next_at == later(minutes=5)


@pytest.mark.parametrize("end", [ReleasePark(), ClosePark()])
@pytest.mark.parametrize(
    ("state", "reason", "due"),
    [
        (JobState.LIMIT_REACHED, None, NOON),
        (JobState.HELD, "office_open", later(hours=14)),
        (JobState.HELD, "special", later(hours=14)),
        (JobState.HELD, "hold_for_office", NOON),
        (JobState.HELD, "requires_human", NOON),
    ],
)
def test_what_waited_before_a_park_waits_after_it(
    end: Deed, state: JobState, reason: str | None, due: datetime
) -> None:
    """A park takes no job past its limit, and opens no office."""
    before = fresh(state=state, reason=reason, due_at=due, next_at=later(minutes=15))
    done = deed(parked(before), end, LEA, later(minutes=1))
    job = job_of(done)
    assert job.state is state
    assert job.next_at == (due if due > NOON else later(minutes=16))
    assert facts(done, "job.resumed")["state"] == state.value


def test_past_the_limit_a_parked_job_is_a_leads_still() -> None:
    """S3-51."""
    state = parked(fresh(state=JobState.LIMIT_REACHED, next_at=later(minutes=15)))
    assert refusal(state, Resume(JOB)) == "limit_reached"
    assert refusal(state, DeliverBy("human")) == "limit_reached"


def test_a_delivery_ends_the_job_and_leaves_the_park_to_its_people() -> None:
    done = deed(claimed(), DeliverBy("check_in", "ann"))
    assert job_of(done).state is JobState.COMPLETED
    assert done.message.aside.park is not None
    assert deed(after(claimed(), done), ClosePark()).message.aside.park is None


def test_a_job_taken_by_people_while_it_was_being_planned_is_left_to_them() -> None:
    state = fresh()
    for taken in (parked(), after(state, deed(state, Claim(JOB)))):
        change = next_step(taken, JOB, NOON, Dice())
        assert (change.items, change.jobs, change.errands) == ((), (), ())


def waits(state: State, at: datetime, seq: int | None = None) -> tuple[list[str], list[datetime]]:
    """Look after a park at an instant; return the items' kinds and when to look again."""
    park = state.message.aside.park
    seq = park.seq if park and seq is None else seq or 0
    change, _ = absorb(state, ParkWaits(seq), at, Dice())
    again = [one.at for one in change.errands if one.kind is ErrandKind.PARK_CHECK]
    return [item.kind for item in change.items], again


def test_a_park_that_nobody_claims_alerts_a_lead_again_and_again() -> None:
    """S3-14."""
    state = noted(fresh())
    errands = deed(state, PARK, AMY).change.errands
    assert [(one.kind, one.at) for one in errands] == [(ErrandKind.PARK_CHECK, later(minutes=15))]
    at = later(minutes=15)
    assert waits(parked(), at) == (["lead.alerted"], [later(minutes=30)])


def test_a_claimed_park_alerts_nobody_until_the_claim_lapses() -> None:
    state = claimed()
    assert waits(state, later(minutes=4)) == ([], [later(minutes=5)])
    assert waits(state, later(minutes=5)) == (["lead.alerted"], [later(minutes=20)])
    change, _ = absorb(state, ParkWaits(state.message.aside.park.seq), later(minutes=5), Dice())  # type: ignore[union-attr]
    assert change.aside is not None
    assert change.aside.park is not None
    assert change.aside.park.owner is None
    assert change.jobs[0].owner is None


def test_a_park_that_is_over_is_looked_after_no_more() -> None:
    state = claimed()
    over = after(state, deed(state, ReleasePark()))
    assert waits(over, later(minutes=15)) == ([], [])
    assert waits(state, later(minutes=15), seq=99) == ([], [])


def test_the_dispatch_list_names_whoever_works_the_park() -> None:
    assert [job.owner for job in claimed().jobs] == ["dispatcher:D-31"]
