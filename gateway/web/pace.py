"""Pace: how often something may be asked for within a while, counted in this process."""

from collections import deque
from typing import Final

# Whoever asks by ever new keys makes the oldest ones be forgotten, not the memory grow.
_KEPT: Final = 10_000


class Pace:
    """At most `most` times within `per` seconds for each key."""

    def __init__(self, most: int, per: float) -> None:
        self._most, self._per = most, per
        self._seen: dict[str, deque[float]] = {}

    def allows(self, key: str, now: float) -> bool:
        """Count one more and tell whether it is one of the first `most` within `per` seconds.

        `now` is monotonic, in seconds; what is refused does not count.
        """
        seen = self._seen.pop(key, None) or deque()
        while seen and now - seen[0] >= self._per:
            seen.popleft()
        allowed = len(seen) < self._most
        if allowed:
            seen.append(now)
        self._seen[key] = seen
        while len(self._seen) > _KEPT:
            del self._seen[next(iter(self._seen))]
        return allowed
