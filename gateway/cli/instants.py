"""Instants as people type and read them."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.cli.faults import Mistake
from schedules.walltime import first_instant

_YEARS: Final = range(1970, 2200)  # as the API takes them


def read_instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    """Read an instant; without an offset it is local time in `zone`.

    Mistake names the option, also for a year that is not 1970 to 2199.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        words = "write an instant as 2026-02-02T18:00 or 2026-02-02T18:00:00-05:00"
        raise Mistake(f"{option}: {words}, not {text!r}") from None
    if found.year not in _YEARS:
        raise Mistake(f"{option}: {text!r} is not between 1970 and 2199")
    return found if found.tzinfo else first_instant(found, zone)


def local(at: datetime, zone: ZoneInfo) -> str:
    """Return `Mon 2026-02-02 18:00:00 EST`."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}"


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """Return `18:00:00`."""
    return f"{at.astimezone(zone):%H:%M:%S}"
