"""Coverage, looked at after each change of a document and every morning."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.accounts import Account
from gateway.domain.duties import next_morning
from gateway.store.duties import Done, Duty


@dataclass(frozen=True, slots=True)
class CoverageWatch:
    """Looks ahead in the schedules of an account."""

    async def look(self, _duty: Duty, account: Account, now: datetime) -> Done:
        """Look at an account."""
        return Done(next_morning(account, now))
