"""Retention: an account's details are erased when they are as old as its document allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from gateway.domain.accounts import Account
from gateway.domain.duties import next_morning
from gateway.store import matter_words
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty
from gateway.store.erasing import Order, details_before, erase

_REASON: Final = "retention"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """Erases the details of closed messages every morning, a batch at a time."""

    desk: Desk

    async def look(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Erase what is older than the account's `retention`; whatever is still worked stays."""
        if account.retention is None:
            return Done(None)
        before = now - account.retention
        async with self.desk.pool.acquire() as conn:
            found = await details_before(conn, account.account, before, duty.memory)
            erased = await erase(conn, found.keys, Order("gateway", now, _REASON))
            said = ("gateway", now, _REASON)
            matters = await matter_words.erase_before(conn, account.account, before, said)
        if erased or matters:
            named = {"account": account.account, "messages": len(erased), "matters": matters}
            _log.info("details erased", action="words.erased", **named)
        # What is still worked is passed over: the next batch begins after it, not with it.
        more = found.then or matters == matter_words.BATCH
        return Done(now if more else next_morning(account, now), found.then)
