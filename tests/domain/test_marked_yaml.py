"""YAML and JSON with a line for every value, and nothing guessed from its look."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.marked_yaml import read_marked
from gateway.domain.problems import DocumentError


def value_of(text: str) -> object:
    (marked,) = read_marked(text, "x.yaml")
    return marked.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("'12'", "12"),
        ('"true"', "true"),
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("True", "True"),
        ("0701", "0701"),
        ("+12025550101", "+12025550101"),
        ("17:30", "17:30"),
        ("2026-02-02", "2026-02-02"),
        ("2026-02-02T17:30", "2026-02-02T17:30"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("<<", "<<"),
    ],
)
def test_plain_scalars_stay_as_written_unless_they_are_plainly_typed(
    text: str, value: object
) -> None:
    assert value_of(f"key: {text}") == {"key": value}


def test_keys_are_always_text() -> None:
    assert value_of("1204: a\nyes: b\n~: c") == {"1204": "a", "yes": "b", "~": "c"}


def test_every_place_knows_its_line() -> None:
    (marked,) = read_marked("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n", "x.yaml")
    assert marked.line_of(("a",)) == 1
    assert marked.line_of(("b", 1, "d")) == 5
    assert marked.line_of(("b", 1, "missing")) == 4
    assert marked.line_of(("elsewhere",)) == 1
    assert marked.problem(("b", 1, "d"), "is wrong").sentence() == "x.yaml:5: b[1].d: is wrong"


def test_a_part_can_be_read_as_a_document_of_its_own() -> None:
    (marked,) = read_marked("accounts:\n  - name: a\n  - name: b\n", "x.yaml")
    both = marked.at("accounts").items()
    assert [each.value for each in both] == [{"name": "a"}, {"name": "b"}]
    assert [each.line_of(("name",)) for each in both] == [2, 3]
    assert marked.at("accounts", 1, "name").value == "b"
    assert marked.items() == []


def test_empty_documents_are_left_out() -> None:
    assert [each.value for each in read_marked("---\na: 1\n---\n---\nb: 2\n", "x")] == [
        {"a": 1},
        {"b": 2},
    ]
    assert read_marked("", "x") == []
    assert value_of("''") == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3", "x:3: a: stands twice, first in line 1"),
        ("a:\n  - {b: 1, b: 2}", "x:2: a[0].b: stands twice, first in line 2"),
        ("a: !!python/object:os.system {}", "x:1: a: tags such as"),
        ("a: !mine 1", "x:1: a: tags such as !mine are not supported"),
        ("? [1, 2]\n: 3", "x:1: a key must be plain text"),
        ("a: [1, 2\nb: 3", "x:2: is not YAML"),
        ("a: b: c", "x:1: is not YAML"),
        ("a: 1\nb: \x01", "x:2: is not YAML"),
        ("a: *nobody", "x:1: is not YAML"),
        ("a: &a [*a]", "x:1: is nested too deeply"),
        ("[" * 50, "x:2: is not YAML"),
        ("\n" + "[" * 200_000, "x:2: is nested too deeply"),
        ("{a: " * 101 + "}" * 101, "x:1: is nested too deeply"),
        ('{"a": "\\ud83d"}', "x:1: is not YAML"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_marked(text, "x")
    assert str(caught.value).startswith(sentence)


def test_aliases_are_read_but_cannot_blow_up() -> None:
    assert value_of("a: &x [1]\nb: *x") == {"a": [1], "b": [1]}
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    with pytest.raises(DocumentError, match="repeats too many values"):
        read_marked(f"l0: &l0 [1]\n{levels}", "x")


def test_tabs_between_the_tokens_of_json_are_fine() -> None:
    assert value_of('{\n\t"a":\t"b\\tc",\n\t"d": [1]\n}') == {"a": "b\tc", "d": [1]}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert value_of("\ufeffa: 1") == {"a": 1}


def test_broken_json_is_judged_as_yaml() -> None:
    with pytest.raises(DocumentError, match="is not YAML"):
        read_marked('{"a":\t"\\u00e9",', "x")


_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t\r"\\/'))
_KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(value=_JSON, indent=st.sampled_from([None, 2, "\t"]))
def test_json_is_read_as_json_reads_it(value: object, indent: int | str | None) -> None:
    text = json.dumps({"value": value}, indent=indent)
    assert value_of(text) == {"value": value}
