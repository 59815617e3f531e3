"""Lists read along an index and stop at what was asked for, however much is stored."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from gateway.store.pool import Connection, Pool
from gateway.store.queries import load, narrowed
from tests.kit.desk import NOON, later

MANY = 20_000
MOST = 20
# What a list may read of each row that it shows: the row, its words, its jobs, what is aside.
ENOUGH = 8 * MOST
LAST_YEAR = NOON - timedelta(days=400)
MESSAGES = """
insert into messages (
    account, month, ucn, priority, taken_by, taken_at, state, delivered_at, head_seq, head_hash
)
select
    case when n % 50 = 0 then '7002' else '7001' end, '2026-02-01', 'u' || n, 1,
    'agent:' || n % 40, $1::timestamptz - n * interval '1 minute',
    case when n % 100 < 2 then 'open' else 'delivered' end,
    case when n % 100 < 2 then null else $1::timestamptz end, 2, ''
from generate_series(1, $2::integer) as n
"""
JOBS = """
insert into jobs (
    id, account, month, ucn, priority, source, state, created_at, due_at, next_at, reason
)
select
    gen_random_uuid(), account, month, ucn, substr(ucn, 2)::integer % 3, 'new',
    case
        when state = 'delivered' then
            case when substr(ucn, 2)::integer % 500 = 7 then 'canceled' else 'completed' end
        when substr(ucn, 2)::integer % 200 = 1 then 'held' else 'pending'
    end,
    taken_at, case when state = 'open' then taken_at end,
    case when state = 'open' then taken_at end, 'blank'
from messages
"""
CALLS = """
insert into attempts (
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage, step,
    tries, started_at, check_at, begun
)
select
    gen_random_uuid(), account, month, ucn, id, 1, '0.0', 'c' || substr(ucn, 2)::integer % 7,
    '+12025550101', case when substr(ucn, 2)::integer % 2 = 0 then 'call' else 'sms' end, 'shift',
    'ended', 'done', 1, 1, created_at, created_at,
    greatest(month, date_trunc('month', created_at))
from jobs
"""
PROOFS = """
insert into asides (account, month, ucn, aside)
select
    account, month, ucn, jsonb_build_object('proof', jsonb_build_object(
        'id', ucn, 'state', case when state = 'open' then 'open' else 'fixed' end,
        'at', taken_at::text,
        'decided_at', case when state = 'open' then null else taken_at::text end
    ))
from messages
"""
SPECIALS = """
insert into specials (
    account, id, text, starts_at, ends_at, hold, state, posted_by, posted_at, reviewed_at
)
select
    case when n % 50 = 0 then '7002' else '7001' end, gen_random_uuid(), 'x', $1, $1, false,
    case when n % 100 = 0 then 'pending' else 'approved' end, 'agent:1',
    $1::timestamptz - n * interval '1 minute',
    case when n % 100 = 0 then null else $1::timestamptz - n * interval '1 minute' end
from generate_series(1, $2::integer) as n
"""
POSTS = """
insert into deliveries (id, account, month, ucn, name, kind, occasion, state, created_at)
select
    gen_random_uuid(), case when n % 50 = 0 then '7002' else '7001' end, '2026-02-01', 'u' || n,
    'x',
    case when n % 2 = 0 then 'claim' else 'copy' end, 'taken',
    case when n % 1000 = 0 then 'blocked' else 'accepted' end,
    $1::timestamptz - n * interval '1 minute'
from generate_series(1, $2::integer) as n
"""
MISTAKES = """
insert into mistakes (
    id, account, month, ucn, agent, type, detail, was_auto_dispatched, entered_at, entered_by
)
select
    gen_random_uuid(), account, month, ucn, taken_by, 'wrong_form_selection', 'x', false, taken_at,
    'lead:L-7'
from messages
"""
TABLES = "messages, jobs, attempts, asides, specials, deliveries, mistakes, ucns"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    """A year's worth of everything, measured, with plans made for nobody's values."""
    async with pool.acquire() as one:
        await one.execute(MESSAGES, NOON, MANY)
        await one.execute("insert into ucns select ucn, account, month from messages")
        await one.execute(f"analyze {TABLES}")
        yield one


async def read(conn: Connection, query: str, *given: object) -> tuple[int, list[str]]:
    """Return how many rows a list reads of all tables, and how many of each by which index."""
    noun, _, name = query.partition(".")
    statement = narrowed(load(noun)[name], given)
    await conn.execute("set plan_cache_mode = force_generic_plan")
    await conn.execute(f"prepare asked as {statement}")
    values = f"({', '.join(map(literal, given))})"
    text = await conn.fetchval(f"explain (analyze, format json) execute asked {values}")
    await conn.execute("deallocate asked")
    (plan,) = orjson.loads(text)
    found = list(scans(plan["Plan"]))
    told = [f"{one['Relation Name']}, {one['Node Type']}: {rows_of(one)}" for one in found]
    told += [part for part in text.splitlines() if "Index Name" in part]
    return sum(map(rows_of, found)), told


def literal(value: object) -> str:
    """Write a value into a statement."""
    if value is None or isinstance(value, bool | int):
        return "null" if value is None else str(value)
    if isinstance(value, list):
        return f"array[{', '.join(map(literal, value))}]"
    return f"'{value.isoformat() if isinstance(value, datetime) else value}'"


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of a plan that read tables."""
    if "Relation Name" in node:
        yield node
    for one in node.get("Plans", ()):
        yield from scans(one)


def rows_of(node: dict[str, Any]) -> int:
    """Return how many rows a part of a plan has read, shown or not."""
    dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + dropped) * node["Actual Loops"])


async def test_messages_are_listed_without_reading_those_that_are_not_shown(
    conn: Connection,
) -> None:
    """S3-31, S3-32: the newest of all or of an account, delivered ones hidden or not."""
    for account in (None, "7001", "7002"):
        for delivered in (None, True):
            rows, plan = await read(
                conn, "messages.list_messages", account, delivered, LAST_YEAR, MOST
            )
            assert rows <= ENOUGH, (account, delivered, plan)
    rows, plan = await read(conn, "messages.walk_messages", None, MOST, False)
    assert rows <= ENOUGH, plan


async def test_the_dispatch_list_reads_open_jobs_only_and_no_further_than_asked(
    conn: Connection,
) -> None:
    """S3-26, S3-62: each class of urgency in the order of its due times."""
    await conn.execute(JOBS)
    await conn.execute(f"analyze {TABLES}")
    for due in ((None, None), (later(hours=-30), None), (None, later(hours=-30))):
        for account in (None, "7002"):
            given = (account, None, *due, MOST, None)
            rows, plan = await read(conn, "worklist.list_open_jobs", *given)
            assert rows <= ENOUGH, (given, plan)
    opened = await conn.fetchval("select count(*) from jobs where due_at is not null")
    for query, given in (
        ("worklist.list_open_jobs", (None, "held", None, None, MOST, None)),
        ("worklist.list_open_jobs", (None, None, None, None, MOST, True)),
        ("messages.list_pending_messages", (None, MOST)),
        ("messages.many_pending", (None, MOST)),
        ("work.dispatch_work", (NOON, MOST)),
    ):
        rows, plan = await read(conn, query, *given)
        assert rows <= 3 * opened + ENOUGH < MANY / 10, (query, plan)
    for query, more in (("list_completed_jobs", ()), ("list_dropped_jobs", ("canceled",))):
        rows, plan = await read(conn, f"worklist.{query}", None, MOST, None, *more)
        assert rows <= ENOUGH, plan


async def test_calls_are_listed_newest_first_and_by_whose_message_it_was(conn: Connection) -> None:
    """S3-53: of all, of an account, of one agent and of one message."""
    await conn.execute(JOBS)
    await conn.execute(CALLS)
    await conn.execute(f"analyze {TABLES}")
    for account in (None, "7002"):
        rows, plan = await read(conn, "calls.list_calls", account, LAST_YEAR, None, MOST)
        assert rows <= ENOUGH, plan
    one = ("7001", "2026-02-01", "u77", None, None, None, None, MOST)
    rows, plan = await read(conn, "calls.calls_of_messages", *one)
    assert rows <= ENOUGH, plan
    theirs = (None, None, None, ["7", "agent:7"], later(days=-1), later(days=-1), None, MOST)
    rows, plan = await read(conn, "calls.calls_of_messages", *theirs)
    assert rows <= ENOUGH, plan


async def test_reviews_are_listed_whether_open_or_decided_of_one_account_or_all(
    conn: Connection,
) -> None:
    """S3-12, S3-77: the longest open first, or the last decided first."""
    await conn.execute(PROOFS)
    await conn.execute(SPECIALS, NOON, MANY)
    await conn.execute(f"analyze {TABLES}")
    for name in ("messages_to_review", "messages_reviewed", "specials_to_review"):
        for account in (None, "7002"):
            rows, plan = await read(conn, f"reviews.{name}", account, MOST)
            assert rows <= ENOUGH, (name, plan)
    rows, plan = await read(conn, "reviews.specials_reviewed", None, MOST)
    assert rows <= ENOUGH, plan
    rows, plan = await read(conn, "work.review_work", MOST)
    assert rows <= ENOUGH, plan


async def test_posts_and_mistakes_are_found_by_what_people_ask_for(conn: Connection) -> None:
    """S3-56, S3-59: posts by state, mistakes by agent or message."""
    await conn.execute(POSTS, NOON, MANY)
    await conn.execute(MISTAKES)
    await conn.execute(f"analyze {TABLES}")
    for state in (None, "blocked", "accepted"):
        for account in (None, "7002"):
            rows, plan = await read(conn, "deliveries.list_posts", account, state, MOST)
            assert rows <= ENOUGH, (state, plan)
    theirs = 2 * MANY // 40  # all of one agent's at most, with their kinds
    for given, most in (
        (("agent:7", None), theirs),
        ((None, "u77"), ENOUGH),
        ((None, None), ENOUGH),
    ):
        rows, plan = await read(conn, "mistakes.list_mistakes", *given, MOST, None)
        assert rows <= most, (given, plan)
