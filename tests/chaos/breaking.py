"""Breaking: every trouble of a story is brought about and ended, each at its time."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

from tests.chaos.daemon import SHIFT
from tests.chaos.story import Trouble
from tests.chaos.world import CLOCK, Member, World

Rows = Sequence[Mapping[str, Any]]
_STEP: Final = "update chaos.step set seconds = seconds + $1"
_BACKENDS: Final = "select pid from pg_stat_activity where usename like 'chaos%' order by pid"
_DRAINS: Final = 15.0
# All daemons may be stopped, killed or cut off at once, but none for as long.
_NO_BACKEND: Final = 120.0
# What goes wrong at the carrier, and how that ends; {lasts} in seconds.
_CARRIER: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "carrier_down": ({"down_for": "{lasts}s"}, {}),
    "carrier_slow": ({"latency": "11s"}, {"latency": "0s"}),
    "carrier_late": ({"latency": "0.5s"}, {"latency": "0s"}),
    "carrier_breaks": (
        {"rates": {"error_before": 0.1, "error_after": 0.1, "drop": 0.1, "refuse": 0.1}},
        {"rates": {}},
    ),
    "carrier_limits": ({"rates": {"limit": 0.5}}, {"rates": {}}),
    "callbacks_lost": ({"lose_callbacks_for": "{lasts}s"}, {}),
    "callbacks_late": (
        {"late": 0.4, "late_by": "3s", "doubled": 0.4, "disordered": 0.3},
        {"late": 0, "doubled": 0, "disordered": 0},
    ),
}


@dataclass(slots=True)
class Weather:
    """What is broken at this moment, and since when what all share is whole again."""

    shared: set[str] = field(default_factory=set)
    whole_since: float = 0.0
    broken: dict[int, float] = field(default_factory=dict)
    mended: dict[int, float] = field(default_factory=dict)

    def fine(self, now: float, grace: float) -> bool:
        """Tell whether nothing that all share is broken, nor was within `grace` seconds."""
        return not self.shared and now - self.whole_since >= grace


@dataclass(slots=True)
class Breaker:
    """Brings troubles about; `weather` says what is broken now."""

    world: World
    weather: Weather = field(default_factory=Weather)
    on_down: Callable[[Member], None] = lambda _: None
    count: dict[str, int] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)

    async def run(self, trouble: Trouble) -> None:
        """Break something, wait, and mend it."""
        self.count[trouble.kind] = self.count.get(trouble.kind, 0) + 1
        began = CLOCK.now()
        if trouble.target is None:
            await self._shared(trouble)
        else:
            await self._to_one(self.world.members[trouble.target], trouble)
        self.log.append({**asdict(trouble), "began": began, "ended": CLOCK.now()})

    async def _to_one(self, member: Member, trouble: Trouble) -> None:
        async with member.trouble:
            self.weather.broken[member.number] = CLOCK.monotonic()
            self.on_down(member)
            await _OF_ONE[trouble.kind](self, member, trouble)
            self.weather.broken.pop(member.number, None)
            self.weather.mended[member.number] = CLOCK.monotonic()

    async def mend(self) -> None:
        """See to it that nothing stays broken: all daemons run, all gates are open."""
        await self.world.carrier("faults", {"clear": True})
        for member in self.world.members:
            async with member.trouble:
                member.gate.turn("open")
                if member.daemon.process.exit_code is not None:
                    member.daemon.process.start()

    async def _shared(self, trouble: Trouble) -> None:
        self.weather.shared.add(trouble.kind)
        try:
            await self._break_shared(trouble)
        finally:
            self.weather.shared.discard(trouble.kind)
            self.weather.whole_since = CLOCK.monotonic()

    async def _break_shared(self, trouble: Trouble) -> None:
        if trouble.kind in _CARRIER:
            begin, end = _CARRIER[trouble.kind]
            lasts = {"{lasts}s": f"{trouble.lasts}s"}
            told = {k: lasts.get(v, v) if isinstance(v, str) else v for k, v in begin.items()}
            await self.world.carrier("faults", told)
            await CLOCK.sleep(trouble.lasts)
            await self.world.carrier("faults", end)
        elif trouble.kind == "postgres":
            await asyncio.to_thread(self.world.server.kill)
            await CLOCK.sleep(trouble.lasts)
            await asyncio.to_thread(self.world.server.start)
        elif trouble.kind == "backend":
            await self._kill_any(int(trouble.lasts * 1e6))
        else:
            await self.world.sql(_STEP, trouble.amount)
            await CLOCK.sleep(trouble.lasts)
            if trouble.kind == "behind":  # corrected; a clock set ahead stays so
                await self.world.sql(_STEP, -trouble.amount)

    async def _kill_any(self, number: int) -> None:
        """Kill one of the daemons' backends; daemons that are down for long may have none."""
        end = CLOCK.monotonic() + _NO_BACKEND
        while not await kill_backend(self.world.sql, number):
            assert CLOCK.monotonic() < end, "no daemon has a backend that could be killed"
            await CLOCK.sleep(0.1)

    async def kill(self, member: Member, trouble: Trouble) -> None:
        """`kill -9`, and start it again; with `amount`, on a wall clock that is wrong by that."""
        process = member.daemon.process
        process.signal(signal.SIGKILL)
        await CLOCK.sleep(trouble.lasts)
        await self._ended(member, 5)
        process.env = {**process.env, SHIFT: str(trouble.amount)}
        process.start()
        await self._ready(member)

    async def stop(self, member: Member, trouble: Trouble) -> None:
        """Stop it for longer than its lease, and wake it."""
        member.daemon.process.signal(signal.SIGSTOP)
        await CLOCK.sleep(trouble.lasts)
        member.daemon.process.signal(signal.SIGCONT)

    async def term(self, member: Member, trouble: Trouble) -> None:
        """Tell it to end; what takes too long is told twice."""
        process = member.daemon.process
        process.signal(signal.SIGTERM)
        if not await self._ended(member, _DRAINS):
            process.signal(signal.SIGTERM)
            await self._ended(member, _DRAINS)
        await CLOCK.sleep(trouble.lasts)
        process.start()
        await self._ready(member)

    async def spoil(self, member: Member, trouble: Trouble) -> None:
        """Spoil its way to the database."""
        member.gate.turn(trouble.kind)
        await CLOCK.sleep(trouble.lasts)
        member.gate.turn("open")

    async def _ended(self, member: Member, seconds: float) -> bool:
        return await _until(lambda: member.daemon.process.exit_code is not None, seconds)

    async def _ready(self, member: Member) -> None:
        """A daemon that was started counts as broken until it is ready, for half a minute."""
        member.ready = False
        await _until(lambda: member.ready, 30)


async def _until(holds: Callable[[], bool], seconds: float) -> bool:
    end = CLOCK.monotonic() + seconds
    while not holds():
        if CLOCK.monotonic() > end:
            return False
        await CLOCK.sleep(0.1)
    return True


_Way = Callable[[Breaker, Member, Trouble], Awaitable[None]]
_OF_ONE: Final[Mapping[str, _Way]] = {
    "kill": Breaker.kill,
    "shifted": Breaker.kill,
    "stop": Breaker.stop,
    "term": Breaker.term,
    **dict.fromkeys(("cut", "stall", "delay", "half_open"), Breaker.spoil),
}


async def kill_backend(ask: Callable[[str], Awaitable[Rows]], number: int) -> bool:
    """Kill one of the daemons' backends; False when there is none, or it has just ended."""
    rows = await ask(_BACKENDS)
    if not rows:
        return False
    try:
        os.kill(rows[number % len(rows)]["pid"], signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


async def begin(world: World) -> None:
    """Start all daemons and wait until each is ready."""
    for member in world.members:
        member.daemon.process.start()
    ready = partial(_until, lambda: all(one.ready for one in world.members), 60)
    assert await ready(), [one.daemon.process.said()[-2000:] for one in world.members]
