"""What a text from somebody on call means, and what it can never mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.replies import (
    LIST_WORDS,
    START_WORDS,
    STOP_WORDS,
    Accept,
    AcceptAll,
    ListOpen,
    OptIn,
    OptOut,
    Pass,
    Unclear,
    parse,
)

CODES = st.from_regex(r"[0-9]{2,4}", fullmatch=True)
YES = st.sampled_from(["ok", "y", "yes", "1", "accept"])
NO = st.sampled_from(["no", "n", "2", "pass"])
DECORATION = st.text(
    alphabet=" \t\n.,;:!'\"\u201c\u201d\u2018\u2019()[]\u2026\u2013\u2014-_*/\u200b\ufe0f😀👍🙏",
    max_size=4,
)
CASING = st.sampled_from([str.lower, str.upper, str.title, str.swapcase])


@pytest.mark.parametrize(
    "body", ["41", "41 OK", "OK 41", "1 41", "41 Y", "Y 41", "41 yes", "41 ACCEPT", "accept 41"]
)
def test_every_way_to_accept_with_a_code(body: str) -> None:
    assert parse(body) == Accept("41")


@pytest.mark.parametrize("body", ["41 NO", "NO 41", "2 41", "41 PASS", "pass 41", "41 N", "n 41"])
def test_every_way_to_pass_with_a_code(body: str) -> None:
    assert parse(body) == Pass("41")


@pytest.mark.parametrize("body", ["OK", "Y", "YES", "1", "ACCEPT", "ok.", "“Ok!”", " y "])
def test_plain_accepts_name_no_code(body: str) -> None:
    assert parse(body) == Accept(None)


@pytest.mark.parametrize("body", ["NO", "N", "2", "PASS", "no!", "'pass'"])
def test_plain_passes_name_no_code(body: str) -> None:
    assert parse(body) == Pass(None)


@pytest.mark.parametrize("body", ["?", " ? ", "“?”", "LIST", "help", "Help!", "INFO"])
def test_asking_lists_what_is_open(body: str) -> None:
    assert parse(body) == ListOpen()


def test_a_question_mark_beside_words_is_only_punctuation() -> None:
    assert parse("41?") == Accept("41")
    assert parse("ok?") == Accept(None)


def test_all_accepts_everything_but_not_with_company() -> None:
    assert parse("All.") == AcceptAll()
    assert parse("ALL NO") == Unclear()


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_a_stop_word_opts_out_only_as_the_whole_body(word: str) -> None:
    assert parse(f" {word.title()}! ") == OptOut(word.upper())
    assert parse(f"{word} 41") == Unclear()
    assert parse(f"please {word}") == Unclear()


@pytest.mark.parametrize("word", sorted(START_WORDS))
def test_a_start_word_opts_in_from_any_number(word: str) -> None:
    assert parse(word, opted_out=False) == OptIn(word.upper())
    assert parse(word, opted_out=True) == OptIn(word.upper())


def test_yes_opts_in_only_from_an_opted_out_number() -> None:
    assert parse("Yes", opted_out=True) == OptIn("YES")
    assert parse("Yes", opted_out=False) == Accept(None)
    assert parse("Y", opted_out=True) == Accept(None)
    assert parse("41 yes", opted_out=True) == Accept("41")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "...",
        "👍",
        "14141 ok",
        "1 2",
        "1 1",
        "41 42",
        "41 41",
        "41 OK NO",
        "ok ok",
        "5",
        "5 41",
        "12345",
        "41ok",
        "+1 202 555 0101",
        "on my way",
        "ok 41 thanks",
        "STOP ALL",
        "Liked “Northside HVAC: urgent message. Reply 41 to accept, 41 NO to pass.”",
        "Liked “41”",
        "👍 to “41 OK”",
    ],
)
def test_what_the_grammar_does_not_know_is_unclear(body: str) -> None:
    assert parse(body) == Unclear()


def test_digits_that_stand_apart_are_never_joined() -> None:
    assert parse("1 41") == Accept("41")
    assert parse("2-41") == Pass("41")
    assert parse("4 1") == Unclear()
    assert parse("4️⃣1️⃣") == Unclear()
    assert parse("11") == Accept("11")


def test_a_lone_digit_behind_a_code_is_its_verdict() -> None:
    assert parse("41 1") == Accept("41")
    assert parse("41 2") == Pass("41")


def test_a_code_keeps_its_leading_zeros() -> None:
    assert parse("041") == Accept("041")


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("４１ ＯＫ", Accept("41")),  # noqa: RUF001  full-width, as some keyboards send it
        ("٤١", Accept("41")),
        ("② 41", Pass("41")),
        ("Ok. 😀", Accept(None)),
        ("41 👍🏽", Accept("41")),
        ("？", ListOpen()),  # noqa: RUF001
        ("❓", ListOpen()),
    ],
)
def test_unusual_characters_are_read_as_people_mean_them(body: str, meaning: object) -> None:
    assert parse(body) == meaning


@pytest.mark.parametrize("body", ["41 👎", "41 ❌", "ok 🤷", "🚫 41", "№ 41", "Nº 41"])
def test_a_sign_of_doubt_is_never_dropped(body: str) -> None:
    assert parse(body) == Unclear()


@st.composite
def dressed(draw: st.DrawFn, words: st.SearchStrategy[str]) -> tuple[str, str]:
    """Draw a code, and a body of it with a verdict on either side, in any case and decoration."""
    code = draw(CODES)
    pair = draw(st.permutations([code, draw(CASING)(draw(words))]))
    return code, draw(DECORATION) + f" {draw(DECORATION)}".join(pair) + draw(DECORATION)


@given(dressed(YES))
def test_decoration_order_and_case_never_change_an_accept(sent: tuple[str, str]) -> None:
    code, body = sent
    assert parse(body) == Accept(code)


@given(dressed(NO))
def test_decoration_order_and_case_never_change_a_pass(sent: tuple[str, str]) -> None:
    code, body = sent
    assert parse(body) == Pass(code)


@given(CODES, CODES)
def test_two_codes_are_always_unclear(one: str, other: str) -> None:
    assert parse(f"{one} {other}") == Unclear()


@given(st.text(max_size=300), st.booleans())
def test_any_body_at_all_has_a_meaning(body: str, opted_out: bool) -> None:
    parse(body, opted_out)


@given(st.text(max_size=60))
def test_a_code_is_two_to_four_digits_that_stood_in_the_body(body: str) -> None:
    match parse(f"{body} 41 {body}"):
        case Accept(code) | Pass(code):
            assert code == "41"
        case said:
            assert said == Unclear()


@given(st.lists(st.sampled_from(["41", "7", "ok", "no", "all", "stop"]), min_size=3, max_size=6))
def test_three_words_are_never_a_reply(words: list[str]) -> None:
    assert parse(" ".join(words)) == Unclear()


@given(st.sampled_from(sorted(LIST_WORDS | STOP_WORDS | START_WORDS | {"all"})), CODES)
def test_a_command_takes_no_code(word: str, code: str) -> None:
    assert parse(f"{word} {code}") == Unclear()
