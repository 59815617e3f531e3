"""Trials: while a line is open, one attempt at a time tries it; the others go another way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from gateway.domain.change import Change
from gateway.domain.messages import Priority
from gateway.domain.state import State
from gateway.store.changes import write
from gateway.store.claims import channel_of
from gateway.store.outages import Outages
from gateway.store.pool import Connection
from gateway.store.verdicts import STALE, Verdict, Written

_log = structlog.get_logger(__name__)


class Trials:
    """One batch of decisions: which channels each may count on, and which of them is a probe."""

    def __init__(self, outages: Outages, now: datetime) -> None:
        self._outages = outages
        self._now = now
        self._shut: Mapping[str, datetime] = outages.shut(now)
        self._probes: Mapping[str, str] = outages.to_probe(now)
        self._left = {one for one in self._probes if one in self._shut}
        found = {c: outages.most_urgent(c, one, now) for c, one in self._probes.items()}
        self._most_urgent = {c: one for c, one in found.items() if one is not None}

    def seen_by(self, state: State, job: UUID) -> State:
        """Return the state as a job's decision shall see it: a free probe is a way out."""
        if not self._shut:
            return state
        priority = state.job(job).priority
        ways = {one for one in self._left if self._may_probe(one, priority)}
        return state._replace(shut={c: at for c, at in self._shut.items() if c not in ways})

    def _may_probe(self, channel: str, priority: Priority) -> bool:
        return priority >= self._most_urgent.get(channel, Priority.ROUTINE)

    def note(self, change: Change | None) -> None:
        """Note what was decided: the first to use a channel that is shut is its probe."""
        if self._left and change is not None:
            self._left.discard(channel_of(change.wire) or "")

    async def write(self, conn: Connection, changes: Sequence[Change]) -> list[Verdict]:
        """Write a batch; what is to be a probe by itself, if no other process has one under way.

        The probes come last: when they cannot be written, what was written before is begun.
        """
        verdicts: dict[int, Verdict] = {}
        claimed: dict[tuple[str, str], list[int]] = {}
        for channel, number in self._probes.items():
            places = self._party(changes, channel)
            if places and await self._outages.claim_probe(conn, channel, number, self._now):
                claimed[channel, number] = places
            elif channel in self._shut:
                verdicts |= dict.fromkeys(places, STALE)
        taken = {n for places in claimed.values() for n in places} | verdicts.keys()
        rest = [n for n in range(len(changes)) if n not in taken]
        rates = self._outages.rates(self._now)
        those = [changes[n] for n in rest]
        verdicts |= zip(rest, await write(conn, those, self._now, rates, wake=False), strict=True)
        for sender, places in claimed.items():
            party = [changes[n] for n in places]
            verdicts |= zip(places, await self._probe(conn, sender, party), strict=True)
        return [verdicts[n] for n in range(len(changes))]

    def _party(self, changes: Sequence[Change], channel: str) -> list[int]:
        """Choose the probe: what counts on it, else what is least urgent; with whoever shares it.

        While another number is sound nothing urgent is made to pay for the trial.
        """
        able = [n for n, one in enumerate(changes) if channel_of(one.wire) == channel]
        if channel in self._shut:
            return _sharing(changes, able[0]) if able else []
        parties = [_sharing(changes, n) for n in reversed(able)]
        fit = [
            one
            for one in parties
            if self._may_probe(channel, min(_urgency(changes[n]) for n in one))
        ]
        return max(fit, key=lambda one: min(_urgency(changes[n]) for n in one), default=[])

    async def _probe(
        self, conn: Connection, sender: tuple[str, str], party: Sequence[Change]
    ) -> Sequence[Verdict]:
        """Write a probe; what cannot be written now is planned anew on what is there then."""
        channel, number = sender
        only = self._outages.only(channel, number)
        try:
            verdicts = await write(conn, party, self._now, only, wake=False)
        except Exception as fault:  # noqa: BLE001 - logged; its claim is void after some seconds
            _log.error("probe not written", action="probe.failed", fault=repr(fault))
            return [STALE] * len(party)
        if not all(isinstance(one, Written) for one in verdicts):
            await self._outages.give_back(conn, channel, number, self._now)
        return verdicts


def _sharing(changes: Sequence[Change], chosen: int) -> list[int]:
    """Return the places of a change and of those that share its call or text."""
    shares = changes[chosen].shares
    return [n for n, one in enumerate(changes) if n == chosen or (shares and one.shares == shares)]


def _urgency(change: Change) -> Priority:
    return min((job.priority for job in change.jobs), default=Priority.EMERGENCY)
