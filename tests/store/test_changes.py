"""Changes are written all or nothing, many in one transaction, and stale ones change nothing."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway.domain.attempts import SPOKEN
from gateway.domain.change import Change, ErrandKind
from gateway.domain.events import Answered, MachineHeard, Pressed, Progress
from gateway.domain.history import verify
from gateway.domain.messages import MessageState
from gateway.store import messages
from gateway.store.pool import Pool
from gateway.store.verdicts import PhoneTaken, Stale, Written
from gateway.store.wake import news_of
from tests.kit.desk import document, later
from tests.kit.shelf import OURS, Shelf, key_of
from tests.kit.street import ANN, roster, shift

ONE, TWO, THREE = "49000001", "49000002", "49000003"


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        texts = {"permanent": [], **roster(shift("ann", status="sms"), shift("bob", "backup"))}
        await one.load(document("7001"), document("7002", **texts))
        yield one


async def test_an_intent_is_stored_as_it_was_planned(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.plan(ONE)
    (verdict,) = await shelf.write(change)
    assert isinstance(verdict, Written)
    state = await shelf.state(ONE)
    assert state.message == change.message
    assert state.attempts == tuple(a._replace(sender=verdict.sender) for a in change.begun)
    (job,) = change.jobs
    assert state.jobs == (job._replace(version=job.version + 1),)


async def test_the_history_continues_the_chain_that_was_begun(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.intend(ONE)
    rows = await shelf.all("history_items", "seq")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert verify((row["item"], row["hash"]) for row in rows) is None
    assert await messages.check(shelf.conn, key_of(ONE)) == (len(rows), None)


@pytest.mark.parametrize(
    "meanwhile",
    [
        "update messages set head_seq = head_seq + 1 where ucn = '49000002'",
        "update jobs set version = version + 1 where ucn = '49000002'",
        "update jobs set fence = fence + 1 where ucn = '49000002'",
        "update accounts set version = version + 1 where account = '7002'",
        "update accounts set deleted_at = now() where account = '7002'",
        "delete from jobs where ucn = '49000002'",
        "delete from messages where ucn = '49000002'",
    ],
)
async def test_a_stale_change_in_a_batch_changes_nothing_and_the_others_are_written(
    shelf: Shelf, meanwhile: str
) -> None:
    await shelf.take(ONE)
    await shelf.take(TWO, "7002")
    first, stale = await shelf.plan(ONE), await shelf.plan(TWO, "7002")
    await shelf.conn.execute(meanwhile)
    before = await shelf.whole()
    verdicts = await shelf.write(stale, first)
    assert [type(one) for one in verdicts] == [Stale, Written]
    after = await shelf.whole()
    for table in before:
        untouched = [row for row in after[table] if row.get("ucn") == TWO]
        assert untouched == [row for row in before[table] if row.get("ucn") == TWO]
    assert [row["ucn"] for row in after["attempts"]] == [ONE]
    assert [row["phone"] for row in after["open_calls"]] == [ANN]


async def test_a_change_written_twice_is_stale_the_second_time(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.plan(ONE)
    await shelf.write(change)
    before = await shelf.whole()
    (verdict,) = await shelf.write(change)
    assert isinstance(verdict, Stale)
    assert await shelf.whole() == before


async def test_a_fault_in_a_batch_leaves_nothing_of_it(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.take(TWO, "7002")
    good, bad = await shelf.plan(ONE), await shelf.plan(TWO, "7002")
    bad = bad._replace(begun=bad.begun * 2)
    before = await shelf.whole()
    with pytest.raises(asyncpg.UniqueViolationError):
        await shelf.write(good, bad)
    assert await shelf.whole() == before


async def test_an_event_never_asks_which_document_is_in_force(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.intend(ONE)
    heard = await shelf.hear(ONE, Progress(change.begun[0].id, "CA1", "ringing"))
    await shelf.conn.execute("update accounts set version = version + 1")
    assert [type(one) for one in await shelf.write(heard)] == [Written]


async def test_a_sid_that_was_learnt_meanwhile_stays(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.intend(ONE)
    attempt = change.begun[0].id
    heard = await shelf.hear(ONE, MachineHeard(attempt, "machine_end_beep"))
    await shelf.conn.execute("update attempts set sid = 'CA1'")
    await shelf.write(heard)
    (row,) = await shelf.all("attempts", "id")
    assert (row["sid"], row["sender"], row["stage"]) == ("CA1", OURS, "machine")


async def test_an_accept_delivers_completes_closes_codes_and_asks_to_hang_up(shelf: Shelf) -> None:
    await shelf.take(ONE, "7002")
    text = (await shelf.intend(ONE, "7002")).begun[0].id
    await shelf.tell(ONE, Progress(text, "SM1", "sent"), "7002")
    shelf.now = later(minutes=15)
    call = (await shelf.intend(ONE, "7002")).begun[0].id
    await shelf.tell(ONE, Answered(call, "CA1"), "7002")
    await shelf.tell(ONE, Pressed(call, "CA1", 0, "1"), "7002")
    shelf.now = later(minutes=15, seconds=9)
    await shelf.tell(ONE, Pressed(call, "CA1", 1, "1"), "7002")
    state = await shelf.state(ONE, "7002")
    assert state.message.state is MessageState.DELIVERED
    assert all(job.state.terminal for job in state.jobs)
    (code,) = await shelf.all("reply_codes", "code")
    assert code["closed_at"] == shelf.now


async def test_an_errand_is_due_as_soon_as_the_change_is_committed(shelf: Shelf) -> None:
    await shelf.take(ONE)
    attempt = (await shelf.intend(ONE)).begun[0].id
    await shelf.tell(ONE, MachineHeard(attempt, "machine_end_beep"))
    (errand,) = await shelf.all("errands", "id")
    assert (errand["kind"], errand["next_at"]) == (ErrandKind.VOICEMAIL, shelf.now)
    assert errand["attempt"] == attempt


async def test_a_phone_that_is_freed_wakes_who_waits_for_it(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.intend(TWO)
    waiting = (await shelf.state(TWO)).jobs[0]
    assert waiting.waits_for == ANN
    shelf.now = later(seconds=20)
    await shelf.tell(ONE, Progress(call, "CA1", "busy"))
    woken = (await shelf.state(TWO)).jobs[0]
    assert (woken.waits_for, woken.next_at) == (None, shelf.now)


async def test_a_decision_made_before_a_job_was_woken_does_not_put_it_back_to_sleep(
    shelf: Shelf,
) -> None:
    await shelf.take_all([ONE, TWO])
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.intend(TWO)
    sleeping = await shelf.state(TWO)
    before = Change(key_of(TWO), sleeping.message.head_seq, shelf.now, jobs=sleeping.jobs)
    await shelf.tell(ONE, Progress(call, "CA1", "busy"))
    assert [type(one) for one in await shelf.write(before)] == [Stale]
    assert (await shelf.state(TWO)).jobs[0].next_at == shelf.now


async def test_what_becomes_due_is_told_to_every_daemon(shelf: Shelf) -> None:
    heard: list[object] = []

    def hear(*told: object) -> None:
        heard.append(news_of(str(told[-1])).since)

    await shelf.take(ONE)
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.conn.add_listener("dispatchd_due", hear)
    await shelf.tell(ONE, Progress(call, "CA1", "ringing"))
    await shelf.conn.fetchval("select 1")
    assert heard == []
    await shelf.tell(ONE, Progress(call, "CA1", "busy"))
    await shelf.conn.fetchval("select 1")
    await shelf.conn.remove_listener("dispatchd_due", hear)
    assert heard == [shelf.now]


async def test_a_machine_verdict_that_missed_a_key_changes_nothing(shelf: Shelf) -> None:
    """Neither writes history or a job, yet the later one must know of the earlier one."""
    await shelf.take(ONE)
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.tell(ONE, Answered(call, "CA1"))
    key = await shelf.hear(ONE, Pressed(call, "CA1", 0, "1"))
    machine = await shelf.hear(ONE, MachineHeard(call, "machine_end_beep"))
    assert isinstance((await shelf.write(key))[0], Written)
    assert await shelf.write(machine) == [Stale()]
    assert (await shelf.state(ONE)).attempt(call).stage == SPOKEN


@pytest.mark.parametrize(
    "tampering",
    [
        "update history set item = 'x'",
        "update history set seq = 9 where seq = 1",
        "truncate history",
    ],
)
async def test_history_is_append_only(shelf: Shelf, tampering: str) -> None:
    await shelf.take(ONE)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await shelf.conn.execute(tampering)


async def test_an_empty_batch_writes_nothing(shelf: Shelf) -> None:
    assert await shelf.write() == []


async def test_two_processes_with_the_same_plan_place_one_call(shelf: Shelf, pool: Pool) -> None:
    await shelf.take(ONE)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        plans = [await shelf.plan(ONE), await other.plan(ONE)]
        verdicts = await asyncio.gather(shelf.write(plans[0]), other.write(plans[1]))
    assert sorted(type(one).__name__ for (one,) in verdicts) == ["Stale", "Written"]
    assert await shelf.count("attempts") == await shelf.count("open_calls") == 1


async def test_a_plan_that_waits_for_the_others_commit_is_stale_after_it(
    shelf: Shelf, pool: Pool
) -> None:
    await shelf.take(ONE)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        first, second = await shelf.plan(ONE), await other.plan(ONE)
        async with shelf.conn.transaction():
            await shelf.write(first)
            waiting = asyncio.create_task(other.write(second))
            await blocked(pool)
        assert isinstance((await waiting)[0], Stale)
    assert await shelf.count("attempts") == 1


async def test_batches_that_overlap_in_any_order_end_without_a_deadlock(
    shelf: Shelf, pool: Pool
) -> None:
    ucns = [ONE, TWO, THREE]
    await shelf.take_all(ucns)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        for _ in range(10):
            mine = [await shelf.plan(ucn) for ucn in ucns]
            theirs = [await other.plan(ucn) for ucn in reversed(ucns)]
            both = await asyncio.gather(shelf.write(*mine), other.write(*theirs))
            for one, two in zip(both[0], reversed(both[1]), strict=True):
                assert not (isinstance(one, Written) and isinstance(two, Written))
            shelf.now = other.now = shelf.now + (later(seconds=30) - later())
    calls = [row["phone"] for row in await shelf.all("open_calls", "phone")]
    assert len(calls) == len(set(calls))


async def test_freeing_a_phone_and_claiming_it_for_who_waits_end_without_a_deadlock(
    shelf: Shelf, pool: Pool
) -> None:
    """One process wakes a job while another plans that very job: jobs are locked before phones."""
    await shelf.take_all([ONE, TWO])
    call = (await shelf.intend(ONE)).begun[0].id
    await shelf.intend(TWO)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        dials = await other.plan(TWO)
        frees = await shelf.hear(ONE, Progress(call, "CA1", "busy"))
        async with pool.acquire() as third, third.transaction():
            # Whoever comes to the phone waits here, in the order in which they came.
            await third.execute("select from open_calls for update")
            freeing = asyncio.create_task(shelf.write(frees))
            await blocked(pool)
            dialing = asyncio.create_task(other.write(dials))
            await blocked(pool, 2)
        verdicts = [*(await freeing), *(await dialing)]
    assert isinstance(verdicts[0], Written)
    assert isinstance(verdicts[1], Stale | PhoneTaken)
    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    await shelf.conn.execute("select pg_stat_force_next_flush()")
    assert await shelf.conn.fetchval(deadlocks) == 0


async def blocked(pool: Pool, most: int = 1) -> None:
    """Wait until so many statements of this database wait for a lock."""
    waiting = "select count(*) from pg_locks where not granted"
    async with asyncio.timeout(10), pool.acquire() as conn:
        while await conn.fetchval(waiting) < most:
            await conn.execute("select pg_sleep(0.01)")
