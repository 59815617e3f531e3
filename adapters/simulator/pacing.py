"""The carrier on real time: whatever is due is performed at once, each call and phone in turn."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.simulator.agenda import Agenda, Entry
from adapters.simulator.carrier import Carrier

LOG = logging.getLogger("adapters.simulator")


def running_clock(epoch: datetime | None) -> Callable[[], datetime]:
    """Give a clock that starts at `epoch` (None: the host says) and runs with the loop."""
    if epoch is None:
        # The one place that reads the host's clock: a process of its own has nobody to ask.
        epoch = datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)
    first = epoch if epoch.tzinfo else epoch.replace(tzinfo=UTC)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    return lambda: first + timedelta(seconds=loop.time() - begun)


@dataclass(slots=True)
class Pacing:
    """Performs a carrier's agenda as real time passes.

    Entries of one lane (a call, a text, a phone) follow one another; lanes do not wait for
    each other, so a slow webhook holds up nobody else.
    """

    carrier: Carrier
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: dict[str, deque[Entry]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Perform for ever; cancel to end."""
        agenda = self.carrier.core.agenda
        agenda.woken = self._woken.set
        try:
            while True:
                await self._turn(agenda)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _turn(self, agenda: Agenda) -> None:
        self._woken.clear()
        while (entry := agenda.pop(self.carrier.clock())) is not None:
            self._start(entry)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._patience(agenda.next_instant()))

    def _patience(self, instant: datetime | None) -> float | None:
        if instant is None:
            return None
        return max((instant - self.carrier.clock()).total_seconds(), 0)

    def _start(self, entry: Entry) -> None:
        waiting = self._lanes.get(entry.lane)
        if waiting is not None:
            waiting.append(entry)
            return
        self._lanes[entry.lane] = deque([entry])
        task = asyncio.create_task(self._drain(entry.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, lane: str) -> None:
        entries = self._lanes[lane]
        while entries:
            entry = entries.popleft()
            if not entry.dropped:
                await self._perform(entry)
        del self._lanes[lane]

    async def _perform(self, entry: Entry) -> None:
        try:
            await entry.action(entry.at)
        except Exception:
            LOG.exception("action=perform lane=%s failed", entry.lane)
