"""A directive to wait for the office stands until it opens, before each round (S3-43, S3-44)."""

from datetime import timedelta

import orjson
import pytest

from gateway.domain.aside import NOTHING_ASIDE
from gateway.domain.change import Change
from gateway.domain.deeds import (
    Aim,
    Annotate,
    Claim,
    ClaimPark,
    Deed,
    NameSchedule,
    ParkMessage,
    Release,
    ReleasePark,
    Report,
    Resume,
    SetCue,
)
from gateway.domain.jobs import JobState
from gateway.domain.people import do
from gateway.domain.replay import differences
from gateway.store.asides import aside_from, aside_to
from gateway.store.rows import round_from, round_to
from tests.kit.desk import NOON, later
from tests.kit.people import DAN, LEA
from tests.kit.street import Street, compiled, street

OPENING = NOON + timedelta(hours=14)
TO_OFFICE = Annotate("Tell the office.", "hold_for_office")
HELD = (JobState.HELD, "office_open", OPENING, OPENING)


def told_to_wait() -> Street:
    """Return a message that waits for the office from its first minute on."""
    night = street(compiled(office={"hours": "Mon-Fri 08:00-17:00"}))
    done(night, TO_OFFICE)
    return night


def done(night: Street, deed: Deed, minutes: float = 0) -> Change:
    """Have a lead do something, so many minutes from the last."""
    night.wind(minutes=minutes)
    return night.write(do(night.state(), deed, LEA, night.now, night.chance).change)


def at_next(night: Street) -> Street:
    """Let the job come back and be planned."""
    assert night.job.next_at is not None
    night.now = night.job.next_at
    night.go()
    return night


def unanswered(night: Street) -> None:
    """Have the phone that rings stop ringing."""
    night.attempts[night.last.id] = night.last.over("no_answer")


def stands(night: Street) -> tuple[object, ...]:
    """Return how the job stands; its history must say the same."""
    items = [orjson.loads(item.body) for item in night.items]
    assert differences(items, night.message, list(night.jobs.values())) == []
    job = night.job
    return job.state, job.reason, job.next_at, job.due_at


def test_a_round_that_a_lead_had_made_lifts_nothing() -> None:
    night = told_to_wait()
    done(night, SetCue(night.job.id, 5, None), minutes=2)
    at_next(night)
    assert (night.now, night.dialed()) == (later(minutes=7), ["ann"])
    while night.job.round.open:
        unanswered(night)
        night.go()
    assert night.dialed() == ["ann", "bob", "cho"]
    assert stands(at_next(night)) == HELD
    assert night.kinds()[-3:] == ["job.claimed", "hold.set", "job.held"]
    assert night.told("hold.set")[-1]["data"]["reason"] == "hold_for_office"
    at_next(night)
    assert (night.now, night.job.state) == (OPENING, JobState.ATTEMPTING)
    assert len(night.dialed()) == 4


@pytest.mark.parametrize("wish", ["resume", "cue", "aim", "schedule"])
def test_what_a_person_asks_for_begins_at_its_time(wish: str) -> None:
    night = told_to_wait()
    job = night.job.id
    asked: dict[str, Deed] = {
        "resume": Resume(job),
        "cue": SetCue(job, 30, None),
        "aim": Aim(job, "ann", "She knows the house."),
        "schedule": NameSchedule(job, "OnCall"),
    }
    done(night, asked[wish], minutes=5)
    assert night.job.round.wished
    at_next(night)
    assert night.dialed() == ["ann"]
    assert not night.job.round.wished


def test_an_open_round_that_is_resumed_wishes_for_no_other() -> None:
    night = told_to_wait()
    done(night, Resume(night.job.id))
    night.go()
    done(night, Resume(night.job.id))
    assert (night.job.round.open, night.job.round.wished) == (True, False)


def test_a_call_of_their_own_that_reached_nobody_begins_no_round() -> None:
    night = told_to_wait()
    done(night, SetCue(night.job.id, 30, None))
    done(night, Report(night.job.id, relayed=False, contact="bob"), minutes=1)
    assert stands(at_next(night)) == HELD
    assert night.dialed() == []


@pytest.mark.parametrize("how", ["lapses", "is released"])
def test_a_claim_takes_over_the_round_that_was_asked_for(how: str) -> None:
    night = told_to_wait()
    done(night, SetCue(night.job.id, 30, None))
    claimed = do(night.state(), Claim(night.job.id), DAN, night.now, night.chance)
    night.write(claimed.change)
    if how == "is released":
        done(night, Release(night.job.id), minutes=2)
    assert stands(at_next(night)) == HELD
    assert night.now < later(minutes=30)
    assert night.dialed() == []


def test_a_park_in_the_middle_of_that_round_opens_no_office() -> None:
    night = told_to_wait()
    done(night, Resume(night.job.id))
    night.go()
    for deed in (ParkMessage("Dispatch", "Ask her."), ClaimPark(), ReleasePark()):
        done(night, deed)
    unanswered(night)
    assert stands(at_next(night)) == HELD
    assert night.dialed() == ["ann"]


def test_said_again_it_voids_the_round_that_was_asked_for() -> None:
    night = told_to_wait()
    done(night, SetCue(night.job.id, 30, None))
    done(night, TO_OFFICE, minutes=1)
    assert stands(night) == HELD
    assert not night.job.round.wished


def test_the_store_keeps_until_when_it_stands_and_what_was_asked_for() -> None:
    night = told_to_wait()
    done(night, Resume(night.job.id))
    assert aside_from(aside_to(night.message.aside)).office_until == OPENING
    assert "office_until" not in aside_to(NOTHING_ASIDE)
    first = street().job
    wished = first._replace(round=first.round._replace(wished=True))
    assert round_from(round_to(wished)).wished
    assert round_to(first) is None
