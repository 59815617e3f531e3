"""What a check says: points that hold or do not, and what to do about those that do not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Result = Literal["ok", "warn", "fail"]


class Fault(NamedTuple):
    """Something that is amiss: how bad, in which words, and what to do about it."""

    result: Result
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its name, how it stands, why in words without a secret, and what to do."""

    name: str
    result: Result
    words: str
    remedy: str = ""


def rows(points: Iterable[Point]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of a table: one line a point, at its end what to do about it."""
    for point in points:
        remedy = f" → {point.remedy}" if point.remedy else ""
        yield point.result, point.name, point.words + remedy
