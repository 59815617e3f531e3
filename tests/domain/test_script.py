"""The call script: what is said on the line, and what each key means at that moment."""

import pytest

from gateway.domain.attempts import Attempt
from gateway.domain.change import ErrandKind
from gateway.domain.events import Answered, MachineHeard, Pressed, Progress, VoicemailLeft
from gateway.domain.messages import MessageState
from gateway.domain.speech import Ask, Speech, Tell
from tests.kit.desk import TEXT
from tests.kit.street import ANN, Street, compiled, protocol, roster, shift, street


class Line:
    """One call to ann, as the carrier's webhooks tell of it."""

    def __init__(self, **document: object) -> None:
        keys = {"permanent": [], **roster(shift("ann"), shift("bob", "backup"))}
        self.street = street(compiled(**{**keys, **document}))
        self.attempt_id = self.street.reach().id
        self.street.wind(seconds=12)
        self.said = self.street.tell(Answered(self.attempt_id, "CA1"))

    @property
    def attempt(self) -> Attempt:
        return self.street.attempts[self.attempt_id]

    def press(self, digits: str, *, after: float = 5, step: int | None = None) -> Speech:
        """Press keys so many seconds later, at the newest step of the script."""
        self.street.wind(seconds=after)
        at = self.attempt.step if step is None else step
        said = self.street.tell(Pressed(self.attempt_id, "CA1", at, digits))
        assert said is not None
        self.said = said
        return said

    def words(self) -> str:
        assert self.said is not None
        return " ".join(self.said.say)

    def hears(self, verdict: str) -> None:
        self.street.tell(MachineHeard(self.attempt_id, verdict))

    @property
    def kinds(self) -> list[str]:
        return self.street.kinds()


def delivered(one: Street) -> bool:
    return one.message.state is MessageState.DELIVERED


def test_the_first_words_say_who_calls_and_for_whom_and_no_detail() -> None:
    line = Line()
    assert isinstance(line.said, Ask)
    assert "Northside HVAC" in line.words()
    assert "Ann Ames" in line.words()
    assert TEXT not in line.words()
    assert line.kinds[-1] == "dial.answered"


def test_one_hears_the_message_and_one_more_accepts_it() -> None:
    line = Line()
    line.press("1")
    assert TEXT in line.words()
    assert not delivered(line.street)
    assert isinstance(line.press("1"), Tell)
    message = line.street.message
    assert (message.evidence, message.delivered_to) == ("key_press", "ann")
    assert line.kinds[-3:] == ["relay.accepted", "message.delivered", "job.completed"]
    assert line.street.told("relay.accepted")[0]["actor"] == "contact:ann"


def test_a_double_tapped_one_accepts_nothing() -> None:
    line = Line()
    line.press("1")
    line.press("1", after=0.5)
    assert not delivered(line.street)
    assert TEXT in line.words()
    line.press("1", after=4)
    assert delivered(line.street)


@pytest.mark.parametrize("presses", [["2"], ["1", "2"]])
def test_two_moves_on_to_the_next_person_at_once(presses: list[str]) -> None:
    line = Line()
    for key in presses:
        said = line.press(key)
    assert isinstance(said, Tell)
    assert line.attempt.outcome == "declined"
    assert line.street.reach().contact == "bob"
    assert "relay.declined" in line.kinds


@pytest.mark.parametrize("presses", [["9"], ["1", "9"]])
def test_nine_suspends_the_number_tells_a_lead_and_moves_on(presses: list[str]) -> None:
    line = Line()
    for key in presses:
        line.press(key)
    assert line.street.alerts() == ["wrong_person"]
    assert line.street.flags[ANN].suspended
    assert line.street.reach().contact == "bob"
    assert line.street.told("endpoint.suspended")[0]["data"]["reason"] == "wrong_person"


def test_a_star_repeats_the_message_and_accepts_nothing() -> None:
    line = Line()
    line.press("1")
    line.press("*")
    assert TEXT in line.words()
    assert not delivered(line.street)
    line.press("1")
    assert delivered(line.street)


def test_a_call_without_a_key_is_hung_up_thirty_seconds_after_the_answer() -> None:
    line = Line()
    for _ in range(2):
        assert isinstance(line.press("", after=10), Ask)
    assert isinstance(line.press("", after=10), Tell)
    assert line.attempt.outcome == "no_confirm"
    assert line.kinds[-1] == "dial.no_confirm"
    assert line.street.reach().contact == "bob"


def test_the_last_prompt_listens_no_longer_than_the_thirty_seconds() -> None:
    line = Line()
    said = line.press("", after=24)
    assert isinstance(said, Ask)
    assert said.timeout == 6


@pytest.mark.parametrize("key", ["1", "5", "*"])
def test_after_the_first_key_the_call_listens_for_thirty_seconds_from_it(key: str) -> None:
    line = Line()
    line.press(key, after=20)
    assert isinstance(line.press("", after=25), Ask)
    assert isinstance(line.press("", after=5), Tell)
    assert line.attempt.outcome == "no_confirm"


def test_keys_that_mean_nothing_do_not_keep_a_call_up_for_ever() -> None:
    line = Line()
    line.press("5", after=10)
    line.press("5", after=20)
    assert isinstance(line.press("", after=10), Tell)


def test_a_key_that_means_nothing_repeats_what_is_asked() -> None:
    line = Line()
    first = line.words()
    line.press("7")
    assert line.words() == first
    assert not delivered(line.street)


def test_a_repeated_webhook_gets_the_same_answer_and_changes_nothing() -> None:
    line = Line()
    first = line.press("1")
    repeated = line.press("1", after=0, step=0)
    assert first == repeated
    assert not delivered(line.street)


def test_a_repeated_accept_is_accepted_once() -> None:
    line = Line()
    line.press("1")
    first = line.press("1")
    items = len(line.street.items)
    assert line.press("1", after=1, step=1) == first
    assert len(line.street.items) == items


def test_a_repeated_answer_webhook_gets_the_prompt_again_and_is_recorded_once() -> None:
    line = Line()
    first = line.said
    assert line.street.tell(Answered(line.attempt_id, "CA1")) == first
    assert line.kinds.count("dial.answered") == 1


@pytest.mark.parametrize("verdict", ["machine_end_beep", "machine_start", "fax"])
def test_after_any_key_a_machine_verdict_means_nothing(verdict: str) -> None:
    for key in ("1", "5", "*"):
        line = Line()
        line.press(key)
        line.hears(verdict)
        assert line.street.asked(ErrandKind.VOICEMAIL) == []
        line.press("1")
        line.press("1")
        assert delivered(line.street)


@pytest.mark.parametrize("verdict", ["human", "unknown"])
def test_a_verdict_that_is_no_machine_leaves_the_call_alone(verdict: str) -> None:
    line = Line()
    line.hears(verdict)
    assert line.street.asked(ErrandKind.VOICEMAIL) == []
    assert isinstance(line.press(""), Ask)


def test_a_machine_never_accepts_it_gets_a_voicemail_and_the_round_goes_on() -> None:
    line = Line()
    line.hears("machine_end_beep")
    assert line.street.asked(ErrandKind.VOICEMAIL) == [line.attempt_id]
    line.street.tell(VoicemailLeft(line.attempt_id, done=True))
    assert line.kinds[-2:] == ["vm.left", "dial.voicemail"]
    assert not delivered(line.street)
    assert line.street.reach().contact == "bob"


def test_a_machine_that_hangs_up_during_its_voicemail_ends_the_attempt_once() -> None:
    line = Line()
    line.hears("machine_end_beep")
    line.street.tell(Progress(line.attempt_id, "CA1", "completed"))
    assert line.attempt.open
    line.street.tell(VoicemailLeft(line.attempt_id, done=False))
    assert line.attempt.outcome == "voicemail"
    assert line.kinds.count("dial.voicemail") == 1
    assert "vm.left" not in line.kinds


def test_a_voicemail_delivers_only_where_the_client_asked_for_it() -> None:
    line = Line(**protocol(evidence=["key_press", "voicemail"]))
    line.hears("machine_end_beep")
    line.street.tell(VoicemailLeft(line.attempt_id, done=True))
    assert line.street.message.evidence == "voicemail"
    assert line.attempt.outcome == "voicemail"


def test_a_pin_is_asked_before_details_that_are_protected() -> None:
    line = Line(phi=True)
    said = line.press("1")
    assert isinstance(said, Ask)
    assert said.digits == len("4711")
    assert TEXT not in line.words()
    line.press("4711#")
    assert TEXT in line.words()
    line.press("1")
    assert delivered(line.street)


def test_without_protected_details_no_pin_is_asked() -> None:
    line = Line(phi=False)
    line.press("1")
    assert TEXT in line.words()


def test_three_wrong_pins_end_the_call_without_a_detail() -> None:
    line = Line(phi=True)
    line.press("1")
    for pin in ("0000", "1111", "2222"):
        line.press(pin)
        assert TEXT not in line.words()
    assert line.attempt.outcome == "no_confirm"
    assert line.street.reach().contact == "bob"


def test_tries_on_the_wire_take_nobody_a_pin() -> None:
    line = Line(phi=True)
    one = line.street
    one.attempts[line.attempt_id] = line.attempt._replace(tries=2, answered_at=None)
    one.tell(Answered(line.attempt_id, "CA1"))
    line.press("1")
    assert isinstance(line.press("0000"), Ask)


def test_a_key_that_comes_before_the_answer_webhook_counts_as_the_answer() -> None:
    one = street()
    attempt = one.reach()
    said = one.tell(Pressed(attempt.id, "CA1", 0, "1"))
    assert isinstance(said, Ask)
    assert "dial.answered" in one.kinds()


def test_who_presses_when_somebody_else_has_it_is_told_so() -> None:
    line = Line()
    one = line.street
    one.message = one.message._replace(state=MessageState.DELIVERED, delivered_to="bob")
    items = len(one.items)
    said = one.tell(Pressed(line.attempt_id, "CA1", 0, "1"))
    assert isinstance(said, Tell)
    assert "Bob Bell" in " ".join(said.say)
    assert len(one.items) == items


def test_a_message_whose_words_are_gone_says_so_and_gives_no_details() -> None:
    line = Line()
    line.street.content = None
    assert isinstance(line.press("1"), Tell)


def test_a_client_that_takes_no_key_press_is_not_delivered_by_one() -> None:
    line = Line(**protocol(evidence=["human"]))
    line.press("1")
    line.press("1")
    assert not delivered(line.street)
    assert line.attempt.outcome == "accepted"
    assert line.street.reach().contact == "bob"
