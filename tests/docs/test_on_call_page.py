"""The page for people on call quotes what calls and texts really say."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.content import Content
from gateway.domain.wording import text, voice
from gateway.web import secure_page
from tests.docs.reader import TOP

PAGE = TOP / "docs/on-call.md"
NORTHSIDE, ANN = "Northside HVAC", "Ann Ames"
SIX = datetime(2026, 2, 2, 23, 4, tzinfo=UTC)
HOLDER = text.Holder("Bob Bell", SIX, ZoneInfo("America/New_York"))


def said() -> str:
    """Return everything the page quotes from, as the program says it."""
    content = Content(text="No heat", caller_name="", caller_phone="+12025550142", fields={})
    body, tail = text.details(NORTHSIDE, "urgent", content, "41")
    spoken = (
        *(voice.prompt(NORTHSIDE, ANN, "urgent", 1), voice.pin_prompt(), voice.accepted()),
        *(voice.passed(), voice.wrong_person(), (voice.MENU,), voice.inbound_open(1, 1)),
        voice.voicemail(NORTHSIDE, ANN, "+12025550100"),
    )
    written = (
        *(body + tail, text.accepted("41", NORTHSIDE), text.passed("41")),
        text.taken("41", HOLDER),
    )
    return "\n".join([*(" ".join(one) for one in spoken), *written])


@pytest.mark.parametrize("quoted", re.findall(r"“([^”]+)”", PAGE.read_text(encoding="utf-8")))
def test_the_page_quotes_the_program(quoted: str) -> None:
    assert quoted in said()


def test_the_button_has_the_name_the_page_gives_it() -> None:
    (button,) = re.findall(r"<button[^>]*>([^<]+)<", secure_page.waiting(NORTHSIDE, "urgent", "n"))
    assert f"**{button}**" in PAGE.read_text(encoding="utf-8")
