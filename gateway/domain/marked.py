"""A document's value with the line of each of its places, however it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.problems import Problem, field_name

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """One document's value with the line of each of its places."""

    value: object
    origin: str
    lines: Mapping[Loc, int]

    def line_of(self, loc: Loc) -> int:
        """Return the line of a place; parts that are not there lead to what holds them."""
        path: Loc = ()
        for part in loc:
            if (*path, part) in self.lines:
                path = (*path, part)
        return self.lines.get(path, 0)

    def at(self, *loc: str | int) -> "Marked":
        """Return the value at a place as a document of its own; KeyError or IndexError if none."""
        value: Any = self.value
        for part in loc:
            value = value[part]
        size = len(loc)
        inner = {key[size:]: line for key, line in self.lines.items() if key[:size] == loc}
        return Marked(value, self.origin, inner)

    def items(self) -> list["Marked"]:
        """Return the items of a list, each as a document of its own."""
        values = self.value if isinstance(self.value, list) else []
        lines: list[dict[Loc, int]] = [{} for _ in values]
        for loc, line in self.lines.items():
            if loc and isinstance(loc[0], int):
                lines[loc[0]][loc[1:]] = line
        return [Marked(item, self.origin, own) for item, own in zip(values, lines, strict=True)]

    def problem(self, loc: Loc, words: str) -> Problem:
        """Return a problem at a place of this document."""
        return Problem(self.origin, self.line_of(loc), field_name(loc), words)
