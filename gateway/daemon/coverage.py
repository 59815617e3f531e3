"""Coverage, looked at after each change of a document and every morning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import structlog

from gateway.domain.accounts import Account
from gateway.domain.duties import next_morning
from gateway.domain.uncovered import Ahead, news, uncovered
from gateway.domain.wording import alerts
from gateway.store.duties import Done, Duty
from gateway.store.jobs import add_alert
from gateway.store.pool import Connection

_SPACE: Final = UUID("f0a5c1f4-5a4c-5c1b-9b7e-0c1d2e3f4a5b")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CoverageWatch:
    """Tells a lead of local days ahead on which nobody is on call, once each unless it changes.

    Without a span to look ahead it is turned off.
    """

    ahead: Ahead

    async def look(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Look over every schedule of an account; remember what was found."""
        if not self.ahead.span:
            return Done(next_morning(account, now))
        found = {name: uncovered(account, name, now, self.ahead) for name in account.schedules}
        told: Mapping[str, Mapping[str, str]] = duty.memory
        fresh = {name: news(days, told.get(name, {})) for name, days in found.items()}

        async def then(conn: Connection) -> None:
            for name, days in fresh.items():
                if days:
                    await self._alert(conn, account, (name, days), now)

        return Done(next_morning(account, now), found, then)

    async def _alert(
        self, conn: Connection, account: Account, news: tuple[str, list[str]], now: datetime
    ) -> None:
        name, days = news
        shown = name if len(account.schedules) > 1 else ""
        text = alerts.uncovered(alerts.About(account.account), shown, days)
        payload = {"sink": "lead", "text": text, "reason": "uncovered"}
        errand = uuid5(_SPACE, f"{account.account}\n{name}\n{now.isoformat()}")
        await add_alert(conn, errand, now, payload)
        _log.warning("uncovered", action="coverage.gap", account=account.account, schedule=name)
