"""Whose turn it is: taken phones, repeats, targets, and documents that change in a round."""

from gateway.domain.change import CallOut
from gateway.domain.events import Progress, Replied
from gateway.domain.jobs import JobState, Target
from gateway.domain.messages import Priority
from gateway.domain.replies import Pass
from tests.kit.desk import later
from tests.kit.street import (
    ANN,
    BOB,
    CHO,
    Street,
    changed,
    compiled,
    protocol,
    roster,
    shift,
    street,
)

TEXTED = {**roster(shift("ann", status="sms")), "permanent": []}


def ended(one: Street, status: str = "no_answer") -> Progress:
    return Progress(one.last.id, one.last.sid, status)


def test_a_taken_phone_is_waited_for() -> None:
    one = street()
    one.busy = {ANN: later(seconds=40)}
    change = one.step()
    assert change.waits_for == one.job.waits_for == ANN
    assert (one.job.state, one.job.next_at) == (JobState.PENDING, later(seconds=40))
    assert one.attempts == {}


def test_who_had_to_wait_for_a_phone_waits_for_it_no_more_once_it_rings() -> None:
    one = street()
    one.busy = {ANN: later(seconds=40)}
    one.step()
    one.busy = {}
    one.wind(seconds=40)
    assert one.reach().contact == "ann"
    assert one.job.waits_for is None


def test_an_emergency_does_not_wait_for_a_phone_but_takes_the_next_person() -> None:
    one = street(priority=Priority.EMERGENCY)
    one.busy = {ANN: later(seconds=40)}
    assert one.reach().contact == "bob"
    one.busy = {}
    one.tell(ended(one))
    assert one.reach().contact == "ann"


def test_an_emergency_waits_when_every_phone_is_taken() -> None:
    one = street(priority=Priority.EMERGENCY)
    one.busy = {ANN: later(seconds=40), BOB: later(seconds=50), CHO: later(seconds=60)}
    one.step()
    assert one.job.waits_for == ANN


def test_somebody_named_out_of_turn_stands_alone_for_one_round() -> None:
    one = street()
    one.jobs[one.job.id] = changed(one.job, target=Target("cho", "special 12"))
    attempt = one.reach()
    assert (attempt.contact, attempt.source) == ("cho", "target")
    one.tell(ended(one))
    one.go()
    assert one.job.target is None
    one.wind(minutes=15)
    assert one.reach().contact == "ann"


def test_a_repeated_step_walks_its_people_again() -> None:
    steps = [{"reach": "oncall", "repeat": 2}, {"reach": "permanent"}]
    one = street(compiled(**roster(shift("ann")), **protocol(steps=steps)))
    for _ in range(3):
        one.reach()
        one.tell(ended(one))
    assert one.dialed() == ["ann", "ann", "cho"]


def test_a_step_that_repeats_goes_past_who_passed_in_this_round() -> None:
    steps = [{"reach": "oncall", "repeat": 3}, {"reach": "permanent"}]
    one = street(compiled(**{**roster(shift("ann", status="sms")), **protocol(steps=steps)}))
    one.reach()
    one.tell(Replied(ANN, "ann", Pass(None), "no"))
    assert one.reach().contact == "cho"
    skipped = [
        (item["data"]["contact"], item["data"]["reason"]) for item in one.told("contact.skipped")
    ]
    assert skipped == [("ann", "duplicate")] * 2


def test_a_pass_that_comes_late_spares_the_repeats_of_that_round_only() -> None:
    steps = [{"reach": "oncall", "wait": "1m", "repeat": 3}, {"reach": "permanent"}]
    one = street(compiled(**roster(shift("ann", status="sms")), **protocol(steps=steps)))
    one.reach()
    one.wind(minutes=1)
    one.reach()
    one.tell(Replied(ANN, "ann", Pass(None), "no"))
    assert one.reach().contact == "cho"
    one.tell(ended(one))
    one.go()
    one.wind(minutes=15)
    assert one.reach().contact == "ann"


def test_a_later_step_that_repeats_does_not_try_somebody_who_had_their_turn() -> None:
    steps = [{"reach": "oncall"}, {"reach": "contact:ann", "repeat": 3}]
    one = street(compiled(**roster(shift("ann")), **protocol(steps=steps), permanent=[]))
    one.reach()
    one.tell(ended(one))
    one.go()
    assert one.dialed() == ["ann"]
    skipped = [item["data"]["reason"] for item in one.told("contact.skipped")]
    assert set(skipped) == {"duplicate"}


def test_contacts_whose_keys_end_alike_are_not_mistaken_for_each_other() -> None:
    people = {"b": {"name": "Bob", "phone": BOB}, "a.b": {"name": "Ab", "phone": ANN}}
    steps = [{"reach": "oncall"}, {"reach": "contact:b", "repeat": 2}]
    keys = {"contacts": people, "permanent": [], **roster(shift("a.b")), **protocol(steps=steps)}
    one = street(compiled(**keys))
    for _ in range(3):
        one.reach()
        one.tell(ended(one))
    assert one.dialed() == ["a.b", "b", "b"]


def test_one_person_per_cue_takes_turns_over_the_rounds() -> None:
    one = street(compiled(**protocol(rotation="one_per_cue")))
    for contact in ("ann", "bob", "cho", "ann"):
        assert one.reach().contact == contact
        one.tell(ended(one))
        one.go()
        one.wind(minutes=15)
    assert one.job.round.number == 4


def test_a_schedule_that_the_document_lost_in_the_middle_of_a_round_is_chosen_anew() -> None:
    one = street()
    one.reach()
    renamed = [{"name": "Nights", "shifts": [shift("bob")]}]
    one.account = compiled(schedules=renamed)
    one.tell(ended(one))
    assert one.reach().contact == "bob"


def test_a_protocol_that_the_document_lost_in_the_middle_of_a_round_is_chosen_anew() -> None:
    one = street(compiled(**protocol(ring="25s")))
    one.reach()
    one.account = compiled(**protocol(ring="40s", name="other"))
    one.tell(ended(one))
    wire = one.go().wire
    assert isinstance(wire, CallOut)
    assert wire.ring == 40
