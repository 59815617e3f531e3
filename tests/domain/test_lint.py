"""The look over a message: what a proofreader would find, and what it leaves alone (S3-12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import dictionary
from gateway.domain.accounts import Account
from gateway.domain.aside import Finding
from gateway.domain.content import Content
from gateway.domain.documents import compile_account
from gateway.domain.lint import CLASSES, classes, look_over, missing_delivery_field
from tests.kit.desk import document

FORMS = {
    "hvac-service": {"kind": "hvac"},
    "ticket": {"required": ["ticket number"], "schedule_field": "location"},
    "any": {},
}
PLAIN = compile_account(document())
WITH_FORMS = compile_account(document(forms=FORMS, words=["Gizmotron", "flumox unit"]))
WORDS = {"no", "heat", "since", "sunday", "the", "furnace", "is", "leaking", "please", "call"}


def found(
    text: str = "No heat since Sunday",
    account: Account = PLAIN,
    form: str | None = None,
    **fields: str,
) -> tuple[Finding, ...]:
    content = Content(text, "Rita Roemersson", None, fields)
    return look_over(content, form, account, dictionary.unknown)


def kinds(text: str) -> str:
    return classes(found(text))


GOOD = [
    "No heat",
    "No heat since Sunday",
    "Water is leaking through the ceiling at 12 Elm St, please call back ASAP.",
    "Mr. Szymanowski's furnace doesn't start; it won't light.",
    "Called Dr. Okonkwo-Bright. RTU 4 on the roof is down. HVAC tech needed",
    "Roemersson called about the heat.",
    "Please call (202) 555-0142 or 202-555-0142 or +1 202.555.0142 after 5pm.",
    "Order 12345678 of 2026-02-02, unit 4B, @ 5pm",
    "Write to ann@northside.example, please.",
    "The heater won't turn on",
    "He knows where she is.",
    "IT is down",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_plain_message_is_left_alone(text: str) -> None:
    assert found(text) == ()


BAD = {
    "The furnce is out": "SPELLING",
    "Furnce is out": "SPELLING",
    "No heat. Teh pilot is out": "SPELLING",
    "NO HAET UPSTAIRS": "SPELLING ALL_CAPS",
    "NO HEAT": "ALL_CAPS",
    "The caller needs a": "INCOMPLETE_SENTENCE",
    "Please call back because": "INCOMPLETE_SENTENCE",
    "The address is": "INCOMPLETE_SENTENCE",
    "She wants the.": "INCOMPLETE_SENTENCE",
    "No heat, two children,": "INCOMPLETE_SENTENCE",
    "No heat and then...": "INCOMPLETE_SENTENCE",
    "Heat": "INCOMPLETE_SENTENCE",
    "Please call 555-0142": "PHONE_FORMAT",
    "Write to ann@northside please": "EMAIL_FORMAT",
    "Write to ann.ames@north..side.com": "EMAIL_FORMAT",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_with_the_words_is_named_by_its_class(text: str) -> None:
    """S3-39: spelling, half sentences; S3-12: phone and e-mail format, capitals."""
    assert kinds(text) == BAD[text]


def test_a_misspelt_word_is_named_by_its_place_once_and_never_quoted() -> None:
    text = "The furnce leaks, the furnce smokes"
    (one,) = found(text)
    assert one == Finding("SPELLING", "text", 4, 10)
    assert text[4:10] == "furnce"


def test_the_words_of_the_account_and_of_the_message_are_right() -> None:
    """S3-39: each account has words of its own; names in the message are no slips."""
    assert kinds("The gizmotron and the flumox are out") == "SPELLING"
    assert found("The gizmotron and the flumox are out", WITH_FORMS, "any") == ()
    assert found("The door at brakstrasse is open", address="9 Brakstrasse") == ()


def test_a_kind_of_form_asks_for_its_usual_fields_and_its_own_go_before() -> None:
    """S3-41: an hvac form needs address and callback number unless it says otherwise."""
    assert WITH_FORMS.forms["hvac-service"].required == ("address", "callback_number")
    own = compile_account(document(forms={"x": {"kind": "hvac", "required": ["unit"]}}))
    assert own.forms["x"].required == ("unit",)
    missing = found(account=WITH_FORMS, form="hvac-service")
    assert [(one.kind, one.place) for one in missing] == [
        ("MISSING_INFO", "fields.address"),
        ("MISSING_INFO", "fields.callback_number"),
    ]
    whole = {"address": "1 Main St", "callback_number": "+12025550142"}
    assert found(account=WITH_FORMS, form="hvac-service", **whole) == ()


def test_the_callers_number_is_a_callback_number_and_blanks_fill_nothing() -> None:
    content = Content("No heat", "Jo", "+12025550142", {"address": "  "})
    places = look_over(content, "hvac-service", WITH_FORMS, dictionary.unknown)
    assert [one.place for one in places] == ["fields.address"]


@pytest.mark.parametrize("form", [None, "hvac", "hvac-servcie"])
def test_a_form_the_account_does_not_have_breaks_protocol(form: str | None) -> None:
    """S3-39, S3-41: the form selection is looked at too; an account without forms has none."""
    assert classes(found(account=WITH_FORMS, form=form)) == "PROTOCOL"
    assert found(form=form) == ()


def test_the_field_that_selects_the_schedule_is_a_delivery_field() -> None:
    """S3-12: what is missing for delivery itself is told apart."""
    content = Content("No heat", None, None, {"ticket number": "4", "location": " "})
    assert missing_delivery_field(content, "ticket", WITH_FORMS) == "location"
    assert missing_delivery_field(content, "any", WITH_FORMS) is None
    (one,) = look_over(content, "ticket", WITH_FORMS, dictionary.unknown)
    assert (one.kind, one.place) == ("MISSING_INFO", "fields.location")


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("callback_number", "202 555 014", "PHONE_FORMAT"),
        ("Cell phone", "call the desk", "PHONE_FORMAT"),
        ("phone", "1-202-555-0142 ext. 14", ""),
        ("phone", "(202) 555-0142", ""),
        ("phone", "+49 30 1234567", ""),
        ("phone", "", ""),
        ("email", "ann at home", "EMAIL_FORMAT"),
        ("E-Mail", "ann@northside.example", ""),
        ("notes", "anything goes 555", ""),
    ],
)
def test_fields_for_numbers_and_addresses_hold_some(key: str, value: str, kind: str) -> None:
    assert classes(found(**{key: value})) == kind


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=20), st.text(max_size=40)))
def test_whatever_was_typed_is_looked_over_without_a_slip(
    text: str, fields: dict[str, str]
) -> None:
    content = Content(text, None, None, fields)
    seen = look_over(content, None, PLAIN, lambda words: {*words} - WORDS)
    assert len(seen) <= 50
    for one in seen:
        assert one.kind in CLASSES
        assert one.start is None or 0 <= one.start <= (one.end or 0) <= len(text)


def test_the_dictionary_suggests_what_is_one_slip_away_most_frequent_first() -> None:
    assert "broken" in dictionary.suggest("brokn")
    assert dictionary.suggest("qqqqqqqq") == ()
