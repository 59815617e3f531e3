"""Attempts that fell silent are found among many that did not, and behind what ended jobs left."""

from datetime import timedelta

import orjson

from gateway.store import jobs
from gateway.store.queries import load
from tests.kit.desk import NOON, later
from tests.kit.shelf import Shelf

ONE = "49000001"
# Attempts that the carrier took and never told more of, begun a second after another, until $1.
TAKEN = """
insert into attempts (
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage, step,
    tries, started_at, check_at, sid, begun
)
select
    gen_random_uuid(), account, month, ucn, case when $3 then id else gen_random_uuid() end, 1,
    '0.0', 'ann', '+12025550101', 'sms', 'shift', 'intended', 'sent', 1, 1,
    $1::timestamptz - n * interval '1 second', $1::timestamptz,
    case when $3 then null else 'SM' || n end, month
from jobs, generate_series(1, $2::integer) as n
"""


async def next_at(shelf: Shelf, ucn: str) -> object:
    """Return when a message's job is looked at next."""
    return (await shelf.state(ucn)).jobs[0].next_at


async def test_an_ordinary_sweep_reads_what_began_lately_only(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.conn.execute(TAKEN, NOON, 20_000, False)
    await shelf.conn.execute("analyze attempts")
    query = f"explain (analyze, format json) {load('jobs').sweep}"
    (plan,) = orjson.loads(await shelf.conn.fetchval(query, NOON, NOON - timedelta(minutes=2)))
    text = orjson.dumps(plan).decode()
    assert "Seq Scan" not in text
    scans = [one for one in _parts(plan["Plan"]) if "started_at" in str(one.get("Index Cond"))]
    (scan,) = [one for one in scans if one["Relation Name"] == "attempts_2026_02"]
    assert scan["Actual Rows"] + scan["Rows Removed by Filter"] == 120


def _parts(node: dict[str, object]) -> list[dict[str, object]]:
    below = node.get("Plans") or []
    assert isinstance(below, list)
    return [node, *(part for one in below for part in _parts(one))]


async def test_what_ended_jobs_left_behind_hides_nobody(shelf: Shelf) -> None:
    await shelf.take("49000002")
    await shelf.conn.execute(TAKEN, NOON - timedelta(hours=1), 600, True)
    await shelf.conn.execute("update jobs set state = 'completed', next_at = null")
    await shelf.take(ONE)
    await shelf.intend(ONE)
    await jobs.sweep(shelf.conn, later(seconds=20))
    assert await next_at(shelf, ONE) == later(seconds=20)


async def test_what_is_silent_for_longer_is_left_to_the_look_at_everything(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.intend(ONE)
    before = await next_at(shelf, ONE)
    now = later(seconds=60)
    await jobs.sweep(shelf.conn, now, since=later(seconds=1))
    assert await next_at(shelf, ONE) == before
    await jobs.sweep(shelf.conn, now)
    assert await next_at(shelf, ONE) == now
