"""Faults on demand: what goes wrong at the carrier, when asked, the same way for one seed."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal, get_args

Kind = Literal["refuse", "limit", "error_before", "error_after", "drop"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request.

    refuse: no connection; limit: 429, `retry_after` seconds; error_before: 500, nothing was done;
    error_after: 500, yet it was accepted; drop: accepted, then the connection breaks.
    """

    kind: Kind
    retry_after: int = 1


@dataclass(slots=True)
class Faults:
    """What goes wrong now. Rates are probabilities from 0 to 1, drawn from the seed.

    `queue` is used up first, one fault per POST; `rates` strike POSTs at random. `lost`, `late`,
    `doubled`, `disordered` strike status and machine-detection callbacks only, as does
    `lose_callbacks_until`; never a URL fetch, a gather action or an inbound text. `early` sends
    the first callbacks before the 201, `forged` signs webhooks with a wrong token. `latency`
    delays every REST answer on the carrier's clock, so whoever waits must let that clock run;
    with `slow_calls_only` none but those about calls.
    """

    seed: int = 0
    down_until: datetime | None = None
    lose_callbacks_until: datetime | None = None
    latency: timedelta = timedelta()
    slow_calls_only: bool = False
    queue: deque[Fault] = field(default_factory=deque)
    rates: dict[Kind, float] = field(default_factory=dict)
    retry_after: int = 1
    lost: float = 0
    late: float = 0
    late_by: timedelta = timedelta(seconds=30)
    doubled: float = 0
    disordered: float = 0
    disorder_span: timedelta = timedelta(seconds=2)
    early: bool = False
    forged: bool = False
    _dice: Random = field(init=False)
    _refused: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Fill the dice from the seed."""
        self._dice = Random(self.seed)  # noqa: S311 - chance that can be repeated, no secret

    def of_request(self, method: str, now: datetime) -> Fault | None:
        """Choose what goes wrong with this request; while down, 500 and refused take turns."""
        if self.down_until is not None and now < self.down_until:
            self._refused = not self._refused
            return Fault("error_before" if self._refused else "refuse")
        if method != "POST":
            return None
        if self.queue:
            return self.queue.popleft()
        return next((Fault(k, self.retry_after) for k in KINDS if self._strikes(k)), None)

    def delay(self, target: str) -> timedelta:
        """Tell how long the answer to a request takes; `target`: its raw path and query."""
        spared = self.slow_calls_only and "/Calls" not in target
        return timedelta() if spared else self.latency

    def loses(self, now: datetime) -> bool:
        """Tell whether this callback is lost."""
        if self.lose_callbacks_until is not None and now < self.lose_callbacks_until:
            return True
        return self.struck(self.lost)

    def struck(self, rate: float) -> bool:
        """Throw the dice; a rate of 0 throws none."""
        return rate > 0 and self._dice.random() < rate

    def _strikes(self, kind: Kind) -> bool:
        return self.struck(self.rates.get(kind, 0))
