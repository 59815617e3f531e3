"""Jobs are claimed by lease and fence, in order of urgency, by one process each; errands too."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from gateway.clock import SystemClock
from gateway.domain.breakers import Heard, Line
from gateway.domain.messages import Priority
from gateway.store import breakers, duties, jobs
from gateway.store.following import EVER, next_due
from gateway.store.jobs import LEASE
from gateway.store.pool import Pool, connect
from gateway.store.queries import load
from gateway.store.verdicts import Stale
from tests.kit.desk import NOON, later
from tests.kit.processes import running
from tests.kit.shelf import Shelf

ONE, TWO = "49000001", "49000002"
_queries = load("jobs")


async def classes(shelf: Shelf, most: int) -> list[int]:
    """Claim and return how many of each class that was."""
    claimed = await jobs.claim(shelf.conn, shelf.boot, NOON, most=most)
    found = [one.job.priority for one in claimed]
    assert found == sorted(found)
    return [found.count(priority) for priority in Priority]


# ---------------------------------------------------------------------------------- order
async def test_the_most_urgent_come_first_and_the_most_overdue_first_among_them(
    shelf: Shelf,
) -> None:
    for n, priority in enumerate([Priority.ROUTINE, Priority.URGENT, Priority.EMERGENCY], start=1):
        await shelf.take(f"4900000{n}", priority=priority)
    await shelf.take("49000004")
    await shelf.conn.execute(
        "update jobs set due_at = $1, next_at = $1 where ucn = '49000004'", later(minutes=-1)
    )
    claimed = await jobs.claim(shelf.conn, 1, NOON)
    assert [one.key.ucn for one in claimed] == ["49000003", "49000004", "49000002", "49000001"]


async def test_every_tenth_place_is_kept_for_what_is_less_urgent(shelf: Shelf) -> None:
    for priority in Priority:
        await shelf.queue(priority, 300)
    assert await classes(shelf, 100) == [100, 10, 10]


async def test_places_that_the_urgent_do_not_need_go_to_the_others(shelf: Shelf) -> None:
    await shelf.queue(Priority.EMERGENCY, 5)
    await shelf.queue(Priority.ROUTINE, 300)
    assert await classes(shelf, 100) == [5, 0, 95]


async def test_nothing_starves_behind_a_flood_of_emergencies(shelf: Shelf) -> None:
    await shelf.queue(Priority.EMERGENCY, 1000)
    await shelf.queue(Priority.ROUTINE, 20)
    turns = [(await classes(shelf, 50))[2] for _ in range(4)]
    assert sum(turns) == 20


async def test_what_is_not_due_or_waits_for_nothing_is_not_claimed(shelf: Shelf) -> None:
    await shelf.take(ONE)
    assert await jobs.claim(shelf.conn, 1, later(seconds=-1)) == []
    await shelf.conn.execute("update jobs set next_at = null")
    assert await jobs.claim(shelf.conn, 1, NOON) == []


async def test_the_hot_claim_leaves_what_is_long_overdue_to_the_sweep(shelf: Shelf) -> None:
    await shelf.take(ONE)
    now = later(minutes=10)
    assert await jobs.claim(shelf.conn, 1, now, since=(now - timedelta(minutes=2),) * 3) == []
    assert len(await jobs.claim(shelf.conn, 1, now, since=EVER)) == 1


# ---------------------------------------------------------------------------------- leases
async def test_a_claimed_job_is_nobody_elses_until_its_lease_has_run_out(shelf: Shelf) -> None:
    await shelf.take(ONE)
    first = await shelf.claim()
    assert len(first) == 1
    assert await shelf.claim() == []
    shelf.now = NOON + LEASE
    assert await shelf.claim() == first


async def test_who_lost_the_lease_writes_nothing(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.claim()
    planned = await shelf.plan(ONE)
    shelf.now = NOON + LEASE
    shelf.boot = 2
    await shelf.claim()
    assert await shelf.write(planned) == [Stale()]
    assert await shelf.count("attempts") == 0


async def test_a_write_ends_the_lease(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.claim()
    await shelf.write(await shelf.plan(ONE))
    (job,) = await shelf.all("jobs", "id")
    assert (job["lease_owner"], job["lease_until"]) == (None, None)


async def test_a_postponed_job_comes_back_with_its_due_time_untouched(shelf: Shelf) -> None:
    await shelf.take(ONE)
    (job,) = await shelf.claim()
    await jobs.postpone(shelf.conn, 99, {job: later(hours=1)})
    await jobs.postpone(shelf.conn, shelf.boot, {job: later(seconds=1)})
    assert (await next_due(shelf.conn)).job_at == later(seconds=1)
    (row,) = await shelf.all("jobs", "id")
    assert (row["due_at"], row["next_at"]) == (NOON, later(seconds=1))


async def test_the_leases_of_a_process_that_is_gone_are_void(shelf: Shelf, database: str) -> None:
    await shelf.take(ONE)
    other = await connect(database, SystemClock(), tries=1)
    boot = await jobs.board(other)
    await jobs.claim(other, boot, NOON)
    assert await jobs.free_leases_of_the_dead(shelf.conn, NOON) == 0
    await other.close()
    await gone(shelf, boot)
    assert await jobs.free_leases_of_the_dead(shelf.conn, NOON) == 1
    assert len(await shelf.claim()) == 1


async def gone(shelf: Shelf, boot: int) -> None:
    """Wait until Postgres has let go of a boot's lock."""
    held = "select count(*) from pg_locks where locktype = 'advisory' and objid = $1::bigint::oid"
    async with asyncio.timeout(10):
        while await shelf.conn.fetchval(held, boot):
            await shelf.conn.execute("select pg_sleep(0.01)")


# ---------------------------------------------------------------------------------- races
_CLAIMER = """
import asyncio, sys
from datetime import datetime
from gateway.clock import SystemClock
from gateway.store import breakers, duties, jobs
from gateway.store.pool import connect

async def main():
    conn = await connect(sys.argv[1], SystemClock(), tries=1)
    now = datetime.fromisoformat(sys.argv[2])
    boot = await jobs.board(conn)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    mine = []
    while got := await getattr(jobs, sys.argv[3])(conn, *([boot] if sys.argv[3] == "claim" else []), now, most=7):
        mine += [str(getattr(one, "id", None) or one.errand.id) for one in got]
    print(" ".join(mine), flush=True)
    await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""  # noqa: E501 - a program in a program


def raced(database: str, what: str) -> list[list[str]]:
    """Have two real processes claim as fast as they can; return what each got."""
    arguments = (database, NOON.isoformat(), what)
    with running(_CLAIMER, *arguments) as one, running(_CLAIMER, *arguments) as two:
        found = []
        for program in (one, two):
            assert program.process.stdin
            program.process.stdin.write("go\n")
            program.process.stdin.flush()
        for program in (one, two):
            assert program.process.stdout
            found.append(program.process.stdout.readline().split())
    return found


async def test_two_processes_never_claim_one_job_twice(shelf: Shelf, database: str) -> None:
    for priority in Priority:
        await shelf.queue(priority, 200)
    one, two = await asyncio.to_thread(raced, database, "claim")
    assert len(one) + len(two) == len({*one, *two}) == 600


async def test_two_processes_never_claim_one_errand_twice(shelf: Shelf, database: str) -> None:
    await shelf.conn.execute(
        "insert into errands (id, kind, payload, next_at)"
        " select gen_random_uuid(), 'alert', '{}', $1 from generate_series(1, 400)",
        NOON,
    )
    one, two = await asyncio.to_thread(raced, database, "claim_errands")
    assert len(one) + len(two) == len({*one, *two}) == 400


async def test_a_claim_passes_over_what_another_is_just_claiming(shelf: Shelf, pool: Pool) -> None:
    await shelf.queue(Priority.URGENT, 10)
    async with pool.acquire() as conn, conn.transaction():
        first = await jobs.claim(conn, 2, NOON, most=4)
        second = await jobs.claim(shelf.conn, 1, NOON, most=10)
    assert (len(first), len(second)) == (4, 6)
    assert {one.id for one in first}.isdisjoint(one.id for one in second)


async def test_a_sweep_tells_of_whatever_is_due_whoever_holds_it(shelf: Shelf) -> None:
    shelf.boot = await jobs.board(shelf.conn)
    assert (await jobs.sweep(shelf.conn, NOON))[:3] == (False, None, None)
    await shelf.take(ONE)
    assert (await jobs.sweep(shelf.conn, NOON - timedelta(seconds=1)))[:3] == (False, NOON, None)
    await shelf.claim()
    assert (await jobs.sweep(shelf.conn, NOON))[:3] == (True, None, NOON + jobs.LEASE)
    await shelf.conn.execute("update jobs set next_at = null, lease_until = null")
    await jobs.add_alert(shelf.conn, uuid4(), NOON, {})
    assert (await jobs.sweep(shelf.conn, NOON))[:3] == (True, NOON, None)
    await jobs.claim_errands(shelf.conn, NOON)
    assert (await jobs.sweep(shelf.conn, NOON))[:3] == (True, None, None)


async def test_a_sweep_tells_when_the_next_duty_is_to_be_looked_for(shelf: Shelf) -> None:
    await shelf.conn.execute("update duties set next_at = $1", later(minutes=5))
    assert (await jobs.sweep(shelf.conn, NOON)).duty_at == later(minutes=5)
    await duties.claim(shelf.conn, later(minutes=5), 1)
    swept = await jobs.sweep(shelf.conn, later(minutes=6))
    assert swept.duty_at == later(minutes=6), "one that is under way may end at any time"
    await shelf.conn.execute("delete from duties")
    assert (await jobs.sweep(shelf.conn, NOON)).duty_at is None


async def test_a_sweep_tells_whether_anything_is_held_against_a_line(shelf: Shelf) -> None:
    assert not (await jobs.sweep(shelf.conn, NOON)).troubled
    heard = {Line("text", "main"): [Heard(NOON, fine=False)]}
    await breakers.tell(shelf.conn, heard, NOON, lambda _: [])
    assert (await jobs.sweep(shelf.conn, NOON)).troubled
