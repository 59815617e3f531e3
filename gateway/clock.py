"""The one place that reads time: everything else is given `now`.

In production the clock is Postgres's: its offset is measured against the monotonic clock at connect
and at each claim, so that several hosts agree and a jump of the host's wall clock changes nothing.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

_SMALL_STEP = timedelta(seconds=1)
# So long after a clock was set ahead no request of before is on any wire: each process follows it
# within 5 s, and its last request by the old time is over within 16 s of its intent.
_DOUBT_LASTS = 25.0


class Leap(NamedTuple):
    """A clock was set ahead, for the n-th time: it read `since` just before."""

    number: int
    since: datetime


class Clock(Protocol):
    """What the program asks of time."""

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Answer seconds since some fixed moment; it never goes back."""
        ...

    def doubtful(self) -> bool:
        """Tell whether what seems old may be young: it was first read, or set ahead, just now."""
        ...

    def leap(self) -> Leap | None:
        """Return how it was set ahead; None when it was not, or that has `landed` since."""
        ...

    def landed(self, leap: Leap) -> None:
        """Hear that what this leap might have ended too early has been seen to."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds of this clock."""
        ...

    async def wait_until(self, event: asyncio.Event, deadline: datetime | None) -> bool:
        """Wait for the event, until `deadline` at most (None: for ever); answer if it is set."""
        ...


class SystemClock:
    """Database time, advanced by the host's monotonic clock.

    Until it is steered for the first time it starts from the host's wall clock, which no decision
    may rest on: the store steers it when it connects.
    """

    def __init__(self) -> None:
        """Start from the host's wall clock."""
        self._origin = datetime.now(UTC) - timedelta(seconds=time.monotonic())
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._steered = False
        self._sure_at = 0.0  # by the monotonic clock
        self._leaps = 0
        self._leap: Leap | None = None

    def now(self) -> datetime:
        """Answer database time; a correction of up to a second holds it, never turns it back."""
        estimate = self._origin + timedelta(seconds=time.monotonic())
        # A correction of some milliseconds must not let time run backwards between two lines of
        # history; a real jump (a failover to another server) must not freeze it for an hour.
        if timedelta(0) < self._latest - estimate <= _SMALL_STEP:
            return self._latest
        self._latest = estimate
        return estimate

    def monotonic(self) -> float:
        """Answer the host's monotonic seconds."""
        return time.monotonic()

    def steer(self, db_now: datetime, sent: float, received: float) -> None:
        """Follow the database: it read `db_now` between the moments `sent` and `received`.

        An offset that agrees with the measurement is kept, so that slow answers add no jitter.
        """
        earliest = db_now - timedelta(seconds=received)
        latest = db_now - timedelta(seconds=sent)
        ahead = earliest - self._origin > _SMALL_STEP
        # A clock that is read for the first time may have been set ahead a moment before.
        if not self._steered or ahead:
            self._sure_at = received + _DOUBT_LASTS
        if self._steered and ahead:
            self._note_leap(self._origin + timedelta(seconds=sent))
        self._steered = True
        if not earliest <= self._origin <= latest:
            self._origin = earliest + (latest - earliest) / 2

    def doubtful(self) -> bool:
        """Tell whether the database's clock was first read, or found set ahead, just now."""
        return time.monotonic() < self._sure_at

    def _note_leap(self, since: datetime) -> None:
        """One that comes before another has landed goes on from where that one began."""
        self._leaps += 1
        self._leap = Leap(self._leaps, min(since, self._leap.since) if self._leap else since)

    def leap(self) -> Leap | None:
        """Return how it was set ahead by more than a second, until that has `landed`."""
        return self._leap

    def landed(self, leap: Leap) -> None:
        """Forget a leap that has been seen to, unless another came meanwhile."""
        if self._leap == leap:
            self._leap = None

    async def sleep(self, seconds: float) -> None:
        """Pause this task in real time."""
        await asyncio.sleep(seconds)

    async def wait_until(self, event: asyncio.Event, deadline: datetime | None) -> bool:
        """Wait for the event or the instant; answer whether the event is set."""
        if deadline is None:
            return await event.wait()
        seconds = (deadline - self.now()).total_seconds()
        if seconds <= 0:
            return event.is_set()
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


class VirtualClock:
    """A clock that stands still until it is set: rehearsals and tests wind it forward."""

    def __init__(self, start: datetime) -> None:
        """Stand at `start` (aware; kept in UTC)."""
        self._start = self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        """Answer the instant the clock stands at."""
        return self._now

    def monotonic(self) -> float:
        """Answer the virtual seconds since the start."""
        return (self._now - self._start).total_seconds()

    def doubtful(self) -> bool:
        """Say no: whoever winds it forward lets that time pass."""
        return False

    def leap(self) -> Leap | None:
        """Say that there is none: whoever winds it forward lets that time pass."""
        return None

    def landed(self, leap: Leap) -> None:
        """Have nothing to forget."""

    def set(self, instant: datetime) -> None:
        """Move to `instant` and wake those who waited for it; ValueError when that lies behind."""
        if instant < self._now:
            raise ValueError(f"the clock stands at {self._now}, it never goes back to {instant}")
        self._now = instant.astimezone(UTC)
        for at, woken in self._sleepers:
            if at <= self._now:
                woken.set()

    def next_instant(self) -> datetime | None:
        """Answer the earliest instant somebody sleeps towards, None when nobody does."""
        return min((at for at, woken in self._sleepers if not woken.is_set()), default=None)

    async def sleep(self, seconds: float) -> None:
        """Return when the clock has been set that far."""
        await self.wait_until(asyncio.Event(), self._now + timedelta(seconds=seconds))

    async def wait_until(self, event: asyncio.Event, deadline: datetime | None) -> bool:
        """Wait for the event or for the clock to be set that far; answer whether it is set."""
        if deadline is None:
            return await event.wait()
        if event.is_set() or deadline <= self._now:
            return event.is_set()
        await self._first(event, deadline)
        return event.is_set()

    async def _first(self, event: asyncio.Event, deadline: datetime) -> None:
        sleeper = (deadline, asyncio.Event())
        self._sleepers.append(sleeper)
        waits = [asyncio.ensure_future(one.wait()) for one in (event, sleeper[1])]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sleepers.remove(sleeper)
            for wait in waits:
                wait.cancel()


async def rest(seconds: float) -> None:
    """Leave the event loop to others for that long of this host's own time.

    Only for what is measured in it, as load is: whoever winds a virtual clock never waits for it.
    """
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    """Block this thread: only for waiting on another process outside the event loop."""
    time.sleep(seconds)
