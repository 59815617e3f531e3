"""The plans of the hot statements, guarded: partial indexes and no sequential scan."""

from uuid import UUID, uuid4

import asyncpg

from gateway.domain.messages import Priority
from gateway.store.following import EVER
from gateway.store.jobs import LEASE
from gateway.store.queries import load
from tests.kit.desk import NOON
from tests.kit.shelf import Shelf

ONE, TWO = "49000001", "49000002"
_queries = load("jobs")
# Of these all wait for one of our numbers, for few phones and for many.
_ALL_WAIT = """
update jobs
set
    awaits = 'call', awaits_until = next_at,
    awaits_at = '+1202556' || substr(md5(id::text), 1, case when priority = 1 then 2 else 4 end)
"""


def scans(plan: str) -> set[str]:
    """Return the indexes of a printed plan."""
    return {word for word in plan.split() if word.startswith("jobs_")}


async def explained(conn: asyncpg.Connection, name: str, *arguments: object) -> str:
    rows = await conn.fetch(f"explain {_queries[name]}", *arguments)
    return "\n".join(row[0] for row in rows)


async def test_a_claim_among_fifty_thousand_reads_three_partial_indexes_and_no_table(
    shelf: Shelf,
) -> None:
    for priority, count in zip(Priority, (5_000, 25_000, 20_000), strict=True):
        await shelf.queue(priority, count)
    await shelf.conn.execute("analyze jobs")
    until = NOON + LEASE
    claim = await explained(shelf.conn, "claim_jobs", 1, until, NOON, EVER, 100)
    hot = await explained(shelf.conn, "claim_jobs", 1, until, NOON, (NOON,) * 3, 100)
    following = await explained(shelf.conn, "next_due", EVER)
    ahead = await explained(shelf.conn, "sweep", NOON, NOON)
    wanted = {"jobs_due_emergency", "jobs_due_urgent", "jobs_due_routine"}
    for plan in (claim, hot, following, ahead):
        assert wanted <= scans(plan), plan
        assert "Seq Scan on jobs" not in plan, plan


async def test_waking_who_waits_for_a_phone_reads_its_own_index(shelf: Shelf) -> None:
    await shelf.queue(Priority.URGENT, 50_000)
    await shelf.conn.execute("analyze jobs")
    changes = load("changes")
    ids: list[UUID] = [uuid4()]
    for name, arguments in (
        ("wake_waiting", (["+12025550101"], NOON)),
        ("lock_jobs_and_waiting", (ids, ids)),
    ):
        rows = await shelf.conn.fetch(f"explain {changes[name]}", *arguments)
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan on jobs" not in plan, plan


async def test_who_waits_for_a_number_is_found_by_the_lists_own_indexes(shelf: Shelf) -> None:
    """Plans are kept: those made while nobody waits, or there is nothing, must do for a storm."""
    at = f"'{NOON:%F %T}Z'"
    asked = {
        "call_up": ("waiting", f"'call', 20, 2, 4, {at}, 1, {at}"),
        "sweep": ("jobs", f"{at}, {at}"),
        "past_due": ("needs", f"{at}, {at}, {at}, 100"),
    }
    for stage in ("nothing yet", "nobody waits", "all wait"):
        if stage == "nobody waits":
            await shelf.queue(Priority.URGENT, 3_000)
        if stage == "all wait":
            await shelf.conn.execute(_ALL_WAIT)
        if stage != "nothing yet":
            await shelf.conn.execute("analyze jobs")
        plans = {name: await kept(shelf.conn, name, *given) for name, given in asked.items()}
        together = "(awaits_at = chosen_1.awaits_at)"
        assert plans["call_up"].count("(awaits = $1)") == 5, plans["call_up"]
        assert together in plans["call_up"], plans["call_up"]
        assert "Filter: (awaits" not in plans["call_up"], plans["call_up"]
        for channel in ("call", "text"):
            assert f"Index Cond: (awaits = '{channel}'::text)" in plans["sweep"], plans["sweep"]
        assert "jobs_awaiting" in scans(plans["past_due"]), plans["past_due"]


async def kept(conn: asyncpg.Connection, name: str, noun: str, values: str) -> str:
    """Return the plan of a prepared statement, which is made once for whatever values."""
    await conn.execute(f"prepare asked as {load(noun)[name]}")
    rows = await conn.fetch(f"explain execute asked ({values})")
    await conn.execute("deallocate asked")
    return "\n".join(row[0] for row in rows)
