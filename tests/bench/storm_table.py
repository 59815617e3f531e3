"""What became of a storm: read from the database, and put in words."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from gateway.domain.messages import Priority
from gateway.store.pool import Connection

_WAITS: Final = """
select j.priority, j.account, extract(epoch from coalesce(a.at, $2) - j.created_at)::float as wait,
    a.at is not null as begun
from jobs as j
left join (select job, min(started_at) as at from attempts group by job) as a on a.job = j.id
where j.created_at >= $1
"""
_CALLS: Final = """
select count(*) from attempts
where method = 'call' and (rides is null or rides = id) and started_at >= $1
"""

# Each claim counts the fence on, and each job that is claimed is planned.
_CLAIMS: Final = "select coalesce(sum(fence), 0) from jobs where created_at >= $1"


class Waited(NamedTuple):
    """One message: how urgent, whose, how long until its first attempt, and whether it had one."""

    priority: int
    account: str
    seconds: float
    begun: bool


class Waits(NamedTuple):
    """All messages of a storm, how many calls were placed, and jobs claimed for them."""

    messages: list[Waited]
    calls: int
    claims: int


class Fared(NamedTuple):
    """What the callers heard during the storm and after, what it took, and who waited how long."""

    messages: int
    heard: dict[str, Any]
    after: dict[str, Any]
    burned: dict[str, float]
    memory: dict[str, float]
    waits: Waits
    load: float


async def waits(conn: Connection, began: datetime, now: datetime) -> Waits:
    """Read how long each message since then waited, or has waited so far."""
    messages = [Waited(*row) for row in await conn.fetch(_WAITS, began, now)]
    counts = [int(await conn.fetchval(sql, began)) for sql in (_CALLS, _CLAIMS)]
    return Waits(messages, *counts)


def rows(fared: Fared) -> Iterator[tuple[str, str]]:
    """Say what was measured, a line each."""
    seconds = fared.heard["seconds"]
    taken = len(fared.heard["took"]["POST"]) - sum(fared.heard["refused"].values())
    yield "messages taken, a second", f"{taken:,}, {taken / seconds:.0f}"
    if fared.heard["refused"]:
        words = ", ".join(f"{status}: {n}" for status, n in fared.heard["refused"].items())
        yield "requests refused or lost", words
    for kind, took in fared.heard["took"].items():
        yield f"{kind} p50, p99 and longest, ms", _times(took)
    yield (
        "requests after the storm: p50, p99 and longest, ms",
        _times(sorted(fared.after["took"]["POST"] + fared.after["took"]["GET"])),
    )
    for name, used in fared.burned.items():
        per = used / fared.messages * 1e6
        yield f"{name}: share of a core, µs a message", f"{used / seconds:.0%}, {per:.0f}"
    for name, most in fared.memory.items():
        yield f"{name}: most memory, MB", f"{most:.0f}"
    yield from _waited(fared.waits)
    yield "load average", f"{fared.load:.1f}"


def _waited(waits: Waits) -> Iterator[tuple[str, str]]:
    for priority in Priority:
        ours = [one for one in waits.messages if one.priority == priority]
        begun = sorted(one.seconds for one in ours if one.begun)
        yield f"{priority.word}: messages, begun", f"{len(ours):,}, {len(begun):,}"
        if begun:
            words = f"{statistics.median(begun):.1f}, {begun[-1]:.1f}"
            yield f"{priority.word}: wait of those begun, median and most, s", words
    yield from _fairness(waits.messages)
    shared = sum(one.begun for one in waits.messages)
    yield "calls placed, messages begun by them", f"{waits.calls:,}, {shared:,}"
    yield "plans a message, by then", f"{waits.claims / max(len(waits.messages), 1):.1f}"


def _fairness(waited: Sequence[Waited]) -> Iterator[tuple[str, str]]:
    """Compare accounts within a priority: what is not begun has waited until now."""
    for priority in Priority:
        by_account: dict[str, list[float]] = {}
        for one in waited:
            if one.priority == priority:
                by_account.setdefault(one.account, []).append(one.seconds)
        first = sorted(min(times) for times in by_account.values())
        if first:
            middle = max(statistics.median(first), 0.1)
            label = f"{priority.word}: wait for an account's first, median, most, ratio"
            yield label, f"{middle:.1f}, {first[-1]:.1f}, {first[-1] / middle:.1f}"


def _times(took: Sequence[float]) -> str:
    if not took:
        return "none"
    middle, most = took[len(took) // 2], took[int(len(took) * 0.99)]
    return f"{middle * 1000:.0f}, {most * 1000:.0f}, {took[-1] * 1000:.0f}"
