"""Whoever called goes with all that stands about them, and what cannot go yet is found again."""

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from gateway.daemon.house_retention import HouseRetention
from gateway.store import matter_words
from gateway.store.desk import Desk
from gateway.store.matter_words import Gone
from gateway.store.pool import Connection, Pool
from gateway.store.states import States
from tests.kit import escalations
from tests.kit.api import Api, serving
from tests.kit.callers import ANN, OF_ANN, customer, job, left, made
from tests.kit.desk import later
from tests.kit.shelf import FREE

SAID = "Cy Clark cried"
OLDER = "update customers set name = $1, phone = $2, erased_at = null, erased_by = null"


@pytest.fixture
async def api(pool: Pool, tmp_path: Path) -> AsyncIterator[Api]:
    """Serve the API with its files in a folder of the test."""
    async with serving(pool, data_dir=tmp_path) as served:
        yield served


async def erased(conn: Connection, account: str | None = None) -> Gone:
    """Erase Ann by her number; every batch is a day after the one before."""
    days = count(1)

    def order() -> tuple[str, datetime, str]:
        return "admin:ops", later(days=next(days)), "asked for"

    return await matter_words.erase_caller(conn, ANN["phone"], account, order)


def id_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


async def over(api: Api, whose: str, key: str = "") -> str:
    path = await job(api, whose, key)
    await made(api, "dispatcher", f"POST {path}/actions/complete", {})
    return path


async def test_what_is_on_the_wire_holds_back_its_job_and_its_customer(api: Api) -> None:
    path = await over(api, await customer(api))
    async with api.pool.acquire() as conn:
        await conn.execute("update letters set state = 'intended'")
        assert await erased(conn) == (0, 0, (id_of(path),))
        assert {"letters", "customers", "matter_words"} <= set(await left(conn, OF_ANN))
        await conn.execute("update letters set state = 'waiting'")
        assert await erased(conn) == (1, 1, ())
        assert await left(conn, OF_ANN) == {}
        kept = await conn.fetch("select state, reason, body from letters")
        assert [tuple(row) for row in kept] == [("dropped", "its words were erased", "erased")]


@pytest.mark.parametrize("account", [None, "7001"])
async def test_an_escalation_about_a_callers_job_goes_before_the_caller_is_unknown(
    api: Api, account: str | None
) -> None:
    one = await escalations.job(api)
    asked = escalations.body(one, justification=SAID)
    case = (await made(api, "agent:1204", "POST /v1/cases", asked))["id"]
    async with api.pool.acquire() as conn:
        done = "jsonb_build_object('status', 'Complete')"
        await conn.execute(
            f"update matters set state = 'Complete', facts = facts || {done} where id = $1",  # noqa: S608
            UUID(one),
        )
        assert await erased(conn, account) == (1, 0, (UUID(case),))
        assert "matter_words" in await left(conn, (SAID,))
        await made(api, "agent:1204", f"POST /v1/cases/{case}/close", {"reason": "done"})
        assert await erased(conn, account) == (1, 1, ())
        assert await left(conn, (SAID, "Cy Clark", ANN["phone"])) == {}


async def test_a_job_of_whom_nobody_knows_is_not_taken_up_again(api: Api) -> None:
    ann = await customer(api)
    path, worked = await job(api, ann, "one"), await job(api, ann, "two")
    for one in (path, worked):
        await made(api, "dispatcher", f"POST {one}/actions/cancel", {})
    await made(api, "dispatcher", f"POST {worked}/actions/reopen", {})
    async with api.pool.acquire() as conn:
        assert await erased(conn) == (1, 0, (id_of(worked),))
        await made(api, "dispatcher", f"POST {worked}/actions/cancel", {})
        assert await erased(conn) == (1, 1, ())
    visit = {"start": "2026-02-04T23:30:00Z", "duration": "2h"}
    for action, body in (("reopen", {}), ("add_appointment", visit)):
        refused = await api.ask("dispatcher", f"POST {path}/actions/{action}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "erased")
    assert (await api.ask("dispatcher", f"GET {path}")).json()["status"] == "Complete"
    illegal = await api.ask("dispatcher", f"POST {path}/actions/start", {})
    assert illegal.json()["code"] == "illegal_transition"


async def test_customers_whose_jobs_were_erased_before_they_went_along_go_later(api: Api) -> None:
    await over(api, await customer(api))
    desk = Desk(api.pool, States("https://x.example"), api.clock, FREE, lambda _: None)
    async with api.pool.acquire() as conn:
        assert await erased(conn) == (1, 1, ())
        await conn.execute(OLDER, ANN["name"], ANN["phone"])
        await job(api, await customer(api, name="Bea Bell"), "hers")
        api.clock.set(later(days=40))
        assert [await HouseRetention(desk, 30).look() for _ in range(2)] == [1, 0]
        names = await conn.fetch("select name from customers order by name")
        assert [row["name"] for row in names] == ["Bea Bell", "erased"]


async def test_each_batch_says_when_it_was(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that looks for the last minutes alone must not miss the end of a long command."""
    monkeypatch.setattr(matter_words, "BATCH", 1)
    ann = await customer(api)
    for key in ("one", "two"):
        await over(api, ann, key)
    async with api.pool.acquire() as conn:
        assert await erased(conn) == (2, 1, ())
        rows = await conn.fetch("select erased_at from erased_files order by erased_at")
        assert [row["erased_at"] for row in rows] == [later(days=1), later(days=2)]
