"""Sweeping: each host takes away the files that were erased, whoever erased them, and wherever."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from gateway.store import files
from gateway.store.desk import Desk
from gateway.store.pool import AWAY

EVERY: Final = timedelta(minutes=1)
# A transaction that is committed late says an earlier instant than the look that missed it.
_BACK: Final = timedelta(minutes=10)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sweeping:
    """Takes erased files out of the data folder at `root`, in every process, web or engine."""

    desk: Desk
    root: Path
    _since: datetime | None = None

    async def keep(self) -> None:
        """Look every minute, also after the database was away; cancel to end."""
        while True:
            try:
                await self.look()
            except AWAY as fault:
                _log.warning("database away", action="files.blind", fault=type(fault).__name__)
            except Exception:  # noqa: BLE001 - logged, and tried again
                _log.exception("erased files not taken away", action="files.failed")
            await self.desk.clock.sleep(EVERY.total_seconds())

    async def look(self) -> int:
        """Take away what was erased since the last look, at first all that is known."""
        now, since = self.desk.clock.now(), self._since
        async with self.desk.pool.acquire() as conn:
            done = await files.sweep(conn, self.root, since or now - files.KNOWN_FOR)
            if since is None or since.date() != now.date():
                await files.forget_erased(conn, now)
        self._since = now - _BACK
        return done
