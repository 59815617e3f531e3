"""Whereabouts: where a technician is, if they want it known and it is fresh (S1-33). Pure."""

from datetime import datetime, timedelta
from typing import Final

FRESH: Final = timedelta(minutes=15)


def known(at: datetime | None, now: datetime) -> bool:
    """Tell whether a place that was told at `at` still says where somebody is."""
    return at is not None and now - at < FRESH
