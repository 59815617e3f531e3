"""What is old is deleted some at a time, however much of it has gathered."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from gateway.store import idempotency, needs, replies
from gateway.store.pool import AT_ONCE, COMMAND_SECONDS, Connection, Pool
from tests.kit.blocks import blocks
from tests.kit.desk import NOON, later

MORE = AT_ONCE + 100
KEYS = """
insert into idempotency_keys (owner, key, request, status, answer, created_at)
select 'agent:1', n, 'r', 201, '1', $1 from generate_series(1, $2::integer) as n
"""
TEXTS = "insert into inbound_texts select n, $1, '' from generate_series(1, $2::integer) as n"
NEEDS = """
insert into needs (account, at, kind, reason)
select '7001', $1, 'dispatch', 'held' from generate_series(1, $2::integer)
"""
LEFT = """
select
    (select count(*) from idempotency_keys) + (select count(*) from inbound_texts)
    + (select count(*) from needs)
"""
GONE = "delete from idempotency_keys where created_at <= $1"
LIMIT = "select extract(epoch from current_setting('transaction_timeout', true)::interval)"


@pytest.mark.parametrize(
    ("filled", "forget", "kept"),
    [
        (KEYS, idempotency.forget_old, 0),
        (TEXTS, replies.forget_texts, 0),
        (NEEDS, needs.forget_old, 1),
    ],
    ids=["keys", "texts", "needs"],
)
async def test_what_is_old_goes_some_at_a_time(
    pool: Pool, filled: str, forget: Callable[[Connection, datetime], Awaitable[None]], kept: int
) -> None:
    """All at once may need more time than a transaction has, and be undone for ever."""
    async with pool.acquire() as conn:
        await conn.execute(filled, NOON, MORE)
        for left in (MORE - AT_ONCE, kept):
            await forget(conn, later(days=400))
            assert await conn.fetchval(LEFT) == left


async def test_that_nothing_is_old_is_seen_without_reading_everything(pool: Pool) -> None:
    """It is asked every 30 s."""
    async with pool.acquire() as conn:
        for table, filled, query in (
            ("idempotency_keys", KEYS, "idempotency.forget_old"),
            ("inbound_texts", TEXTS, "replies.forget_inbound"),
        ):
            await conn.execute(filled, NOON, 20_000)
            await conn.execute(f"vacuum analyze {table}")
            read, plan = await blocks(conn, query, NOON.isoformat(), AT_ONCE)
            assert read <= 40, (read, plan)


async def test_weeks_of_it_make_looking_no_dearer(pool: Pool) -> None:
    """Where rows went others come: an index by places would find something old in each."""
    async with pool.acquire() as conn:
        for day in range(8):
            await conn.execute(KEYS.replace("'agent:1'", f"'agent:{day}'"), later(days=day), 4_000)
            await conn.execute(GONE, later(days=day - 3))
            await conn.execute("vacuum analyze idempotency_keys")
        oldest = later(days=4).isoformat()
        read, plan = await blocks(conn, "idempotency.forget_old", oldest, AT_ONCE)
        assert read <= 10, (read, plan)


async def test_a_slow_statement_is_told_as_that(pool: Pool) -> None:
    """Its time is up before the server ends the transaction, and the connection with it."""
    limit = await pool.fetchval(LIMIT)
    assert limit is None or limit > COMMAND_SECONDS
