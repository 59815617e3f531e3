"""`erase --caller`: whoever called is nowhere afterwards, but for what is still worked."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.store.pool import open_pool
from tests.cli.conftest import Dispatchd
from tests.kit import callers
from tests.kit.api import Api, serving
from tests.kit.callers import ANN, OF_ANN, customer, job, left, made

ERASE = ("erase", "--by", "ops", "--reason", "asked for", "--caller", ANN["phone"])
CALLER = {"full_name": "Ann Cain", "company": "Cain & Co", "phone": ANN["phone"]}


def test_whoever_called_is_nowhere_once_nothing_of_theirs_is_worked(
    here: Dispatchd, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATA_DIR", str(tmp_path))
    paths: list[str] = []

    async def begin(api: Api) -> None:
        ann = await customer(api, "ann")
        await customer(api, name="Ann C. Cain")  # nobody ever went out for her
        paths.extend([await job(api, ann, "one"), await job(api, ann, "two")])
        await made(api, "dispatcher", f"POST {paths[0]}/actions/complete", {}, "done")
        ticket = {**CALLER, "email": ANN["email"], "issue": "Her heater"}
        await made(api, "agent", "POST /v1/handoffs", ticket, "ticket")
        async with api.pool.acquire() as conn:
            await conn.execute("update letters set state = 'sent'")

    async def end(api: Api) -> None:
        await made(api, "dispatcher", f"POST {paths[1]}/actions/cancel", {"reason": "Rude dog"})
        async with api.pool.acquire() as conn:
            # As a ticket stands whose steps were all walked through.
            await conn.execute(RESOLVED)

    async def whole(api: Api) -> None:
        async with api.pool.acquire() as conn:
            found.update(await left(conn, OF_ANN))

    play(database, tmp_path, begin)
    ran = here(*ERASE)
    assert ran.code == 1
    assert ran.out == (
        "erased the details of 0 messages\nerased 1 field jobs and hand-offs, 1 customers\n"
    )
    assert paths[1].rpartition("/")[2] in ran.err
    assert callers.files(tmp_path) == [callers.PNG]

    found: dict[str, list[str]] = {}
    play(database, tmp_path, end)
    ran = here(*ERASE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("erased 2 field jobs and hand-offs, 1 customers\n")
    play(database, tmp_path, whole)
    assert found == {}
    assert callers.files(tmp_path) == []
    assert here("verify").code == 0


RESOLVED = """
update matters set facts = jsonb_set(facts, '{resolved_at}', '"2026-02-02T18:00:00Z"')
where kind = 'handoff'
"""


def play(database: str, folder: Path, what: Callable[[Api], Awaitable[None]]) -> None:
    """Do something by the API on that database."""

    async def work() -> None:
        pool = await open_pool(database, SystemClock(), tries=1)
        try:
            async with serving(pool, data_dir=folder) as api:
                await what(api)
        finally:
            await pool.close()

    asyncio.run(work())
