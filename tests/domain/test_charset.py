"""Characters that a client takes, and what is suggested for all others: S3-55, S3-57."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.charset import Strange, charset, strange, suggestion

ASCII = charset("ascii")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("nüne@none.com", "nune@none.com"),
        ("Ç", "C"),
        ("ō vs o", "o vs o"),
        ("Łódź", "Lodz"),
        ("Straße", "Strasse"),
        ("Ærø", "AEro"),
        ("\u201cit\u2019s\u201d \u2013 here\u2026", '"it\'s" - here...'),
        ("u\u0308ber", "uber"),
        ("a\u00a0b\u200bc", "a bc"),
        ("½ ﬁn", "1/2 fin"),
        ("5 €", "5 EUR"),
        ("plain\tone\n", "plain\tone\n"),
    ],
)
def test_letters_are_folded_to_the_plain_ones(written: str, plain: str) -> None:
    """S3-55: ü is u, Ç is C, ō is o."""
    assert suggestion(written, ASCII) == plain


@pytest.mark.parametrize("written", ["漢字", "ok 👍", "a\ue000"])
def test_what_has_no_plain_spelling_is_left_to_a_person(written: str) -> None:
    assert suggestion(written, ASCII) is None


def test_each_strange_character_is_named_with_its_place() -> None:
    """S3-57: which character it is, its code point, and where it stands."""
    assert list(strange("nüneÇ", ASCII)) == [Strange(1, "ü"), Strange(4, "Ç")]
    assert [one.codepoint for one in strange("ü👍", ASCII)] == ["U+00FC", "U+1F44D"]


@pytest.mark.parametrize(
    ("rule", "value", "odd"),
    [
        ("ascii", "Zoë", "ë"),
        ("latin1", "Zoë ō", "ō"),
        ("unicode", "Zoë ō 漢 👍", ""),
        ("unicode", "bell\x07", "\x07"),
        ("[A-Za-z0-9 @.-]", "Jo's #4", "'#"),
        ("[^<>&]", "a<b", "<"),
        ("[^a]", "b\x00", "\x00"),
    ],
)
def test_a_client_has_a_rule_of_their_own(rule: str, value: str, odd: str) -> None:
    assert "".join(one.character for one in strange(value, charset(rule))) == odd


@pytest.mark.parametrize(
    "rule", ["utf8", "[", "[]", "[a-", "[z-a]", "[a]+[b]", "[a](b)[c]", "[[a]]"]
)
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="class"):
        charset(rule)


@given(st.text(max_size=30), st.sampled_from(["ascii", "latin1", "[A-Za-z0-9 @.-]"]))
def test_a_suggestion_holds_only_what_is_taken_and_changes_nothing_else(
    text: str, rule: str
) -> None:
    """S3-55: what the client takes already is never touched."""
    taken = charset(rule)
    better = suggestion(text, taken)
    if better is not None:
        assert not list(strange(better, taken))
    if text.isascii() and not list(strange(text, taken)):
        assert better == text
