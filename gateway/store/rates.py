"""Rates: how many a second each of our numbers may place, and when the next one may leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from gateway.store.verdicts import NoToken, Verdict, Written

_SECOND: Final = timedelta(seconds=1)
# A number that seems to be taken for longer was used before the clock was set back, and must not be
# silent until the clock is there again.
_NEVER_AHEAD: Final = timedelta(minutes=1)
_INSTANT: Final = timedelta(microseconds=1)
# A number may run ahead of its rate by so long for each call a second beyond the first, and by so
# many at most. Whoever asks late by less loses nothing; in exchange, tokens come that much slower.
_SLACK: Final = timedelta(milliseconds=1)
_MOST_SLACK: Final = 50


@dataclass(frozen=True, slots=True)
class Rates:
    """Our numbers by channel (call, text) and how many a second each may place.

    A rate of None sets no limit; a channel without a number is not to be used now. `carriers` names
    the carrier of each number that is not the first carrier's.
    """

    numbers: Mapping[str, Sequence[str]]
    per_second: Mapping[str, float | None] = field(default_factory=dict)
    carriers: Mapping[str, str] = field(default_factory=dict)

    def interval(self, channel: str) -> timedelta | None:
        """Return the time one token takes to come back; None without a limit.

        In any second as many leave as the rate says, and no more: from the first to the one that
        would be too many it takes `rate` intervals less what the number runs ahead, a second.
        """
        rate = self.per_second.get(channel)
        if not rate or rate > _SECOND / _INSTANT:
            return None  # more than one an instant is no limit
        return ceil((_SECOND + _slack(rate)) / _INSTANT / rate) * _INSTANT

    def limits(self, channel: str | None) -> bool:
        """Tell whether the channel's numbers may not be used at any time, or there is none."""
        if channel is None:
            return False
        return not self.numbers.get(channel) or bool(self.interval(channel))

    def slack(self, channel: str) -> timedelta:
        """Return how far a number may run ahead of its rate."""
        return _slack(self.per_second.get(channel) or 0.0)

    def ahead(self, channel: str) -> timedelta:
        """Return how far ahead at most the next token of a number can be."""
        return max(_NEVER_AHEAD, self.interval(channel) or timedelta())

    def token(self, channel: str, numbers: dict[str, datetime], now: datetime) -> Verdict:
        """Take a token from that of `numbers` (when each is free) which rested for longest."""
        if not numbers:
            # It is planned anew, and finds another way or waits on record.
            return NoToken(channel, now + _SECOND)
        number = min(numbers, key=numbers.__getitem__)
        ready = numbers[number] - self.slack(channel)
        if ready > now:
            return NoToken(channel, ready)
        interval = self.interval(channel) or timedelta()
        numbers[number] = max(numbers[number], now) + interval
        return Written(number)

    def rested(
        self, channel: str, numbers: Mapping[str, datetime], now: datetime
    ) -> dict[str, datetime]:
        """Return when numbers are free; one used before the clock was set back is so now."""
        latest = now + self.ahead(channel)
        return {one: at if at <= latest else now for one, at in numbers.items()}

    def tokens(
        self, channel: str, free: Mapping[str, datetime], now: datetime, most: int
    ) -> tuple[int, datetime]:
        """Count the tokens there are now, `most` at most, and tell when the next one is.

        `free`: when numbers are free that were used before; it stays as it is.
        """
        ours = {one: free.get(one, now) for one in self.numbers.get(channel, ())}
        numbers = self.rested(channel, ours, now)
        for count in range(most):
            verdict = self.token(channel, numbers, now)
            if isinstance(verdict, NoToken):
                return count, verdict.free_at
        return most, now


def _slack(rate: float) -> timedelta:
    return min(max(rate - 1, 0.0), _MOST_SLACK) * _SLACK
