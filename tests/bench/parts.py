"""Measuring part by part: one that fails, or has no time left, costs no other its figures."""

import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.bench.course import Course
from tests.bench.figures import Figures

NOT_MEASURED: Final = "not measured"
Part = Callable[[Course], Awaitable[Figures]]


async def each(
    parts: Mapping[str, Part], course: Course, least: float
) -> tuple[Figures, dict[str, str]]:
    """Return the figures of all parts, and by name why a part has none.

    None is begun when less than `least` seconds are left.
    """
    found: Figures = {}
    words: dict[str, str] = {}
    for name, part in parts.items():
        if course.left < least:
            words[f"{NOT_MEASURED}: {name}"] = "no time was left"
            continue
        started = time.perf_counter()
        try:
            found |= await part(course)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the others count
            traceback.print_exc()
            words[f"{NOT_MEASURED}: {name}"] = _why(fault)
        sys.stderr.write(f"{name}: {time.perf_counter() - started:.0f} s\n")
    return found, words


def _why(fault: Exception) -> str:
    """Say it in a line: what a program said last is what it ended with."""
    lines = str(fault).strip().splitlines()
    return f"{type(fault).__name__}: {lines[-1]}" if lines else type(fault).__name__
