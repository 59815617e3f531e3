"""What became of 10,000 due jobs at a slow carrier: read from the tables and both sides' books."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateway.domain.messages import Priority
from tests.chaos.judging import Figures, judge_requests
from tests.kit.programs import Carrier, Daemon
from tests.kit.real_house import NUMBER, RealHouse, told_too_much

# What a daemon of 10,000 accounts needs at rest, and as much again for what is under way.
MOST_MEMORY: Final = 400.0
# Jobs that wait for a channel look after a minute at least; a cue is a quarter of an hour.
_LEAD_HEARS: Final = "stopped"
_ATTEMPTS: Final = """
select id, ucn, account, contact, address, method, state, outcome, sid, started_at, round, rides,
    sender
from attempts
"""
_FIRST: Final = """
select j.priority, extract(epoch from min(a.started_at) - min(j.created_at))::float as wait,
    extract(epoch from min(a.started_at) filter (where a.outcome is distinct from 'lost'
        and a.sid is not null) - min(j.created_at))::float as reached
from jobs as j left join attempts as a on a.job = j.id
group by j.ucn, j.priority
"""
_STATES: Final = "select state, count(*) as n from messages group by state"
_MESSAGES: Final = "select count(*) as n, min(created_at) as at from jobs"


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
    tried = sum(_is_trial(one, recovered) for one in told.attempts)
    opened = daemon.process.lines("breaker.opened")
    rows = {
        "messages": f"{all_['n']:,}",
        "delivered, still open": f"{states.get('delivered', 0):,}, {states.get('open', 0):,}",
        "attempts": f"{len(told.attempts):,}",
        "slow line opened after, s": _after(opened, all_["at"]),
        "attempts that the slow carrier cost": f"{tried}",
        "doubled (0)": f"{figures.doubled}",
        "given up, yet placed (0)": f"{figures.lost_though_placed}",
        "lead alerts about lines, in all": f"{len(alerts)}, {len(house.ear.heard)}",
        "most memory of the daemon, MB": f"{memory:.0f}",
        **_waits(told.first),
    }
    return Fared(world, rows, _amiss(figures, memory, alerts, told, daemon))


def _amiss(
    figures: Figures, memory: float, alerts: Sequence[str], told: Told, daemon: Daemon
) -> dict[str, object]:
    found: dict[str, object] = {}
    if figures.doubled or figures.lost_though_placed:
        found["requests"] = figures.notes[:5]
    if memory > MOST_MEMORY:
        found["memory"] = memory
    if not alerts:
        found["lead"] = "heard nothing"
    if told.states.get("open"):
        found["open"] = told.states["open"]
    said = daemon.process.said()
    if "Traceback" in said:
        found["traceback"] = said.split("Traceback")[1][:1500]
    if words := told_too_much(said):
        found["told"] = words[:5]
    if early := _out_of_turn(told.first):
        found["out of turn"] = early
    return found


def _is_trial(one: Mapping[str, Any], recovered: datetime | None) -> bool:
    """Tell whether an attempt went to the slow carrier while it was, and was not answered."""
    slow = one["sender"] in {None, NUMBER} and (one["sid"] is None or one["state"] == "unsure")
    return slow and (recovered is None or one["started_at"] < recovered - timedelta(seconds=10))


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
    medians = [
        statistics.median(
            one["wait"] for one in first if one["priority"] == priority and one["wait"]
        )
        for priority in Priority
        if any(one["priority"] == priority and one["wait"] for one in first)
    ]
    return "" if medians == sorted(medians) else f"{medians}"


def most_memory(pid: int) -> float:
    """Return the most memory a process has had so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
