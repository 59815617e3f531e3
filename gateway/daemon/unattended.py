"""Unattended: work for people that comes while whoever is coded is away (S3-06)."""

from datetime import datetime
from typing import Final

from gateway.domain.chance import Chance
from gateway.domain.floor import away
from gateway.domain.wording import alerts
from gateway.store import jobs, needs, sessions
from gateway.store.pool import Connection

# A break begins without anything being written, so it is looked at without news too.
_AT_LEAST: Final = 30.0


class Unattended:
    """Alerts people of what came while nobody who is coded covers, once among all processes."""

    def __init__(self, chance: Chance) -> None:
        """Know nothing yet: the first look asks for all."""
        self._chance = chance
        self._newest = -1
        # A moment of the monotonic clock: the database's may be set back by minutes.
        self._looked_at: float | None = None

    async def look(self, conn: Connection, now: datetime, moment: float) -> None:
        """Look whether there is something new for people, and if so whether anybody covers.

        `moment` is now by the monotonic clock, in seconds.
        """
        newest = await needs.newest_dispatch(conn)
        late = self._looked_at is None or moment - self._looked_at >= _AT_LEAST
        if not late and newest == self._newest:
            return
        self._newest, self._looked_at = newest, moment
        names = away(await sessions.list_all(conn), now)
        if not names or not (waiting := await needs.waiting(conn, now)):
            return
        async with conn.transaction():
            if await sessions.claim_telling(conn, names, newest):
                text = alerts.unattended(names, waiting)
                payload = {"sink": "dispatch", "reason": "uncovered_floor", "text": text}
                await jobs.add_alert(conn, self._chance.uuid(), now, payload)
