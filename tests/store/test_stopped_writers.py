"""A process that stops in the middle of writing holds up nobody for long, wherever it stopped."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.clock import SystemClock
from gateway.domain.change import Change
from gateway.store.changes import write
from gateway.store.pool import Pool, connect
from tests.kit.desk import NOON, document, northside
from tests.kit.shelf import FREE, Shelf
from tests.kit.wire import wire_to

MOST_PIECES = 80
LET_GO_SECONDS = 20
AT_ONCE = 60


async def plans(shelf: Shelf, accounts: Sequence[str]) -> list[Change]:
    """Put accounts in force, take a message for each and plan its first call.

    That the plan also closes codes makes it one of those that take many statements.
    """
    for n, account in enumerate(accounts):
        people = northside(account)["contacts"]
        people["ann"]["phone"] = f"+1202556{n:04}"
        await shelf.load(document(account, contacts=people))
        await shelf.take(f"49{n:06}", account)
    first = [await shelf.plan(f"49{n:06}", account) for n, account in enumerate(accounts)]
    return [change._replace(closes=True) for change in first]


async def stopped_after(database: str, change: Change, pieces: int) -> int:
    """Write as a process that stops after so many pieces; return how many it came to send.

    Where it did stop, wait until others can have the rows that it had locked.
    """
    async with wire_to(database) as (wire, url):
        conn = await connect(url, SystemClock(), tries=1, brief=True)
        wire.stop_after(pieces)
        writing = asyncio.create_task(write(conn, [change], NOON, FREE))
        stopping = asyncio.create_task(wire.stopped.wait())
        await asyncio.wait((writing, stopping), return_when=asyncio.FIRST_COMPLETED)
        if wire.stopped.is_set():
            await wait_for(database, change)
        stopping.cancel()
        conn.terminate()
        await asyncio.gather(writing, stopping, return_exceptions=True)
        return wire.passed


async def wait_for(database: str, change: Change) -> None:
    """Wait until the message of a change can be locked."""
    conn = await connect(database, SystemClock(), tries=1)
    try:
        async with asyncio.timeout(LET_GO_SECONDS):
            await conn.execute("select from messages where ucn = $1 for update", change.key.ucn)
    finally:
        conn.terminate()


@pytest.mark.longest
async def test_rows_are_free_in_seconds_wherever_their_writer_stopped(
    pool: Pool, database: str
) -> None:
    async with pool.acquire() as conn:
        first, *others = await plans(Shelf(conn), [f"{7001 + n}" for n in range(MOST_PIECES)])
    whole = await stopped_after(database, first, MOST_PIECES)
    assert 10 < whole < MOST_PIECES
    places = asyncio.Semaphore(AT_ONCE)

    async def stop(change: Change, pieces: int) -> None:
        async with places:
            assert await stopped_after(database, change, pieces) == pieces

    async with asyncio.TaskGroup() as tries:
        for pieces, change in zip(range(1, whole), others, strict=False):
            tries.create_task(stop(change, pieces))
