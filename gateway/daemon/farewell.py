"""Farewell: a process that is told to end still answers for who is on the line (decision 0034)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from gateway.clock import Clock
from gateway.store import farewell
from gateway.store.pool import AWAY, Connection, Pool

LONGEST: Final = 60.0
# So long the engine goes on at most: what it begins by then can end before the process does.
WORKS: Final = 20.0
# A database that has been away for so long is gone: one that is started anew is back before, and
# soon the carrier, which asks again for some 15 s, drops whoever pressed a key.
GONE: Final = 10.0
_LOOKS: Final = 0.5
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Farewell:
    """Waits for those on the line, a minute in all, and not for a database that is gone.

    Each of the two is asked once, in this order; the minute begins with the first.
    """

    pool: Pool
    clock: Clock
    _ends: float | None = None
    _away_since: float | None = None
    # Since when the engine of this process went on alone, if it did.
    _worked: datetime | None = None

    async def work_on(self, *, web: bool) -> None:
        """Return when the engine is to stop: as soon as nobody is left who is on the line now.

        At once where another engine does its work that is not told to end itself, and without a
        `web` side here, that answers for them.
        """
        began = self.clock.now()
        # Whose leave nobody knows of is counted by others, and may count on none itself.
        if not await self._take_leave():
            self._worked = began
        if not web:
            return

        async def over(conn: Connection) -> bool:
            if not await farewell.on_the_line(conn, self.clock.now(), began):
                return True
            if self._worked is None and await farewell.engines_that_stay(conn) > 0:
                return True
            self._worked = began
            return False

        if not await self._until(over, WORKS):
            self._worked = began  # whether or not a look could tell

    async def nobody_speaks(self) -> None:
        """Return when no answered call is unconfirmed, and nobody is called of late by us alone."""

        async def silent(conn: Connection) -> bool:
            now = self.clock.now()
            return not await farewell.on_the_line(conn, now, now, self._worked)

        await self._until(silent, LONGEST)

    async def _take_leave(self) -> bool:
        """Before it counts on others, each says that they cannot count on it: never both stop."""
        try:
            async with self.pool.acquire() as conn:
                await farewell.take_leave(conn)
        except AWAY as fault:
            self._lost(fault)
            return False
        except Exception:  # noqa: BLE001 - without it this process goes on by itself
            _log.exception("no leave taken", action="daemon.draining")
            return False
        return True

    async def _until(self, done: Callable[[Connection], Awaitable[bool]], seconds: float) -> bool:
        """Look until it is done, which is told, or for so long; a look that fails tells nothing."""
        now = self.clock.monotonic()
        self._ends = self._ends or now + LONGEST
        until = min(now + seconds, self._ends)
        while self.clock.monotonic() < until:
            try:
                async with self.pool.acquire() as conn:
                    over = await done(conn)
                self._away_since = None
                if over:
                    return True
            except AWAY as fault:  # our own limit of statements, and a single cut connection, too
                self._lost(fault)
                if self._gone():
                    return False
            except Exception:  # noqa: BLE001 - a slow statement is no reason to leave people alone
                _log.exception("look failed", action="daemon.draining")
            await self.clock.sleep(_LOOKS)
        return False

    def _lost(self, fault: Exception) -> None:
        if self._away_since is None:
            self._away_since = self.clock.monotonic()
            _log.warning("database away", action="daemon.draining", fault=type(fault).__name__)

    def _gone(self) -> bool:
        """Tell whether nothing that anybody on the line says could be put down any more.

        To be asked after a look that failed: before the first of a while it may be back.
        """
        since = self._away_since
        return since is not None and self.clock.monotonic() - since >= GONE
