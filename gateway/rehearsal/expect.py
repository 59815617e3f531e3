"""Expectations: the lines of a scenario's `expect` against the history that came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.rehearsal.scenario import Scenario

TOLERANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`KIND [CONTACT] [key=value …]`: what an item must be to match."""

    kind: str
    contact: str | None
    facts: Mapping[str, str]

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Tell whether a history item matches."""
        found = item["data"]
        if item["kind"] != self.kind:
            return False
        if self.contact is not None and found.get("contact") != self.contact:
            return False
        return all(str(_plain(found.get(key))) == value for key, value in self.facts.items())


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    return str(value).lower() if isinstance(value, bool) else value


def read_pattern(words: str) -> Pattern:
    """Read a pattern; a word with `=` compares a fact, the other after the kind is a contact."""
    kind, *others = words.split()
    facts = dict(word.split("=", 1) for word in others if "=" in word)
    contacts = [word for word in others if "=" not in word]
    return Pattern(kind, contacts[0] if contacts else None, facts)


def check(
    scenario: Scenario,
    histories: Mapping[str, Sequence[Mapping[str, Any]]],
    finals: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """Compare all expectations; return one line for each that fails."""
    expect = scenario.expect
    faults: list[str] = []
    for ucn, lines in expect.history.items():
        faults += _in_order(scenario, ucn, lines, histories.get(ucn, ()))
    for ucn, patterns in expect.never.items():
        faults += _never(ucn, patterns, histories.get(ucn, ()))
    for ucn, counts in expect.count.items():
        faults += _counts(ucn, counts, histories.get(ucn, ()))
    for ucn, wanted in expect.final.items():
        faults += _final(ucn, wanted, finals.get(ucn, {}))
    return faults


def _in_order(
    scenario: Scenario, ucn: str, lines: Sequence[str], items: Sequence[Mapping[str, Any]]
) -> list[str]:
    place = 0
    for line in lines:
        at, words = line.split(None, 1)
        wanted, pattern = scenario.instant(at), read_pattern(words)
        for n in range(place, len(items)):
            if pattern.fits(items[n]) and abs(_at(items[n]) - wanted) <= TOLERANCE:
                place = n + 1
                break
        else:
            return [f"{ucn}: expected {line!r}, in this order"]
    return []


def _at(item: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(item["at"])


def _never(ucn: str, patterns: Sequence[str], items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{ucn}: {words!r} must never be, but it is item {item['seq']} at {item['at']}"
        for words in patterns
        for item in items
        if read_pattern(words).fits(item)
    ]


def _counts(ucn: str, counts: Mapping[str, int], items: Sequence[Mapping[str, Any]]) -> list[str]:
    faults = []
    for words, wanted in counts.items():
        found = sum(read_pattern(words).fits(item) for item in items)
        if found != wanted:
            faults.append(f"{ucn}: {wanted} x {words!r} expected, found {found}")
    return faults


def _final(ucn: str, wanted: Mapping[str, str | None], final: Mapping[str, Any]) -> list[str]:
    names = {"to": "delivered_to"}
    faults = []
    for key, value in wanted.items():
        found = final.get(names.get(key, key))
        if str(found) != str(value):
            faults.append(f"{ucn}: final {key} is {found}, expected {value}")
    return faults
