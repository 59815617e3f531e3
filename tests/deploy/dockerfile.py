"""Reads a Dockerfile as far as ours goes: stages, their steps, and what variables stand for."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_KNOWN: Final = frozenset(
    {"RUN", "COPY", "ENV", "ARG", "WORKDIR", "USER", "EXPOSE"}
    | {"STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction with the words behind it."""

    name: str
    words: str

    @property
    def listed(self) -> list[str]:
        """The words as the JSON list they are; a shell's line becomes `sh -c`."""
        if self.words.startswith("["):
            return [str(word) for word in json.loads(self.words)]
        return ["/bin/sh", "-c", self.words]

    @property
    def pairs(self) -> dict[str, str]:
        """The `KEY=value` pairs of ENV and ARG."""
        return dict(word.split("=", 1) for word in shlex.split(self.words) if "=" in word)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is made from one FROM."""

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, name: str) -> Step:
        """Return the step of that name that is in force at the end."""
        return next(step for step in reversed(self.steps) if step.name == name)


def stages(path: Path) -> list[Stage]:
    """Return the stages of a Dockerfile; ValueError for an instruction that is not known here."""
    found: list[Stage] = []
    given: dict[str, str] = {}
    for step in _steps(path.read_text(encoding="utf-8")):
        if step.name == "FROM":
            base, *named = step.words.split()
            found.append(Stage(expanded(base, given), named[-1] if named else ""))
        elif not found:
            given |= step.pairs
        elif step.name in _KNOWN:
            found[-1].steps.append(step)
        else:
            raise ValueError(f"{step.name} is not known here")
    return found


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `$NAME` and `${NAME}`; what has none is empty."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], ""), text)


def _steps(text: str) -> Iterator[Step]:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = "\n".join(lines).replace("\\\n", " ")
    for line in whole.splitlines():
        if line.strip():
            name, _, words = line.strip().partition(" ")
            yield Step(name.upper(), words.strip())
