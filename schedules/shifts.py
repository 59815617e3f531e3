"""Shifts: one person, or people in turn, while a span lasts and a weekly window is open."""

from dataclasses import dataclass

from schedules.lines import Line, Post, Span
from schedules.rotation import Rotation, Turns
from schedules.windows import Weekly


@dataclass(frozen=True, slots=True)
class When:
    """The hours of a shift: within the span and, where there is one, the weekly window."""

    span: Span
    weekly: Weekly | None = None

    def words(self) -> str:
        """Return the hours as one plain phrase, "" if nothing bounds them."""
        parts = [f"weekly {self.weekly.text}"] if self.weekly else []
        if self.span.text:
            parts.append(self.span.text)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift with its finished roster lines, one per turn (one alone without a rotation)."""

    lines: tuple[Line, ...]
    when: When
    rotation: Rotation | None = None

    @property
    def role(self) -> str:
        """The role that the shift gives: oncall or backup."""
        return self.lines[0].role

    def goes_by(self, turns: Turns) -> bool:
        """Tell whether the shift is a rotation that has these turns."""
        return self.rotation is not None and self.rotation.turns == turns


@dataclass(frozen=True, slots=True)
class Rule:
    """What a shift gives, when, and the words that open its reason (of a temporary schedule)."""

    post: Post
    when: When
    prefix: str = ""

    def line(self, contact: str, *phrases: str) -> Line:
        """Return a person's line whose reason is the prefix, the phrases and the hours."""
        parts = (self.prefix, *phrases, self.when.words())
        reason = ", ".join(part for part in parts if part) or "always"
        return Line(contact, self.post.role, self.post.status, self.post.source, reason)


def fixed(contact: str, rule: Rule) -> Shift:
    """Return the shift of one person."""
    return Shift((rule.line(contact),), rule.when)


def rotating(people: tuple[str, ...], rule: Rule, turns: Rotation) -> Shift:
    """Return the shift that people have in turn; nobody stands in for an absent colleague."""
    rota = f"rotation of {', '.join(people)} every {turns.every.count}{turns.every.unit}"
    lines = tuple(rule.line(person, rota, f"turn of {person}") for person in people)
    return Shift(lines, rule.when, turns)
