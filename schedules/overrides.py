"""Overrides: replace, add, remove and swap; a substitute takes the place, role and status."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schedules.lines import Line, Post, Span


@dataclass(frozen=True, slots=True)
class Override:
    """While the span lasts: whom somebody stands in for (None: nobody does) and who is added."""

    span: Span
    instead: Mapping[str, str | None]
    added: Line | None
    reason: str
    touched: frozenset[str]


def replacing(span: Span, person: str, substitute: str) -> Override:
    """Return the override that puts the substitute into every line of the person."""
    return _override(span, {person: substitute}, f"{substitute} replaces {person}")


def removing(span: Span, person: str) -> Override:
    """Return the override that takes the person off every line."""
    return _override(span, {person: None}, f"{person} removed")


def swapping(span: Span, one: str, other: str) -> Override:
    """Return the override that exchanges the lines of two people."""
    return _override(span, {one: other, other: one}, f"{one} and {other} swapped")


def adding(span: Span, person: str, post: Post) -> Override:
    """Return the override that adds the person, last in their role."""
    reason = f"override {span.text}: {person} added"
    line = Line(person, post.role, post.status, "override", reason)
    return Override(span, {}, line, reason, frozenset({person}))


def apply(lines: Iterable[Line], overrides: Iterable[Override]) -> Iterator[Line]:
    """Yield the lines after the overrides: overridden ones stay, marked, before their substitute.

    The overrides must be those in force and touch different people (documents are refused
    otherwise), hence their order does not matter; added lines come last.
    """
    active = tuple(overrides)
    rules = {person: override for override in active for person in override.instead}
    for line in lines:
        rule = rules.get(line.contact)
        if rule is None:
            yield line
        else:
            yield from _overridden(line, rule)
    yield from (override.added for override in active if override.added is not None)


def clash(one: Override, other: Override) -> str | None:
    """Return a person whom both touch at the same time, None when there is none."""
    both = one.touched & other.touched
    return min(both) if both and one.span.meets(other.span) else None


def _overridden(line: Line, rule: Override) -> Iterator[Line]:
    yield line.skip("overridden", rule.reason)
    substitute = rule.instead[line.contact]
    if substitute is not None:
        yield Line(substitute, line.role, line.status, "override", rule.reason)


def _override(span: Span, instead: Mapping[str, str | None], words: str) -> Override:
    people = {person for pair in instead.items() for person in pair if person is not None}
    return Override(span, instead, None, f"override {span.text}: {words}", frozenset(people))
