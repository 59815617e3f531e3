"""The script of the night: accounts, people, and scenes with what must come of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from typing import Any, Self

from adapters.simulator.people import length
from gateway.domain.marked_yaml import read_marked


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody does once a kind of item stands in the history: open a link, call the API."""

    after: str
    wait: timedelta
    link: Mapping[str, Any] | None
    call: str | None
    role: str
    body: Any

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read one of the script."""
        wait = length(raw.get("wait", "0s"), "wait")
        role = raw.get("role", "lead")
        return cls(raw["after"], wait, raw.get("link"), raw.get("call"), role, raw.get("body"))


@dataclass(frozen=True, slots=True)
class Scene:
    """One message, what should happen in words and in patterns, and who reacts to what.

    `behind` names another message after whose call this one's must come.
    """

    should: str
    message: Mapping[str, Any]
    history: tuple[str, ...]
    final: Mapping[str, str]
    never: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    alert: str | None = None
    behind: str | None = None

    @property
    def ucn(self) -> str:
        """The message's number."""
        return str(self.message["ucn"])

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read one of the script."""
        return cls(
            should=raw["should"],
            message={**raw["message"], "taken_by": "agent:1204"},
            history=tuple(raw["history"]),
            final=raw["final"],
            never=tuple(raw.get("never", ())),
            reactions=tuple(Reaction.of(one) for one in raw.get("then", ())),
            alert=raw.get("alert"),
            behind=raw.get("behind"),
        )


@dataclass(frozen=True, slots=True)
class Night:
    """The whole script."""

    accounts: tuple[Mapping[str, Any], ...]
    people: Mapping[str, Any]
    scenes: tuple[Scene, ...] = field(default_factory=tuple)


def read_night() -> Night:
    """Read the script that comes with the program."""
    text = resources.files("gateway.demo").joinpath("night.yaml").read_text(encoding="utf-8")
    raw: Any = read_marked(text, "night.yaml")[0].value
    scenes = tuple(Scene.of(one) for one in raw["scenes"])
    return Night(tuple(raw["accounts"]), raw["people"], scenes)
