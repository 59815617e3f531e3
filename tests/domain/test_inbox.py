"""The inbox: which open message a text means, and what its sender is told (CONTRACT section 6)."""

from dataclasses import replace

import pytest

from gateway.domain.events import Replied
from gateway.domain.inbox import Coded, meant, told
from gateway.domain.messages import Key, MessageState
from gateway.domain.replies import Accept, AcceptAll, ListOpen, Pass, Said, Unclear, parse
from tests.kit.desk import NOON
from tests.kit.street import ANN, Street, changed, compiled, roster, shift, street

OURS, OTHER = "+15005550006", "+15005550007"


def coded(code: str, *, ucn: str = "", sender: str = OURS, closed: bool = False) -> Coded:
    """Return a message for which the sender's phone has a code."""
    return Coded(
        key=Key("7001", NOON.date(), ucn or f"490000{code}"),
        code=code,
        contact="ann",
        account=compiled(),
        priority="urgent",
        state=MessageState.DELIVERED if closed else MessageState.OPEN,
        delivered_to="bob" if closed else None,
        delivered_at=NOON if closed else None,
        sender=sender,
    )


def codes(said: Said, *messages: Coded, to: str = OURS) -> list[str]:
    return [one.code for one in meant(said, messages, to).targets]


@pytest.mark.parametrize("said", [Accept("41"), Pass("41")])
def test_a_code_means_its_message_whatever_number_of_ours_it_was_sent_to(said: Said) -> None:
    assert codes(said, coded("41"), coded("52"), to=OTHER) == ["41"]


@pytest.mark.parametrize("said", [Accept(None), Pass(None)])
def test_a_plain_word_means_the_only_open_message_of_that_pair_of_numbers(said: Said) -> None:
    assert codes(said, coded("41"), coded("52", sender=OTHER)) == ["41"]
    assert codes(said, coded("41", sender=OTHER)) == ["41"]
    assert codes(said, coded("41"), coded("52", closed=True)) == ["41"]


def test_a_plain_word_among_several_is_asked_back_with_the_codes() -> None:
    found = meant(Accept(None), (coded("41"), coded("52")), OURS)
    assert found.targets == ()
    assert found.helped
    assert found.answer is not None
    assert "41" in found.answer
    assert "52" in found.answer
    assert found.about is not None
    assert found.about.code == "52"


def test_all_accepts_every_open_message() -> None:
    assert codes(AcceptAll(), coded("41"), coded("52", sender=OTHER)) == ["41", "52"]
    assert codes(AcceptAll(), coded("41"), coded("52", closed=True)) == ["41"]


def test_all_with_nothing_open_says_so() -> None:
    found = meant(AcceptAll(), (coded("41", closed=True),), OURS)
    assert found.targets == ()
    assert found.answer


def test_a_list_names_every_open_message_and_is_no_help_text() -> None:
    found = meant(ListOpen(), (coded("41"), coded("52")), OURS)
    assert not found.helped
    assert found.answer is not None
    assert "41" in found.answer
    assert "52" in found.answer


def test_a_code_that_is_nobodys_is_answered_with_the_open_ones() -> None:
    found = meant(Accept("77"), (coded("41"),), OURS)
    assert found.targets == ()
    assert found.helped
    assert found.answer is not None
    assert "41" in found.answer


def test_a_late_code_still_means_its_message_so_that_its_sender_hears_who_has_it() -> None:
    assert codes(Accept("41"), coded("41", closed=True)) == ["41"]
    assert codes(Accept(None), coded("41", closed=True)) == ["41"]


def test_what_is_unclear_is_answered_with_the_open_codes() -> None:
    found = meant(Unclear(), (coded("41"), coded("52", closed=True)), OURS)
    assert found.helped
    assert found.answer is not None
    assert "41" in found.answer
    assert "52" not in found.answer


def test_a_word_from_somebody_without_any_message_means_none() -> None:
    found = meant(Accept(None), (), OURS)
    assert (found.targets, found.about) == ((), None)
    assert found.helped


def answered(one: Street, body: str, contact: str = "ann") -> str:
    return told(one.state(), Replied(ANN, contact, parse(body), body), "41", None)


def closed(to: str | None) -> Street:
    one = street()
    done = MessageState.DELIVERED if to else MessageState.CANCELED
    at = NOON if to else None
    one.message = changed(one.message, state=done, delivered_to=to, delivered_at=at)
    return one


def test_an_accept_and_a_pass_are_confirmed_with_the_code() -> None:
    accepted, passed = answered(street(), "41"), answered(street(), "41 no")
    assert "41" in accepted
    assert "Northside HVAC" in accepted
    assert passed != accepted
    assert "41" in passed


def test_a_repeated_pass_is_told_so() -> None:
    one = street(compiled(**roster(shift("ann", status="sms"))))
    one.reach()
    first = answered(one, "41 no")
    one.tell(Replied(ANN, "ann", parse("41 no"), "41 no"))
    again = answered(one, "41 no")
    assert again != first
    assert "already" in again


def test_a_late_accept_is_told_who_has_it_and_since_when() -> None:
    words = answered(closed("bob"), "41")
    assert "Bob Bell" in words
    assert any(time in words for time in ("6:00", "18:00"))


def test_a_repeat_is_told_that_it_is_already_theirs() -> None:
    repeated = answered(closed("ann"), "41")
    assert "already" in repeated.lower()
    assert repeated != answered(closed("bob"), "41")


def test_a_pass_after_the_end_is_told_what_has_become_of_it() -> None:
    assert answered(closed("ann"), "41 no") != answered(closed("ann"), "41")
    assert "Bob Bell" in answered(closed("bob"), "41 no")


def test_a_canceled_message_is_nobodys() -> None:
    words = answered(closed(None), "41")
    assert "41" in words
    assert "Bob" not in words


def test_a_message_of_an_account_that_is_gone_is_named_by_its_number() -> None:
    nameless = replace(coded("41"), account=None)
    answer = meant(ListOpen(), (nameless,), OURS).answer
    assert answer is not None
    assert "7001" in answer
