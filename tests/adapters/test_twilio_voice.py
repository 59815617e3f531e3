"""The call script as the carrier reads it."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twilio.voice import Ask, Script, Tell, render


def read(script: Script) -> ET.Element:
    return ET.fromstring(render(script))  # noqa: S314 - our own words


def test_a_question_waits_for_one_key_and_reports_silence() -> None:
    asked = Ask(("This is the answering service.", "Press 1."), "https://gw.example/k?a=1&n=2", 6)
    (gather,) = read(asked)
    assert gather.tag == "Gather"
    assert gather.attrib == {
        "input": "dtmf",
        "action": "https://gw.example/k?a=1&n=2",
        "method": "POST",
        "timeout": "6",
        "numDigits": "1",
        "actionOnEmptyResult": "true",
    }
    assert [(say.tag, say.text) for say in gather] == [
        ("Say", "This is the answering service."),
        ("Say", "Press 1."),
    ]


def test_a_pin_of_any_length_is_ended_by_the_hash_key() -> None:
    (gather,) = read(Ask(("Your pin, then the hash key.",), "/pin", 10, digits=0))
    assert "numDigits" not in gather.attrib
    assert "finishOnKey" not in gather.attrib  # the vendor's default is the hash key


def test_a_statement_is_spoken_and_the_call_ends() -> None:
    assert [verb.tag for verb in read(Tell(("Bob has taken it.", "Goodbye.")))] == [
        "Say",
        "Say",
        "Hangup",
    ]


def test_language_and_voice_can_be_chosen() -> None:
    (plain, _) = read(Tell(("Hello.",)))
    assert plain.attrib == {"language": "en-US"}
    chosen = ET.fromstring(  # noqa: S314 - our own words
        render(Tell(("Hola.",)), language="es-MX", voice="Polly.Mia")
    )
    assert chosen[0].attrib == {"language": "es-MX", "voice": "Polly.Mia"}


def test_words_cannot_become_script() -> None:
    (say, _) = read(Tell(('</Say><Dial>+1900</Dial> & "x" <!-- ]]>',)))
    assert say.text == '</Say><Dial>+1900</Dial> & "x" <!-- ]]>'


@pytest.mark.parametrize("empty", [(), ("",), (" \n",)])
def test_nothing_to_say_says_nothing(empty: tuple[str, ...]) -> None:
    assert [verb.tag for verb in read(Tell(empty))] == ["Hangup"]


def test_long_words_are_split_between_words() -> None:
    spoken = [say.text or "" for say in read(Tell(("number " * 1500,))) if say.tag == "Say"]
    assert len(spoken) == 3
    assert all(len(part) <= 4096 for part in spoken)
    assert " ".join(" ".join(spoken).split()) == " ".join(["number"] * 1500)


def test_one_endless_word_is_split_where_it_must_be() -> None:
    spoken = [len(say.text or "") for say in read(Tell(("x" * 9000,))) if say.tag == "Say"]
    assert spoken == [4096, 4096, 808]


@given(st.lists(st.text(max_size=5000), max_size=3), st.booleans())
def test_any_words_make_readable_script_of_the_allowed_length(
    words: list[str], asking: object
) -> None:
    script = Ask(tuple(words), "/k", 5) if asking else Tell(tuple(words))
    says = list(read(script).iter("Say"))
    assert all(len(say.text or "") <= 4096 for say in says)
    heard = "".join(say.text or "" for say in says)
    said = "".join(words)
    assert [one for one in heard if one.isalnum()] == [one for one in said if one.isalnum()]
