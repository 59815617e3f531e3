"""Retention reaches customers, photos, documents and kept answers, and nothing that is worked."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from gateway.daemon.house_retention import HouseRetention
from gateway.daemon.retention import Retention
from gateway.daemon.sweeping import Sweeping
from gateway.domain.documents import compile_account
from gateway.store import files, matters
from gateway.store.desk import Desk
from gateway.store.duties import Duty
from gateway.store.pool import Pool
from gateway.store.states import States
from tests.kit import callers
from tests.kit.api import Api, serving
from tests.kit.callers import OF_ANN, OF_HAL, PDF, PHOTO, PNG, customer, job, left, made
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import FREE

BEA = {"name": "Bea Bell", "phone": "+12025550143"}
DUTY = Duty(UUID(int=1), "7001", "retention", "", NOON, {}, 1, 1, 1)


@pytest.fixture
async def api(pool: Pool, tmp_path: Path) -> AsyncIterator[Api]:
    """Serve the API with its files in a folder of the test."""
    async with serving(pool, data_dir=tmp_path) as served:
        yield served


def desk_of(api: Api) -> Desk:
    return Desk(api.pool, States("https://x.example"), api.clock, FREE, lambda _: None)


async def kept_for_thirty(api: Api, days: int) -> None:
    """Have the account's retention look, so many days from noon."""
    api.clock.set(later(days=days))
    account = compile_account(document(retention="30d"))
    await Retention(desk_of(api)).look(DUTY, account, api.clock.now())


async def erased(api: Api) -> None:
    """Let forty days pass, and what is kept for thirty go."""
    await kept_for_thirty(api, days=40)
    await HouseRetention(desk_of(api), 30).look()


async def test_retention_reaches_customers_and_files_of_what_is_over(
    api: Api, tmp_path: Path
) -> None:
    ann = await customer(api, "ann")
    over, worked = await job(api, ann, "job"), await job(api, await customer(api, **BEA))
    await customer(api, phone="+12025550199")  # nobody ever went out for
    await made(api, "dispatcher", f"POST {over}/actions/complete", {}, "done")
    case = await callers.case(api)
    await made(api, "agent:1204", f"POST {case}/close", {"reason": "Solved for Hal"})
    async with api.pool.acquire() as conn:
        said = {"customers", "idempotency_keys", "letters", "matters", "matter_words"}
        assert set(await left(conn, (*OF_ANN, *OF_HAL))) == said
        await erased(api)
        names = await conn.fetch("select name, erased_by from customers order by name")
        assert [tuple(row) for row in names] == [
            ("Bea Bell", None),
            ("erased", "gateway"),
            ("erased", "gateway"),
        ]
        assert await left(conn, (OF_ANN[0], OF_ANN[1], *OF_HAL)) == {}
        for path in (over, worked, case):
            assert (await matters.check(conn, UUID(path.rpartition("/")[2])))[1] is None
    assert (await api.ask("agent", f"GET {case}/documents")).json() == []
    assert callers.files(tmp_path) == sorted([PDF, PNG, PNG])
    assert await Sweeping(desk_of(api), tmp_path).look() == 2
    assert callers.files(tmp_path) == [PNG]


async def test_a_repeat_does_nothing_again_and_nobody_goes_out_for_who_was_erased(
    api: Api,
) -> None:
    ann = await customer(api, "ann")
    path = await job(api, ann, "job")
    await made(api, "dispatcher", f"POST {path}/actions/cancel", {})
    await erased(api)
    assert await customer(api, "ann") == ann
    body = {"customer": ann, "title": "x"}
    refused = await api.ask("dispatcher", "POST /v1/field-jobs", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_customer")
    assert (await api.ask("dispatcher", "GET /v1/customers")).json()["customers"] == []
    shown = (await api.ask("dispatcher", f"GET {path}")).json()["customer"]
    assert (shown["id"], shown["name"], shown["address"]) == (ann, "erased", None)


async def test_what_comes_after_an_erasure_goes_with_the_next_one(api: Api, tmp_path: Path) -> None:
    """A photo that was on its way while its job was erased; a host that hears of it later."""
    path = await job(api, await customer(api))
    await made(api, "dispatcher", f"POST {path}/actions/cancel", {})
    sweeping = Sweeping(desk_of(api), tmp_path)
    async with api.pool.acquire() as conn:
        await erased(api)
        await made(api, "dispatcher", f"POST {path}/photos", {"content": PHOTO})
        assert await sweeping.look() == 1
        await kept_for_thirty(api, days=80)
        assert callers.files(tmp_path) == [PNG]
        await sweeping.look()
        assert callers.files(tmp_path) == []
        await files.forget_erased(conn, later(days=200))
        assert await conn.fetchval("select count(*) from erased_files") == 0
