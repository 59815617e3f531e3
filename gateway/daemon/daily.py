"""Daily: what every account is looked at for once a day, besides its coverage."""

from dataclasses import dataclass
from datetime import datetime

from gateway.daemon.duties import Work
from gateway.domain.accounts import Account
from gateway.store import deliveries
from gateway.store.duties import Done, Duty
from gateway.store.pool import Pool


@dataclass(frozen=True, slots=True)
class Daily:
    """Clears away what was over long ago, then does the daily work itself."""

    pool: Pool
    work: Work

    async def look(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Do what an account needs once a day, and after each change of its document."""
        async with self.pool.acquire() as conn:
            await deliveries.forget_old(conn, account.account, now)
        return await self.work(duty, account, now)
