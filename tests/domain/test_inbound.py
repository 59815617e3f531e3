"""Inbound calls: who calls back hears what is open and answers it; nothing else waits for it."""

from uuid import UUID, uuid4

from gateway.domain.change import ErrandKind
from gateway.domain.events import Called, Pressed, Replied
from gateway.domain.guesses import MOST
from gateway.domain.messages import MessageState
from gateway.domain.replies import Accept
from gateway.domain.speech import Ask, Speech, Tell
from tests.kit.desk import TEXT
from tests.kit.street import ANN, BOB, Street, compiled, roster, shift, street


class CallBack:
    """Ann was reached as given, and calls us half a minute later."""

    def __init__(self, status: str = "sms", **document: object) -> None:
        people = roster(shift("ann", status=status), shift("bob", "backup"))
        self.street = street(compiled(permanent=[], **{**people, **document}))
        self.reached = self.street.reach()
        self.street.wind(seconds=30)
        self.attempt_id = uuid4()
        self.said = self.rings()

    def rings(self, attempt: UUID | None = None) -> Speech:
        said = self.street.tell(Called(attempt or self.attempt_id, "ann", ANN, "CA9", None))
        assert said is not None
        return said

    def press(self, digits: str, after: float = 5) -> Speech:
        self.street.wind(seconds=after)
        step = self.street.attempts[self.attempt_id].step
        said = self.street.tell(Pressed(self.attempt_id, "CA9", step, digits))
        assert said is not None
        return said


def words(said: Speech) -> str:
    return " ".join(said.say)


def delivered(one: Street) -> bool:
    return one.message.state is MessageState.DELIVERED


def test_a_caller_hears_that_something_is_open_and_no_detail_before_a_key() -> None:
    call = CallBack()
    assert isinstance(call.said, Ask)
    assert "You have 1 open message" in words(call.said)
    assert TEXT not in words(call.said)
    (item,) = call.street.told("inbound.call")
    assert item["actor"] == "contact:ann"
    assert item["data"]["contact"] == "ann"
    assert item["data"]["address"].endswith("0101")
    assert "*" in item["data"]["address"]


def test_the_message_is_read_out_and_accepted_by_a_key() -> None:
    call = CallBack()
    said = call.press("1")
    assert words(said).startswith("An urgent message for Northside HVAC.")
    assert TEXT in words(said)
    assert len(call.street.told("inbound.read_out")) == 1
    call.press("*")
    call.press("1")
    assert delivered(call.street)
    (item,) = call.street.told("relay.accepted")
    assert item["data"]["source"] == "inbound"
    assert item["data"]["evidence"] == "key_press"
    assert len(call.street.told("inbound.read_out")) == 1
    assert call.street.chain_holds()


def test_an_accept_hangs_up_whoever_else_is_being_called() -> None:
    call = CallBack("call")
    call.press("1")
    call.press("1")
    assert call.street.asked(ErrandKind.HANG_UP) == [call.reached.id]


def test_a_pass_ends_the_wait_for_a_reply_and_moves_on_at_once() -> None:
    call = CallBack()
    call.press("1")
    call.press("2")
    assert not delivered(call.street)
    assert call.street.due
    assert call.street.attempts[call.reached.id].outcome == "declined"
    assert call.street.reach().contact == "bob"
    assert call.street.last.address == BOB


def test_a_call_back_alone_moves_nothing_and_counts_as_no_turn() -> None:
    call = CallBack()
    assert not call.street.due
    assert call.street.job.cue_at is not None
    assert call.street.job.round.walked == call.street.job.round.walked[:1]


def test_nine_and_an_early_two_mean_nothing_to_who_calls_us() -> None:
    call = CallBack()
    assert isinstance(call.press("2"), Ask)
    assert isinstance(call.press("9"), Ask)
    call.press("1")
    assert isinstance(call.press("9"), Ask)
    assert call.street.told("relay.declined") == []
    assert not call.street.flags


def test_silence_ends_the_call_and_nothing_is_accepted() -> None:
    call = CallBack()
    before = call.street.kinds()
    said = call.press("", after=31)
    assert isinstance(said, Tell)
    assert call.street.kinds() == before
    assert not delivered(call.street)


def test_a_repeated_webhook_changes_nothing() -> None:
    call = CallBack()
    before = call.street.kinds(), len(call.street.attempts)
    assert call.rings() == call.said
    assert (call.street.kinds(), len(call.street.attempts)) == before


def test_a_message_that_is_delivered_is_no_longer_open_for_a_caller() -> None:
    call = CallBack()
    call.press("1")
    call.press("1")
    assert words(call.rings(uuid4())).startswith("This is the answering service. No messages")
    assert len(call.street.told("inbound.call")) == 1
    assert "yours" in words(call.rings())


def test_a_text_after_the_call_is_about_the_text_not_the_call() -> None:
    call = CallBack()
    call.street.tell(Replied(ANN, "ann", Accept(call.reached.code), f"{call.reached.code} ok"))
    assert delivered(call.street)
    assert call.street.told("relay.accepted")[0]["data"]["evidence"] == "reply_code"


def test_the_round_goes_on_past_a_call_that_nobody_ended() -> None:
    call = CallBack()
    call.press("1")
    call.street.wind(minutes=20)
    assert call.street.reach().contact == "bob"


def test_where_details_are_protected_a_number_alone_hears_nothing_and_accepts_nothing() -> None:
    """A caller's number can be forged: without a PIN nothing proves who calls."""
    people = {"ann": {"name": "Ann Ames", "phone": ANN}, "bob": {"name": "Bob", "phone": BOB}}
    call = CallBack(phi=True, contacts=people)
    assert isinstance(call.said, Tell)
    assert "wait for our call" in words(call.said)
    assert call.street.told("inbound.call") == []


def pin_call(guesses: int = 0) -> CallBack:
    """Have Ann call a clinic that protects details, with so many guesses from her number before."""
    call = CallBack(phi=True)
    call.attempt_id = uuid4()
    called = Called(call.attempt_id, "ann", ANN, "CA9", None, guesses)
    said = call.street.tell(called)
    assert said is not None
    call.said = said
    return call


def guess(call: CallBack, digits: str, which: int) -> Speech:
    step = call.street.attempts[call.attempt_id].step
    said = call.street.tell(Pressed(call.attempt_id, "CA9", step, digits, which))
    assert said is not None
    return said


def test_the_last_pin_that_may_be_tried_ends_the_call_and_alerts_a_lead_once() -> None:
    call = pin_call()
    call.press("1")
    assert isinstance(guess(call, "0000", MOST - 1), Ask)
    assert "Too many PINs" in words(guess(call, "0001", MOST))
    (item,) = call.street.told("lead.alerted")
    assert item["data"]["reason"] == "wrong_pins"
    assert "0101" in item["text"]
    assert ANN not in item["text"]


def test_the_right_pin_counts_as_long_as_any_may_be_tried() -> None:
    last, late = pin_call(), pin_call()
    last.press("1")
    assert TEXT in words(guess(last, "4711", MOST))
    late.press("1")
    assert "Too many PINs" in words(guess(late, "4711", MOST + 1))
    assert len(late.street.told("lead.alerted")) == 1
    assert late.street.told("inbound.read_out") == []


def test_a_number_from_which_too_many_were_tried_is_asked_for_none_more() -> None:
    assert "Too many PINs" in words(pin_call(MOST).said)
    assert isinstance(pin_call(MOST - 1).said, Ask)
    street_of = CallBack()
    said = street_of.street.tell(Called(uuid4(), "ann", ANN, "CA8", None, MOST))
    assert isinstance(said, Ask)  # nothing is protected there, and no PIN is asked for
