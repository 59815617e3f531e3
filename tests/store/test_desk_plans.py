"""What people look at again is found in few blocks, of one account among many as of all."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.store.pool import Connection, Pool
from tests.kit.blocks import blocks
from tests.kit.desk import NOON

MANY = 20_000
MOST = 20
LAST_YEAR = (NOON - timedelta(days=400)).isoformat()
# Half of everything is of one account, the rest of a thousand.
MESSAGES = """
insert into messages (
    account, month, ucn, priority, taken_by, taken_at, state, head_seq, head_hash
)
select
    case when n % 2 = 0 then '7001' else 'a' || n % 1999 end, '2026-02-01', 'u' || n, 1, 'agent:1',
    $1::timestamptz - n * interval '1 minute', 'open', 2, ''
from generate_series(1, $2::integer) as n
"""
ASIDES = """
insert into asides (account, month, ucn, aside)
select
    account, month, ucn, jsonb_build_object(
        'proof', jsonb_build_object(
            'id', ucn, 'at', taken_at::text, 'decided_at', taken_at::text,
            'state', case when substr(ucn, 2)::integer % 100 < 2 then 'open' else 'ok' end
        ),
        'review', jsonb_build_object('at', taken_at::text),
        'park', jsonb_build_object('at', taken_at::text, 'seq', 1, 'skill', 'x')
    )
from messages
"""
CALLS = """
insert into attempts (
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage, step,
    tries, started_at, check_at, begun
)
select
    gen_random_uuid(), account, month, ucn, gen_random_uuid(), 1, '0.0',
    'c' || substr(ucn, 2)::integer % 999, '+12025550101', 'call', 'shift', 'ended', 'done', 1, 1,
    taken_at, taken_at, greatest(month, date_trunc('month', taken_at))
from messages
"""
SPECIALS = """
insert into specials (
    account, id, text, starts_at, ends_at, hold, state, posted_by, posted_at, reviewed_at
)
select
    account, gen_random_uuid(), 'x', taken_at, taken_at, false,
    case when substr(ucn, 2)::integer % 100 < 2 then 'pending' else 'approved' end, 'agent:1',
    taken_at, taken_at
from messages
"""
# Read once each at most: what is aside of the account, and its index; then what is shown.
ENOUGH = 1_500
# An index of all, but only those rows that are shown.
FEW = 400


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    """Everything of a thousand accounts is aside."""
    async with pool.acquire() as one:
        await one.execute(MESSAGES, NOON, MANY)
        await one.execute(ASIDES)
        await one.execute("analyze messages, asides")
        yield one


async def test_what_is_aside_is_chosen_before_its_messages_are_read(conn: Connection) -> None:
    """S3-12, S3-77: however much of an account is reviewed, flagged or parked."""
    given: tuple[tuple[str, tuple[None, ...]], ...] = (
        ("reviews.messages_to_review", ()),
        ("reviews.messages_reviewed", ()),
        ("messages.list_flagged", ()),
        ("parks.list_parked", (None,)),
    )
    for query, more in given:
        for account in (None, "7001", "a7"):
            read, plan = await blocks(conn, query, account, *more, MOST)
            assert read <= ENOUGH, (query, account, plan)


async def test_calls_with_a_contact_are_found_without_reading_the_calls_of_others(
    conn: Connection,
) -> None:
    """S3-53: a contact of any account, among all calls of a year."""
    await conn.execute(CALLS)
    await conn.execute("analyze attempts")
    for account in (None, "a7"):
        read, plan = await blocks(conn, "calls.list_calls", account, LAST_YEAR, "c777", MOST)
        assert read <= FEW, (account, plan)


async def test_lists_of_an_account_read_its_share_however_many_others_there_are(
    conn: Connection,
) -> None:
    """S3-31, S3-77: messages without a job that waits, reviewed specials."""
    await conn.execute(SPECIALS)
    await conn.execute("analyze specials")
    given: tuple[tuple[str, tuple[int | str, ...]], ...] = (
        ("messages.walk_messages", (MOST, "false")),
        ("reviews.specials_reviewed", (MOST,)),
        ("reviews.specials_to_review", (MOST,)),
    )
    for query, more in given:
        for account in (None, "7001", "a7"):
            read, plan = await blocks(conn, query, account, *more)
            assert read <= FEW, (query, account, plan)
