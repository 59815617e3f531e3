"""Duties, performed: claimed when due, a few at a time, each re-armed when it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import structlog

from gateway.clock import rest
from gateway.domain.accounts import Account
from gateway.domain.duties import OF_THE_HOUSE, QUIET
from gateway.store import duties
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty
from gateway.store.pool import AWAY, Connection

_log = structlog.get_logger(__name__)
PLACES: Final = 8
# Of what nobody waits for so few are under way, and each rests for as long as it took: ten thousand
# accounts that were just loaded, or a morning, must not delay a call.
QUIET_PLACES: Final = 2
# Well within the lease, so that nobody else begins while one is still under way.
LASTS: Final = 60.0
# A process that is told to end waits for its places; none may go on for ever.
_TURN: Final = timedelta(seconds=5)
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 6
_OLDER: Final = 100

Work = Callable[[Duty, Account, datetime], Awaitable[Done]]
"""Performs one duty of a compiled account at an instant; may be begun again after a crash."""
HouseWork = Callable[[Duty, datetime], Awaitable[Done]]
"""Performs one duty of no account, likewise."""


@dataclass(slots=True)
class _Places:
    """How many places of a kind there are, and how many of them are taken."""

    most: int
    taken: int = 0

    @property
    def free(self) -> int:
        return max(0, self.most - self.taken)


@dataclass(slots=True)
class _Muster:
    """How far the accounts are armed that were put in force before there were duties."""

    after: str | None = ""


class Duties:
    """Looks for due duties and performs them by their kind; those of `house` are of no account.

    `next_at` is the next instant worth a look besides the sweeps, None when there is none.
    """

    def __init__(
        self,
        desk: Desk,
        kinds: Mapping[str, Work],
        house: Mapping[str, HouseWork] = MappingProxyType({}),
    ) -> None:
        self.next_at: datetime | None = None
        self._desk = desk
        self._kinds = kinds
        self._house = house
        self._awaited, self._quiet = _Places(PLACES), _Places(QUIET_PLACES)
        self._muster = _Muster()

    @property
    def mustered(self) -> bool:
        """Tell whether all accounts are armed that were put in force before there were duties."""
        return self._muster.after is None

    async def claim(self, conn: Connection, now: datetime) -> list[Coroutine[Any, Any, None]]:
        """Claim what is due, as far as there are places, and return the work to be started."""
        if self._muster.after is not None:
            after = self._muster.after
            self._muster.after = await duties.arm_older(conn, now, after, _OLDER)
        self.next_at = await self._next_due(conn, now)
        if self.next_at is None or self.next_at > now:
            return []
        claimed = await duties.claim(conn, now, self._awaited.free, self._quiet.free)
        for duty in claimed:
            self._places(duty).taken += 1
        self.next_at = await self._next_due(conn, now)
        return [self._place(duty) for duty in claimed]

    async def _next_due(self, conn: Connection, now: datetime) -> datetime | None:
        """Return when the next may be claimed; a kind without a place needs no look."""
        free = {"awaited": bool(self._awaited.free), "quiet": bool(self._quiet.free)}
        return await duties.next_due(conn, now, **free) if any(free.values()) else None

    def _places(self, duty: Duty) -> _Places:
        return self._quiet if duty.kind in QUIET else self._awaited

    async def _place(self, first: Duty) -> None:
        """Perform a duty, then whatever else is due, until the next sweep gives out the places."""
        clock, places = self._desk.clock, self._places(first)
        quiet, host = places is self._quiet, asyncio.get_running_loop()
        due, until = [first], clock.now() + _TURN
        try:
            while due:
                began = host.time()
                await self._perform(due[0])
                if quiet:
                    await rest(host.time() - began)
                now = clock.now()
                if now >= until:
                    return
                async with self._desk.pool.acquire() as conn:
                    due = await duties.claim(conn, now, int(not quiet), int(quiet))
        finally:
            places.taken -= 1

    async def _perform(self, duty: Duty) -> None:
        """Perform one duty; one that fails comes back later and never stops the others."""
        now = self._desk.clock.now()
        try:
            async with asyncio.timeout(LASTS):
                done = await self._done(duty, now)
            async with self._desk.pool.acquire() as conn:
                await duties.complete(conn, duty, done)
        except Exception as fault:  # noqa: BLE001 - logged, and tried again
            named = {"account": duty.account, "kind": duty.kind, "key": duty.key}
            known = isinstance(fault, AWAY)  # whoever is on duty has heard that it is away
            tell = partial(_log.warning, fault=type(fault).__name__) if known else _log.exception
            tell("duty failed", action="duty.failed", **named)
            async with self._desk.pool.acquire() as conn:
                await duties.postpone(conn, duty, now + pause(duty.tries))

    async def _done(self, duty: Duty, now: datetime) -> Done:
        """Do the work; an account that is gone needs none any more.

        A kind or a document that this program cannot read is left for one that can.
        """
        if duty.kind in OF_THE_HOUSE:
            return await self._house[duty.kind](duty, now)
        if duty.version is None:
            return Done(None)
        key = (duty.account, duty.version)
        async with self._desk.pool.acquire() as conn:
            account = (await self._desk.states.accounts.compiled(conn, [key]))[key]
        return await self._kinds[duty.kind](duty, account, now)


def pause(tries: int) -> timedelta:
    """Return how long a duty rests that failed for the nth time: 1 min, 2, 4, at most an hour."""
    return min(_FIRST_PAUSE * (1 << min(tries - 1, _DOUBLINGS)), _LONGEST_PAUSE)
