"""Writing changes: many decisions in one transaction, each all or nothing, stale ones refused.

The locks are taken in one order everywhere (messages by UCN, jobs by id, sending numbers, phones,
codes, days), and never held across I/O. A batch with nothing known in its way is written at once,
and given up as a whole when something was; then, and for all else, the locks come first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import asyncpg

from gateway.domain.change import CallOut, Change, TextOut
from gateway.domain.months import NEVER, span
from gateway.store.claims import Claims, channel_of
from gateway.store.needs import NeedRow, need_rows
from gateway.store.needs import add as add_needs
from gateway.store.parts import (
    Row,
    aside_rows,
    attempt_rows,
    call_rows,
    code_rows,
    day_rows,
    edit_rows,
    flag_rows,
    job_rows,
    rows_added,
    told_rows,
)
from gateway.store.pool import Connection, untangled
from gateway.store.queries import load
from gateway.store.rates import Rates
from gateway.store.together import whole
from gateway.store.verdicts import Stale, Verdict, Written
from gateway.store.wake import words_for

_queries = load("changes")
_STALE: Final = Stale()
# The end of `write_changes` for changes that are locked and have claimed already what they need.
_CLAIMED: Final[Row] = ([], [], [], [], "", "", None, True)


# How a statement ends that found something else than was hoped for.
_IN_THE_WAY: Final = (
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
)


async def write(
    conn: Connection, changes: Sequence[Change], now: datetime, rates: Rates, *, wake: bool = True
) -> list[Verdict]:
    """Write a batch (at most one change a message) and return a verdict for each, in order.

    A change is stale when its message, one of its jobs (version or fence) or the account document
    it was planned with is no longer what was read. Without `wake` nobody is told what is due now.
    """
    if not changes:
        return []
    batch = _Batch(conn, changes, now, rates, wake)
    written = await batch.at_once() if batch.promising() else None
    return await untangled(batch.locked_first) if written is None else written


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes to write in one transaction, and how."""

    conn: Connection
    changes: Sequence[Change]
    now: datetime
    rates: Rates
    wake: bool

    def promising(self) -> bool:
        """Tell whether nothing is known to be in the way of writing all of it."""
        changes = self.changes
        if not all(_is_plain(change) for change in changes):
            return False
        phones = [row[0] for row in call_rows(changes)]
        codes = [(one.phone, one.code) for change in changes if (one := change.code)]
        alone = all(len({*claims}) == len(claims) for claims in (phones, codes, day_rows(changes)))
        return alone and not any(map(self.rates.limits, {channel_of(c.wire) for c in changes}))

    async def at_once(self) -> list[Verdict] | None:
        """Write in the hope that all is as it was read, and free; None: it is not.

        Writing locks what the other way locks first, in the same order. Where one statement does
        it all, that is the transaction.
        """
        numbered = dict(enumerate(self.changes))
        verdicts = await Claims(self.conn, self.now, self.rates).grant(numbered)
        senders = _senders(self.changes, verdicts)
        more = _More.of(self.changes)
        try:
            if more or self.conn.is_in_transaction():
                async with self.conn.transaction():
                    await self._write_all(senders)
                    await more.write(self.conn)
                    await more.tell(self.conn)
            else:
                await self._write_all(senders)
        except _IN_THE_WAY:
            return None
        return [verdicts[n] for n in numbered]

    async def _write_all(self, senders: Mapping[UUID, str]) -> None:
        """Write and claim; fails when anything is not as it was read, or taken."""
        changes = self.changes
        wires = [c.wire for c in changes]
        texted = [wire.to for wire in wires if isinstance(wire, TextOut)]
        called = [wire.to for wire in wires if isinstance(wire, CallOut)]
        days = day_rows(changes)
        await self.conn.execute(
            _queries.write_changes,
            *_core_rows(changes, senders),
            call_rows(changes),
            code_rows(changes, self.now),
            [account for account, _ in days],
            [day for _, day in days],
            " ".join((*called, *texted)),
            " ".join(texted),
            self._words(changes),
            False,
        )

    async def locked_first(self) -> list[Verdict]:
        """Lock and compare everything, claim what is needed, then write what may be written."""
        async with self.conn.transaction():
            fresh = await self._fresh()
            verdicts = await Claims(self.conn, self.now, self.rates).take(fresh)
            await self._write(verdicts)
        return [verdicts.get(n, _STALE) for n in range(len(self.changes))]

    async def _fresh(self) -> dict[int, Change]:
        """Lock messages, then jobs, and keep the changes that were planned on what is there now."""
        changes = self.changes
        messages = [(*change.key, change.head_seq, change.document) for change in changes]
        rows = await self.conn.fetch(_queries.lock_messages, messages)
        fresh = {row[0] - 1 for row in rows}
        read = [
            (job.id, job.version, job.fence, n)
            for n in fresh
            for job in (*changes[n].jobs, *changes[n].seen)
        ]
        freed = [attempt for n in fresh for attempt in changes[n].freed]
        if read or freed:
            fresh -= await self._moved(read, freed)
        return {n: changes[n] for n in sorted(whole(fresh, changes))}

    async def _moved(self, read: Sequence[Row], freed: Sequence[UUID]) -> set[int]:
        """Lock these jobs (id, version, fence, place); return the places of those not as read."""
        if freed:
            ids = [row[0] for row in read]
            locked = await self.conn.fetch(_queries.lock_jobs_and_waiting, ids, freed)
            there = {tuple(row) for row in locked}
            return {place for *job, place in read if tuple(job) not in there}
        found = [row[0] for row in await self.conn.fetch(_queries.lock_jobs, read)]
        if len(found) == len(read):
            return set()
        return set(Counter(row[3] for row in read) - Counter(found))

    async def _write(self, verdicts: Mapping[int, Verdict]) -> None:
        """Write those changes of a locked batch that may be written."""
        good = [c for n, c in enumerate(self.changes) if isinstance(verdicts.get(n), Written)]
        if not good:
            return
        senders = _senders(self.changes, verdicts)
        core = _core_rows(good, senders)
        await self.conn.execute(_queries.write_changes, *core, *_CLAIMED)
        more = _More.of(good)
        await more.write(self.conn)
        await self._write_to_others(good)
        await more.tell(self.conn)
        words = self._words(good)
        if words is not None:
            await self.conn.execute(_queries.wake, words)

    def _words(self, changes: Sequence[Change]) -> str | None:
        """Return what to tell the daemons of changes, if anything."""
        if not self.wake:
            return None
        return words_for(at for change in changes for at in _news(change, self.now))

    async def _write_to_others(self, good: Sequence[Change]) -> None:
        """Write what changes say of phones, codes and jobs that are not theirs alone."""
        flags = flag_rows(good)
        if flags:
            await self.conn.execute(_queries.flag_phones, *_columns(flags))
        seen = [job.id for change in good for job in change.seen]
        if seen:
            await self.conn.execute(_queries.count_on, seen)
        closing = [change.key.ucn for change in good if change.closes]
        if closing:
            await self.conn.execute(_queries.close_codes, closing, self.now)
        freed = [attempt for change in good for attempt in change.freed]
        if freed and await _free_phones(self.conn, freed, self.now) and self.wake:
            await self.conn.execute(_queries.wake, words_for([self.now]))


class _More(NamedTuple):
    """What few changes have besides: rides, asides, edits, rows only added."""

    rides: Sequence[Row]
    asides: Sequence[Row]
    edits: Sequence[Row]
    added: Sequence[tuple[str, Sequence[Row]]]
    needs: Sequence[NeedRow] = ()

    @classmethod
    def of(cls, changes: Sequence[Change]) -> Self:
        """Gather it from changes."""
        added = [pair for pair in rows_added(changes) if pair[1]]
        rides = [row for c in changes for row in c.rides]
        needs = need_rows(changes)
        return cls(rides, aside_rows(changes), edit_rows(changes), added, needs)

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return any((self.rides, self.asides, self.edits, self.added, self.needs))

    async def write(self, conn: Connection) -> None:
        """Write it, one statement a table."""
        if self.rides:
            await conn.execute(_queries.set_rides, *_columns(self.rides), *_months(self.rides))
        if self.asides:
            await conn.execute(_queries.set_aside, *_columns(self.asides))
        if self.edits:
            await conn.execute(_queries.edit_messages, *_columns(self.edits))
        for statement, rows in self.added:
            await conn.execute(statement, *_columns(rows))

    async def tell(self, conn: Connection) -> None:
        """Tell what needs a person: the last of all, as whoever does so holds up all who do."""
        if self.needs:
            await add_needs(conn, self.needs)


def _is_plain(change: Change) -> bool:
    """Tell whether a change writes over its own message and jobs, and touches nothing of others."""
    others = change.seen or change.freed or change.flags or change.closes or change.waits_for
    return change.message is not None and not others


def _core_rows(changes: Sequence[Change], senders: Mapping[UUID, str]) -> Row:
    """Give the rows of what nearly every change has."""
    begun = attempt_rows((one for c in changes for one in c.begun), senders)
    news = attempt_rows((one for c in changes for one in c.attempts), senders)
    months = _months(news) if news else NEVER
    return *told_rows(changes), job_rows(changes), begun, news, *months


def _senders(changes: Sequence[Change], verdicts: Mapping[int, Verdict]) -> dict[UUID, str]:
    """Return the number that each attempt was granted, those included that ride along."""
    senders = {
        wire.attempt: verdict.sender
        for n, verdict in verdicts.items()
        if isinstance(verdict, Written) and verdict.sender and (wire := changes[n].wire)
    }
    carried = [row for c in changes for row in c.rides]
    return senders | {one: senders[by] for one, by in carried if by and by in senders}


async def _free_phones(conn: Connection, attempts: Sequence[Any], now: datetime) -> bool:
    """Free the phones of ended calls; whoever waited for one is due now."""
    rows = await conn.fetch(_queries.free_phones, attempts)
    phones = [row["phone"] for row in rows]
    if phones:
        await conn.execute(_queries.wake_waiting, phones, now)
    return bool(phones)


def _news(change: Change, now: datetime) -> Iterator[datetime]:
    """Yield for when a daemon must look at once, or re-arm its timer for something earlier."""
    yield from (errand.at for errand in change.errands)
    for job in (*change.jobs, *change.opened):
        if job.next_at is not None and (job.next_at <= now or change.wire is None):
            yield job.next_at


def _months(rows: Sequence[Row]) -> tuple[datetime, datetime]:
    """Return the months of attempts, whose ids come first in their rows."""
    return span(row[0] for row in rows)


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Turn rows into the columns that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]
