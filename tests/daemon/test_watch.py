"""The watch finds what is late, and tells sessions and dispatchers (S3-26)."""

import asyncio

from gateway.chance import SeededChance
from gateway.clock import VirtualClock, pause
from gateway.daemon.watch import Watch
from gateway.metrics import build_metrics
from gateway.store import needs
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.shelf import Shelf


async def test_what_is_past_due_is_told_at_once_and_alerted_once_a_minute(pool: Pool) -> None:
    """S3-26, S3-61: five minutes after it was due, whoever of several processes finds it."""
    clock = VirtualClock(NOON)
    watch = Watch(pool, clock, build_metrics(), SeededChance(7))
    async with pool.acquire() as conn:
        shelf = Shelf(conn)
        await shelf.load()
        await shelf.take_all(["49000001", "49000002"])
        for minutes in (4, 5, 5.01):
            clock.set(later(minutes=minutes))
            await watch.find_late()
            await Watch(pool, clock, build_metrics(), SeededChance(8)).find_late()
        told = await needs.after(conn, 0)
        assert [(one.ucn, one.reason) for one in told] == [
            ("49000001", "past_due"),
            ("49000002", "past_due"),
        ]
        assert {one.at for one in told} == {later(minutes=5)}
        (errand,) = await shelf.all("errands", "id")
        assert errand["payload"]["sink"] == "dispatch"
        assert "past due for more than 5 minutes, and 1 more" in errand["payload"]["text"]
        shelf.now = later(minutes=5)
        await shelf.take("49000003")
        clock.set(later(minutes=10.5))
        await watch.find_late()
        assert len(await shelf.all("errands", "id")) == 2


async def test_all_that_fell_due_in_an_outage_is_told_and_alerted_once(pool: Pool) -> None:
    """However much that is, and however much of it is told at a time."""
    clock = VirtualClock(NOON)
    async with pool.acquire() as conn:
        shelf = Shelf(conn)
        await shelf.load()
        await shelf.take_all([f"4900{n:04}" for n in range(450)])
        clock.set(later(minutes=30))
        watch = Watch(pool, clock, build_metrics(), SeededChance(7))
        for _ in range(4):
            await watch.find_late()
        assert await shelf.count("needs") == 450
        clock.set(later(minutes=31))
        await watch.find_late()
        texts = [one["payload"]["text"] for one in await shelf.all("errands", "next_at")]
        more = [int(text.rpartition("and ")[2].split(" ")[0]) + 1 for text in texts]
        assert sum(more) == 450


async def test_schedules_that_leave_hours_to_nobody_are_counted(pool: Pool) -> None:
    metrics = build_metrics()
    watch = Watch(pool, VirtualClock(NOON), metrics, SeededChance(7))
    memories = [
        {"OnCall": {"2026-02-04": "(yellow) 20:00-21:00"}, "West": {}},
        {"OnCall": {"2026-02-05": "(red) all day"}},
        {},
    ]
    for number, memory in enumerate(memories):
        await pool.execute(
            "insert into duties (id, account, kind, key, next_at, memory) "
            "values (gen_random_uuid(), $1, 'coverage', '', now(), $2)",
            f"700{number}",
            memory,
        )
    await watch.look()
    assert "dispatchd_uncovered_schedules 2.0" in metrics.exposition().decode()


async def test_how_long_the_database_is_silent_is_shown_at_any_time(pool: Pool) -> None:
    clock, metrics = VirtualClock(NOON), build_metrics()
    watch = asyncio.create_task(Watch(pool, clock, metrics, SeededChance(7)).keep())
    try:
        await asleep(clock)
        await pool.close()
        clock.set(later(seconds=20))
        assert "dispatchd_database_silent_seconds 20.0" in metrics.exposition().decode()
    finally:
        watch.cancel()


async def asleep(clock: VirtualClock) -> None:
    """Wait until somebody sleeps."""
    async with asyncio.timeout(20):
        while clock.next_instant() is None:
            await asyncio.to_thread(pause, 0.01)
