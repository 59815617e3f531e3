"""What the carrier took is on record soon, for many at once, and nobody waits for one of them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from gateway.daemon.records import Records
from gateway.store.jobs import Placed
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document
from tests.kit.shelf import Shelf
from tests.kit.street import roster, shift

UCNS = ["49000001", "49000002", "49000003"]


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document(permanent=[], **roster(shift("ann", status="sms"))))
        yield one


async def test_what_was_added_is_written_when_it_settles(shelf: Shelf, pool: Pool) -> None:
    await shelf.take_all(UCNS)
    records = Records(pool)
    for n, ucn in enumerate(UCNS):
        change = await shelf.intend(ucn)
        records.add(Placed(change.begun[0].id, f"SM{n}", NOON + timedelta(seconds=90)))
    assert not records.at_rest
    await records.settle()
    assert records.at_rest
    for n, ucn in enumerate(UCNS):
        (attempt,) = (await shelf.state(ucn)).attempts
        assert (attempt.sid, attempt.state) == (f"SM{n}", "sent")


async def test_a_database_that_is_away_is_told_once_for_all_that_waited(pool: Pool) -> None:
    records = Records(pool)
    pool.terminate()
    with capture_logs() as lines:
        for n in range(20):
            records.add(Placed(uuid4(), f"SM{n}", NOON))
        await records.settle()
    assert records.at_rest
    assert [(line["action"], line["attempts"]) for line in lines] == [("record.failed", 20)]


async def test_nobody_adds_to_more_than_is_soon_written(pool: Pool) -> None:
    records = Records(pool)
    for n in range(1_500):
        records.add(Placed(uuid4(), f"SM{n}", NOON))
    await records.room()
    assert records.at_rest
