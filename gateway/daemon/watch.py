"""The watch: every 30 s it follows the database's clock and measures how much work stands."""

from typing import Final

import structlog

from gateway.clock import Clock, SystemClock
from gateway.domain.jobs import JobState
from gateway.metrics import Metrics
from gateway.store import idempotency, jobs, replies
from gateway.store.pool import AWAY, Pool, steer

_log = structlog.get_logger(__name__)
EVERY: Final = 30.0


class Watch:
    """Keeps the time right and the gauges filled, with an engine or without."""

    def __init__(self, pool: Pool, clock: Clock, metrics: Metrics) -> None:
        self._pool = pool
        self._clock = clock
        self._metrics = metrics

    async def keep(self) -> None:
        """Look again and again, also after the database was away; cancel to end."""
        while True:
            try:
                await self.look()
            except AWAY as fault:
                _log.warning("database away", action="watch.blind", fault=type(fault).__name__)
            except Exception:  # noqa: BLE001 - see below
                # What cannot be measured must not end the process that others wait for.
                _log.exception("watch failed", action="watch.failed")
            await self._clock.sleep(EVERY)

    async def look(self) -> None:
        """Follow the database's clock (DESIGN, decision 5), then measure (CONTRACT section 9)."""
        async with self._pool.acquire() as conn:
            if isinstance(self._clock, SystemClock):
                await steer(conn, self._clock)
            found = await jobs.standings(conn, self._clock.now())
            await idempotency.forget_old(conn, self._clock.now())
            await replies.forget_texts(conn, self._clock.now())
        for state in JobState:
            if not state.terminal:
                self._metrics.jobs.labels(state.value).set(found.jobs.get(state.value, 0))
        self._metrics.oldest_due_seconds.set(found.oldest)
        self._metrics.unsure_attempts.set(found.unsure)
