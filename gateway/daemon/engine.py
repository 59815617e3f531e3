"""The engine: due → plan → intend → perform → record, one turn at a time."""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from gateway.daemon.duties import Duties
from gateway.daemon.errands import Errands
from gateway.daemon.lanes import Lanes
from gateway.daemon.perform import Performer
from gateway.daemon.under_way import UnderWay
from gateway.domain.chance import Chance
from gateway.domain.change import Change, ErrandKind
from gateway.domain.dispatch import next_step
from gateway.domain.messages import Key
from gateway.domain.sharing import Planned, Rules, share
from gateway.domain.state import State
from gateway.domain.stranded import hold_unplanned
from gateway.metrics import Metrics
from gateway.store import jobs, stranded
from gateway.store.changes import write
from gateway.store.desk import Desk
from gateway.store.jobs import Claimed
from gateway.store.pool import Connection
from gateway.store.verdicts import NoToken, Written

_log = structlog.get_logger(__name__)
MOST: Final = 200
IN_FLIGHT: Final = 500
ERRANDS: Final = 50
ALERTS: Final = 20
# As many free places make a batch worth its statements.
_WORTH: Final = 200
# So many are planned before anybody else of this process may go on: a few thousandths of a second.
_AT_ONCE: Final = 50
_PLANS: Final = 6
_AGAIN: Final = timedelta(seconds=2)
_PUT_OFF: Final = timedelta(minutes=1)
# What was due longer ago than this is left to the sweep, so that the hot claim stays short even
# when a forgotten transaction holds back vacuum.
HOT: Final = timedelta(minutes=2)


class Engine:
    """Plans and performs what is due. `turn` never waits for a phone, nor for the wire."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it works with
        self,
        conn: Connection,
        desk: Desk,
        performer: Performer,
        errands: Errands,
        duties: Duties,
        chance: Chance,
        metrics: Metrics,
        boot: int,
        rules: Rules,
    ) -> None:
        self._conn = conn
        self._desk = desk
        self._performer = performer
        self._errands = errands
        self._duties = duties
        self._chance = chance
        self._metrics = metrics
        self._boot = boot
        self._rules = rules
        self._wire = UnderWay(IN_FLIGHT)
        self._lanes = Lanes()
        self._running = UnderWay(ERRANDS)
        self._telling = UnderWay(ALERTS)
        # True while an errand may be due of which no turn has asked yet.
        self._asked_for = True
        # True while something is overdue for longer than the hot claim looks back.
        self._behind = False
        # True when the last batch was as large as there was room for.
        self._backlog = False
        self._lease_ends: datetime | None = None  # the first one's of others, at the last sweep

    @property
    def in_flight(self) -> int:
        """How many wire requests are under way."""
        return len(self._wire)

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing is under way or still to be recorded."""
        busy = self._wire or self._lanes or self._running or self._telling
        return not busy and self._performer.at_rest

    async def turn(
        self, now: datetime, *, sweep: bool = False, woken: bool = True
    ) -> datetime | None:
        """Do what is due at `now` and return the next instant at which something will be.

        A sweep looks at all that is overdue, however long, and voids the leases of the dead.
        A turn that was not `woken`, only timed, and found a job asks for no errands: should one
        be due too, it is the next instant.
        """
        if sweep:
            self._lease_ends = await jobs.sweep(self._conn, now)
        found = await self._work_lanes(now, everything=self._late(now) or sweep or self._behind)
        if sweep or woken or self._asked_for or self._backlog or not found:
            await self._start_errands(now)
        duty_at = await self._look_for_duties(now, sweep=sweep)
        if self._backlog:
            # What is overdue for longest must not wait for what fills every batch.
            self._behind = self._behind or sweep
            return now
        following = await jobs.next_due(self._conn)
        self._behind = following is not None and following < now - HOT
        ahead = (following, duty_at, self._lease_ends)
        return min((at for at in ahead if at is not None), default=None)

    def _late(self, now: datetime) -> bool:
        """Tell, once, whether a lease has ended: its owner stands still, and others take over."""
        late = self._lease_ends is not None and self._lease_ends <= now
        self._lease_ends = None if late else self._lease_ends
        return late

    async def _look_for_duties(self, now: datetime, *, sweep: bool) -> datetime | None:
        """Start due duties, at each sweep and at the next instant known; return the one after."""
        known = self._duties.next_at
        if sweep or (known is not None and known <= now):
            for work in await self._duties.claim(self._conn, now):
                self._running.start(_done, work)
        return self._duties.next_at

    async def _start_errands(self, now: datetime) -> None:
        """Errands have places of their own, alerts others still: one that hangs delays nothing."""
        self._asked_for = False
        free = max(0, self._running.free), max(0, self._telling.free)
        if not any(free):
            return
        for due in await jobs.claim_errands(self._conn, now, *free):
            places = self._telling if due.errand.kind is ErrandKind.ALERT else self._running
            places.start(self._errands.run, due)

    async def _work_lanes(self, now: datetime, *, everything: bool) -> bool:
        """Work a batch; while there is a backlog in lanes, which may outlive this turn.

        Tells whether anything was found; it is a backlog when there was as much as there is room.
        """
        free = self._wire.free - self._lanes.promised
        if free <= 0:
            return False
        room = min(MOST, free)
        since = jobs.LONG_AGO if everything else now - HOT
        if not self._backlog:
            found = await self._work(self._conn, now, room, since)
            self._backlog = found >= room
            return found > 0
        self._backlog = await self._lanes.add(room, self._work_apart(now, room, since))
        if not self._backlog:  # what the others are about to write counts for the next instant
            await self._lanes.settle()
        return True

    async def _work_apart(self, now: datetime, room: int, since: datetime) -> int:
        """Work a batch on a connection of the pool, since the engine's own is in use."""
        async with self._desk.pool.acquire() as conn:
            return await self._work(conn, now, room, since)

    async def _work(self, conn: Connection, now: datetime, room: int, since: datetime) -> int:
        """Claim and plan what is due, as much as there is room for; tell how much that was."""
        claimed = await jobs.claim(conn, self._boot, now, since=since, most=room)
        await self._plan(conn, claimed, now)
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
            await self._performer.settle()

    async def _plan(self, conn: Connection, claimed: Sequence[Claimed], now: datetime) -> None:
        """Plan and intend claimed jobs; what was stale is planned again on what is there now."""
        left = list(claimed)
        for _ in range(_PLANS):
            if not left:
                return
            batch, left = jobs.one_a_message(left)
            left += await self._intend(conn, batch, now)
        # What is refused again and again is looked at anew in a moment, never in a hot loop.
        soon = now + _AGAIN
        await jobs.postpone(conn, self._boot, {one.id: soon for one in left})

    async def _intend(
        self, conn: Connection, batch: Sequence[Claimed], now: datetime
    ) -> list[Claimed]:
        """Plan a batch, write its intents, start its wire requests; return what must be replanned.

        Refused for want of a token: back until a number is free, the due time untouched.
        """
        states = await self._desk.states.of_claimed(conn, batch, now)
        await self._hold_stranded(conn, [one for one in batch if one.key not in states], now)
        there = [(one, states[one.key]) for one in batch if one.key in states]
        decided = await self._decided(there, now)
        planned = [(one, change) for one, change in decided if change is not None]
        if len(planned) > 1:
            planned = self._shared(planned, states, now)
        changes = [change for _, change in planned]
        verdicts = await write(conn, changes, now, self._desk.rates, wake=False)
        again: list[Claimed] = []
        refused: set[UUID] = set()
        later = {one.id: now + _PUT_OFF for one, change in decided if change is None}
        for (one, change), verdict in zip(planned, verdicts, strict=True):
            if isinstance(verdict, Written):
                self._written(one, change, verdict, now)
            elif isinstance(verdict, NoToken):
                interval = self._desk.rates.interval(verdict.channel) or timedelta()
                later[one.id] = verdict.free_at + interval * len(refused)
                refused.add(change.shares or one.id)
            else:
                again.append(one.anew())
        await jobs.postpone(conn, self._boot, later)
        return again

    def _shared(
        self,
        planned: Sequence[tuple[Claimed, Change]],
        states: Mapping[Key, State],
        now: datetime,
    ) -> list[tuple[Claimed, Change]]:
        """Put together what goes to the same person by the same means (S3-67)."""
        alone = [Planned(states[one.key], one.id, change) for one, change in planned]
        try:
            changes = share(alone, now, self._chance, self._rules)
        except Exception:  # noqa: BLE001 - logged; everybody is reached, if one by one
            _log.exception("sharing failed", action="share.failed", jobs=len(alone))
            return list(planned)
        return [(one, change) for (one, _), change in zip(planned, changes, strict=True)]

    async def _hold_stranded(
        self, conn: Connection, batch: Sequence[Claimed], now: datetime
    ) -> None:
        """A job whose message is not there is held for a lead, never a crash loop (S3-33)."""
        if not batch:
            return
        for one in batch:
            _log.error("message missing", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
        await stranded.hold(conn, self._boot, [one.job for one in batch], now, self._chance)
        self._asked_for = True

    async def _decided(
        self, there: Sequence[tuple[Claimed, State]], now: datetime
    ) -> list[tuple[Claimed, Change | None]]:
        """Plan jobs, letting others go on in between: a webhook must not wait for a storm."""
        decided: list[tuple[Claimed, Change | None]] = []
        for first in range(0, len(there), _AT_ONCE):
            if first:
                await self._desk.clock.sleep(0)
            some = there[first : first + _AT_ONCE]
            decided += [(one, self._decide(state, one, now)) for one, state in some]
        return decided

    def _decide(self, state: State, one: Claimed, now: datetime) -> Change | None:
        """Plan a job; one that cannot be planned is held and never stops the others (S3-33)."""
        try:
            if state.job(one.id).state.terminal:
                self._metrics.stale_cue_total.inc()  # its cue does nothing (S3-28)
            return next_step(state, one.id, now, self._chance)
        except Exception:  # noqa: BLE001 - logged, and left to people
            _log.exception("plan failed", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
        return self._held_instead(state, one, now)

    def _held_instead(self, state: State, one: Claimed, now: datetime) -> Change | None:
        """Hold what cannot be planned; what not even can be held comes back in a minute."""
        try:
            return hold_unplanned(state, one.id, now, self._chance)
        except Exception:  # noqa: BLE001 - logged, and tried again in a minute
            _log.exception("hold failed", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
            return None

    def _written(self, one: Claimed, change: Change, verdict: Written, now: datetime) -> None:
        self._desk.on_written(change)
        self._asked_for = self._asked_for or bool(change.errands)
        if change.wire is None and change.shares is None:
            return
        if one.due_at is not None and change.begun:
            late = (now - one.due_at).total_seconds()
            self._metrics.due_to_attempt_seconds.observe(max(0.0, late))
        if change.wire is not None:
            self._wire.start(self._performer.perform, change, verdict.sender)


async def _done(work: Coroutine[Any, Any, None]) -> None:
    """Do work that was given as a coroutine, in a task of ours."""
    await work
