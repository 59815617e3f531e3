"""Field jobs beside their table: visits edited, notes, photos, survey; who sees and does what."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.fieldjob_actions import act
from gateway.domain.fieldjob_deeds import (
    MOST_PHOTOS,
    Edit,
    added,
    answered,
    arrived,
    edited,
    noted,
    pictured,
    shown,
    when_due,
    when_sent,
)
from gateway.domain.fieldjob_sight import may_act, may_write, only_own, sees, sees_note
from gateway.domain.fieldjobs import Action, FieldJob, Photo, Status, Wish
from gateway.domain.matters import Result
from tests.domain.test_fieldjobs import asked, do, job, refusal, visit, words
from tests.kit.desk import NOON, later

A, S = Action, Status
ONE = UUID(int=1)


def planned(**changes: object) -> FieldJob:
    """Return a job with one visit to come."""
    return job(status=S.SCHEDULED, appointments=(visit(**changes),))


def test_a_visit_is_edited_until_somebody_is_on_the_way() -> None:
    """S1-20: time, length and technician; also nobody."""
    moved = edited(planned(), ONE, Edit(later(minutes=200), 30, "T-2")).facts.appointments[0]
    assert (moved.start, moved.minutes, moved.technician) == (later(minutes=200), 30, "T-2")
    assert edited(planned(), ONE, Edit(nobody=True)).facts.technicians == frozenset()
    assert edited(planned(), ONE, Edit(minutes=60)).items == ()
    for fact in ({"on_my_way_at": NOON}, {"started_at": NOON}, {"canceled_in": 1}):
        with pytest.raises(RefusedError, match="until somebody is on the way"):
            edited(planned(**fact), ONE, Edit(minutes=5))
    with pytest.raises(RefusedError, match="no appointment"):
        edited(planned(), UUID(int=5), Edit(minutes=5))


def test_a_job_takes_several_visits_at_once() -> None:
    """S1-26: beside the first one; the table's own way opens a job that waits for one."""
    two = added(planned(), visit(2)).facts
    assert (two.status, len(two.planned)) == (S.SCHEDULED, 2)
    for status in (S.NEW_OFFER, S.UNSCHEDULED, S.PAUSED, S.COMPLETE, S.DECLINED):
        with pytest.raises(RefusedError) as refused:
            added(job(status=status), visit())
        assert refused.value.code == "illegal_transition"


def test_who_was_on_the_way_arrives_once() -> None:
    """S1-22: the instant is proof, and a repeat changes nothing."""
    away = act(planned(), asked(A.ON_MY_WAY), NOON).facts
    there = arrived(away, ONE, later(minutes=20)).facts
    again = arrived(there, ONE, later(minutes=40))
    assert (again.facts.appointments[0].started_at, again.items) == (later(minutes=20), ())
    with pytest.raises(RefusedError, match="nobody is on the way"):
        arrived(planned(), ONE, NOON)


def test_who_sets_out_never_means_a_visit_that_the_customer_heard_of() -> None:
    """S1-21, S1-22: either a text leaves, or the answer is no."""
    two = job(status=S.SCHEDULED, appointments=(visit(1, on_my_way_at=NOON), visit(2)))
    ((name, _, _),) = words(act(two, asked(A.ON_MY_WAY), NOON))
    assert name == f"on_my_way:{UUID(int=2)}"
    assert refusal(two, A.ON_MY_WAY, appointment=UUID(int=1)) == "already_on_the_way"
    assert act(two, asked(A.START), NOON).facts.appointments[0].started_at == NOON
    there = replace(two, appointments=(visit(1, started_at=NOON), visit(2)))
    assert act(there, asked(A.START), later(minutes=5)).facts.appointments[1].started_at


def test_a_survey_is_answered_once() -> None:
    """S1-24: the words can be erased, the rating stays."""
    written = answered(do(planned(), A.COMPLETE), 4, "Quick and kind")
    (item,) = written.items
    assert (item.actor, item.data, item.words) == ("customer", {"rating": 4}, "Quick and kind")
    with pytest.raises(RefusedError, match="answered before"):
        answered(written.facts, 5, None)


def test_photos_are_counted_and_notes_keep_their_words_apart() -> None:
    photo = Photo(ONE, "image/png", 70, public=False, by="technician:T-1", at=NOON)
    full = replace(planned(), photos=(photo,) * MOST_PHOTOS)
    assert pictured(planned(), photo).facts.photos == (photo,)
    with pytest.raises(RefusedError, match="at most"):
        pictured(full, photo)
    (item,) = noted(planned(), ONE, "Dog in the yard", public=True).items
    assert (item.words, item.data) == ("Dog in the yard", {"note": str(ONE), "public": True})
    assert "Dog" not in item.text


def test_a_customer_who_cannot_be_told_is_a_person_s_work() -> None:
    """S1-21: but not a survey that nobody gets."""
    for state, told in (("sent", 0), ("unsure", 1), ("failed", 1), ("dropped", 1)):
        result = Result(state)  # type: ignore[arg-type]
        assert len(when_sent(planned(), "on_my_way:x", result, NOON).alarms) == told
        assert when_sent(planned(), "survey", result, NOON).alarms == ()
    assert when_due(planned(), NOON).next_at is None


# Which of these people see the job of T-1 for Acme, its private notes, its public notes.
PEOPLE = {
    "dispatcher:D-1": (True, True, True),
    "lead:L-1": (True, True, True),
    "admin:root": (True, True, True),
    "technician:T-1": (True, True, True),
    "technician:T-2": (False, False, False),
    "brand:Acme-Home": (True, False, True),
    "brand:Other": (False, False, False),
    "agent:1204": (True, False, True),
    "wfm:W-1": (False, False, False),
    "account_manager:M-1": (False, False, False),
    "customer:C-1": (False, False, False),
}


def person(actor: str, *also: str) -> Person:
    """Return somebody by actor, with what they are besides."""
    role, _, name = actor.partition(":")
    return Person(name, role, also=frozenset(also))


@pytest.mark.parametrize(("actor", "seen"), PEOPLE.items())
def test_who_sees_jobs_and_notes(actor: str, seen: tuple[bool, bool, bool]) -> None:
    """S1-27, S1-28, S1-29, S1-30, S1-31: a declined offer is seen by nobody (S1-04)."""
    who, one = person(actor), replace(planned(), brand="Acme Home")
    private, public = (sees_note(who, one, public=word) for word in (False, True))
    assert (sees(who, one), private, public) == seen
    assert not sees(who, replace(one, status=S.DECLINED))
    assert may_write(who, one) == (private and public)


def test_planning_is_a_dispatchers_the_field_is_the_technicians_and_both_are_both() -> None:
    """S1-27, S1-28, S1-34."""
    field = {A.ACCEPT, A.DECLINE, A.ON_MY_WAY, A.START, A.PAUSE, A.COMPLETE}
    may = {
        actor: {one for one in Action if may_act(person(actor), planned(), one)} for actor in PEOPLE
    }
    everything = set(Action)
    assert {actor for actor, can in may.items() if can == everything} == {
        "dispatcher:D-1",
        "lead:L-1",
        "admin:root",
    }
    assert may["technician:T-1"] == field
    assert not may["technician:T-2"] | may["brand:Acme-Home"] | may["agent:1204"]
    both = person("dispatcher:T-1", "technician")
    assert all(may_act(both, planned(), one) for one in Action)
    assert (only_own(both), only_own(person("technician:T-1"))) == (None, "T-1")


def test_an_offer_is_taken_by_the_technician_it_is_made_for() -> None:
    """S1-03, S1-04, S1-27: they see it, and nobody else of the field does."""
    offer = job(status=S.NEW_OFFER, wish=Wish(visit().start, 60, "T-1"))
    mine, other = person("technician:T-1"), person("technician:T-2")
    assert [sees(one, offer) for one in (mine, other)] == [True, False]
    assert [may_act(one, offer, A.ACCEPT) for one in (mine, other)] == [True, False]
    assert "technician:T-1" in shown(offer).about
    assert sees(mine, do(offer, A.ACCEPT))
    assert not sees(mine, do(offer, A.DECLINE))


def test_a_job_is_found_by_its_people_and_days() -> None:
    """S0-17, S1-27: a visit that was canceled is on nobody's day."""
    two = replace(planned(), brand="Acme", appointments=(visit(), visit(2, canceled_in=1)))
    day = two.day_of(visit().start).isoformat()
    found = shown(two)
    assert {*found.about} == {
        f"customer:{UUID(int=9)}",
        "brand:Acme",
        "technician:T-1",
        f"day:{day}",
        f"visit:T-1:{day}",
    }
    assert found.state == "Scheduled"
    assert shown(job(ucn="49000001", account="7001")).subject == "accepted:49000001"
    night = replace(two, appointments=(visit(start=later(minutes=0) + timedelta(hours=12)),))
    assert f"day:{night.day_of(night.appointments[0].start)}" in shown(night).about
