"""The turnstile: few posts to one address at a time, and for all others an instant to come back at.

It lives in one process and is lost with it: whoever finds no place then is given another turn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock

# One client whose side hangs must not take all places.
AT_ONCE: Final = 2
LONGEST: Final = timedelta(minutes=5)
# What a post is thought to take until one to that address has ended.
_UNKNOWN: Final = timedelta(seconds=5)
_LEAST: Final = timedelta(milliseconds=200)


@dataclass(slots=True)
class _Lane:
    """One address: since when posts are under way, what the last took, the last turn given."""

    promised: datetime
    took: timedelta = _UNKNOWN
    inside: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turnstile:
    """Lets two posts at a time through to each address; the others come one after the other."""

    clock: Clock
    # As many as documents name.
    _lanes: dict[str, _Lane] = field(default_factory=dict)

    def turn(self, address: str) -> datetime | None:
        """Return when to come back; None: there is a place now.

        Turns are as far apart as that client has taken lately, and five minutes ahead at most.
        """
        lane = self._lanes.get(address)
        if lane is None or len(lane.inside) < AT_ONCE:
            return None
        now = self.clock.now()
        takes = max(lane.took, now - min(lane.inside), _LEAST)
        lane.promised = min(max(lane.promised, now) + takes / AT_ONCE, now + LONGEST)
        return lane.promised

    @contextmanager
    def through(self, address: str) -> Iterator[None]:
        """Take a place for as long as the block lasts."""
        began = self.clock.now()
        lane = self._lanes.setdefault(address, _Lane(began))
        lane.inside.append(began)
        try:
            yield
        finally:
            lane.inside.remove(began)
            lane.took = self.clock.now() - began
