"""Circuit breakers: when a sending line is not to be used for a while, and who tries it again.

A line is one sending number in one channel (call or text), or a whole carrier's numbers in it. It
opens after requests failed one after the other, or mostly. After a pause the carrier is pinged (a
request that does nothing); once it answers, one attempt tries the line, the probe, and closes it by
its success. A failure is whatever shows that the carrier did not do its
part: 429, 5xx, a timeout, a connection that broke or was refused, or an account it does not accept.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

STREAK: Final = 5
"""So many failures in a row open a line."""

LEAST: Final = 10
"""So many failures within `WINDOW` open a line if they are half of all requests, or more."""

WINDOW: Final = timedelta(seconds=60)
# After this long without a request a failure says nothing about the next.
_FORGOTTEN: Final = timedelta(minutes=5)
_PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 10, 15, 30, 60))
# A ping costs no message anything: between two in vain no pause is longer than this one of them.
_PINGS: Final = 2
_LONGEST: Final = timedelta(minutes=5)
# The request begins soon after and takes 10 s at most; a process may die over it.
PROBE_LASTS: Final = timedelta(seconds=20)
# So much later another process may believe it to be.
_SKEW: Final = timedelta(seconds=2)


class Line(NamedTuple):
    """What has a breaker: a channel (call, text), and in it a number or a carrier's name."""

    channel: str
    place: str


class Heard(NamedTuple):
    """What one request showed: when it began, whether the carrier did its part.

    `after`: seconds for which the carrier asked not to be troubled (Retry-After); `ping`: the
    request was to do nothing else than be answered.
    """

    began: datetime
    fine: bool
    after: float | None = None
    ping: bool = False


class Breaker(NamedTuple):
    """One line's breaker. `streak`: failures since the last success.

    `fine` and `faults` count requests since `since`. Open while `opened_at` is set (last
    found so): then it may be tried at `retry_at`, was tried `times` in vain (of pings the first few
    count only), and the ping or probe under way began at `probed_at`; `answers`: the last ping was
    answered, so that a probe may go out.
    """

    streak: int = 0
    fine: int = 0
    faults: int = 0
    since: datetime | None = None
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    times: int = 0
    probed_at: datetime | None = None
    answers: bool = False

    @property
    def open(self) -> bool:
        """True while the line is not to be used, except by a probe."""
        return self.opened_at is not None

    @property
    def sound(self) -> bool:
        """True when nothing is held against the line, so that there is nothing to remember."""
        return not self.open and not self.streak and not self.faults


CLOSED: Final = Breaker()


def hear(breaker: Breaker, heard: Heard, now: datetime) -> Breaker:
    """Return the breaker after what a request showed.

    While it is open only pings and probes count: what began before says how things were.
    """
    if breaker.open:
        return _while_open(breaker, heard, now)
    counted = _counted(_recent(breaker, now), heard)
    mostly = counted.faults >= LEAST and counted.faults >= counted.fine
    if counted.streak >= STREAK or mostly:
        return counted._replace(opened_at=now, retry_at=_retry(0, heard, now))
    return CLOSED if counted.sound else counted


def _recent(breaker: Breaker, now: datetime) -> Breaker:
    """Begin to count anew when the window is over."""
    since = breaker.since
    if since is not None and timedelta() <= now - since < WINDOW:
        return breaker
    kept = breaker.streak if since is not None and now - since < _FORGOTTEN else 0
    return Breaker(streak=kept, since=now)


def _counted(breaker: Breaker, heard: Heard) -> Breaker:
    if heard.fine:
        return breaker._replace(streak=0, fine=breaker.fine + 1)
    return breaker._replace(streak=breaker.streak + 1, faults=breaker.faults + 1)


def _while_open(breaker: Breaker, heard: Heard, now: datetime) -> Breaker:
    if breaker.probed_at is None or heard.began < breaker.probed_at:
        return breaker
    if heard.fine:
        return breaker._replace(answers=True, probed_at=None) if heard.ping else CLOSED
    times = breaker.times + 1
    pause = min(times, _PINGS) if heard.ping else times
    kept = max(breaker.times, pause)
    retry_at = _retry(pause, heard, now)
    return breaker._replace(
        times=kept, opened_at=now, probed_at=None, retry_at=retry_at, answers=False
    )


def _retry(times: int, heard: Heard, now: datetime) -> datetime:
    """Tell when to try again: later each time, and not before the carrier asked for."""
    asked = timedelta(seconds=min(heard.after or 0.0, _LONGEST.total_seconds()))
    return now + max(_PAUSES[min(times, len(_PAUSES) - 1)], asked)


def free_at(breaker: Breaker, now: datetime) -> datetime | None:
    """Return when an open line may be pinged or probed next; None while it is closed.

    What was promised before the clock was set back is void (decision 42).
    """
    if breaker.retry_at is None or not breaker.open:
        return None
    if any(at is not None and at - now > _SKEW for at in (breaker.opened_at, breaker.probed_at)):
        return now
    if breaker.probed_at is None:
        return breaker.retry_at
    return max(breaker.retry_at, breaker.probed_at + PROBE_LASTS)


def probe(breaker: Breaker, now: datetime) -> Breaker | None:
    """Return it with a ping or probe under way from now on; None when it may not be tried now."""
    at = free_at(breaker, now)
    return breaker._replace(probed_at=now) if at is not None and at <= now else None
