"""Breakers in the store, where all processes meet: what each heard, and who may probe."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID

from gateway.domain.breakers import CLOSED, Breaker, Heard, Line, hear, probe
from gateway.domain.change import ErrandKind
from gateway.store.pool import Connection, untangled
from gateway.store.queries import load

_queries = load("breakers")
_errands = load("jobs")
_AT_ONCE: Final = 500

Alert: TypeAlias = Callable[[Sequence[Line]], Sequence[tuple[UUID, str]]]
"""Says in words, with the ids of the errands that tell them, which lines opened."""


@dataclass(slots=True)
class Told:
    """How lines stand after what was heard: all of them, and those that opened or closed by it."""

    lines: dict[Line, Breaker] = field(default_factory=dict)
    opened: list[Line] = field(default_factory=list)
    closed: list[Line] = field(default_factory=list)


async def load_all(conn: Connection) -> dict[Line, Breaker]:
    """Read every line that is not as good as new."""
    rows = await conn.fetch(_queries.load_breakers)
    return {Line(*row[:2]): Breaker(*row[2:]) for row in rows}


async def tell(
    conn: Connection, heard: Mapping[Line, Sequence[Heard]], now: datetime, alert: Alert
) -> Told:
    """Put on record what requests showed, in the order in which they ended.

    A lead is alerted of what opened by it. Jobs that wait for a channel are due as soon as one of
    its lines closes (some at a time, after the word on the line), and one of them when it may be
    probed.
    """
    told = await untangled(lambda: _tell(conn, heard, now, alert))
    for channel in sorted({line.channel for line in told.closed}):
        await _wake(conn, channel, now)
    return told


async def _wake(conn: Connection, channel: str, now: datetime) -> None:
    """Have those who wait for a channel planned, each lot in a transaction of its own."""
    last: UUID | None = UUID(int=0)
    while last is not None:
        lot = partial(conn.fetchval, _queries.wake_shut_out, channel, now, last, _AT_ONCE)
        last = await untangled(lot)


async def _tell(
    conn: Connection, heard: Mapping[Line, Sequence[Heard]], now: datetime, alert: Alert
) -> Told:
    told, answers = Told(), set[str]()
    async with conn.transaction():
        for line, before in (await _locked(conn, heard, add=True)).items():
            after = before
            for one in heard[line]:
                after = hear(after, one, now)
            await _keep(conn, line, after)
            told.lines[line] = after
            if after.open and not before.open:
                told.opened.append(line)
            if before.open and not after.open:
                told.closed.append(line)
            if after.open and after.answers > before.answers:
                answers.add(line.channel)
        for channel in sorted(answers):
            await conn.execute(_queries.wake_first, channel, now)
        for errand, text in alert(told.opened):
            payload = {"sink": "lead", "reason": "carrier_down", "text": text}
            await conn.execute(_errands.add_errand, errand, ErrandKind.ALERT.value, payload, now)
    return told


async def _locked(
    conn: Connection, lines: Collection[Line], *, add: bool = False
) -> dict[Line, Breaker]:
    """Lock lines; with `add` also those that are as good as new."""
    columns = [list(column) for column in zip(*lines, strict=True)]
    if add:
        await conn.execute(_queries.add_breakers, *columns)
    rows = await conn.fetch(_queries.lock_breakers, *columns)
    return {Line(*row[:2]): Breaker(*row[2:]) for row in rows}


async def _keep(conn: Connection, line: Line, breaker: Breaker) -> None:
    if breaker == CLOSED:
        await conn.execute(_queries.forget_breaker, *line)
    else:
        await conn.execute(_queries.keep_breaker, *line, *breaker)


async def forget_strangers(conn: Connection, ours: Collection[Line], before: datetime) -> None:
    """Forget lines that are not `ours` and were last heard of before an instant."""
    columns = [[line.channel for line in ours], [line.place for line in ours]]
    await conn.execute(_queries.forget_strangers, *columns, before)


async def claim_probe(conn: Connection, lines: Collection[Line], now: datetime) -> bool:
    """Take it upon this process to try these lines (a number's) with one request, among all."""
    async with conn.transaction():
        found = {line: one for line, one in (await _locked(conn, lines)).items() if one.open}
        tried = {line: probe(one, now) for line, one in found.items()}
        if not tried or None in tried.values():
            return False
        for line, one in tried.items():
            await _keep(conn, line, one or CLOSED)
    return True


async def give_back(conn: Connection, lines: Collection[Line]) -> None:
    """Let others try these lines: no request was made after all."""
    async with conn.transaction():
        for line, one in (await _locked(conn, lines)).items():
            await _keep(conn, line, one._replace(probed_at=None))
