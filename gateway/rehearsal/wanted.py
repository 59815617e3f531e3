"""What a scenario wants to come of it, as its file says so (CONTRACT section 8)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.rehearsal.patterns import read_pattern


def _kinded(line: str) -> str:
    read_pattern(line)
    return line


def _timed(line: str) -> str:
    if len(line.split()) < 2:  # noqa: PLR2004
        raise ValueError("must be a time and a kind, as in 18:00:00 dial.started ann")
    if read_pattern(line).at is None:
        raise ValueError("must begin with a time, as in 18:00:00 dial.started ann")
    return line


# What an item must be, and when as well.
Item = Annotated[str, AfterValidator(_kinded)]
Entry = Annotated[str, AfterValidator(_timed)]


class Expect(BaseModel):
    """What must come of it; all parts are optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    history: Mapping[str, list[Entry]] = Field(default_factory=dict)
    never: Mapping[str, list[Item]] = Field(default_factory=dict)
    count: Mapping[str, dict[Item, int]] = Field(default_factory=dict)
    final: Mapping[str, dict[str, str | None]] = Field(default_factory=dict)
