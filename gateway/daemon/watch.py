"""The watch: it follows the database's clock, measures what work stands, and finds what is late.

Every 30 s; what became past due often enough that people hear of it within two seconds (S3-61).
Every hour it makes room for the months to come.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from gateway.clock import Clock, SystemClock
from gateway.daemon.chores import show
from gateway.daemon.pulse import measured
from gateway.daemon.unattended import Unattended
from gateway.domain.chance import Chance
from gateway.domain.jobs import JobState
from gateway.domain.messages import Key
from gateway.domain.wording import alerts
from gateway.metrics import Metrics
from gateway.store import breakers, chores, duties, idempotency, jobs, months, needs, replies
from gateway.store.following import LONG_AGO
from gateway.store.pool import AWAY, Pool, steer
from gateway.store.standings import standings

_log = structlog.get_logger(__name__)
EVERY: Final = timedelta(seconds=30)
ROOM_EVERY: Final = timedelta(hours=1)
_A_MOMENT: Final = 1.75
# New work while nobody covers is alerted, not rung for: minutes count, not seconds.
_FLOOR_EVERY: Final = timedelta(seconds=10)
_WHILE_AWAY: Final = 10.0
_BREATH: Final = 0.1
# Alerts about what is late come no more often than this from one process.
_ALERT_EVERY: Final = timedelta(minutes=1)
_UPKEEP: Final = (
    idempotency.forget_old,
    replies.forget_texts,
    needs.forget_old,
    jobs.forget_codes,
)


class Watch:
    """Keeps the time right and the gauges filled, with an engine or without."""

    def __init__(
        self, pool: Pool, clock: Clock, metrics: Metrics, chance: Chance, ours: Sequence[str] = ()
    ) -> None:
        """`ours`: the numbers that are texted, whose texts somebody must read."""
        self._pool = pool
        self._ours = ours
        self._clock = clock
        self._metrics = metrics
        self._chance = chance
        self._unattended = Unattended(chance)
        # Moments of the monotonic clock: the database's may be set back by minutes.
        self._looked_at: float | None = None
        self._alerted_at: float | None = None
        self._heard_at = clock.monotonic()
        self._room_at: float | None = None
        self._floor_at: float | None = None
        # Found past due, and not alerted yet.
        self._late: list[Key] = []
        # True while it may have missed what became past due: at the start, and after an outage.
        self._blind = True
        metrics.database_silent_seconds.set_function(self._silent)

    def _silent(self) -> float:
        """Return the seconds since the database last answered."""
        return self._clock.monotonic() - self._heard_at

    async def keep(self) -> None:
        """Look again and again, also after the database was away; cancel to end."""
        while True:
            pause, began = _A_MOMENT, self._clock.monotonic()
            try:
                await self.find_late(floor=self._is_time(self._floor_at, _FLOOR_EVERY))
                self._heard_at = self._clock.monotonic()
                if self._is_time(self._looked_at, EVERY):
                    self._looked_at = self._clock.monotonic()
                    await self.look()
                if self._is_time(self._room_at, ROOM_EVERY):
                    self._room_at = self._clock.monotonic()
                    await self.make_room()
            except AWAY as fault:
                pause, self._blind = _WHILE_AWAY, True
                _log.warning("database away", action="watch.blind", fault=type(fault).__name__)
            except Exception:  # noqa: BLE001 - see below
                # What cannot be measured must not end the process that others wait for.
                _log.exception("watch failed", action="watch.failed")
            took = self._clock.monotonic() - began
            await self._clock.sleep(max(pause - took, _BREATH))

    async def find_late(self, *, floor: bool = True) -> None:
        """Tell sessions of jobs that became past due, and alert the dispatchers (S3-26, S3-61).

        With `floor` also of work for people that came while nobody covers (S3-06).
        """
        now = self._clock.now()
        async with self._pool.acquire() as conn:
            since = LONG_AGO if self._blind else None
            found = await needs.find_past_due(conn, now, since)
            self._late += found.keys
            self._blind = found.more
            if floor:
                self._floor_at = self._clock.monotonic()
                await self._unattended.look(conn, now, self._floor_at)
            if not self._late or not self._is_time(self._alerted_at, _ALERT_EVERY):
                return
            first, more = self._late[0], len(self._late) - 1
            text = alerts.past_due(alerts.About(first.account, first.ucn), more)
            payload = {"sink": "dispatch", "reason": "past_due", "text": text}
            await jobs.add_alert(conn, self._chance.uuid(), now, payload)
            self._alerted_at, self._late = self._clock.monotonic(), []

    async def make_room(self) -> None:
        """Make room for the months to come (decision 0047); without it they find room, too."""
        try:
            async with self._pool.acquire() as conn:
                made = await months.make_room(conn, self._clock.now())
        except months.IN_USE:  # a dump, say, reads everything
            _log.warning("no room made yet for another month", action="months.later")
            return
        if made:
            _log.info("room made for another month", action="months.made", partitions=made)

    def _is_time(self, last: float | None, every: timedelta) -> bool:
        """Tell whether so much time has passed since then."""
        return last is None or self._clock.monotonic() - last >= every.total_seconds()

    async def look(self) -> None:
        """Follow the database's clock (DESIGN, decision 5), then measure (CONTRACT section 9)."""
        async with self._pool.acquire() as conn:
            if isinstance(self._clock, SystemClock):
                await steer(conn, self._clock)
            found = await standings(conn, self._clock.now())
            measured(self._metrics, await breakers.load_all(conn))
            show(self._metrics, await chores.load_all(conn))
            uncovered = await duties.count_uncovered(conn)
            unread = await replies.unread_for(conn, self._clock.now(), self._ours)
        for state in JobState:
            if not state.terminal:
                self._metrics.jobs.labels(state.value).set(found.jobs.get(state.value, 0))
        self._metrics.oldest_due_seconds.set(found.oldest)
        self._metrics.unsure_attempts.set(found.unsure)
        self._metrics.uncovered_schedules.set(uncovered)
        self._metrics.texts_unread_seconds.set(unread)
        await self._tidy()

    async def _tidy(self) -> None:
        """Forget what is old; what takes too long keeps nothing else from being done."""
        for forget in _UPKEEP:
            try:
                async with self._pool.acquire() as conn:
                    await forget(conn, self._clock.now())
            except AWAY:
                raise
            except Exception:  # noqa: BLE001 - tried again at the next look
                _log.exception("upkeep failed", action="watch.failed")
