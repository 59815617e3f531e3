"""The carrier's words and codes, in ours."""

import pytest

from adapters.twilio import words
from adapters.twilio.errors import fault, masked
from adapters.wire import Reply


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("queued", "queued"),
        ("initiated", "queued"),
        ("ringing", "ringing"),
        ("in-progress", "answered"),
        ("completed", "completed"),
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("failed", "failed"),
        ("canceled", "canceled"),
        ("something new", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_call_is_told_of_in_our_words(theirs: str | None, ours: str) -> None:
    assert words.call_word(theirs) == ours


def test_a_phone_that_is_off_did_not_answer_whatever_the_carrier_calls_it() -> None:
    assert words.call_word("failed", "480") == "no_answer"
    assert words.call_word("failed", "404") == "failed"
    assert words.call_word("busy", "480") == "busy"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("accepted", "queued"),
        ("sending", "sending"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("undelivered", "undelivered"),
        ("failed", "failed"),
        ("read", "read"),
        ("", "unknown"),
    ],
)
def test_a_text_is_told_of_in_our_words(theirs: str, ours: str) -> None:
    assert words.text_word(theirs) == ours


@pytest.mark.parametrize(
    ("verdict", "who"),
    [
        ("human", "human"),
        ("machine_start", "machine"),
        ("machine_end_beep", "machine"),
        ("machine_end_silence", "machine"),
        ("machine_end_other", "machine"),
        ("fax", "fax"),
        ("unknown", "unknown"),
        (None, "unknown"),
    ],
)
def test_who_answered_is_one_of_four(verdict: str | None, who: str) -> None:
    assert words.answered_by(verdict) == who


@pytest.mark.parametrize(
    ("code", "kind", "ours"),
    [
        (30003, "retryable", False),
        (30006, "number", False),
        (30007, "account", True),
        (30019, "content", True),
        (30410, "retryable", False),
        (20503, "ambiguous", False),
        (21610, "opt_out", False),
        (12345, "unknown", False),
        (None, "unknown", False),
    ],
)
def test_a_code_has_one_class(code: int | None, kind: str, ours: object) -> None:
    found = fault(code)
    assert (found.code, found.kind, found.ours) == (code, kind, ours)
    assert found.words


def test_numbers_are_taken_out_of_the_carriers_words() -> None:
    said = "The number +1 (202) 555-0101\nor 12025550102 is wrong (21211)"
    assert masked(said) == "The number [number] or [number] is wrong (21211)"


def test_a_header_is_found_in_any_case() -> None:
    reply = Reply(200, {"retry-AFTER": "3"}, b"")
    assert reply.header("Retry-After") == "3"
    assert reply.header("Date") is None
