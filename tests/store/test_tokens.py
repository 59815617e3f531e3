"""Tokens are shown once and stored by their fingerprint; idempotency keys keep first answers."""

import asyncio

import pytest

from gateway.store import idempotency, tokens
from gateway.store.idempotency import Answered
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later


async def test_a_token_opens_until_it_is_revoked(pool: Pool) -> None:
    token = await tokens.create(pool, "L-7", "lead", NOON)
    assert await tokens.find(pool, token) == ("L-7", "lead", None, frozenset())
    assert await tokens.revoke(pool, "L-7", NOON) == 1
    assert await tokens.find(pool, token) is None
    assert await tokens.revoke(pool, "L-7", NOON) == 0


async def test_the_token_itself_is_nowhere_in_the_database(pool: Pool) -> None:
    token = await tokens.create(pool, "L-7", "lead", NOON)
    row = await pool.fetchrow("select t::text as whole from tokens as t")
    assert row is not None
    assert token not in row["whole"]
    assert [(one.name, one.role) for one in await tokens.list_all(pool)] == [("L-7", "lead")]


@pytest.mark.parametrize("wrong", ["", "dsp_", "\x00", "\ud800", "x" * 10_000])
async def test_nonsense_opens_nothing(pool: Pool, wrong: str) -> None:
    assert await tokens.find(pool, wrong) is None


async def test_an_unknown_role_is_refused(pool: Pool) -> None:
    with pytest.raises(ValueError, match="'boss' is not a role"):
        await tokens.create(pool, "L-7", "boss", NOON)


async def test_of_two_at_once_one_is_the_first_and_the_other_reads_its_answer(pool: Pool) -> None:
    one = Answered("agent:1204", "k", "request", 201, {"ucn": "1"})
    other = Answered("agent:1204", "k", "request", 201, {"ucn": "2"})
    first, second = await asyncio.gather(
        idempotency.keep(pool, [one], NOON), idempotency.keep(pool, [other], NOON)
    )
    assert {first, second} == {frozenset({one.owned}), frozenset()}
    kept = (await idempotency.first(pool, [one.owned]))[one.owned]
    assert kept == (one if first else other)


async def test_a_key_belongs_to_its_owner_and_may_be_forgotten(pool: Pool) -> None:
    mine, theirs = (Answered(owner, "k", "r", 201, 1) for owner in ("a", "b"))
    assert len(await idempotency.keep(pool, [mine, theirs], NOON)) == 2
    await idempotency.forget(pool, [mine.owned])
    assert await idempotency.first(pool, [mine.owned, theirs.owned]) == {theirs.owned: theirs}
    await idempotency.forget_old(pool, later(days=8))
    assert await idempotency.first(pool, [theirs.owned]) == {}
