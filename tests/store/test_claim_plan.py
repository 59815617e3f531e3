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
