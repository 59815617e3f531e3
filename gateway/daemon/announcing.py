"""Announcing: handoffs when they come, and the shifts to come once a week (decision 0023)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.accounts import Account
from gateway.domain.notices import Notice, digest, handoff
from gateway.store import notices
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty
from gateway.store.pool import Connection

# A digest that comes a day late is left out; the next one comes in a week.
_LATE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Announcing:
    """Finds out who is to be told of their shifts; what it writes is sent by other duties."""

    desk: Desk

    async def handoff(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Tell who came on call in the schedule `duty.key` since the last look, and who went off.

        It remembers who was on, because a document may have changed since.
        """
        looked = datetime.fromisoformat(duty.memory.get("looked", now.isoformat()))
        found = handoff(account, duty.key, duty.memory.get("on"), looked, now)
        memory = {"looked": now.isoformat(), "on": dict(found.on)}
        return self._done(found.until, memory, found.notices, now)

    async def digest(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Tell everybody their shifts of the coming week when the time that was set has come."""
        rule = account.notices.digest
        if rule is None:
            return Done(None)
        planned = datetime.fromisoformat(duty.memory.get("next", now.isoformat()))
        come = "next" in duty.memory and planned <= now < planned + _LATE
        told = digest(account, planned) if come else ()
        following = rule.after(now, account.zone)
        return self._done(following, {"next": following.isoformat()}, told, now)

    def _done(
        self, next_at: datetime, memory: Mapping[str, object], told: Sequence[Notice], now: datetime
    ) -> Done:
        async def then(conn: Connection) -> None:
            await notices.add(conn, told, now, self.desk.rates)
            await notices.forget_old(conn, told[0].account, now)

        return Done(next_at, memory, then if told else None)
