"""A daemon that stands by: its memory, what idling costs, and how soon it acts."""

import statistics
import time
from datetime import timedelta
from typing import Final

import orjson

from gateway.clock import SystemClock
from gateway.store.pool import Connection
from tests.bench.burned import of_process
from tests.bench.course import Course
from tests.bench.daemons import ADMIN, Daemon, daemon, ready
from tests.bench.figures import Figures, at
from tests.bench.knocking import Knocked, Round, knocked
from tests.bench.machine import resident
from tests.bench.pile import pile
from tests.bench.street import bench
from tests.bench.town import document
from tests.bench.witness import Heard, witness

_POSTS_A_SECOND: Final = 10
_LONGEST: Final = 120
# A server process that has nothing to do tells of its transactions up to ten seconds late.
_TOLD_LATE: Final = 12
_COMMITTED: Final = """
select xact_commit + xact_rollback from pg_stat_database where datname = current_database()
"""
_LATER: Final = """
update jobs set next_at = now() + interval '1 day' where next_at < now() + interval '1 hour'
"""
_BEGUN: Final = "select count(*) from jobs where round is null and next_at <= now()"


async def standing(course: Course) -> Figures:
    """Have each account dispatched for, so that all are known; let it stand; then post."""
    scale, clock = course.scale, SystemClock()
    url = await course.fresh("standing")
    async with witness() as heard:
        async with bench(url, scale.accounts, heard.stub) as one:
            await one.conn.execute("update duties set next_at = now() + interval '1 day'")
            now = one.outside.clock.now()
            later = now + timedelta(days=1), now + timedelta(days=30)
            await pile(one, [*one.town.accounts], scale.queued, later)
            await one.town.taken(scale.accounts, now)
        conn = await course.conn(url)
        with daemon(url, heard.stub.url, LOG_LEVEL="warning") as it:
            await ready(it)
            await _begun(conn, clock)
            found = await _idle(course, conn, it, clock)
            found |= await _posted(course, heard, it)
            name = f"RSS with {scale.accounts:,} accounts and {scale.queued:,} jobs pending, MB"
            found[name] = resident(it.pid)
        await conn.close()
    await course.dropped("standing")
    return found


async def _begun(conn: Connection, clock: SystemClock) -> None:
    until = time.perf_counter() + _LONGEST
    while await conn.fetchval(_BEGUN) and time.perf_counter() < until:
        await clock.sleep(0.5)
    # What was begun is asked after a minute later: not what idling is.
    await conn.execute(_LATER)


async def _idle(course: Course, conn: Connection, it: Daemon, clock: SystemClock) -> Figures:
    # Autovacuum's own transactions are no questions of the daemon's.
    await conn.execute("alter system set autovacuum = off")
    await conn.execute("select pg_reload_conf()")
    await clock.sleep(_TOLD_LATE)
    burned, said = of_process(it.pid), await conn.fetchval(_COMMITTED)
    began = time.perf_counter()
    await clock.sleep(course.scale.idle)
    seconds = time.perf_counter() - began
    burned, said = of_process(it.pid) - burned, await conn.fetchval(_COMMITTED) - said
    await conn.execute("alter system reset autovacuum")
    await conn.execute("select pg_reload_conf()")
    return {
        "idle: share of a core, %": burned / seconds * 100,
        "idle: transactions/s": (said - 1) / seconds,
    }


async def _posted(course: Course, heard: Heard, it: Daemon) -> Figures:
    """Post now and then; return how long until the first attempt is at the stub."""
    before = await heard.moments()
    many = course.scale.posts
    fresh = range(course.scale.accounts, course.scale.accounts + many)
    await _put(it, fresh)
    posted = await _knocked_at(it, fresh)
    if not posted.fine:
        raise RuntimeError(f"messages were refused: {posted.statuses}")
    await SystemClock().sleep(1)
    after = await heard.moments()
    phones = {n: f"+1202{n:07d}" for n in fresh}
    assert not before.keys() & set(phones.values())
    waited = [
        (after.get(phones[n], due + 10) - due) * 1000
        for n, due in zip(fresh, posted.due, strict=True)
    ]
    return {
        "POST to its answer, idle, p50 ms": statistics.median(posted.took),
        "POST to first attempt, idle, p50 ms": at(waited, 0.5),
        "POST to first attempt, idle, p99 ms": at(waited, 0.99),
    }


async def _put(it: Daemon, numbers: range) -> None:
    """Put accounts that nobody was dispatched for, and wait until each was looked at."""
    requests = [_request(it, f"PUT /v1/accounts/{10000 + n}", document(n)) for n in numbers]
    await knocked(Round(it.port, 4, 0, requests))
    await SystemClock().sleep(len(numbers) * 0.03 + 6)


async def _knocked_at(it: Daemon, numbers: range) -> Knocked:
    bodies = [
        {
            "account": f"{10000 + n}",
            "priority": "urgent",
            "text": "No heat, two children in the house",
            "taken_by": "agent:1204",
        }
        for n in numbers
    ]
    requests = [_request(it, "POST /v1/messages", body) for body in bodies]
    return await knocked(Round(it.port, 8, _POSTS_A_SECOND, requests))


def _request(it: Daemon, call: str, what: object) -> str:
    body = orjson.dumps(what).decode()
    return (
        f"{call} HTTP/1.1\r\nHost: 127.0.0.1:{it.port}\r\nAuthorization: Bearer {ADMIN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
