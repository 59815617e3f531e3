"""Watching a chaos run: what is silent past its time, and how soon another takes over."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from gateway.store.jobs import BOOT_LOCK, LEASE
from tests.chaos.breaking import Weather
from tests.chaos.world import CLOCK, Member, World

Row = Mapping[str, Any]
_LOOKS: Final = 0.25
# After something that all share was mended: a sweep, by which every daemon has noticed.
RECOVERY: Final = 5.0
_LEASE: Final = LEASE.total_seconds()
_LONG: Final = 60.0
_OVERDUE: Final = """
select j.id::text as id, j.ucn, extract(epoch from j.next_at)::float as at, j.lease_owner as boot,
    j.lease_until, j.state
from jobs as j
where j.next_at is not null and j.next_at <= clock_timestamp()
order by j.next_at limit 5000
"""
# Worked jobs whose cue has passed and for which nothing is under way, however often their next
# instant was put off since; `waits`: for a phone on another call, or for a number of ours.
_STANDS: Final = """
select m.ucn as id, m.head_seq::float as at, j.lease_owner as boot, j.state,
    (j.waits_for is not null or j.awaits is not null) as waits
from jobs as j
join messages as m on m.account = j.account and m.month = j.month and m.ucn = j.ucn
where j.state in ('pending', 'attempting', 'waiting_reply') and m.state = 'open'
    and coalesce(j.cue_at, j.due_at) <= clock_timestamp()
    and not exists (
        select 1 from attempts as a
        where a.account = j.account and a.month = j.month and a.ucn = j.ucn and a.outcome is null
    )
limit 5000
"""
_BOOTS: Final = """
select a.usename as role, l.objid::bigint as boot
from pg_locks as l join pg_stat_activity as a using (pid)
where l.locktype = 'advisory' and l.classid = $1::integer::oid and l.granted
"""


@dataclass(slots=True)
class TakeOver:
    """A daemon that is down since `since`: the leases it then held, and when one was seen last.

    `alone`: for how many seconds nobody worked who could have taken over.
    """

    member: int
    since: float
    boots: frozenset[int]
    seen: float
    leases: frozenset[tuple[str, Any]] | None = None
    held: float | None = None
    alone: float = 0.0


@dataclass(slots=True)
class Silence:
    """For how long nothing happened where something was due; and when that was seen last."""

    seconds: float
    seen: float


@dataclass(slots=True)
class Silences:
    """Those of one kind, by what they are of and since when it is; the worst, and its story."""

    worst: float = 0.0
    story: str = ""
    _lasting: dict[tuple[str, float], Silence] = field(default_factory=dict)

    def note(self, silent: Iterable[Row], counts: Callable[[Row], bool], now: float) -> None:
        """Note what is silent now; time since the last look counts where `counts` says so."""
        there = {(row["id"], row["at"]): row for row in silent}
        self._lasting = {key: one for key, one in self._lasting.items() if key in there}
        for key, row in there.items():
            one = self._lasting.setdefault(key, Silence(0.0, now))
            if counts(row):
                one.seconds += now - one.seen
                if one.seconds > self.worst:
                    self.worst, self.story = one.seconds, _told(row)
            one.seen = now


def _told(row: Row) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in row.items())
    return f"{facts}, load {os.getloadavg()[0]:.1f}"


@dataclass(slots=True)
class Watcher:
    """Looks at all due jobs four times a second, beside everything that is broken.

    `judged`: for how many seconds it could have seen a silence, as the weather was fine.
    """

    world: World
    weather: Weather
    judged: float = 0.0
    silence: Silences = field(default_factory=Silences)
    standstill: Silences = field(default_factory=Silences)
    wait: Silences = field(default_factory=Silences)
    take_overs: list[float] = field(default_factory=list)
    _boots: dict[int, int] = field(default_factory=dict)
    _looked: float | None = None
    _down: list[TakeOver] = field(default_factory=list)

    def down(self, member: Member) -> None:
        """Hear that something is done to a daemon."""
        mine = frozenset(boot for boot, number in self._boots.items() if number == member.number)
        now = CLOCK.monotonic()
        self._down.append(TakeOver(member.number, now, mine, now))

    async def run(self) -> None:
        """Look again and again, whenever the database can be asked; cancel to end."""
        while True:
            try:
                await self._looks(await self.world.connect())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await CLOCK.sleep(_LOOKS)

    async def _looks(self, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        try:
            while True:
                async with asyncio.timeout(5):
                    boots = await conn.fetch(_BOOTS, BOOT_LOCK)
                    due, standing = await conn.fetch(_OVERDUE), await conn.fetch(_STANDS)
                for row in boots:
                    self._boots[row["boot"]] = int(row["role"].rpartition("_")[2])
                self._note(due, standing, CLOCK.monotonic())
                await CLOCK.sleep(_LOOKS)
        finally:
            conn.terminate()

    def _note(self, due: Sequence[Row], standing: Sequence[Row], now: float) -> None:
        self._note_take_overs(due, now)
        fine = self.weather.fine(now, RECOVERY) and self._anybody_works(now)
        if fine and self._looked is not None:
            self.judged += now - self._looked
        self._looked = now

        def counts(row: Row) -> bool:
            return fine and not self._is_excused(row["boot"], now)

        self.silence.note(due, counts, now)
        self.standstill.note((row for row in standing if not row["waits"]), counts, now)
        self.wait.note((row for row in standing if row["waits"]), counts, now)

    def _anybody_works(self, now: float) -> bool:
        """Tell whether some daemon is whole, and has been for long enough to have noticed."""
        weather = self.weather
        return any(
            one.ready
            and one.number not in weather.broken
            and now - weather.mended.get(one.number, 0.0) >= RECOVERY
            for one in self.world.members
        )

    def _is_excused(self, boot: int | None, now: float) -> bool:
        """A job that a broken daemon holds is excused until its lease and a second are over."""
        if boot is None:
            return False
        since = [one.since for one in self._down if boot in one.boots]
        return any(now - at <= _LEASE + 1 for at in since)

    def _note_take_overs(self, due: Sequence[Row], now: float) -> None:
        works = self._anybody_works(now)
        for one in [*self._down]:
            one.alone += 0.0 if works else now - one.seen
            one.seen = now
            mine = {(row["id"], row["lease_until"]) for row in due if row["boot"] in one.boots}
            if one.leases is None:
                one.leases = frozenset(mine)
            if one.leases & mine:
                one.held = now - one.alone
            elif one.held is not None or now - one.since > _LONG:
                if one.held is not None:
                    self.take_overs.append(one.held - one.since)
                self._down.remove(one)
