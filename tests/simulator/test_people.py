"""People are read from the scenario form, and mistakes are named with their place."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.simulator.people import CallScript, Key, People, PeopleError, TextScript
from tests.simulator.desk import ANN


def test_every_form_of_the_contract_is_read() -> None:
    people = People.read(
        {
            ANN: {
                "calls": [
                    {"no_answer": True},
                    {"busy": True},
                    {"failed": 13224},
                    {"answer_after": "12s", "keys": [{"after": "1m", "press": 1}]},
                    {"voicemail_after": "20s", "greeting": "8s"},
                ],
                "texts": [{"delivered_after": "3s", "reply_after": "1h", "reply": "{code} OK"}],
            }
        }
    )
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    assert [people.next_call(ANN) for _ in range(6)] == [
        CallScript(),
        CallScript(busy=True),
        CallScript(failed="13224"),
        CallScript(answer_after=12 * second, keys=(Key(minute, "1"),)),
        CallScript(answer_after=20 * second, voicemail=True, greeting=8 * second),
        CallScript(answer_after=20 * second, voicemail=True, greeting=8 * second),
    ]
    assert people.next_text(ANN) == TextScript(3 * second, 60 * minute, "{code} OK")


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"call": []}, "people[+12025550101].call: unknown key; known are calls, texts"),
        ({"calls": {}}, "people[+12025550101].calls: a list is wanted"),
        ({"calls": [{"answr": "1s"}]}, ".calls[0].answr: unknown key"),
        ({"calls": [{}]}, ".calls[0]: exactly one of no_answer, busy"),
        ({"calls": [{"busy": True, "no_answer": True}]}, ".calls[0]: exactly one of"),
        ({"calls": [{"busy": False}]}, ".calls[0].busy: only true makes sense"),
        ({"calls": [{"busy": True, "keys": []}]}, ".calls[0]: keys does not go with busy"),
        ({"calls": [{"answer_after": 12}]}, ".calls[0].answer_after: a duration such as 12s"),
        ({"calls": [{"answer_after": "1s", "keys": [{"press": "1"}]}]}, ".keys[0].after: a dura"),
        ({"calls": [{"answer_after": "1s", "keys": [{"after": "1s", "press": "x"}]}]}, ".press:"),
        ({"texts": [{"reply_after": "1s"}]}, ".texts[0]: reply_after without a reply"),
        ({"texts": [{"failed": "21610", "reply": "x"}]}, ".texts[0]: undelivered and failed each"),
        ({"texts": [{"failed": "soon"}]}, ".texts[0].failed: an error code such as 30003"),
        ("nobody", "people[+12025550101]: names with values are wanted"),
    ],
)
def test_a_mistake_is_named_with_its_place(person: Any, words: str) -> None:  # noqa: ANN401
    with pytest.raises(PeopleError) as fault:
        People.read({ANN: person})
    assert words in str(fault.value)


def test_a_phone_is_written_in_full() -> None:
    with pytest.raises(PeopleError, match="written"):
        People.read({"5550101": {}})


def test_nobody_is_no_mistake() -> None:
    assert People.read(None).next_call(ANN) == CallScript()
