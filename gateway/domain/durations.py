"""Durations as documents write them: `90s` `15m` `2h` `1d` `1w`."""

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FORM = re.compile(r"(\d{1,9})([smhdw])")


def parse_duration(text: str) -> timedelta:
    """Read one number with one unit; ValueError says how to write it."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write 90s, 15m, 2h, 1d or 1w")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def format_duration(length: timedelta) -> str:
    """Return the shortest text that `parse_duration` reads back; parts of a second are dropped."""
    seconds = int(length.total_seconds())
    for unit, size in _UNITS.items():
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
