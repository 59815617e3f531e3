"""What a dispatch reads and writes, in blocks and bytes, which no busy machine changes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from gateway.daemon.bounds import Bounds
from gateway.domain.dispatch import next_step
from gateway.domain.messages import Priority
from gateway.store import jobs
from gateway.store.following import EVER, Since
from gateway.store.jobs import LEASE, Placed
from gateway.store.pool import Connection, Pool
from gateway.store.queries import load
from tests.kit.desk import document, later
from tests.kit.shelf import Shelf
from tests.kit.street import roster, shift

# So many that a page which is split, or logged as a whole, weighs little.
UCNS = [f"490000{n:02}" for n in range(1, 100)]
TEXTS = {"permanent": [], **roster(shift("ann", status="sms"))}
FEW, MANY = 2_000, 20_000
# Bytes that a dispatch adds to the write-ahead log, page images apart; half of it is its history.
MOST_LOGGED = 4_400
Said = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"), document("7002", **TEXTS))
        yield one


@asynccontextmanager
async def undone(conn: Connection) -> AsyncIterator[Said]:
    """Gather what is said meanwhile; then it is as if nothing was."""
    said: Said = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        if query.query.startswith("--"):
            said.append((query.query, query.args))

    transaction = conn.transaction()
    await transaction.start()
    conn.add_query_logger(note)
    try:
        yield said
        await conn.execute("select 1")  # the driver tells of a query after it has answered it
    finally:
        conn.remove_query_logger(note)
        await transaction.rollback()


async def plan(conn: Connection, query: str, *given: object) -> dict[str, Any]:
    text = await conn.fetchval(f"explain (analyze, wal, buffers, format json) {query}", *given)
    (found,) = orjson.loads(text)
    top: dict[str, Any] = found["Plan"]
    return top


def logged(node: dict[str, Any]) -> Iterator[int]:
    """Yield the bytes that each writing or locking part of a plan logs, with all below it."""
    if node["Node Type"] in {"ModifyTable", "LockRows"}:
        yield node["WAL Bytes"]
        return
    for one in node.get("Plans", ()):
        yield from logged(one)


async def dispatched(shelf: Shelf) -> None:
    """Do what the daemon does with what is due, from the claim to the carrier's yes."""
    batch = await jobs.claim(shelf.conn, 1, shelf.now)
    states = await shelf.states.of_claimed(shelf.conn, batch, shelf.now)
    changes = [next_step(states[one.key], one.id, shelf.now, shelf.chance) for one in batch]
    await shelf.write(*changes)
    begun = [attempt for change in changes for attempt in change.begun]
    assert len(begun) == len(UCNS)
    placed = [Placed(one.id, f"SM{one.id.hex}", later(seconds=90)) for one in begun]
    await jobs.note_placed(shelf.conn, placed)


async def test_a_dispatch_writes_few_bytes(shelf: Shelf) -> None:
    await shelf.take_all(UCNS, "7002")
    async with undone(shelf.conn) as said:
        await dispatched(shelf)
    took = []
    for _ in range(2):
        async with undone(shelf.conn):
            plans = [await plan(shelf.conn, query, *given) for query, given in said]
        took.append(sum(sum(logged(one)) for one in plans) / len(UCNS))
    assert 1_000 < min(took) <= MOST_LOGGED, took


async def test_a_claim_reads_what_it_claims_however_much_is_pending(shelf: Shelf) -> None:
    """A hundred are due each time; ten times as many wait for later."""
    read = []
    await shelf.queue(Priority.URGENT, 100)
    for pending in (FEW, MANY):
        shelf.now += timedelta(hours=1)
        await shelf.queue(Priority.URGENT, pending)
        shelf.now -= timedelta(hours=1)
        await shelf.conn.execute("vacuum analyze jobs")  # what was undone must leave room again
        since = (shelf.now - timedelta(minutes=2),) * 3
        given = (1, shelf.now + LEASE, shelf.now, since, 100)
        async with undone(shelf.conn):
            found = await plan(shelf.conn, load("jobs").claim_jobs, *given)
        assert found["Actual Rows"] == 100
        read.append(blocks(found))
    assert read[1] <= read[0] * 1.2, read


def blocks(found: dict[str, Any]) -> int:
    return int(found["Shared Hit Blocks"] + found["Shared Read Blocks"])


@asynccontextmanager
async def forgotten(pool: Pool) -> AsyncIterator[None]:
    """Hold a transaction open that sees all of before, as somebody's tool does."""
    async with pool.acquire() as conn:
        await conn.execute("set idle_in_transaction_session_timeout = 0")
        async with conn.transaction(isolation="repeatable_read"):
            await conn.fetchval("select count(*) from jobs")
            yield
        await conn.execute("reset idle_in_transaction_session_timeout")


async def claimed(shelf: Shelf, batches: int) -> Since:
    """Claim hundreds, and put them off for an hour; return where the next claim begins."""
    bounds = Bounds()
    bounds.looked(bounds.look(shelf.now), 100, [])
    bounds.lower(shelf.now - timedelta(minutes=1))
    for _ in range(batches):
        look = bounds.look(shelf.now)
        batch = await jobs.claim(shelf.conn, shelf.boot, shelf.now, since=look.since)
        bounds.looked(look, 100, batch)
        await jobs.postpone(shelf.conn, shelf.boot, {one.id: later(hours=1) for one in batch})
    return bounds.look(shelf.now).since


async def asked(shelf: Shelf, since: Since) -> tuple[int, int]:
    """Return how many blocks a claim reads, and the question what is due next."""
    async with undone(shelf.conn):
        given = (1, shelf.now + LEASE, shelf.now, since, 100)
        claim = await plan(shelf.conn, load("jobs").claim_jobs, *given)
    assert claim["Actual Rows"] == 100
    return blocks(claim), blocks(await plan(shelf.conn, load("jobs").next_due, since))


async def test_beside_a_forgotten_transaction_little_is_read_of_what_was_claimed_before(
    shelf: Shelf, pool: Pool
) -> None:
    await shelf.queue(Priority.URGENT, 2_200)
    await shelf.conn.execute("analyze jobs")
    fresh = await asked(shelf, EVER)
    async with forgotten(pool):
        since = await claimed(shelf, 20)
        bound, unbound = await asked(shelf, since), await asked(shelf, EVER)
    assert bound[0] <= fresh[0] * 1.2, (fresh, bound)
    assert bound[1] <= fresh[1] + 20, (fresh, bound)
    assert unbound[0] > fresh[0] * 1.5, "nothing was held back"
