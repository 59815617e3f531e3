"""What happens when: a deterministic queue of actions on anybody's clock."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

Action = Callable[[datetime], Awaitable[None]]
USUAL, LIMIT, LAST = 1, 8, 9


@dataclass(order=True, slots=True)
class Entry:
    """One action at one instant; `lane` names whom it belongs to (a call, a text, a phone)."""

    at: datetime
    rank: int
    serial: int
    lane: str = field(compare=False)
    action: Action = field(compare=False)
    dropped: bool = field(compare=False, default=False)

    def drop(self) -> None:
        """Take it back; an entry that was already performed does not mind."""
        self.dropped = True


def _nobody() -> None:
    """Stand in for a waker where nobody sleeps."""


class Agenda:
    """Actions in order of instant, then rank, then arrival; lower ranks win an equal instant."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._serial = 0
        self.woken: Callable[[], None] = _nobody

    def add(self, at: datetime, lane: str, action: Action, rank: int = USUAL) -> Entry:
        """Plan an action; the returned entry can be dropped."""
        self._serial += 1
        entry = Entry(at, rank, self._serial, lane, action)
        heapq.heappush(self._heap, entry)
        self.woken()
        return entry

    async def wait(self, until: datetime) -> None:
        """Wait on this clock; whoever owns it must move it on meanwhile."""
        reached = asyncio.get_running_loop().create_future()

        async def reach(_: datetime) -> None:
            if not reached.done():
                reached.set_result(None)

        self.add(until, "", reach)
        await reached

    def next_instant(self) -> datetime | None:
        """Give the earliest instant at which something is planned."""
        while self._heap and self._heap[0].dropped:
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def pop(self, now: datetime) -> Entry | None:
        """Take the next entry that is due at `now`, or nothing."""
        instant = self.next_instant()
        if instant is None or instant > now:
            return None
        return heapq.heappop(self._heap)

    def pop_lane(self, lane: str, now: datetime) -> Entry | None:
        """Take the next due entry of one lane only, ahead of all others."""
        mine = [e for e in self._heap if e.lane == lane and not e.dropped and e.at <= now]
        if not mine:
            return None
        entry = min(mine)
        self._heap.remove(entry)
        heapq.heapify(self._heap)
        return entry
