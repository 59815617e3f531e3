"""Statements look into the months that can matter, however they were planned and many there are."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from gateway.domain.months import span
from gateway.store.months import TABLES
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON, later
from tests.kit.plans import UNCLAIMED, WRITTEN, planned
from tests.kit.shelf import Shelf

ONE = "49000001"
EARLIER = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
BEFORE = {f"attempts_{month:%Y_%m}" for month in EARLIER}
FEBRUARY = {"attempts_2026_02"}
AN_HOUR, A_MINUTE = later(hours=-1), later(minutes=-1)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    """A database with months before this one."""
    async with pool.acquire() as one:
        for month in EARLIER:
            for table in TABLES:
                await one.fetchval("select make_month($1, $2)", table, month)
        yield one


async def visited(conn: Connection, query: str, *given: object) -> list[set[str]]:
    """Return which partitions a statement (it is executed) opens, by either kind of plan."""
    found = []
    for mode in ("force_generic_plan", "force_custom_plan"):
        await conn.execute(f"set plan_cache_mode = {mode}")
        plan = await planned(conn, query, given, "analyze")
        found.append({one["Relation Name"] for one in scans(plan)} & await kept(conn))
    return found


async def kept(conn: Connection) -> set[str]:
    rows = await conn.fetch("select inhrelid::regclass::text from pg_inherits")
    return {row[0] for row in rows}


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of a plan that read tables."""
    if "Scan" in node["Node Type"] and "Relation Name" in node:
        yield node
    for one in node.get("Plans", ()):
        yield from scans(one)


async def test_an_attempt_is_looked_for_in_the_month_that_its_id_names(conn: Connection) -> None:
    shelf = Shelf(conn)
    await shelf.load()
    await shelf.take(ONE)
    attempt: UUID = (await shelf.intend(ONE)).begun[0].id
    months = span([attempt])
    for query, given in (
        ("parties.places_of_attempts", ([attempt], *months)),
        ("parties.sender_of_attempt", (attempt, *months)),
        ("jobs.note_placed", ([], *months)),
        ("changes.write_changes", (*WRITTEN, *months, *UNCLAIMED)),
        ("changes.set_rides", ([], [], *months)),
    ):
        assert await visited(conn, query, *given) == [FEBRUARY] * 2, query


async def test_what_happened_lately_is_looked_for_in_late_months(conn: Connection) -> None:
    accounts, days = ["7001"], ["2026-02-02"]
    phones = "+12025550101 +12025550102"
    around = (phones, AN_HOUR, accounts, days, NOON, AN_HOUR)
    assert await visited(conn, "states.load_surroundings", *around) == [FEBRUARY] * 2
    for query, given in (
        ("states.load_calls", (["+12025550101"], AN_HOUR)),
        ("accounts.calls_to", (["+12025550101"], AN_HOUR, NOON)),
        ("jobs.claimed_sids", ("+12025550101", ["CA1"], AN_HOUR)),
        ("jobs.sweep", (NOON, A_MINUTE)),
        ("calls.list_calls", (None, AN_HOUR, None, 20)),
        ("farewell.on_the_line", (NOON, NOON, None)),
    ):
        for opened in await visited(conn, query, *given):
            assert not opened & BEFORE, query
            assert opened >= FEBRUARY, query


async def test_what_belongs_to_a_message_is_looked_for_from_its_month_on(conn: Connection) -> None:
    keys = (["7001"], ["2026-02-01"], [ONE])
    no_attempt = ([], None, None)
    first = "2026-02-01 00:00Z"
    for opened in await visited(conn, "states.load_messages", *keys, *no_attempt, first):
        assert not opened & BEFORE
        assert opened >= FEBRUARY
    key = ("7001", "2026-02-01", ONE)
    assert await visited(conn, "messages.history_of", *key) == [{"history_2026_02"}] * 2
