"""Being woken: LISTEN on a connection of its own; a notification says from when on to look.

What is told is `duty`, or the earliest instant at which a job or an errand is due by it, in seconds
since 1970: it may lie in the past, before all that was claimed already, when a transaction took its
time or a job was put back. Whatever else is told, as by an earlier release, may be of any instant.
"""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateway.store.following import LONG_AGO
from gateway.store.pool import Connection

CHANNEL: Final = "dispatchd_due"
# What is told of duties, which a turn does not look for otherwise.
_DUTY: Final = "duty"


class News(NamedTuple):
    """What was told: whether it is of a duty, or since when a job or an errand may be due."""

    duty: bool
    since: datetime | None


async def listen(conn: Connection, woken: Callable[[News], None]) -> None:
    """Call `woken` whenever something became due, on any host."""

    def heard(*told: object) -> None:
        woken(news_of(str(told[-1])))

    await conn.add_listener(CHANNEL, heard)


def news_of(told: str) -> News:
    """Read what was told; what makes no sense is of something that is due since ever."""
    if told == _DUTY:
        return News(duty=True, since=None)
    try:
        return News(duty=False, since=datetime.fromtimestamp(float(told), UTC))
    except (ValueError, OverflowError, OSError):
        return News(duty=False, since=LONG_AGO)


def words_for(due: Iterable[datetime | None]) -> str | None:
    """Return what to tell of what is due at these instants; None when nothing is at any."""
    first = min((at.timestamp() for at in due if at is not None), default=math.inf)
    return None if first == math.inf else f"{first:.6f}"
