"""What became of 10,000 due jobs at a slow carrier: read from the tables and both sides' books."""

import math
import os
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateway.domain.messages import Priority
from tests.chaos.judging import Figures, judge_requests
from tests.kit.programs import Carrier, Daemon
from tests.kit.real_house import NUMBER, RealHouse, told_too_much

# What a daemon of 10,000 accounts needs at rest, and as much again for what is under way.
MOST_MEMORY: Final = 400.0
_LEAD_HEARS: Final = "stopped"
_ATTEMPTS: Final = """
select id, ucn, account, contact, address, method, state, outcome, sid, started_at, round, rides,
    sender
from attempts
"""
# Seconds since the very first attempt: until its own first one, and until the one that got through.
_FIRST: Final = """
select j.priority, extract(epoch from min(a.started_at) - min(f.at))::float as wait,
    extract(epoch from min(a.started_at) filter (where a.outcome is distinct from 'lost'
        and a.sid is not null) - min(f.at))::float as reached
from jobs as j
cross join (select min(started_at) as at from attempts) as f
left join attempts as a on a.job = j.id
group by j.ucn, j.priority
"""
_LATE: Final = """
select count(*) as n from jobs as j join messages as m using (account, month, ucn)
where j.priority = 0 and m.state <> 'delivered'
"""
_STATES: Final = "select state, count(*) as n from messages group by state"
_MESSAGES: Final = """
select (select count(*) from messages) as n, min(started_at) as at from attempts
"""


class Fared(NamedTuple):
    """A world, what is printed of it, and what was amiss."""

    world: str
    rows: Mapping[str, str]
    amiss: Mapping[str, object]


class Told(NamedTuple):
    """All that was read: attempts, first attempts, states, and the carriers' books."""

    attempts: Sequence[Mapping[str, Any]]
    first: Sequence[Mapping[str, Any]]
    states: Mapping[str, int]
    slow: Sequence[Mapping[str, Any]]
    other: Sequence[Mapping[str, Any]]


def judged(
    house: RealHouse,
    daemon: Daemon,
    second: Carrier | None,
    world: str,
    recovered: datetime | None,
) -> Fared:
    """Read what became of it all and judge it."""
    states = {str(row["state"]): int(row["n"]) for row in house.sql(_STATES)}
    slow = house.carrier.ask("ledger")["entries"]
    other = second.ask("ledger")["entries"] if second else []
    told = Told(house.sql(_ATTEMPTS), house.sql(_FIRST), states, slow, other)
    (all_,) = house.sql(_MESSAGES)
    figures = Figures(0)
    judge_requests([*slow, *other], told.attempts, figures)
    memory = most_memory(daemon.process.pid)
    alerts = [words for words in house.ear.heard if _LEAD_HEARS in words]
    tried = sum(_is_slow(one, world, recovered) for one in told.attempts)
    opened = daemon.process.lines("breaker.opened")
    rows = {
        "messages": f"{all_['n']:,}",
        "delivered, still due": f"{states.get('delivered', 0):,}, {states.get('open', 0):,}",
        "attempts": f"{len(told.attempts):,}",
        "slow line opened after, s": _after(opened, all_["at"]),
        "attempts by what was slow": f"{tried}",
        "doubled (0)": f"{figures.doubled}",
        "given up, yet placed (0)": f"{figures.lost_though_placed}",
        "lead alerts about lines, in all": f"{len(alerts)}, {len(house.ear.heard)}",
        "most memory of the daemon, MB": f"{memory:.0f}",
        **_waits(told.first),
        "load average": f"{os.getloadavg()[0]:.1f}",
    }
    found = _amiss(figures, memory, told, daemon)
    (late,) = house.sql(_LATE)
    found |= {"emergencies": late["n"]} if late["n"] else {}
    found |= {} if alerts else {"lead": "heard nothing"}
    return Fared(world, rows, found)


def _amiss(figures: Figures, memory: float, told: Told, daemon: Daemon) -> dict[str, object]:
    found: dict[str, object] = {}
    if figures.doubled or figures.lost_though_placed:
        found["requests"] = figures.notes[:5]
    if memory > MOST_MEMORY:
        found["memory"] = memory
    said = daemon.process.said()
    if "Traceback" in said:
        found["traceback"] = said.split("Traceback")[1][:1500]
    if words := told_too_much(said):
        found["told"] = words[:5]
    if early := _out_of_turn(told.first):
        found["out of turn"] = early
    return found


def _is_slow(one: Mapping[str, Any], world: str, recovered: datetime | None) -> bool:
    """Tell whether an attempt went where answers were slow, while they were."""
    slow = one["sender"] == NUMBER and (one["method"] == "call" or world != "calls")
    return slow and (recovered is None or one["started_at"] < recovered)


def _after(opened: Sequence[Mapping[str, Any]], began: datetime) -> str:
    """Say how long after the first attempts each line was found dead."""
    waits = [datetime.fromisoformat(one["at"]) - began for one in opened]
    named = [
        f"{one['channel']} {wait.total_seconds():.0f}"
        for one, wait in zip(opened, waits, strict=True)
    ]
    return ", ".join(named[:4]) or "never"


def _waits(first: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found = {}
    for priority in Priority:
        waits = sorted(
            one["reached"] for one in first if one["priority"] == priority and one["reached"]
        )
        if waits:
            words = f"{statistics.median(waits):.0f}, {waits[int(len(waits) * 0.99)]:.0f}"
            found[f"{priority.word}: reached after, median and p99, s"] = (
                f"{words}, {waits[-1]:.0f}"
            )
    return found


def _out_of_turn(first: Sequence[Mapping[str, Any]]) -> str:
    """Say so where the less urgent were begun sooner than the more urgent, in the median."""
    waits: dict[int, list[float]] = {}
    for one in first:
        waits.setdefault(one["priority"], []).append(
            math.inf if one["wait"] is None else one["wait"]
        )
    medians = [statistics.median(waits[priority]) for priority in sorted(waits)]
    return "" if medians == sorted(medians) else f"{medians}"


def most_memory(pid: int) -> float:
    """Return the most memory a process has had so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
