"""Matters in the store: one statement a decision, one matter a subject, whoever races."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from gateway.domain.matters import Kind, Letter
from gateway.store import matters
from gateway.store.matters import Sought, TakenError, UnknownMatterError
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.statements import counted
from tests.kit.visits import HERS, VISITS, count, hand, opened


async def test_opening_and_deciding_cost_one_statement_and_two(pool: Pool) -> None:
    async with pool.acquire() as conn:
        async with counted(conn) as sent:
            before = await matters.open_one(conn, VISITS, HERS, opened(due=later(hours=1)), hand())
        assert len(sent) == 1
        async with counted(conn) as sent:
            after = await matters.decide(conn, VISITS, HERS, count, hand(later(minutes=1)))
        assert len(sent) == 2
        assert await matters.find(conn, VISITS, HERS) == after
        clock = await conn.fetchrow("select kind, key, next_at from duties where account = ''")
        assert clock is not None
        assert tuple(clock) == ("matter", str(HERS), later(hours=1))
    assert (before.version, after.version, after.seq, after.facts.counted) == (1, 2, 2, 1)


async def test_decisions_at_one_time_stand_one_after_the_other(pool: Pool) -> None:
    async def once_more() -> None:
        async with pool.acquire() as conn:
            await matters.decide(conn, VISITS, HERS, count, hand())

    async with pool.acquire() as conn:
        await matters.open_one(conn, VISITS, HERS, opened(), hand())
        await asyncio.gather(*(once_more() for _ in range(5)))
        found = await matters.find(conn, VISITS, HERS)
        assert found is not None
        assert (found.facts.counted, found.version, found.seq) == (5, 6, 6)
        items = await matters.history(conn, HERS)
        assert [item["seq"] for item in items] == [1, 2, 3, 4, 5, 6]
        assert {item["data"]["fieldjob"] for item in items} == {str(HERS)}
        assert items[0]["content"] == "at her mother's house"
        assert (items[0]["actor"], items[0]["account"], items[0]["ucn"]) == ("lead:L-7", None, None)
        assert await matters.check(conn, HERS) == (6, None)
        with pytest.raises(Exception, match="append-only"):
            await conn.execute("update matter_items set item = 'x'")
        await conn.execute("delete from matter_items where seq = 6")
        broken = (await matters.check(conn, HERS))[1]
        assert broken is not None


async def test_only_one_of_many_has_a_subject(pool: Pool) -> None:
    async def one_more(number: int) -> bool:
        async with pool.acquire() as conn:
            try:
                begun = opened(subject="her roof")
                await matters.open_one(conn, VISITS, UUID(int=number), begun, hand())
            except TakenError:
                return False
            return True

    done = await asyncio.gather(*(one_more(n) for n in range(1, 5)))
    assert sorted(done) == [False, False, False, True]
    async with pool.acquire() as conn:
        winner = await matters.standing(conn, Kind.FIELDJOB, "her roof")
        assert winner is not None
        assert winner.int == done.index(True) + 1
        assert [one.id for one in await matters.listed(conn, VISITS, Sought())] == [winner]
        assert await matters.standing(conn, Kind.CASE, "her roof") is None
        with pytest.raises(UnknownMatterError):
            await matters.decide(conn, VISITS, HERS, count, hand())


async def test_lists_go_on_where_they_ended(pool: Pool) -> None:
    async with pool.acquire() as conn:
        for number in range(1, 6):
            moment = later(minutes=number // 2)
            await matters.open_one(conn, VISITS, UUID(int=number), opened(), hand(moment))
        first = await matters.listed(conn, VISITS, Sought(most=2))
        then = await matters.listed(conn, VISITS, Sought(before=first[-1].id, states=("open",)))
        assert [one.id.int for one in (*first, *then)] == [5, 4, 3, 2, 1]
        assert await matters.listed(conn, VISITS, Sought(owner="agent:1204")) == []
        assert (
            await matters.listed(conn, VISITS, Sought(account="7001", ucn="1", about=("x",))) == []
        )


async def test_a_letter_of_a_name_is_written_once(pool: Pool) -> None:
    letter = Letter("survey", "email", "ann@northside.example", "How was it?", "Tell us")
    async with pool.acquire() as conn:
        await matters.open_one(conn, VISITS, HERS, opened(letter), hand())

        await matters.decide(conn, VISITS, HERS, lambda _: opened(letter, due=NOON), hand())
        assert await conn.fetchval("select count(*) from letters") == 1
        assert await conn.fetchval("select count(*) from duties where kind = 'letter'") == 1
        for waits, left in (("intended", "intended"), ("waiting", "dropped")):
            await conn.execute("update letters set state = $1", waits)
            back = replace(opened(), called_back=("survey", "other"))
            await matters.decide(conn, VISITS, HERS, lambda _, back=back: back, hand())  # type: ignore[misc]
            assert await conn.fetchval("select state from letters") == left
