"""Phones that only ever fail: a lead hears of them before their people's next shift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import structlog

from gateway.daemon.duties import Work
from gateway.domain.accounts import Account
from gateway.domain.duties import DutyKind, Wanted
from gateway.domain.failing import Flagged, flagged, news, next_look, remembered
from gateway.domain.wording import alerts
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty, ask
from gateway.store.failing import failing
from gateway.store.jobs import add_alert
from gateway.store.pool import Connection

_SPACE: Final = UUID("2f0b7a36-53f7-5d0e-9d61-7c0d6a1b9e42")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PhoneWatch:
    """Looks at the phones of an account every morning and an hour before each handoff."""

    desk: Desk

    def beside(self, work: Work) -> Work:
        """Return a duty that every account has, and that has its phones looked at besides."""

        async def both(duty: Duty, account: Account, now: datetime) -> Done:
            done = await work(duty, account, now)

            async def then(conn: Connection) -> None:
                if done.then is not None:
                    await done.then(conn)
                await ask(conn, Wanted(account.account, DutyKind.PHONES), now)

            return replace(done, then=then)

        return both

    async def look(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Tell a lead of each failing phone once, when its person is on call within a day."""
        async with self.desk.pool.acquire() as conn:
            found = flagged(account, await failing(conn, account.account, now), now)
        told: Mapping[str, str] = duty.memory
        fresh = news(found, told)

        async def then(conn: Connection) -> None:
            await _alert(conn, account, fresh, now)

        return Done(next_look(account, now), remembered(found, told), then if fresh else None)


async def _alert(
    conn: Connection, account: Account, fresh: Sequence[Flagged], now: datetime
) -> None:
    for one in fresh:
        who = alerts.Reached(account.contacts[one.contact].name, one.failing.phone)
        begins = (one.shift or now).astimezone(account.zone).strftime("%Y-%m-%d %H:%M")
        named = alerts.About(account.account)
        text = alerts.failing(named, who, one.failing.times, begins)
        payload = {"sink": "lead", "text": text, "reason": "failing_phone"}
        errand = uuid5(_SPACE, f"{account.account}\n{one.name}\n{one.failing.since.isoformat()}")
        await add_alert(conn, errand, now, payload)
        facts = {"account": account.account, "contact": one.contact, "times": one.failing.times}
        _log.warning("phone fails", action="phone.failing", **facts)
