"""Expectations: the lines of a scenario's `expect` against the history that came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.rehearsal.patterns import Pattern, read_pattern
from gateway.rehearsal.scenario import Scenario

TOLERANCE = timedelta(seconds=2)


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
        faults += _never(scenario, ucn, patterns, histories.get(ucn, ()))
    for ucn, counts in expect.count.items():
        faults += _counts(scenario, ucn, counts, histories.get(ucn, ()))
    for ucn, wanted in expect.final.items():
        faults += _final(ucn, wanted, finals.get(ucn, {}))
    return faults


def _in_order(
    scenario: Scenario, ucn: str, lines: Sequence[str], items: Sequence[Mapping[str, Any]]
) -> list[str]:
    place = 0
    for line in lines:
        for n in range(place, len(items)):
            if _fits(scenario, read_pattern(line), items[n]):
                place = n + 1
                break
        else:
            return [f"{ucn}: expected {line!r}, in this order{_why(scenario, ucn, line)}"]
    return []


def _fits(scenario: Scenario, pattern: Pattern, item: Mapping[str, Any]) -> bool:
    if not pattern.fits(item):
        return False
    return pattern.at is None or abs(_at(item) - scenario.instant(pattern.at)) <= TOLERANCE


def _why(scenario: Scenario, ucn: str, line: str) -> str:
    """Say what in a line is nowhere in the scenario: it may be misspelt."""
    pattern = read_pattern(line)
    why = scenario.made.why_never(ucn, pattern) or scenario.made.why_nobody(ucn, pattern)
    return f"; {why}" if why else ""


def _at(item: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(item["at"])


def _never(
    scenario: Scenario, ucn: str, patterns: Sequence[str], items: Sequence[Mapping[str, Any]]
) -> list[str]:
    return [
        f"{ucn}: {words!r} must never be, but it is item {item['seq']} at {item['at']}"
        for words in patterns
        for item in items
        if _fits(scenario, read_pattern(words), item)
    ]


def _counts(
    scenario: Scenario, ucn: str, counts: Mapping[str, int], items: Sequence[Mapping[str, Any]]
) -> list[str]:
    faults = []
    for words, wanted in counts.items():
        found = sum(_fits(scenario, read_pattern(words), item) for item in items)
        if found != wanted:
            why = _why(scenario, ucn, words)
            faults.append(f"{ucn}: {wanted} x {words!r} expected, found {found}{why}")
    return faults


def _final(ucn: str, wanted: Mapping[str, str | None], final: Mapping[str, Any]) -> list[str]:
    names = {"to": "delivered_to"}
    faults = []
    for key, value in wanted.items():
        found = final.get(names.get(key, key))
        if str(found) != str(value):
            faults.append(f"{ucn}: final {key} is {found}, expected {value}")
    return faults
