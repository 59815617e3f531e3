"""A special on a running house: it outruns a call that rings, and its post is told or admitted."""

from uuid import UUID

import pytest

from gateway.rehearsal.stage import Bell
from gateway.store import specials, tokens
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN, CHO

ONE = "49000001"
SPECIAL = {"text": "the office", "start": "2026-02-02", "end": "2026-02-03"}


async def post(one: Rig, **effect: object) -> None:
    async with one.house.pool.acquire() as conn:
        token = await tokens.create(conn, "1204", "agent", NOON)
    path = "/v1/accounts/7001/specials"
    status, answer = await one.front.json("POST", path, token, {**SPECIAL, **effect})
    assert status == 201, answer
    assert UUID(answer["id"])


async def test_one_posted_while_a_call_rings_has_the_next_turn(database: str, pool: Pool) -> None:
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take(ONE)
        await one.wind(seconds=5)
        await post(one, effect={"replace": "cho"})
        await one.wind(seconds=30)
        assert one.dialed() == [ANN, CHO]
        assert [(sink, text[:14]) for _, sink, text in one.bell.alerts] == [
            ("specials", "📣Specials 7001")
        ]


async def test_a_post_that_reaches_nobody_is_on_record(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(_bell: Bell, _sink: str, _title: str, _text: str) -> int:
        return 0

    monkeypatch.setattr(Bell, "send", deaf)
    async with pool.acquire() as conn, rig(database, conn) as one:
        await post(one)
        await one.wind(seconds=1)
        (last, *_) = await specials.items(conn, "7001", 5)
        assert (last["kind"], last["outcome"], last["actor"]) == (
            "specials.posted",
            "failure",
            "gateway",
        )
        assert last["at"] <= later(seconds=1)


async def test_a_hold_that_a_new_document_drops_frees_its_jobs_at_once(
    database: str, pool: Pool
) -> None:
    special = {**SPECIAL, "start": "2026-02-02T12:00", "effect": {"hold": True}}
    async with pool.acquire() as conn, rig(database, conn, None, document()) as one:
        await one.shelf.load(document(specials=[special]))
        await one.shelf.take(ONE)
        await one.wind(minutes=2)
        assert one.dialed() == []
        longer = {**special, "end": "2026-02-04"}
        await one.shelf.load(document(specials=[longer]))
        await one.wind(seconds=3)
        assert one.dialed() == []
        await one.shelf.load(document())
        await one.wind(seconds=3)
        assert one.dialed() == [ANN]
