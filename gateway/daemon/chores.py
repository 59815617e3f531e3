"""What timers do beside the daemon, shown by it: backups and probes (decision 0050)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from gateway.clock import Clock
from gateway.daemon.probing import Channel, Connect, Found
from gateway.domain.masking import mask
from gateway.metrics import Metrics
from gateway.store import chores
from gateway.store.chores import Chore, Kind
from gateway.store.pool import Connection

_log = structlog.get_logger(__name__)
_KINDS: Final[Mapping[Channel, Kind]] = {"text": "probe_text", "call": "probe_call"}


@dataclass(frozen=True, slots=True)
class Record:
    """Where a probe of a phone on a schedule is put down; one by hand (`every` None) is not.

    What cannot be put down is logged: the test was made, and its own figures tell of it.
    """

    connect: Connect
    phone: str
    every: timedelta | None
    clock: Clock

    async def expect(self, channels: Iterable[Channel]) -> None:
        """Have it missed when no test of these is made for long."""
        every = self.every
        if every is None:
            return

        async def all_of_them(conn: Connection) -> None:
            for one in channels:
                await chores.expect(conn, _KINDS[one], self.phone, every, self.clock.now())

        await self._put_down(all_of_them)

    async def note(self, found: Found) -> None:
        """Put down what came of a test; one that was not made shows nothing."""
        if self.every is None or found.result == "unmade":
            return
        kind, well, now = _KINDS[found.channel], found.result == "arrived", self.clock.now()
        done = Chore(kind, self.phone, now, well, None, found.seconds, self.every)
        await self._put_down(lambda conn: chores.note(conn, done))

    async def _put_down(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        try:
            conn = await self.connect()
            try:
                await work(conn)
            finally:
                await conn.close()
        except chores.NOT_NOTED as fault:
            _log.warning("not put down", action="probe.unnoted", fault=type(fault).__name__)


def show(metrics: Metrics, known: Iterable[Chore]) -> None:
    """Set the gauges of backups and probes to what stands in the store; times since 1970."""
    gone = (metrics.probe_success, metrics.probe_seconds, metrics.probe_at_seconds)
    backups = metrics.backup_success, metrics.backup_good_at_seconds
    for gauge in (*gone, metrics.probe_every_seconds, *backups):
        gauge.clear()
    for chore in known:
        if chore.kind == "backup":
            _show_backup(metrics, chore)
        else:
            _show_probe(metrics, chore)


def _show_backup(metrics: Metrics, chore: Chore) -> None:
    if chore.well is not None:
        metrics.backup_success.labels(chore.place).set(chore.well)
    if chore.well_at is not None:
        metrics.backup_good_at_seconds.labels(chore.place).set(chore.well_at.timestamp())


def _show_probe(metrics: Metrics, chore: Chore) -> None:
    channel, phone = chore.kind.removeprefix("probe_"), mask(chore.place)
    metrics.probe_at_seconds.labels(channel, phone).set(chore.tried_at.timestamp())
    if chore.well is not None:
        metrics.probe_success.labels(channel, phone).set(chore.well)
    if chore.seconds is not None:
        metrics.probe_seconds.labels(channel, phone).set(chore.seconds)
    every = chore.every.total_seconds() if chore.every else 0.0
    metrics.probe_every_seconds.labels(channel, phone).set(every)
