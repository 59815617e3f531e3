"""What texts say: enough to act on, GSM-7, and nothing protected."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.content import Content
from gateway.domain.replies import Accept, Pass, parse
from gateway.domain.wording import text
from gateway.domain.wording.text import Holder, Open

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
URL = "https://gate.example/m/AAAAAAAAAAAAAAAAAAAAAA"
NO_HEAT = Content("No heat", "Jo Dole", "+12025550142", {"address": "1 Main St", "unit": " "})
BOB = Holder("Bob Bell", datetime(2026, 2, 2, 23, 4, tzinfo=UTC), ZoneInfo("America/New_York"))
CODES = st.lists(st.from_regex(r"[0-9]{2,4}", fullmatch=True), unique=True, max_size=40)
WORDS = st.text(alphabet="abc XYZ019.,", max_size=200)


def test_a_text_carries_the_whole_message_and_ends_with_its_code() -> None:
    body, tail = text.details("Northside HVAC", "urgent", NO_HEAT, "41")
    assert body == (
        "Northside HVAC: urgent message. No heat. Caller: Jo Dole. Callback: +12025550142. "
        "Address: 1 Main St."
    )
    assert tail == " Reply 41 to accept, 41 NO to pass."


def test_a_long_story_stands_behind_what_somebody_needs_to_act() -> None:
    long = Content("Water everywhere. " * 20, "Jo Dole", "+12025550142", {"address": "1 Main St"})
    body, _ = text.details("Northside HVAC", "urgent", long, "41")
    assert body.index("1 Main St") < body.index("Water everywhere")


def test_a_field_that_repeats_the_caller_s_number_is_said_once() -> None:
    twice = Content("No heat", None, "+12025550142", {"callback_number": "+12025550142"})
    assert text.details("N", "urgent", twice, "41")[0].count("+12025550142") == 1


def test_line_breaks_in_a_message_become_spaces() -> None:
    lines = Content("No heat\r\n\nfor two days!", None, None, {})
    body, _ = text.details("N", "urgent", lines, "41")
    assert body == "N: urgent message. No heat for two days!"


def test_a_protected_text_has_a_link_that_no_shortening_can_cut() -> None:
    body, tail = text.linked("Northside Clinic", "emergency", URL, "41")
    assert body == "Northside Clinic: emergency message."
    assert tail == f" Open {URL} to read it. Reply 41 to accept, 41 NO to pass."


def test_a_link_without_a_code_asks_for_no_reply() -> None:
    assert "Reply" not in " ".join(text.linked_only("Northside Clinic", "urgent", URL))


def test_a_copy_asks_for_no_reply() -> None:
    assert text.copy("N", "routine", Content("Call us.", None, None, {})) == (
        "N: message. Call us.",
        "",
    )


@given(WORDS, WORDS, WORDS, st.dictionaries(WORDS, WORDS, max_size=4))
def test_our_own_words_never_leave_gsm7(
    account: str, story: str, caller: str, fields: dict[str, str]
) -> None:
    content = Content(story, caller, "+12025550142", fields)
    for pair in (
        text.details(account, "urgent", content, "41"),
        text.linked(account, "emergency", URL, "41"),
        text.linked_only(account, "routine", URL),
        text.copy(account, "urgent", content),
    ):
        assert set("".join(pair)) <= GSM7


@given(WORDS, CODES)
def test_every_answer_is_gsm7_and_fits_two_segments(account: str, codes: list[str]) -> None:
    one = [
        text.accepted("4141", account),
        text.accepted("4141", account, URL),
        text.passed("4141"),
        text.taken("4141", BOB),
        text.already_yours("4141"),
        text.pass_too_late("4141", BOB),
        text.pass_after_accept("4141"),
        text.closed("4141"),
        text.nothing_open(),
        text.opted_in(),
    ]
    naming = [text.help_with(codes), text.not_open("99", codes)]
    naming += [text.which(codes), text.accepted_all(codes)] if codes else []
    for answer in one + naming:
        assert set(answer) <= GSM7
        assert len(answer) <= 306


@given(CODES, WORDS)
def test_the_list_names_codes_accounts_and_no_details(codes: list[str], account: str) -> None:
    listed = text.open_list([Open(code, account, "urgent") for code in codes])
    assert set(listed) <= GSM7
    assert all(code in listed for code in codes[:12])
    assert len(listed) <= 1000


@given(st.from_regex(r"[0-9]{2,4}", fullmatch=True))
def test_what_a_text_asks_for_is_what_the_grammar_understands(code: str) -> None:
    line = text.reply_line(code)
    accept, _, refuse = line.removeprefix("Reply ").partition(" to accept, ")
    assert parse(accept) == Accept(code)
    assert parse(refuse.removesuffix(" to pass.")) == Pass(code)


def test_a_late_accept_is_told_who_has_it_and_since_when_in_local_time() -> None:
    assert text.taken("41", BOB) == (
        "41 is already with Bob Bell since 6:04 PM EST, Mon Feb 2. Nothing to do for you. "
        "Thank you."
    )


def test_an_accept_of_a_protected_message_is_answered_with_its_link() -> None:
    assert text.accepted("41", "Northside Clinic", URL).endswith(URL)
    assert "http" not in text.accepted("41", "Northside HVAC")


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([], "Sorry, we did not understand. No messages are open for you."),
        (
            ["41"],
            "Sorry, we did not understand. Open: 41. Reply 41 to accept, 41 NO to pass.",
        ),
        (
            ["41", "57", "603"],
            (
                "Sorry, we did not understand. Open: 41, 57 and 603. "
                "Reply 41 to accept, 41 NO to pass."
            ),
        ),
    ],
)
def test_help_names_the_open_codes(codes: list[str], said: str) -> None:
    assert text.help_with(codes) == said


def test_the_list_of_several_tells_how_to_accept_all() -> None:
    several = [Open("41", "Northside HVAC", "urgent"), Open("57", "Eastside", "emergency")]
    assert text.open_list(several) == (
        "Open: 41 Northside HVAC (urgent); 57 Eastside (emergency). "
        "Reply 41 to accept, 41 NO to pass. ALL accepts all."
    )
    assert "ALL" not in text.open_list(several[:1])
    assert text.open_list([]) == "No messages are open for you."


def test_accepting_all_names_what_was_accepted() -> None:
    assert text.accepted_all(["41", "57"]) == "41 and 57 are yours. Thank you."
    assert text.accepted_all(["41"]) == "41 is yours. Thank you."


def test_a_sender_of_several_is_asked_for_the_code() -> None:
    assert text.which(["41", "57"]) == (
        "You have 2 open messages: 41 and 57. Reply 41 to accept, 41 NO to pass."
    )
