"""The pages behind a secure link: safe to show whatever the message says."""

import re
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.content import Content
from gateway.web import secure_page

NO_HEAT = Content("No heat\nsince Sunday", "Jo Dole", "+12025550142", {"address": "1 <Main> St"})
NASTY = st.text() | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></style><script>",
        "' onmouseover='x",
        "&lt;b&gt;",
        "<!--",
        "+1202555<b>",
    ]
)
FIELDS = st.dictionaries(NASTY, NASTY, max_size=3)


def _parsed(page: str) -> Element:
    """Read a page strictly; the pages are well-formed XML."""
    return fromstring(page)  # noqa: S314  our own page, without entities of its own


def _words(page: str) -> str:
    return "".join(_parsed(page).find("body").itertext())  # type: ignore[union-attr]


def _skeleton(page: str) -> list[tuple[str, list[str]]]:
    """Elements and attribute names, without the elements that only facts bring along."""
    return [
        (element.tag, sorted(element.attrib))
        for element in _parsed(page).iter()
        if element.tag not in {"a", "dl", "dt", "dd"}
    ]


def _pages(words: str, content: Content) -> list[str]:
    return [
        secure_page.waiting(words, words, words),
        secure_page.opened(words, words, content, words),
        secure_page.opened(words, words, content),
    ]


@given(NASTY, NASTY, FIELDS)
def test_nothing_in_a_message_becomes_markup(
    words: str, phone: str, fields: dict[str, str]
) -> None:
    hostile = Content(words, words, phone, fields)
    plain = Content("x", "x", "x", {})
    for page, pattern in zip(_pages(words, hostile), _pages("x", plain), strict=True):
        assert _skeleton(page) == _skeleton(pattern)
        links = [link.get("href", "") for link in _parsed(page).iter("a")]
        assert all(re.fullmatch(r"tel:\+[0-9]+", link) for link in links)
        page.encode()


@given(NASTY)
def test_a_message_reads_on_the_page_as_it_was_taken(words: str) -> None:
    page = secure_page.opened("N", "urgent", Content(words, None, None, {}))
    assert " ".join(words.split()) in " ".join(_words(page).split()) or not words.isprintable()


def test_the_waiting_page_has_a_button_that_posts_the_nonce_to_the_same_path() -> None:
    page = secure_page.waiting("Northside HVAC", "urgent", "n0nce")
    assert '<form method="post">' in page
    assert '<input type="hidden" name="nonce" value="n0nce"/>' in page
    assert "An urgent message is waiting for you." in _words(page)
    assert " action=" not in page


def test_the_opened_page_shows_the_message_and_a_number_to_tap() -> None:
    page = secure_page.opened("Northside HVAC", "urgent", NO_HEAT)
    assert "No heat\nsince Sunday" in _words(page)
    assert "1 <Main> St" in _words(page)
    assert '<a href="tel:+12025550142">+12025550142</a>' in page
    assert "accepted by" not in _words(page)


def test_the_opened_page_says_when_somebody_else_has_it() -> None:
    page = secure_page.opened("Northside HVAC", "urgent", NO_HEAT, "Bob Bell")
    assert "This message has already been accepted by Bob Bell." in _words(page)


def test_a_dead_link_says_so_and_a_failure_does_not_count_as_read() -> None:
    assert "no longer valid" in _words(secure_page.gone())
    assert "not been marked as read" in _words(secure_page.unavailable())


def test_a_page_is_told_to_be_kept_nowhere_and_to_run_nothing() -> None:
    policy = secure_page.HEADERS["Content-Security-Policy"]
    assert secure_page.HEADERS["Cache-Control"] == "no-store"
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_page_is_for_phones_and_readers_and_loads_nothing() -> None:
    for page in [*_pages("x", NO_HEAT), secure_page.gone(), secure_page.unavailable()]:
        tags = [element.tag for element in _parsed(page).iter()]
        assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert "width=device-width, initial-scale=1" in page
        assert tags.count("h1") == tags.count("title") == 1
        assert not {"link", "script", "img", "iframe"} & set(tags)
        assert " src=" not in page
        assert "url(" not in page
