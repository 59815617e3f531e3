"""What a web post says, as JSON or XML, and what the client's answer must say: S3-56, S3-58."""

from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.charset import charset, strange
from gateway.domain.posted import Told, accepted, body, faults, suggested, values
from tests.kit.desk import taken

UNICODE = charset("unicode")
SOUND = st.text(max_size=40).filter(lambda text: not list(strange(text, UNICODE)))


def told() -> Told:
    one = taken()
    return Told(one.message, one.content, "Northside HVAC", "claim")


def test_the_clients_fields_are_filled_from_the_message() -> None:
    wanted = {
        "A": "address",
        "B": "fields.address",
        "C": "caller.name",
        "D": "=Office 9",
        "E": "ucn",
        "F": "account.name",
        "G": "kind",
        "H": "delivered_at",
        "I": "no_such",
        "J": "text",
        "K": "priority",
        "L": "taken_at",
        "M": "caller.phone",
    }
    assert values(wanted, told()) == {
        "A": "1 Main St",
        "B": "1 Main St",
        "C": "Jo Dole",
        "D": "Office 9",
        "E": "49000001",
        "F": "Northside HVAC",
        "G": "claim",
        "H": "",
        "I": "",
        "J": "No heat since Sunday",
        "K": "urgent",
        "L": "2026-02-02T23:00:00.000000Z",
        "M": "+12025550142",
    }


def test_a_fault_names_field_character_place_value_and_suggestion() -> None:
    """S3-57: and says where an e-mail address would become another one."""
    (first, second) = faults({"Mail": "nüne@none.com", "Name": "Bō"}, charset("ascii"))
    assert (first.field, first.character, first.codepoint, first.index) == (
        *("Mail", "ü", "U+00FC", 1),
    )
    assert (first.value, first.suggestion) == ("nüne@none.com", "nune@none.com")
    assert first.email_changed
    assert not second.email_changed
    assert suggested({"Name": "Bō", "Odd": "漢"}, charset("ascii")) == {"Name": "Bo", "Odd": "漢"}


@given(st.dictionaries(st.sampled_from(["Name", "Mail", "Notes"]), SOUND))
def test_every_value_comes_out_of_the_body_as_it_went_in(filled: dict[str, str]) -> None:
    """S3-58: one action, of kind claim or lead, whatever the format."""
    kind, written = body("json", "lead", filled)
    assert (kind, orjson.loads(written)) == ("application/json", filled)
    kind, written = body("xml", "claim", filled)
    root = ET.fromstring(written)  # noqa: S314 - we wrote it ourselves
    assert (kind, root.tag) == ("application/xml; charset=utf-8", "claim")
    assert {part.tag: part.text or "" for part in root} == filled


def test_xml_cannot_be_broken_out_of() -> None:
    _, written = body("xml", "lead", {"Name": "</Name><Admin>1</Admin>&amp;]]>"})
    assert b"<Admin>" not in written


@pytest.mark.parametrize(
    ("rule", "answer", "yes"),
    [
        (None, "anything", True),
        ("stored", "lead stored", True),
        ("stored", "error", False),
        ("/^OK [0-9]+$/", "OK 41", True),
        ("/^OK [0-9]+$/", "NOT OK 41", False),
        ("/", "a/b", True),
    ],
)
def test_the_answers_words_decide(rule: str | None, answer: str, yes: bool) -> None:
    """S3-56."""
    assert accepted(rule, answer) is yes
