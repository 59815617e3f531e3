"""Patterns: `[TIME] KIND [CONTACT] [key=value …]`, what an item must be to match (CONTRACT 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an item must be; `at` is the time as written, if there is one."""

    at: str | None
    kind: str
    contact: str | None
    facts: Mapping[str, str]

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Tell whether a history item matches, whenever it was."""
        found = item["data"]
        if item["kind"] != self.kind:
            return False
        if self.contact is not None and found.get("contact") != self.contact:
            return False
        return all(str(_plain(found.get(key))) == value for key, value in self.facts.items())


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    return str(value).lower() if isinstance(value, bool) else value


def read_pattern(line: str) -> Pattern:
    """Read a pattern; a word with `=` compares a fact, the other after the kind is a contact.

    ValueError when there is no kind.
    """
    words = line.split()
    at = words.pop(0) if words and words[0][0].isdigit() else None
    if not words:
        raise ValueError("must name a kind, as in dial.started ann source=shift")
    kind, *others = words
    facts = dict(word.split("=", 1) for word in others if "=" in word)
    contacts = [word for word in others if "=" not in word]
    return Pattern(at, kind, contacts[0] if contacts else None, facts)
