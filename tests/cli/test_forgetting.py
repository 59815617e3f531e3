"""`erase --caller`: whoever called is nowhere afterwards, but for what is still worked."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from gateway.clock import SystemClock
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType
from gateway.domain.matters import Item, Written
from gateway.store import matters
from gateway.store.matters import Hand
from gateway.store.pool import Pool, open_pool
from tests.cli.conftest import Dispatchd
from tests.kit.api import serving
from tests.kit.callers import ANN, OF_ANN, PNG, customer, files, job, left, made
from tests.kit.desk import NOON, Dice
from tests.kit.shelf import FREE

T = TypeVar("T")
ERASE = ("erase", "--by", "ops", "--reason", "asked for", "--caller", ANN["phone"])
CALLER = {"full_name": ANN["name"], "company": "Cain & Co", "phone": ANN["phone"]}
UCN, CASE = "49000001", UUID(int=5)
CLOSED = (
    "update messages set state = 'delivered'",
    "update jobs set state = 'completed', next_at = null",
)
# As a job stands that was canceled, a case that was closed, and a ticket whose steps were all
# walked through.
END = """
update matters set
    state = case kind when 'fieldjob' then 'Complete' else state end,
    facts = facts || case kind
        when 'fieldjob' then '{"status": "Complete"}'::jsonb
        when 'case' then '{"status": "closed", "closed_at": "2026-02-02T18:00:00Z"}'::jsonb
        else '{"resolved_at": "2026-02-02T18:00:00Z"}'::jsonb
    end
"""


def test_whoever_called_is_nowhere_once_nothing_of_theirs_is_worked(
    here: Dispatchd, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATA_DIR", str(tmp_path))
    worked = on(database, lambda pool: begun(pool, tmp_path))
    ran = here(*ERASE)
    assert ran.code == 1
    assert ran.out.endswith("0 messages\nerased 1 field jobs and hand-offs, 1 customers\n")
    assert all(one in ran.err for one in worked)
    assert files(tmp_path) == [PNG]

    on(database, lambda pool: pool.execute(END))
    ran = here(*ERASE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith(f"1 messages: {UCN}\nerased 2 field jobs and hand-offs, 1 customers\n")
    assert on(database, found) == {}
    assert files(tmp_path) == []


async def begun(pool: Pool, folder: Path) -> list[str]:
    """Have Ann known twice, one job over and one worked, a ticket, and a message with a case.

    Returns what is worked, and the message, by whose words the case is found again.
    """
    async with serving(pool, data_dir=folder) as api:
        ann = await customer(api, "ann")
        await customer(api, name="Ann C. Cain")  # nobody ever went out for her
        over, worked = await job(api, ann, "one"), await job(api, ann, "two")
        await made(api, "dispatcher", f"POST {over}/actions/complete", {}, "done")
        said = {**CALLER, "email": ANN["email"], "issue": "Her heater"}
        ticket = await made(api, "agent", "POST /v1/handoffs", said, "ticket")
        await api.take(UCN, caller={"name": ANN["name"], "phone": ANN["phone"]})
        async with pool.acquire() as conn:
            for statement in CLOSED:
                await conn.execute(statement)
            case = Case(CASE, CaseType.DISPATCH, "x", "gateway", NOON, account="7001", ucns=(UCN,))
            written = Written(case, (Item("case.created", "A case.", words="Rude dog"),))
            await matters.open_one(conn, CASES, CASE, written, Hand("a", NOON, Dice(), FREE))
    return [worked.rpartition("/")[2], ticket["id"], str(CASE), UCN]


async def found(pool: Pool) -> dict[str, list[str]]:
    async with pool.acquire() as conn:
        return await left(conn, OF_ANN)


def on(database: str, what: Callable[[Pool], Awaitable[T]]) -> T:
    """Do something on that database."""

    async def work() -> T:
        pool = await open_pool(database, SystemClock(), tries=1)
        try:
            return await what(pool)
        finally:
            await pool.close()

    return asyncio.run(work())
