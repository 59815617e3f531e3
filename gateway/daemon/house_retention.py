"""The house's retention: what belongs to no account is erased when old.

Hand-offs, cases and field jobs of no account, and customers for whom there never was a job.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from gateway.store import customers, matter_words
from gateway.store.desk import Desk
from gateway.store.pool import AWAY

EVERY: Final = timedelta(hours=1)
_PAUSE: Final = timedelta(seconds=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HouseRetention:
    """Erases what people said of matters of no account once they are over and `days` old.

    None: they are kept.
    """

    desk: Desk
    days: int | None

    async def keep(self) -> None:
        """Look every hour, also after the database was away; cancel to end."""
        while True:
            more = 0
            try:
                more = await self.look()
            except AWAY as fault:
                _log.warning("database away", action="words.blind", fault=type(fault).__name__)
            except Exception:  # noqa: BLE001 - logged, and tried again
                _log.exception("details not erased", action="words.failed")
            # One batch after another, with room for calls between them.
            rests = _PAUSE if more >= matter_words.BATCH else EVERY
            await self.desk.clock.sleep(rests.total_seconds())

    async def look(self) -> int:
        """Erase a batch of what is older; return how many there were."""
        if self.days is None:
            return 0
        now = self.desk.clock.now()
        said = ("gateway", now, "retention")
        async with self.desk.pool.acquire() as conn:
            before = now - timedelta(days=self.days)
            done = await matter_words.erase_before(conn, "", before, said)
            done += await customers.erase_idle(conn, before, *said[:2])
        if done:
            _log.info("details erased", action="words.erased", account="", matters=done)
        return done
