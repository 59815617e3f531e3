"""Planning: what was claimed is decided on, and what was decided is written, before the wire."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

import structlog

from gateway.daemon.numbers import Numbers
from gateway.daemon.trials import Trials
from gateway.domain.chance import Chance
from gateway.domain.change import CallOut, Change, TextOut
from gateway.domain.dispatch import next_step
from gateway.domain.messages import Priority
from gateway.domain.sharing import Planned, Rules, share
from gateway.domain.state import State
from gateway.domain.stranded import hold_unplanned
from gateway.metrics import Metrics
from gateway.store import jobs, stranded
from gateway.store.claims import channel_of
from gateway.store.desk import Desk
from gateway.store.jobs import Claimed
from gateway.store.pool import Connection
from gateway.store.verdicts import NoToken, Written
from gateway.store.waiting import Waiter
from gateway.tracing import step

_log = structlog.get_logger(__name__)
# So many are planned before anybody else of this process may go on: a few thousandths of a second.
_AT_ONCE: Final = 50
_PLANS: Final = 6
_AGAIN: Final = timedelta(seconds=2)
_PUT_OFF: Final = timedelta(minutes=1)
# Who waits for a number is looked at again after as long as it has waited, but at least and at most
# after so long: most of what is seen by that is seen when it is called up.
_LOOK_AGAIN: Final = timedelta(minutes=1)
_LOOK_AGAIN_BY: Final = timedelta(minutes=5)
Begin: TypeAlias = Callable[[Change, str | None], None]
"""Goes on with a change that is written, and the number that was granted to it."""


class Minds(NamedTuple):
    """What decisions are made with, and counted by."""

    chance: Chance
    rules: Rules
    metrics: Metrics


class Planning:
    """Decides on jobs that this boot has claimed, many at a time, and writes what it decided."""

    def __init__(self, desk: Desk, minds: Minds, boot: int, begin: Begin) -> None:
        """`begin` is called with each change as soon as it is on record."""
        self.numbers = Numbers(desk, boot)
        self._desk = desk
        self._minds = minds
        self._boot = boot
        self._begin = begin
        # Batches are decided one after another, so that one is written while the next is decided.
        # Taking turns job by job they fall into step: all decide, then all wait for the database.
        self._mind = asyncio.Lock()

    async def plan(
        self, conn: Connection, claimed: Sequence[Claimed], now: datetime, called: str | None = None
    ) -> bool:
        """Plan and intend claimed jobs; what was stale is planned again on what is there now.

        `called`: the channel that they were called up for. Tells whether any was held because its
        message is missing.
        """
        left, held = list(claimed), False
        for _ in range(_PLANS):
            if not left:
                return held
            batch, left = jobs.one_a_message(left)
            states = await self._desk.states.of_claimed(conn, batch, now)
            gone = [one for one in batch if one.key not in states]
            held = held or bool(gone)
            await self._hold_stranded(conn, gone, now)
            there = [(one, states[one.key]) for one in batch if one.key in states]
            left += await self._intend(conn, there, now, called)
        # What is refused again and again is looked at anew in a moment, never in a hot loop.
        soon = now + _AGAIN
        await jobs.postpone(conn, self._boot, {one.id: soon for one in left})
        return held

    async def _intend(
        self,
        conn: Connection,
        there: Sequence[tuple[Claimed, State]],
        now: datetime,
        called: str | None,
    ) -> list[Claimed]:
        """Plan a batch, write its intents, start its wire requests; return what must be replanned.

        Who needs a number that others wait for joins them untried; so does who is refused one.
        """
        trials = Trials(self._desk.outages, now)
        async with self._mind:
            with step("plan", jobs=len(there)):
                decided = await self._decided(there, now, trials)
                planned = [
                    (one, Planned(state, one.id, change))
                    for one, state, change in decided
                    if change is not None
                ]
                waits, trying = self._parted(planned, called, now)
                alone = [one for _, one in trying]
                shared = len(alone) > 1
                changes = self._shared(alone, now) if shared else [one.change for one in alone]
        with step("intend", changes=len(changes)):
            verdicts = await trials.write(conn, changes)
        again: list[Claimed] = []
        for (one, plan), change, verdict in zip(trying, changes, verdicts, strict=True):
            if isinstance(verdict, Written):
                self._written(one, change, verdict, now)
            elif isinstance(verdict, NoToken):
                self.numbers.busy(verdict)
                waits.append(_waiter(one, plan, now))
            else:
                again.append(one.anew())
        await self.numbers.join(conn, waits, now)
        put_off = [one.id for one, _, change in decided if change is None]
        await jobs.postpone(conn, self._boot, dict.fromkeys(put_off, now + _PUT_OFF))
        return again

    def _parted(
        self, planned: Sequence[tuple[Claimed, Planned]], called: str | None, now: datetime
    ) -> tuple[list[Waiter], list[tuple[Claimed, Planned]]]:
        """Part those who join others waiting for a number from those who are tried.

        Tried is who was called up, and who plans on a line that is shut: it may be its probe.
        """
        tried = {called, *self._desk.outages.shut(now)}
        waits: list[Waiter] = []
        trying: list[tuple[Claimed, Planned]] = []
        for one, plan in planned:
            channel = channel_of(plan.change.wire)
            if channel is not None and channel not in tried and self.numbers.awaited(channel):
                waits.append(_waiter(one, plan, now))
            else:
                trying.append((one, plan))
        return waits, trying

    def _shared(self, alone: Sequence[Planned], now: datetime) -> list[Change]:
        """Put together what goes to the same person by the same means (S3-67)."""
        try:
            return share(alone, now, self._minds.chance, self._minds.rules)
        except Exception:  # noqa: BLE001 - logged; everybody is reached, if one by one
            _log.exception("sharing failed", action="share.failed", jobs=len(alone))
            return [one.change for one in alone]

    async def _hold_stranded(
        self, conn: Connection, batch: Sequence[Claimed], now: datetime
    ) -> None:
        """A job whose message is not there is held for a lead, never a crash loop (S3-33)."""
        if not batch:
            return
        for one in batch:
            _log.error("message missing", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
        await stranded.hold(conn, self._boot, [one.job for one in batch], now, self._minds.chance)

    async def _decided(
        self, there: Sequence[tuple[Claimed, State]], now: datetime, trials: Trials
    ) -> list[tuple[Claimed, State, Change | None]]:
        """Plan jobs, letting others go on in between: a webhook must not wait for a storm.

        Each comes with the state that it was decided on.
        """
        decided: list[tuple[Claimed, State, Change | None]] = []
        for first in range(0, len(there), _AT_ONCE):
            if first:
                await self._desk.clock.sleep(0)
            some = there[first : first + _AT_ONCE]
            for one, there_now in some:
                seen = self._seen(there_now, one, trials)
                decided.append((one, seen, self._decide(seen, one, now, trials)))
        return decided

    def _seen(self, state: State, one: Claimed, trials: Trials) -> State:
        """Return a state with what is known of the lines and of the clock."""
        seen = trials.seen_by(state, one.id)
        return seen._replace(doubtful=True) if self._desk.clock.doubtful() else seen

    def _decide(self, state: State, one: Claimed, now: datetime, trials: Trials) -> Change | None:
        """Plan a job; one that cannot be planned is held and never stops the others (S3-33)."""
        try:
            if state.job(one.id).state.terminal:
                self._minds.metrics.stale_cue_total.inc()  # its cue does nothing (S3-28)
            change = next_step(state, one.id, now, self._minds.chance)
        except Exception:  # noqa: BLE001 - logged, and left to people
            _log.exception("plan failed", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
            return self._held_instead(state, one, now)
        trials.note(change)
        return change

    def _held_instead(self, state: State, one: Claimed, now: datetime) -> Change | None:
        """Hold what cannot be planned; what not even can be held comes back in a minute."""
        try:
            return hold_unplanned(state, one.id, now, self._minds.chance)
        except Exception:  # noqa: BLE001 - logged, and tried again in a minute
            _log.exception("hold failed", action="plan.failed", ucn=one.key.ucn, job=str(one.id))
            return None

    def _written(self, one: Claimed, change: Change, verdict: Written, now: datetime) -> None:
        self._desk.on_written(change)
        on_its_way = change.wire is not None or change.shares is not None
        if on_its_way and one.due_at is not None and change.begun:
            late = (now - one.due_at).total_seconds()
            self._minds.metrics.due_to_attempt_seconds.observe(max(0.0, late))
        self._begin(change, verdict.sender)


def _waiter(one: Claimed, plan: Planned, now: datetime) -> Waiter:
    """Put down whom a step that found no number free was to reach."""
    wire = plan.change.wire
    assert isinstance(wire, CallOut | TextOut)  # noqa: S101 - nothing else needs a number
    waited = now - (one.due_at or now)
    most = _LOOK_AGAIN if one.job.priority is Priority.EMERGENCY else _LOOK_AGAIN_BY
    checks = [a.check_at for a in plan.state.attempts if a.ended_at is None and a.check_at > now]
    until = min([now + min(max(waited, _LOOK_AGAIN), most), *checks])
    return Waiter(one.id, channel_of(wire) or "", wire.to, until)
