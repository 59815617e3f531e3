"""Numbers: who found all of ours busy waits in a list, and is called up as they come free.

The list is the store's (`gateway.store.waiting`). What is known here only spares questions: that
somebody waits for a channel, and when it may have a number at the earliest.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.sharing import MOST
from gateway.store import waiting
from gateway.store.desk import Desk
from gateway.store.jobs import Claimed
from gateway.store.pool import Connection
from gateway.store.verdicts import NoToken
from gateway.store.waiting import Tokens, Waiter

# One token in so many goes to a lesser class than the most urgent that waits (S3-10).
_ONE_IN: Final = 10
_ONCE_MORE: Final = timedelta(milliseconds=200)


class Called(NamedTuple):
    """Who was called up for a channel: they are not sent back to the list without a try."""

    channel: str
    claimed: Sequence[Claimed]


class Numbers:
    """Sends jobs of one boot to the list, and calls up whoever waits there."""

    def __init__(self, desk: Desk, boot: int) -> None:
        self._desk = desk
        self._boot = boot
        # The channels that somebody waits for, and when to ask for a number of each.
        self._ask_at: dict[str, datetime] = {}
        self._given = 0
        self._joined = 0

    @property
    def next_at(self) -> datetime | None:
        """When a number may be free that somebody waits for; None: nobody is known to wait."""
        return min(self._ask_at.values(), default=None)

    def due(self, now: datetime) -> bool:
        """Tell whether a number may be free that somebody waits for."""
        return any(self._is_time(one, at, now) for one, at in self._ask_at.items())

    def awaited(self, channel: str | None) -> bool:
        """Tell whether somebody waits for a channel: whoever needs it too joins them, untried."""
        return channel in self._ask_at

    def learn(self, channels: Iterable[str], now: datetime) -> None:
        """Hear for which channels anybody waits, whoever sent them there; they are asked for now.

        Another process may have died, or a number be ours again that was not to be used.
        """
        self._ask_at.update(dict.fromkeys(channels, now))

    def busy(self, verdict: NoToken) -> None:
        """Hear that a channel has no number before an instant."""
        known = self._ask_at.get(verdict.channel, verdict.free_at)
        self._ask_at[verdict.channel] = min(known, verdict.free_at)

    async def join(self, conn: Connection, waiters: Sequence[Waiter], now: datetime) -> None:
        """Put jobs into the list; the next turn looks for them at the latest."""
        await waiting.join(conn, self._boot, waiters)
        # After they joined: the list may have been found empty just before.
        self._joined += len(waiters)
        for one in waiters:
            self._ask_at.setdefault(one.channel, now)

    async def call_up(self, conn: Connection, now: datetime, most: int) -> Called | None:
        """Claim as many of those who wait for a channel as there are numbers; None: nobody can go.

        What they do not use others are called up for, by asking again.
        """
        for channel in [one for one, at in self._ask_at.items() if self._is_time(one, at, now)]:
            free = await self._tokens(conn, channel, now, most)
            if not free.now:
                self._ask_at[channel] = free.next_at
                continue
            lesser = (self._given + free.now) // _ONE_IN - self._given // _ONE_IN
            some, joined = (free.now, lesser), self._joined
            claimed = await waiting.call_up(conn, self._boot, now, channel, some)
            if len(claimed) < free.now and joined == self._joined:
                self._forget(channel, now, found=bool(claimed))
            if claimed:
                self._given += min(free.now, len(claimed))
                return Called(channel, claimed)
        return None

    def _forget(self, channel: str, now: datetime, *, found: bool) -> None:
        """Nobody else was there; but somebody's row may be locked just now: look once more."""
        if found:
            self._ask_at[channel] = now + _ONCE_MORE
        else:
            del self._ask_at[channel]

    def _is_time(self, channel: str, at: datetime, now: datetime) -> bool:
        """Tell whether to ask; no token is further ahead, unless the clock was set back."""
        return at <= now or at > now + self._desk.outages.rates(now).ahead(channel)

    async def _tokens(self, conn: Connection, channel: str, now: datetime, most: int) -> Tokens:
        """Count tokens; for a channel that is shut everybody may go and look for another way.

        They come with whoever waits for the same phone: no more than there is room for.
        """
        outages = self._desk.outages
        if channel in outages.shut(now):
            return Tokens(max(1, most // MOST), now)
        return await waiting.tokens(conn, channel, outages.rates(now), now, most)
