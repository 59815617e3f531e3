"""Histories and attempts are kept by the month, are found there, and lose nothing on the way."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from gateway.chance import SeededChance
from gateway.clock import SystemClock, VirtualClock
from gateway.daemon.watch import Watch
from gateway.domain.history import Broken
from gateway.domain.months import named
from gateway.metrics import build_metrics
from gateway.store import jobs, messages, whereabouts
from gateway.store.exporting import broken
from gateway.store.jobs import Placed
from gateway.store.migrate import migrate, migrations
from gateway.store.months import TABLES, away, make_room
from gateway.store.pool import Pool, connect
from tests.kit.desk import NOON, later
from tests.kit.shelf import Shelf, key_of

ONE, TWO = "49000001", "49000002"
FAR = datetime(2031, 5, 31, 23, 59, tzinfo=UTC)


async def places(shelf: Shelf, table: str) -> set[str]:
    """Return the partitions in which a table's rows stand."""
    rows = await shelf.conn.fetch(f"select distinct tableoid::regclass::text from {table}")  # noqa: S608 - ours
    return {row[0] for row in rows}


async def parts(shelf: Shelf, table: str) -> set[str]:
    """Return a table's partitions."""
    query = "select inhrelid::regclass::text from pg_inherits where inhparent = $1::text::regclass"
    return {row[0] for row in await shelf.conn.fetch(query, table)}


async def test_what_is_kept_of_a_message_stands_in_its_month(shelf: Shelf) -> None:
    await shelf.take(ONE)
    attempt = (await shelf.intend(ONE)).begun[0].id
    assert named(attempt) == date(2026, 2, 1)
    assert await places(shelf, "history") == {"history_2026_02"}
    assert await places(shelf, "attempts") == {"attempts_2026_02"}


@pytest.mark.parametrize(
    ("taken_at", "begun_at", "month"),
    [
        (datetime(2026, 2, 28, 23, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), 3),
        (datetime(2026, 3, 1, 0, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 57, tzinfo=UTC), 3),
    ],
    ids=["in the next month", "before its message, the clock being set back"],
)
async def test_an_attempt_is_found_by_its_id_its_message_and_its_phone(
    shelf: Shelf, taken_at: datetime, begun_at: datetime, month: int
) -> None:
    shelf.now = shelf.taken_at = taken_at
    await shelf.take(ONE)
    await shelf.conn.execute("update jobs set next_at = $1, due_at = $1", begun_at)
    shelf.now = begun_at
    attempt = (await shelf.intend(ONE)).begun[0].id
    assert named(attempt) == date(2026, month, 1)
    await jobs.note_placed(shelf.conn, [Placed(attempt, "CA1", begun_at)])
    state = await shelf.state(ONE)
    one = state.attempt(attempt)
    assert (one.started_at, one.sid) == (begun_at, "CA1")
    assert state.rung[one.address].times == 1
    assert (await whereabouts.place_of(shelf.conn, attempt)).key == state.message.key
    since = begun_at - timedelta(hours=1)
    assert not await jobs.unclaimed_sids(shelf.conn, one.address, ["CA1"], since)


async def test_a_message_of_a_month_without_room_is_taken_and_moves_when_there_is(
    shelf: Shelf,
) -> None:
    shelf.now = shelf.taken_at = FAR
    await shelf.take(ONE)
    attempt = (await shelf.intend(ONE)).begun[0].id
    for table in TABLES:
        assert await places(shelf, table) == {f"{table}_default"}
    for made in (4, 0):
        assert await make_room(shelf.conn, FAR) == made
    for table in TABLES:
        assert await places(shelf, table) == {f"{table}_2031_05"}
        assert f"{table}_2031_06" in await parts(shelf, table)
    key = (await whereabouts.place_of(shelf.conn, attempt)).key
    assert (await messages.check(shelf.conn, key))[1] is None
    assert (await shelf.state(ONE)).attempt(attempt).open


async def test_several_processes_make_room_once_and_alike(pool: Pool) -> None:
    clock = VirtualClock(FAR)
    watches = [Watch(pool, clock, build_metrics(), SeededChance(n)) for n in range(3)]
    await asyncio.gather(*(one.make_room() for one in watches))
    async with pool.acquire() as conn:
        shelf = Shelf(conn)
        assert {"history_2031_05", "history_2031_06"} <= await parts(shelf, "history")
        query = "select reloptions, (select count(*) from pg_index where indrelid = c.oid) as many"
        query += " from pg_class as c where relname = any($1)"
        alike = await conn.fetch(
            query, ["attempts_default", "attempts_2026_02", "attempts_2031_06"]
        )
        assert len(alike) == 3
        assert len({tuple(map(str, row)) for row in alike}) == 1
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await conn.execute("update history_2031_05 set item = 'x'")


async def test_whoever_reads_everything_is_left_alone_and_room_is_made_later(
    shelf: Shelf, pool: Pool
) -> None:
    watch = Watch(pool, VirtualClock(FAR), build_metrics(), SeededChance(1))
    async with shelf.conn.transaction():
        await shelf.conn.execute("select 1 from history")
        await watch.make_room()
    assert "history_2031_05" not in await parts(shelf, "history")
    await watch.make_room()
    assert "history_2031_05" in await parts(shelf, "history")


# ---------------------------------------------------------------------------------- what was before
BEFORE = """
insert into history (account, month, ucn, seq, at, kind, item, hash)
values ('7001', $1, $2, 1, $3, 'a b', e'{}\\n{}', 'x y');
"""
ATTEMPT = """
insert into attempts (
    account, month, ucn, id, job, round, slot, contact, address, method, source, started_at,
    check_at, state, stage, step, tries
) values (
    '7001', $1, $2, gen_random_uuid(), gen_random_uuid(), 1, '', 'ann', '+12025550101', 'call',
    'shift', $3, $3, 'sent', 'prompt', 0, 0
)
returning id
"""


async def test_what_an_earlier_version_wrote_moves_and_is_found_by_ids_that_name_no_month(
    empty_database: str,
) -> None:
    conn = await connect(empty_database, SystemClock(), tries=1)
    await migrate(conn, NOON, migrations()[: _place("months")])
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    began = {ONE: (january, NOON - timedelta(days=20)), TWO: (january, NOON)}
    ids = {}
    for ucn, (month, at) in began.items():
        await conn.execute(BEFORE, month, ucn, at)
        ids[ucn] = await conn.fetchval(ATTEMPT, month, ucn, at)
    await migrate(conn, NOON)
    shelf = Shelf(conn)
    assert await places(shelf, "history") == {"history_2026_01"}
    assert await shelf.count("history_items") == 4
    rows = {row["id"]: row["begun"] for row in await shelf.all("attempts", "id")}
    assert rows == {ids[ONE]: january, ids[TWO]: february}
    for ucn, attempt in ids.items():
        assert (await whereabouts.place_of(conn, attempt)).key.ucn == ucn
    await jobs.note_placed(conn, [Placed(one, f"CA{one}", NOON) for one in ids.values()])
    assert {row["sid"] for row in await shelf.all("attempts", "id")} == {
        f"CA{one}" for one in ids.values()
    }
    await conn.close()


def _place(name: str) -> int:
    return next(n for n, one in enumerate(migrations()) if one.name.endswith(f"_{name}"))


# ---------------------------------------------------------------------------------- old months
async def test_a_month_that_is_still_worked_is_not_put_away(shelf: Shelf) -> None:
    await shelf.take(ONE)
    with pytest.raises(asyncpg.RaiseError, match="of 2026-02 or before have not ended"):
        await shelf.conn.execute("select put_month_away('2026-02-02')")


async def test_work_goes_on_without_an_old_month_and_it_can_come_back(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.intend(ONE)
    await shelf.conn.execute("update jobs set state = 'canceled', next_at = null")
    await shelf.conn.execute("select put_month_away('2026-02-02')")
    assert await away(shelf.conn) == [date(2026, 2, 1)]
    assert "attempts_2026_02" not in await parts(shelf, "attempts")
    gone = Broken(1, "its month was put away")
    assert await messages.check(shelf.conn, key_of(ONE)) == (0, gone)

    shelf.now = shelf.taken_at = later(days=40)
    new = await shelf.take(TWO)
    assert (await shelf.intend(TWO)).begun
    (told,) = [one async for one in broken(shelf.conn)]
    assert (told[0], told[2]) == (new.message.key, None)

    await shelf.conn.execute("select bring_month_back('2026-02-02')")
    assert [fault async for _, _, fault in broken(shelf.conn)] == [None, None]
    assert await away(shelf.conn) == []
    assert await places(shelf, "attempts") == {"attempts_2026_02", "attempts_default"}
