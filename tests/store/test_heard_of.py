"""What the carrier has named once is known for ever: texts, and calls to us."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.clock import SystemClock
from gateway.store import inbound, replies
from gateway.store.migrate import migrate, migrations
from gateway.store.pool import Connection, Pool, connect
from tests.kit.blocks import blocks
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import Shelf
from tests.kit.statements import counted

TEXT = "SM" + "1" * 32
# Another vendor names calls and texts by UUIDs; a third may have any names at all.
NAMES = [TEXT, "9c0d8f4e-3b5a-4c61-9e0e-2f6a7b8c9d10", "any name/π"]
OLDER = "insert into inbound_texts (sid, received_at, answer) values ($1, $2, '')"
MANY = """
insert into heard_of (name, first_at) select name_of(n::text), $1 from generate_series(1, 20000) n
"""


async def forget(conn: Connection) -> None:
    await replies.forget_texts(conn, later(days=8))
    assert await conn.fetchval("select count(*) from inbound_texts") == 0


@pytest.mark.parametrize("name", NAMES)
async def test_a_text_is_dealt_with_once_for_ever(pool: Pool, name: str) -> None:
    async with pool.acquire() as conn:
        assert await replies.claim_text(conn, name, NOON)
        await replies.note_answer(conn, name, NOON, "told")
        assert not await replies.claim_text(conn, name, later(days=1))
        assert await replies.repeat_of(conn, name) == replies.Repeat("told")
        await forget(conn)
        assert not await replies.claim_text(conn, name, later(days=9))
        assert await replies.repeat_of(conn, name) is None


async def test_of_many_who_bring_a_text_in_one_instant_one_deals_with_it(pool: Pool) -> None:
    async def claim() -> bool:
        async with pool.acquire() as conn:
            return await replies.claim_text(conn, TEXT, NOON)

    assert sum(await asyncio.gather(*(claim() for _ in range(8)))) == 1


async def test_a_text_that_nobody_finished_is_taken_over_and_only_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await replies.claim_text(conn, TEXT, NOON)
        assert not await replies.claim_text(conn, TEXT, later(seconds=20))
        assert await replies.repeat_of(conn, TEXT) == replies.Repeat(None)
        assert await replies.claim_text(conn, TEXT, later(seconds=40))
        assert not await replies.claim_text(conn, TEXT, later(seconds=41))


async def test_a_claim_that_comes_to_nothing_leaves_the_text_to_others(pool: Pool) -> None:
    async with pool.acquire() as conn:
        broken_off = conn.transaction()
        await broken_off.start()
        assert await replies.claim_text(conn, TEXT, NOON)
        await broken_off.rollback()
        assert await replies.claim_text(conn, TEXT, NOON)


async def test_what_an_older_version_took_is_known_when_it_is_forgotten(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(OLDER, TEXT, NOON)
        assert not await replies.claim_text(conn, TEXT, later(days=1))
        await forget(conn)
        assert not await replies.claim_text(conn, TEXT, later(days=9))


async def test_a_list_of_the_carrier_brings_nothing_that_was_forgotten(pool: Pool) -> None:
    async with pool.acquire() as conn:
        for name in NAMES[:2]:
            await replies.claim_text(conn, name, NOON)
        assert await replies.texts_seen(conn, NAMES) == set()
        await replies.note_answer(conn, TEXT, NOON, "")
        assert await replies.texts_seen(conn, NAMES) == {TEXT}
        await forget(conn)
        assert await replies.texts_seen(conn, NAMES) == set(NAMES[:2])


@pytest.mark.parametrize("name", NAMES)
async def test_a_call_is_as_old_as_when_it_was_first_heard_of(pool: Pool, name: str) -> None:
    async def heard(at: timedelta) -> timedelta:
        async with pool.acquire() as conn:
            return await inbound.first_heard_of(conn, name, NOON + at) - NOON

    minute, year = timedelta(minutes=1), timedelta(days=365)
    assert await asyncio.gather(*(heard(minute) for _ in range(4))) == [minute] * 4
    assert await heard(year) == minute


async def test_it_costs_one_statement_each_however_many_are_known(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(MANY, NOON)
        await conn.execute("vacuum analyze heard_of")
        async with counted(conn) as sent:
            assert await replies.claim_text(conn, TEXT, NOON)
            await inbound.first_heard_of(conn, "CA1", NOON)
        assert len(sent) == 2, sent
        at = NOON.isoformat()
        for asked in (("inbound.hear_of", "1", at), ("replies.claim_inbound", "1", at, at)):
            read, plan = await blocks(conn, *asked)
            assert read <= 20, (read, plan)


async def test_nothing_of_a_name_can_be_read_from_what_is_kept(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await replies.claim_text(conn, TEXT, NOON)
        (row,) = await conn.fetch("select * from heard_of")
    assert isinstance(row["name"], UUID)
    assert "1" * 8 not in str(row["name"])
    assert set(row.keys()) == {"name", "first_at"}


async def test_calls_of_before_the_upgrade_are_known(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock(), tries=1)
    await migrate(conn, NOON, migrations()[:35])
    shelf = Shelf(conn)
    await shelf.load(document())
    await shelf.take("49000001")
    await shelf.intend("49000001")
    await conn.execute("update attempts set method = 'inbound', sid = 'CA1'")
    await migrate(conn, later(days=300))
    assert await inbound.first_heard_of(conn, "CA1", later(days=300)) == shelf.now
    await conn.close()
