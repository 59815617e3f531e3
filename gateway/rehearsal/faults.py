"""Faults of a scenario file: each with its line, its field, and plain words."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.simulator.people import People, PeopleError
from gateway.domain.marked import Loc, Marked
from gateway.domain.problems import Problem, field_name

# The form of a field, for people; a pattern says little to them.
_NUMBER: Final = "must be 1 to 40 letters, digits, _ or -"
_FORMS: Final = {
    "account": _NUMBER,
    "ucn": _NUMBER,
    "text": "must not be empty",
    "taken_by": "must be whoever took it, such as agent:1204",
    "phone": "must be a phone number such as +12025550101",
    "call": "must be a method and a path, such as GET /v1/messages/49000001",
}
# Where a script's fault is, as the script itself says so: `.calls[1].answer_aft: unknown key`.
_PLACED: Final = re.compile(r"((?:\.[^.\[\]:]+|\[\d+\])*): (.*)", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def misread(marked: Marked, fault: ValidationError, known: Iterable[str]) -> list[Problem]:
    """Return what is wrong with a document's shape; `known` are the keys there are."""
    return [_misread(marked, one, known) for one in fault.errors(include_url=False)]


def _misread(marked: Marked, error: ErrorDetails, known: Iterable[str]) -> Problem:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    inner, words = placed(_said(error, known))
    return marked.problem((*loc, *inner), words)


def _said(error: ErrorDetails, known: Iterable[str]) -> str:
    key, kind = str(error["loc"][-1]) if error["loc"] else "", error["type"]
    if kind == "extra_forbidden":
        close = get_close_matches(key, set(known) - {key}, n=1)
        return f"unknown key; did you mean {close[0]}?" if close else "unknown key"
    if kind == "string_pattern_mismatch" and key in _FORMS:
        return _FORMS[key]
    if kind == "missing":
        return "is missing"
    return error["msg"].removeprefix("Value error, ").replace("Input should", "should")


def placed(words: str) -> tuple[Loc, str]:
    """Split words that begin with a place within a script, as the simulator says it."""
    found = _PLACED.fullmatch(words)
    if not found:
        return (), words
    steps = _STEP.findall(found[1])
    return tuple(key or int(place) for key, place in steps), found[2]


def amiss_of_people(marked: Marked, people: Iterable[tuple[str, object]]) -> Iterator[Problem]:
    """Yield what is wrong with each person's script."""
    for phone, script in people:
        try:
            People.read({phone: script})
        except PeopleError as fault:
            inner, words = placed(str(fault).removeprefix(f"people[{phone}]"))
            line = marked.line_of(("people", phone, *inner))
            field = f"people[{phone}]{'.' if inner and isinstance(inner[0], str) else ''}"
            yield Problem(marked.origin, line, field + field_name(inner), words)
