"""The engine: due → plan → intend → perform → record, one turn at a time."""

from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.daemon.bounds import Bounds, Look
from gateway.daemon.duties import Duties
from gateway.daemon.errands import Errands
from gateway.daemon.lanes import Lanes
from gateway.daemon.perform import Performer
from gateway.daemon.planning import Minds, Planning
from gateway.daemon.under_way import UnderWay
from gateway.domain.change import Change, ErrandKind
from gateway.domain.reach import CALL_LASTS
from gateway.store import jobs
from gateway.store.desk import Desk
from gateway.store.following import LONG_AGO, next_due
from gateway.store.outages import SLOW
from gateway.store.pool import Connection
from gateway.tracing import step

MOST: Final = 200
IN_FLIGHT: Final = 640
ERRANDS: Final = 50
ALERTS: Final = 20
CASES: Final = 5
# As many free places make a batch worth its statements.
_WORTH: Final = 200
# A sweep looks for silent attempts that were begun within it.
_SILENT: Final = timedelta(minutes=2)
# So often a sweep also looks for attempts that have been silent for longer than that.
_ALL_SILENT: Final = timedelta(minutes=1)
# So often one turn calls up who waits for numbers, before anything else is looked at again.
_CALLS_UP: Final = 10


class Engine:
    """Plans and performs what is due. `turn` never waits for a phone, nor for the wire."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it works with
        self,
        conn: Connection,
        desk: Desk,
        performer: Performer,
        errands: Errands,
        duties: Duties,
        minds: Minds,
        boot: int,
    ) -> None:
        self._conn = conn
        self._desk = desk
        self._performer = performer
        self._errands = errands
        self._duties = duties
        self._boot = boot
        self._planning = Planning(desk, minds, boot, self._begin)
        self._wire = UnderWay(IN_FLIGHT, SLOW.total_seconds())
        self._lanes = Lanes()
        self._running = UnderWay(ERRANDS)
        self._telling = UnderWay(ALERTS)
        self._opening = UnderWay(CASES)
        # True while an errand may be due of which no turn has asked yet.
        self._asked_for = True
        self._bounds = Bounds()
        # True when the last batch was as large as there was room for.
        self._backlog = False
        # When silent attempts were last looked for, however old: never before the first sweep.
        self._looked_at: datetime | None = None
        self._lease_ends: datetime | None = None  # the first one's of others, at the last sweep

    @property
    def in_flight(self) -> int:
        """How many wire requests are under way."""
        return len(self._wire)

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing is under way or still to be recorded."""
        busy = self._wire or self._lanes or any((self._running, self._telling, self._opening))
        return not busy and self._performer.at_rest

    def heard(self, since: datetime) -> None:
        """Hear that something may have become due since then: the next turn looks there, too."""
        self._bounds.lower(since)

    async def turn(
        self, now: datetime, *, sweep: bool = False, woken: bool = True, duties: bool = False
    ) -> datetime | None:
        """Do what is due at `now` and return the next instant at which something will be.

        A sweep looks at all that is overdue, however long, and voids the leases of the dead.
        A turn that was not `woken`, only timed, and found a job asks for no errands: should one
        be due too, it is the next instant. Of `duties` it may have been told, too.
        """
        await self._keep_phones(now)
        swept = await self._sweep(now) if sweep else None
        ping_at = await self._performer.ping(self._conn, now)
        if swept is None or swept.due or self._backlog:
            if self._late(now) or sweep:
                self._bounds.forget()
            found = await self._work_lanes(now)
            if sweep or woken or self._asked_for or self._backlog or not found:
                await self._start_errands(now)
            swept = None  # by now it is no longer so
        swept = None if await self._call_up(now) else swept
        duty_at = await self._look_for_duties(now, swept, at_once=sweep or duties)
        if self._backlog:
            return now
        following = await self._following() if swept is None else self._idle(swept, now)
        ahead = (following, duty_at, ping_at, self._lease_ends, self._planning.numbers.next_at)
        return min((at for at in ahead if at is not None), default=None)

    async def _following(self) -> datetime | None:
        """Return what is due next; what was left behind is looked for again."""
        following = await next_due(self._conn, self._bounds.unchecked)
        self._bounds.checked(following.job_at)
        return following.at

    def _idle(self, swept: jobs.Swept, now: datetime) -> datetime | None:
        self._bounds.none_due(now)
        return swept.next_at

    async def _keep_phones(self, now: datetime) -> None:
        """Free no phone by a clock that was set ahead: before anything is claimed by that."""
        leap = self._desk.clock.leap()
        if leap is not None:
            await jobs.keep_phones(self._conn, leap.since, now + CALL_LASTS)
            self._desk.clock.landed(leap)

    async def _sweep(self, now: datetime) -> jobs.Swept:
        """Look for what is silent since a short while, and once a minute (and first) since ever."""
        whole = self._looked_at is None or abs(now - self._looked_at) >= _ALL_SILENT
        since = LONG_AGO if whole else now - _SILENT
        swept = await jobs.sweep(self._conn, now, since=since)
        self._lease_ends = swept.lease_ends
        if not swept.troubled:
            self._desk.outages.all_sound(now)
        self._planning.numbers.learn(swept.awaited, now)
        self._looked_at = now if whole else self._looked_at
        if whole:
            await self._desk.outages.tidy(self._conn, now)
        return swept

    def _late(self, now: datetime) -> bool:
        """Tell, once, whether a lease has ended: its owner stands still, and others take over."""
        late = self._lease_ends is not None and self._lease_ends <= now
        self._lease_ends = None if late else self._lease_ends
        return late

    async def _look_for_duties(
        self, now: datetime, swept: jobs.Swept | None, *, at_once: bool
    ) -> datetime | None:
        """Start due duties, at once or at the next instant known; return the one after.

        A sweep after which nothing was done has the word on when that is.
        """
        if swept is not None and self._duties.mustered:
            self._duties.next_at, at_once = swept.duty_at, False
        known = self._duties.next_at
        if at_once or (known is not None and known <= now):
            for work in await self._duties.claim(self._conn, now):
                self._running.start(_done, work)
        return self._duties.next_at

    async def _start_errands(self, now: datetime) -> None:
        """Errands have places of their own, alerts and cases others still: none delays the rest."""
        self._asked_for = False
        every = self._running, self._telling, self._opening
        free = [max(0, places.free) for places in every]
        if not any(free):
            return
        apart = {ErrandKind.ALERT: self._telling, ErrandKind.CASE: self._opening}
        for due in await jobs.claim_errands(self._conn, now, *free):
            places = apart.get(due.errand.kind, self._running)
            places.start(self._errands.run, due)

    async def _work_lanes(self, now: datetime) -> bool:
        """Work a batch; while there is a backlog in lanes, which may outlive this turn.

        Tells whether anything was found; it is a backlog when there was as much as there is room.
        """
        free = self._wire.free - self._lanes.promised
        if free <= 0:
            return False
        room = min(MOST, free)
        look = self._bounds.look(now)
        if not self._backlog:
            found = await self._work(self._conn, room, look)
            self._backlog = found >= room
            return found > 0
        self._backlog = await self._lanes.add(room, self._work_apart(room, look))
        if not self._backlog:  # what the others are about to write counts for the next instant
            await self._lanes.settle()
        return True

    async def _call_up(self, now: datetime) -> bool:
        """Plan who waits for numbers of ours, as far as any are free; tell whether anybody was.

        After what has just fallen due, so that the most urgent of all are called up.
        """
        numbers = self._planning.numbers
        for count in range(_CALLS_UP):
            if not numbers.due(now):
                return count > 0
            if self._wire.free <= self._lanes.promised:
                # What batches may come to need must not keep those who wait off the wire for ever.
                self._backlog = await self._lanes.settle() and self._backlog
            room = min(MOST, self._wire.free - self._lanes.promised)
            called = await numbers.call_up(self._conn, now, room) if room > 0 else None
            if called is None:
                return count > 0
            held = await self._planning.plan(self._conn, called.claimed, now, called.channel)
            self._asked_for = held or self._asked_for
            self._bounds.lower(now)
            if called.channel in self._desk.outages.shut(now):
                return (
                    True  # all may go another way: what fell due meanwhile must not wait for that
                )
        return True

    async def _work_apart(self, room: int, look: Look) -> int:
        """Work a batch on a connection of the pool, since the engine's own is in use."""
        async with self._desk.pool.acquire() as conn:
            return await self._work(conn, room, look)

    async def _work(self, conn: Connection, room: int, look: Look) -> int:
        """Claim and plan what is due, as much as there is room for; tell how much that was."""
        now = look.now
        with step("work"):
            with step("claim", room=room):
                claimed = await jobs.claim(conn, self._boot, now, since=look.since, most=room)
            self._bounds.looked(look, room, claimed)
            # A job that is held has an alert to bring.
            self._asked_for = await self._planning.plan(conn, claimed, now) or self._asked_for
            # What that made due, or put off, is due by this batch's time; others may be further on.
            self._bounds.lower(now)
        return len(claimed)

    async def room(self) -> None:
        """Wait while as much is under way as may be; with a backlog, until a batch is worth it."""
        await self._performer.room()
        worth = _WORTH if self._backlog else 1
        await self._wire.room(self._lanes.promised + worth)

    async def settle(self) -> None:
        """Wait until nothing is under way and all answers are on record."""
        while not self.at_rest:
            self._backlog = await self._lanes.settle() and self._backlog
            await self._wire.settle()
            await self._running.settle()
            await self._telling.settle()
            await self._opening.settle()
            await self._performer.settle()

    def _begin(self, change: Change, sender: str | None) -> None:
        """What was written goes on the wire, or brings errands."""
        self._asked_for = self._asked_for or bool(change.errands)
        for job in (*change.jobs, *change.opened):
            if job.next_at is not None:
                self._bounds.lower(job.next_at)
        if change.wire is not None:
            self._wire.start(self._performer.perform, change, sender)


async def _done(work: Coroutine[Any, Any, None]) -> None:
    """Do work that was given as a coroutine, in a task of ours."""
    await work
