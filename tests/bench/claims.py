"""What a claim of 100 costs: by how much is pending, after many cycles, beside an old reader."""

import statistics
import time
from datetime import datetime, timedelta
from typing import Final

from gateway.daemon.bounds import Bounds
from gateway.store import jobs
from gateway.store.following import EVER, Since
from gateway.store.pool import Connection
from tests.bench.course import Course
from tests.bench.figures import Figures

_BATCH: Final = 100
_CLAIMS: Final = 60
_AT_ONCE: Final = 500_000
_DUE: Final = 20_000
# Jobs of three classes, due one after the other, 2,500 a second from ten seconds ago on.
_QUEUE: Final = """
insert into jobs (id, account, month, ucn, priority, source, state, created_at, due_at, next_at)
select
    gen_random_uuid(), (10000 + n % 9999)::text, date_trunc('month', $1::timestamptz)::date,
    'Q' || n, least(n % 8, 2), 'new', 'pending', $1, d.at, d.at
from generate_series($2::bigint, $3::bigint) as n
cross join lateral (
    select
        case
            when n <= $4 then $1::timestamptz - interval '10 s' + n * interval '0.4 milliseconds'
            else $1::timestamptz + interval '1 hour' + n * interval '1 second'
        end as at
) as d
"""
_HISTORY: Final = """
insert into history (account, month, ucn, seq, at, kind, item, hash)
select
    (10000 + n % 9999)::text, date_trunc('month', $1::timestamptz)::date, 'Q' || n, 1, $1,
    'message.taken', repeat('x', 300), repeat('0', 64)
from generate_series($2::bigint, $3::bigint) as n
"""
_PENDING: Final = "select count(*) from jobs where next_at is not null"


async def claims(course: Course) -> Figures:
    """Claim among more and more that is pending; then claim, put back, and claim again for long."""
    conn = await course.conn(await course.fresh("claims"))
    now = await conn.fetchval("select now()")
    boot = await jobs.board(conn)
    found, there = Figures(), 0
    for size in course.scale.pending:
        await _fill(conn, _QUEUE, now, (there, size), _DUE)
        await conn.execute("vacuum analyze jobs")
        there = size
        found[f"claim of 100 with {size:,} pending, p50 ms"] = await _median(conn, boot, now)
    if course.scale.history:
        await _fill(conn, _HISTORY, now, (0, course.scale.history))
        name = f"claim of 100 with {course.scale.history:,} items of history besides, p50 ms"
        found[name] = await _median(conn, boot, now)
    sized = [*found.values()]
    found["claim of 100, most to least pending"] = max(sized) / sized[0]
    return found | await _worn(course, conn, (boot, now), sized[-1])


async def _worn(
    course: Course, conn: Connection, who: tuple[int, datetime], fresh: float
) -> Figures:
    """Wear the table out by cycles, then again beside a transaction that sees all of before."""
    boot, now = who
    cycles = course.scale.cycles
    bounds = Bounds()
    now, since = await _cycles(conn, boot, now, cycles, bounds)
    after = await _median(conn, boot, now, since)
    reader = await course.conn(course.server.replace("/postgres?", "/claims?"))
    # As of somebody else's tool: our own connections are cut after some seconds.
    await reader.execute("set idle_in_transaction_session_timeout = 0")
    old = reader.transaction(isolation="repeatable_read")
    await old.start()
    await reader.fetchval(_PENDING)
    now, since = await _cycles(conn, boot, now, cycles, bounds)
    beside = await _median(conn, boot, now, since)
    await old.rollback()
    await reader.close()
    await conn.close()
    return {
        f"claim of 100 after {cycles * _BATCH:,} cycles, p50 ms": after,
        "claim of 100 after many cycles, to fresh": after / fresh,
        f"claim of 100 with a transaction held open for {cycles * _BATCH:,}, p50 ms": beside,
        "claim of 100 with a transaction held open, to fresh": beside / fresh,
    }


async def _fill(
    conn: Connection, query: str, now: datetime, span: tuple[int, int], *more: int
) -> None:
    first, last = span
    for start in range(first, last, _AT_ONCE):
        await conn.execute(query, now, start + 1, min(start + _AT_ONCE, last), *more)


async def _median(conn: Connection, boot: int, now: datetime, since: Since = EVER) -> float:
    """Claim 100 again and again, undone each time; return the median in ms."""
    took = []
    for _ in range(_CLAIMS):
        undone = conn.transaction()
        await undone.start()
        began = time.perf_counter()
        await jobs.claim(conn, boot, now, since=since, most=_BATCH)
        took.append((time.perf_counter() - began) * 1000)
        await undone.rollback()
    return statistics.median(took)


async def _cycles(
    conn: Connection, boot: int, now: datetime, many: int, bounds: Bounds
) -> tuple[datetime, Since]:
    """Claim and put off until a little later, as a storm's jobs go round.

    Returns the time then, and where the last claim began to read, as it does in 24 of 25.
    """
    since = EVER
    for _ in range(many):
        look = bounds.look(now)
        since = look.since
        claimed = await jobs.claim(conn, boot, now, since=since, most=_BATCH)
        bounds.looked(look, _BATCH, claimed)
        now += timedelta(milliseconds=_BATCH * 0.4)
        await jobs.postpone(conn, boot, {one.id: now for one in claimed})
    return now, since
