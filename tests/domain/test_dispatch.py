"""The heart: what happens next for a due job, step by step, on a street without a store."""

import pytest

from gateway.domain.accounts import Account
from gateway.domain.attempts import AttemptState
from gateway.domain.change import CallOut, ErrandKind, Look, TextOut
from gateway.domain.events import Doubt, NotFound, Progress, Refusal
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from tests.kit.desk import NOON, later
from tests.kit.street import (
    ANN,
    Street,
    changed,
    compiled,
    looks,
    protocol,
    roster,
    shift,
    street,
)

TEXTED = {**roster(shift("ann", status="sms")), "permanent": []}


def refusal(one: Street, *, again: bool, ours: bool = False, after: float | None = None) -> Refusal:
    return Refusal(one.last.id, 20429, "too many requests", again, ours, after)


def ended(one: Street, status: str = "no_answer") -> Progress:
    return Progress(one.last.id, one.last.sid, status)


def test_a_due_job_calls_the_first_person_on_call() -> None:
    one = street()
    wire = one.step().wire
    assert isinstance(wire, CallOut)
    assert (wire.to, wire.ring, wire.machine) == (ANN, 25, True)
    assert one.job.state is JobState.ATTEMPTING
    assert one.last.on_the_wire
    assert one.kinds(2) == ["job.claimed", "protocol.selected", "oncall.resolved", "dial.started"]


def test_the_same_state_gives_the_same_change() -> None:
    assert street().step() == street().step()


def test_who_does_not_answer_is_followed_by_the_next_at_once_and_then_by_the_cue() -> None:
    one = street()
    for contact in ("ann", "bob", "cho"):
        assert one.reach().contact == contact
        one.wind(seconds=25).tell(ended(one))
        assert one.job.due_at == one.now
    one.go()
    assert one.job.state is JobState.PENDING
    assert one.job.next_at == one.job.cue_at == later(minutes=15)
    assert one.kinds()[-1] == "cue.set"


def test_the_address_in_the_history_is_masked() -> None:
    one = street()
    one.step()
    assert one.told("dial.started")[0]["data"]["address"] == "+1******0101"


def test_a_text_holds_the_round_for_a_cue_and_then_gives_way() -> None:
    one = street(compiled(**roster(shift("ann", status="sms"), shift("bob", "backup"))))
    wire = one.step().wire
    assert isinstance(wire, TextOut)
    assert one.job.state is JobState.WAITING_REPLY
    one.accepted(one.changes[-1])
    assert one.job.due_at == later(minutes=15)
    one.wind(minutes=15)
    assert one.reach().contact == "bob"
    assert one.kinds()[-2:] == ["sms.timeout", "dial.started"]


def test_a_text_with_a_wait_of_its_own_holds_the_round_for_that_long() -> None:
    one = street(compiled(**TEXTED, **protocol(steps=[{"reach": "oncall", "wait": "4m"}])))
    one.reach()
    assert one.job.due_at == later(minutes=4)


def test_a_text_of_which_nothing_is_heard_is_asked_after_more_and_more_seldom() -> None:
    one = street(compiled(**TEXTED, **protocol(steps=[{"reach": "oncall", "wait": "20m"}])))
    one.reach()
    asked = []
    while one.job.next_at and one.job.next_at < later(minutes=20):
        one.wind(seconds=(one.job.next_at - one.now).total_seconds())
        wire = one.step().wire
        assert isinstance(wire, Look)
        asked.append((one.now - later()).total_seconds() / 60)
    assert asked == [1, 2, 4, 8, 16]
    one.wind(minutes=4)
    one.step()
    assert "sms.timeout" in one.kinds()


def test_a_text_that_arrived_is_not_asked_after() -> None:
    one = street(compiled(**TEXTED))
    one.reach()
    assert one.job.next_at == later(minutes=1)
    one.tell(Progress(one.last.id, one.last.sid, "delivered"))
    assert one.job.next_at == one.job.due_at == later(minutes=15)


def test_a_text_that_is_to_hold_nothing_lets_the_next_person_have_their_turn_at_once() -> None:
    steps = [{"reach": "oncall", "wait": "0s"}, {"reach": "permanent"}]
    shifts = roster(shift("ann", status="sms"))
    one = street(compiled(**shifts, **protocol(steps=steps)))
    one.reach()
    assert one.due
    assert one.reach().contact == "cho"
    assert "sms.timeout" not in one.kinds()


def test_an_attempt_nobody_has_heard_of_is_looked_up_and_never_sent_again() -> None:
    one = street()
    one.step()
    one.wind(seconds=20)
    assert one.step().wire == looks(one.changes)[0]
    assert one.last.state is AttemptState.UNSURE
    one.tell(NotFound(one.last.id))
    assert one.kinds()[-1] == "dial.lost"
    assert one.reach().contact == "bob"


def test_a_look_before_its_time_is_put_off() -> None:
    one = street()
    one.step()
    one.wind(seconds=5).step()
    assert looks(one.changes) == []
    assert one.job.next_at == one.last.check_at == later(seconds=20)


def test_a_doubtful_attempt_is_looked_up_five_seconds_later() -> None:
    one = street()
    one.step()
    one.tell(Doubt(one.last.id, "timeout"))
    assert one.job.next_at == later(seconds=5)
    one.wind(seconds=5).step()
    (look,) = looks(one.changes)
    assert (look.attempt, look.sid, look.since) == (one.last.id, None, NOON)


@pytest.mark.parametrize("account", [compiled(), compiled(**TEXTED)])
def test_nothing_is_given_up_while_a_clock_set_ahead_makes_it_seem_old(account: Account) -> None:
    one = street(account)
    one.step()
    one.doubtful = True
    one.wind(minutes=5).step()
    for _ in range(2):
        (look,) = looks(one.changes)[-1:]
        assert look.attempt == one.last.id
        assert one.last.open
        one.wind(seconds=8).step()
    assert len(looks(one.changes)) == 3
    one.doubtful = False
    one.wind(seconds=8).step()
    assert (len(looks(one.changes)), one.last.open) == (4, True)
    one.tell(NotFound(look.attempt))
    assert one.attempts[look.attempt].outcome == "lost"


def test_a_doubt_of_just_after_the_clock_was_set_ahead_is_looked_up_before_it_is_given_up() -> None:
    one = street()
    one.step()
    one.wind(minutes=5)
    one.tell(Doubt(one.last.id, "timeout"))
    assert one.job.next_at == later(minutes=5, seconds=5)
    one.wind(seconds=5).step()
    (look,) = looks(one.changes)
    assert (look.attempt, one.last.open) == (one.last.id, True)


@pytest.mark.parametrize(("wait", "seconds"), [("5s", 20), ("15m", 1200)])
def test_a_text_is_looked_up_before_it_is_given_up_however_late_it_is(
    wait: str, seconds: int
) -> None:
    one = street(compiled(**TEXTED, **protocol(steps=[{"reach": "oncall", "wait": wait}])))
    one.step()
    one.wind(seconds=seconds).step()
    (look,) = looks(one.changes)
    assert (look.attempt, one.last.outcome) == (one.last.id, None)
    one.wind(seconds=8).go()
    assert one.attempts[look.attempt].outcome == "lost"


def test_a_call_that_rings_on_and_on_is_looked_up_by_its_sid() -> None:
    one = street()
    one.reach()
    assert one.job.next_at == later(seconds=90)
    one.wind(seconds=90).step()
    assert looks(one.changes)[0].sid == one.last.sid


def test_what_the_carrier_did_not_take_goes_out_again_as_the_same_attempt() -> None:
    one = street()
    one.step()
    one.tell(refusal(one, again=True, after=2.0))
    assert one.job.next_at == later(seconds=2)
    change = one.wind(seconds=2).step()
    assert isinstance(change.wire, CallOut)
    assert len(one.attempts) == 1
    assert (one.last.state, one.last.tries) == (AttemptState.INTENDED, 1)
    assert one.kinds().count("dial.started") == 1


def test_a_text_that_goes_out_again_keeps_its_code_and_the_end_of_its_wait() -> None:
    one = street(compiled(**TEXTED))
    first = one.step()
    code, holds = one.last.code, one.last.holds_until
    one.tell(refusal(one, again=True))
    one.wind(seconds=1)
    again = one.step()
    assert isinstance(first.wire, TextOut)
    assert isinstance(again.wire, TextOut)
    assert (one.last.code, one.last.holds_until) == (code, holds)
    assert first.wire.tail == again.wire.tail


def test_a_carrier_that_refuses_for_half_a_minute_gives_the_next_person_their_turn() -> None:
    one = street()
    one.step()
    while one.last.contact == "ann":
        one.tell(refusal(one, again=True))
        assert one.job.next_at is not None
        one.now = one.job.next_at
        one.step()
    assert one.last.contact == "bob"
    assert one.now <= later(seconds=45)
    assert "dial.failed" in one.kinds()


def test_a_leftover_of_a_delivered_message_dials_nobody() -> None:
    one = street()
    one.message = changed(one.message, state=MessageState.DELIVERED)
    one.step()
    assert one.job.state is JobState.CLOSED_LEFTOVER
    assert one.job.next_at is None
    assert one.kinds()[-1] == "job.closed_leftover"
    assert one.attempts == {}


def test_a_job_that_has_ended_does_nothing_more() -> None:
    one = street()
    one.jobs[one.job.id] = changed(one.job, state=JobState.COMPLETED)
    change = one.step()
    assert (change.items, change.wire, one.job.next_at) == ((), None, None)


@pytest.mark.parametrize("missing", ["account", "content"])
def test_a_message_whose_account_or_words_are_missing_is_held_for_a_lead(missing: str) -> None:
    one = street()
    setattr(one, missing, None)
    one.step()
    assert one.job.state is JobState.HELD
    assert one.alerts() == [one.job.reason]
    assert one.job.next_at == later(minutes=15)


def test_a_held_job_reminds_every_fifteen_minutes_and_dials_nobody() -> None:
    one = street()
    one.account = None
    one.step()
    for _ in range(3):
        one.wind(minutes=15).step()
        assert one.job.next_at == one.now.replace() + (later(minutes=15) - NOON)
    assert one.alerts() == ["account_missing"] * 4
    assert one.attempts == {}


def test_a_contact_who_needs_a_person_is_not_dialed_by_a_machine() -> None:
    ann = {"name": "Ann Ames", "phone": ANN, "requires_human": True}
    one = street(compiled(contacts={"ann": ann}, permanent=[], **roster(shift("ann"))))
    one.go()
    assert (one.job.state, one.job.reason) == (JobState.HELD, "requires_human")
    assert one.attempts == {}


def test_a_protocol_that_hangs_up_on_machines_asks_for_no_detection() -> None:
    one = street(compiled(**protocol(voicemail="hang_up")))
    wire = one.step().wire
    assert isinstance(wire, CallOut)
    assert not wire.machine


def test_a_sent_message_says_so_from_its_first_attempt_on() -> None:
    one = street()
    assert not one.message.sent
    one.step()
    assert one.message.sent


def test_a_decision_about_the_next_step_asks_for_no_errand() -> None:
    one = street()
    one.step()
    assert one.asked(ErrandKind.HANG_UP) == []
