"""The loop: turns of the engine, each at the instant at which something is due."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.clock import Clock, SystemClock
from gateway.daemon.engine import Engine
from gateway.store.pool import AWAY, Connection, DatabaseError, steer
from gateway.store.wake import News, listen

_log = structlog.get_logger(__name__)
SWEEP: Final = timedelta(seconds=5)
_AGAIN: Final = 1.0
_LATER: Final[tuple[type[Exception], ...]] = (*AWAY, DatabaseError)
# A turn is some statements; one that takes longer than this waits for a database that is gone
# without a word, and only a new connection helps.
_TURN_LASTS: Final = 30.0
# A sweep's pause and the longest wire request, with room to spare.
_STALLED: Final = 30.0
# Neither turned nor tried to connect again for so long: longer than a turn that hangs, and what
# was on its wire, may take.
_STUCK: Final = 75.0
# What a timer may ring early, or a float be rounded, in seconds.
_EARLY: Final = 0.001


class EngineLoop:
    """Turns the engine until it is told to stop; survives a database that goes away."""

    def __init__(
        self,
        build: Callable[[], Awaitable[tuple[Engine, Connection, Connection]]],
        clock: Clock,
    ) -> None:
        """`build` connects anew: the engine, its own connection, and one for LISTEN."""
        self._build = build
        self._clock = clock
        self._wake = asyncio.Event()
        self._duties = False  # whether a duty is due that no turn has looked for
        self._since: datetime | None = None  # since when a job may be, of which no turn has heard
        self._leaving = False
        self._stopping = False
        self._began = clock.monotonic()
        self.turned_at: float | None = None
        self.turned = asyncio.Event()
        self._stirred_at = clock.monotonic()

    def silent(self) -> float:
        """Return the seconds since the last turn, or since the start; 0 when it is to end."""
        if self._leaving or self._stopping:
            return 0.0
        return self._clock.monotonic() - (self.turned_at or self._began)

    def leave(self) -> None:
        """Say that no work is to be brought here any more; what is due is done until `stop`."""
        self._leaving = True

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the wire is quiet."""
        self._stopping = True
        self._wake.set()

    async def amiss(self) -> tuple[str, ...]:
        """Say in words why no work is done here; nothing while the engine loops."""
        if self._leaving or self._stopping:
            return ("the engine is draining",)
        if self.turned_at is None or self._clock.monotonic() - self.turned_at > _STALLED:
            return ("the engine is not looping",)
        return ()

    def stuck(self) -> bool:
        """Tell whether only a new process helps: not while it drains, or waits for a database."""
        if self._leaving or self._stopping:
            return False
        return self._clock.monotonic() - self._stirred_at > _STUCK

    async def hung(self) -> tuple[str, ...]:
        """Say in words that it is stuck; nothing while it is not."""
        return ("the engine hangs",) if self.stuck() else ()

    async def run(self) -> None:
        """Loop; when the database is away, say so and connect again."""
        while not self._stopping:
            self._stirred_at = self._clock.monotonic()
            try:
                await self._connected()
            except _LATER as fault:
                _log.error("database away", action="engine.paused", fault=type(fault).__name__)
                await self._clock.sleep(_AGAIN)
            except Exception:  # noqa: BLE001 - logged, and begun anew
                # Whatever it was, somebody waits for the next call: begin anew, never stop.
                _log.exception("engine failed", action="engine.failed")
                await self._clock.sleep(_AGAIN)

    async def _connected(self) -> None:
        engine, conn, ears = await self._build()
        try:
            await listen(ears, self._heard)
            _log.info("engine ready", action="engine.ready")
            await self._turns(engine, conn, ears)
        finally:
            try:
                await engine.settle()
            finally:
                conn.terminate()
                ears.terminate()

    def _heard(self, news: News) -> None:
        """Something became due: turn at once."""
        self._duties = self._duties or news.duty
        self._since = min((at for at in (self._since, news.since) if at is not None), default=None)
        self._wake.set()

    async def _turns(self, engine: Engine, conn: Connection, ears: Connection) -> None:
        # Sweeps follow the monotonic clock: the database's may be set back by minutes.
        sweep_at = self._clock.monotonic()
        while not self._stopping:
            woken = self._wake.is_set()
            self._wake.clear()
            duties, self._duties = self._duties, False
            sweep = self._clock.monotonic() >= sweep_at - _EARLY
            if sweep:
                sweep_at = self._clock.monotonic() + SWEEP.total_seconds()
                await self._steer(conn)
                if ears.is_closed():
                    raise ConnectionError("the listening connection is gone")
            if self._since is not None:
                engine.heard(self._since)
                self._since = None
            now = self._clock.now()
            async with asyncio.timeout(_TURN_LASTS):
                following = await engine.turn(now, sweep=sweep, woken=woken, duties=duties)
            self.turned_at = self._stirred_at = self._clock.monotonic()
            self.turned.set()
            await engine.room()
            await self._rest(following, sweep_at)
        await engine.settle()

    async def _steer(self, conn: Connection) -> None:
        """Follow the database's clock (DESIGN, decision 5)."""
        if isinstance(self._clock, SystemClock):
            await steer(conn, self._clock)

    async def _rest(self, following: datetime | None, sweep_at: float) -> None:
        """Sleep to the next due instant, a wake-up or the next sweep, whichever comes first."""
        woken = False
        # A timer counts whole milliseconds and may ring early: that turn would find nothing.
        while not woken:
            now = self._clock.now()
            # Anew each time: a clock that was set back meanwhile must not put off the sweep.
            deadline = now + timedelta(seconds=sweep_at - self._clock.monotonic())
            if following is not None:
                deadline = min(deadline, following)
            if deadline <= now:
                await self._clock.sleep(0)
                return
            woken = await self._clock.wait_until(self._wake, deadline)
