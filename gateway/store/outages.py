"""Outages: what this process knows of the lines' breakers, and what is on its own wire.

The store has the word (`gateway.store.breakers`); what is known here is at most a second old. While
all lines are sound nothing is asked or written, and the numbers are those from the settings.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.breakers import Breaker, Line, free_at
from gateway.domain.messages import Priority
from gateway.domain.senders import Sender, back_at, lines_of, most_urgent, to_try, usable
from gateway.store import breakers
from gateway.store.pool import Connection
from gateway.store.rates import Rates

MAIN: Final = "main"
"""The first carrier's name."""

# A request under way for longer is slow; a carrier with so many of them in a channel gets no more
# until some have ended, or the breaker judges them: its places are not taken from others.
SLOW: Final = timedelta(seconds=2)
MOST_SLOW: Final = 40
_OLD: Final = timedelta(seconds=1)
# Heard of last so long ago, a number that is not ours is nobody's.
_STRANGE_FOR: Final = timedelta(hours=1)
# By then it is known what became of a probe.
_VERDICT: Final = timedelta(seconds=10)


class Outages:
    """Which of our numbers may be used, by what is known now."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._senders = {
            channel: tuple(Sender(one, rates.carriers.get(one, MAIN)) for one in numbers)
            for channel, numbers in rates.numbers.items()
        }
        self._known: dict[Line, Breaker] = {}
        self._read_at: datetime | None = None
        self._under_way: dict[int, tuple[Line, datetime]] = {}
        self._count = 0
        # The numbers that may be used, by what is busy, as long as nothing else becomes known.
        self._sound: dict[tuple[Line, ...], Rates] = {}
        self._healthy = self._narrowed(())

    @property
    def troubled(self) -> bool:
        """Tell whether anything is held against any line."""
        return bool(self._known)

    async def refresh(self, conn: Connection, now: datetime, *, at_once: bool = False) -> None:
        """Read what other processes have heard; at most once a second unless `at_once`."""
        if at_once or self._read_at is None or not self._read_at <= now < self._read_at + _OLD:
            self._read_at = now
            self._learn(await breakers.load_all(conn))

    def all_sound(self, now: datetime) -> None:
        """Hear that nothing was held against any line a moment ago: that need not be read.

        What this process knows otherwise may have been written since, and is read as ever.
        """
        if not self._known:
            self._read_at = now

    async def tidy(self, conn: Connection, now: datetime) -> None:
        """Forget what was held against numbers that are ours no longer.

        Some time later only: another process may have the settings of before.
        """
        lines = {
            line
            for channel, ours in self._senders.items()
            for one in ours
            for line in lines_of(channel, one.number, ours)
        }
        if not self._known.keys() <= lines:
            await breakers.forget_strangers(conn, lines, now - _STRANGE_FOR)

    def note(self, line: Line, breaker: Breaker) -> None:
        """Keep what this process has just written."""
        known = {one: held for one, held in self._known.items() if one != line}
        if not (breaker.sound and breaker.since is None):
            known[line] = breaker
        self._learn(known)

    def _learn(self, known: dict[Line, Breaker]) -> None:
        if known != self._known:
            self._known = known
            self._sound.clear()

    def holds(self, line: Line) -> bool:
        """Tell whether anything is held against a line, so that a success is worth a word."""
        return line in self._known

    def lines(self, channel: str, number: str) -> tuple[Line, ...]:
        """Return the lines that a request from `number` goes over."""
        return lines_of(channel, number, self._senders.get(channel, ()))

    def rates(self, now: datetime) -> Rates:
        """Return our numbers as they may be used now, and their limits."""
        busy = self._busy(now) if self._under_way else ()
        return self._narrowed(busy) if self._known or busy else self._healthy

    def _narrowed(self, busy: tuple[Line, ...]) -> Rates:
        """Return the numbers that are sound; asked for each of many that find none free."""
        found = self._sound.get(busy)
        if found is None:
            ours = self._senders.items()
            numbers = {c: usable(c, senders, self._known, busy) for c, senders in ours}
            found = self._sound[busy] = replace(self._rates, numbers=numbers)
        return found

    def shut(self, now: datetime) -> Mapping[str, datetime]:
        """Return the channels that no number may be used for, and until when at least."""
        if not self._known:
            return {}
        dead = [c for c, ours in self._senders.items() if ours and not usable(c, ours, self._known)]
        waits = {one: back_at(one, self._senders[one], self._known, now) or now for one in dead}
        return {one: at if at > now else now + _VERDICT for one, at in waits.items()}

    def to_probe(self, now: datetime) -> Mapping[str, str]:
        """Return for each channel the number to try again, where there is one."""
        if not self._known:
            return {}
        found = {c: to_try(c, ours, self._known, now)[1] for c, ours in self._senders.items()}
        return {channel: numbers[0] for channel, numbers in found.items() if numbers}

    def most_urgent(self, channel: str, number: str, now: datetime) -> Priority | None:
        """Return how urgent at most a probe of that number may be; None: it needs none."""
        return most_urgent(channel, number, self._senders[channel], self._known, now)

    def to_ping(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the channels and numbers in which a carrier is to be asked whether it answers."""
        if not self._known:
            return ()
        found = {c: to_try(c, ours, self._known, now)[0] for c, ours in self._senders.items()}
        return [(channel, number) for channel, numbers in found.items() for number in numbers]

    def next_at(self, now: datetime) -> datetime | None:
        """Return the next instant after `now` at which a carrier is to be asked for an answer.

        What is due already is no such instant: it may be of a number that is ours no longer.
        """
        silent = [free_at(one, now) for one in self._known.values() if not one.answers]
        return min((at for at in silent if at is not None and at > now), default=None)

    def only(self, channel: str, number: str) -> Rates:
        """Return the limits with that one number for a channel."""
        return replace(self._rates, numbers={**self._rates.numbers, channel: (number,)})

    async def claim_probe(self, conn: Connection, channel: str, number: str, now: datetime) -> bool:
        """Take it upon this process to try a number again; False: somebody else does."""
        granted = await breakers.claim_probe(conn, self.lines(channel, number), now)
        await self.refresh(conn, now, at_once=True)
        return granted

    async def give_back(self, conn: Connection, channel: str, number: str, now: datetime) -> None:
        """Let others try a number again: no request was made."""
        await breakers.give_back(conn, self.lines(channel, number))
        await self.refresh(conn, now, at_once=True)

    def begun(self, channel: str, number: str, now: datetime) -> int:
        """Note that a request is on the wire; return what `ended` is told."""
        carrier = self._rates.carriers.get(number, MAIN)
        self._count += 1
        self._under_way[self._count] = Line(channel, carrier), now
        return self._count

    def ended(self, request: int) -> None:
        """Note that a request is over."""
        self._under_way.pop(request, None)

    def _busy(self, now: datetime) -> tuple[Line, ...]:
        """Return the carriers, by channel, that owe us too many answers."""
        slow: Counter[Line] = Counter()
        for line, began in self._under_way.values():
            if now - began < SLOW:
                break
            slow[line] += 1
        return tuple(line for line, count in slow.items() if count >= MOST_SLOW)
