"""What calls say: who calls and for whom at once, details only after a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.content import Content
from gateway.domain.wording import voice

NO_HEAT = Content("No heat", "Jo Dole", "+12025550142", {"address": "1 Main St"})


def test_the_first_sentence_says_who_calls_and_for_whom() -> None:
    assert voice.prompt("Northside HVAC", "Ann Ames", "urgent", times=1) == (
        "This is the answering service for Northside HVAC with an urgent message for Ann Ames.",
        "To hear it press 1.",
        "If you cannot take it, press 2.",
        "If you are not Ann Ames, press 9.",
    )


def test_the_prompt_is_repeated_for_phones_that_screen_their_calls() -> None:
    once = voice.prompt("N", "Ann", "urgent", times=1)
    assert voice.prompt("N", "Ann", "urgent") == once * 3


@pytest.mark.parametrize(
    ("priority", "words"),
    [
        ("emergency", "with an emergency message for"),
        ("urgent", "with an urgent message for"),
        ("routine", "with a message for"),
    ],
)
def test_the_prompt_names_the_priority(priority: str, words: str) -> None:
    assert words in voice.prompt("N", "Ann", priority)[0]


def test_the_message_is_read_with_its_number_digit_by_digit_and_then_the_keys() -> None:
    assert voice.message(NO_HEAT) == (
        "No heat.",
        "Caller: Jo Dole.",
        "Callback: 2 0 2, 5 5 5, 0 1 4 2.",
        "Address: 1 Main St.",
        "Press 1 to accept, 2 if you cannot take it, star to hear it again.",
    )


@given(
    st.text(max_size=6000),
    st.none() | st.text(max_size=3000),
    st.dictionaries(st.text(max_size=20), st.text(max_size=3000), max_size=5),
)
def test_the_spoken_message_fits_and_always_ends_with_the_keys(
    story: str, caller: str | None, fields: dict[str, str]
) -> None:
    said = voice.message(Content(story, caller, "+12025550142", fields))
    assert len(" ".join(said)) <= voice.MOST_CHARACTERS
    assert said[-1] == voice.MENU


def test_a_message_that_is_too_long_is_cut_and_says_so() -> None:
    said = voice.message(Content("flood " * 2000, "Jo Dole", "+12025550142", {"unit": "7"}))
    assert said[-2] == voice.MORE
    assert "2 0 2, 5 5 5, 0 1 4 2" in said[0]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("+12025550101", "2 0 2, 5 5 5, 0 1 0 1"),
        ("Call 202-555-0101 now", "Call 2 0 2, 5 5 5, 0 1 0 1 now"),
        ("(202) 555-0101.", "2 0 2, 5 5 5, 0 1 0 1."),
        ("1-202-555-0101", "2 0 2, 5 5 5, 0 1 0 1"),
        ("2025550101", "2 0 2, 5 5 5, 0 1 0 1"),
        ("555-0101", "5 5 5, 0 1 0 1"),
        ("+442071234567", "plus 4 4 2 0 7 1 2 3 4 5 6 7"),
        ("2026-02-02", "2026-02-02"),
        ("UCN 49000001", "UCN 49000001"),
        ("12 Main St, 20250", "12 Main St, 20250"),
    ],
)
def test_only_phone_numbers_are_spoken_digit_by_digit(written: str, spoken: str) -> None:
    assert voice.spell_numbers(written) == spoken


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_no_digit_of_a_number_is_lost_but_the_home_country_s(phone: str) -> None:
    spoken = "".join(filter(str.isdigit, voice.spell_numbers(phone)))
    assert phone[1:] == spoken or phone == f"+1{spoken}"


def test_a_voicemail_asks_for_a_call_back_and_says_no_more() -> None:
    assert voice.voicemail("Northside HVAC", "Ann Ames", "+12025550100") == (
        "This is the answering service for Northside HVAC, calling for Ann Ames.",
        "Please call us back at 2 0 2, 5 5 5, 0 1 0 0.",
        "Again, the number is 2 0 2, 5 5 5, 0 1 0 0.",
        "Goodbye.",
    )
    assert voice.voicemail("N", "Ann", None)[1] == "Please call us back."


def test_who_is_too_late_hears_who_has_it() -> None:
    assert voice.taken("Bob Bell")[0] == "The message has already been taken by Bob Bell."
    assert voice.taken(None)[0] == "The message has already been taken."


def test_every_end_of_a_call_says_goodbye() -> None:
    for last in (
        voice.accepted(),
        voice.passed(),
        voice.wrong_person(),
        voice.taken(None),
        voice.no_key(),
        voice.pin_refused(),
        voice.inbound_none(),
        voice.inbound_unknown(),
    ):
        assert last[-1] == "Goodbye."


def test_a_wrong_pin_is_named_and_asked_for_again() -> None:
    assert voice.wrong_pin() == ("That PIN is not right.", *voice.pin_prompt())


def test_a_caller_hears_how_many_messages_are_open() -> None:
    assert voice.inbound_open(1, times=1) == (
        "This is the answering service. You have 1 open message.",
        "To hear it press 1.",
    )
    assert voice.inbound_open(2, times=1)[1] == "To hear the first press 1."


def test_the_next_message_on_a_call_is_offered_by_itself() -> None:
    assert voice.next_message("Northside HVAC", "emergency") == (
        "Next, an emergency message for Northside HVAC.",
    )


def test_other_calls_say_what_comes_next() -> None:
    assert "dispatcher" in voice.connecting()[0]
    assert voice.trouble()[-1] == "We will call again."
