"""Work that comes for people while nobody who is coded covers is told of at once (S3-06)."""

from collections.abc import AsyncIterator

import pytest

from gateway.chance import SeededChance
from gateway.daemon.unattended import Unattended
from gateway.daemon.watch import Watch
from gateway.metrics import build_metrics
from gateway.store.pool import Pool
from tests.kit.api import Api, serving
from tests.kit.desk import later

CODED = "PUT /v1/sessions/D-31"
BREAK = "POST /v1/sessions/D-31/break"
STATE = "POST /v1/sessions/D-31/call-state"


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        assert (await served.ask("wfm:W-1", CODED, {"coded": True})).status_code == 200
        yield served


def watch(api: Api, seed: int = 7) -> Watch:
    return Watch(api.pool, api.clock, build_metrics(), SeededChance(seed))


async def parked(api: Api, ucn: str) -> None:
    """Have a message wait for a person."""
    await api.take(ucn)
    await api.park(ucn, claimed=False)


async def told(api: Api) -> list[str]:
    """Return what dispatchers were told of the floor, not of a break that was announced."""
    async with api.pool.acquire() as conn:
        rows = await conn.fetch("select payload from errands where kind = 'alert' order by next_at")
    floor = [row["payload"] for row in rows if row["payload"]["reason"] == "uncovered_floor"]
    return [one["text"] for one in floor]


async def test_a_job_that_is_left_to_people_during_a_break_is_told_once_by_all_watches(
    api: Api,
) -> None:
    """S3-06: the break itself was granted, as nothing waited by then."""
    both = watch(api), watch(api, 8)
    await api.ask("dispatcher:D-31", BREAK, {"at": "2026-02-02T23:01:00Z"})
    for one in both:
        await one.find_late()
    assert await told(api) == []
    await parked(api, "49000001")
    for one in both:
        await one.find_late()
    (text,) = await told(api)
    assert "D-31" in text
    assert "1 job waits for a person" in text
    await parked(api, "49000002")
    for one in (*both, *both):
        await one.find_late()
    assert len(await told(api)) == 2


async def test_what_came_before_a_break_is_told_when_it_begins_if_nobody_was_told(api: Api) -> None:
    looks = watch(api)
    await api.ask("dispatcher:D-31", BREAK, {"at": "2026-02-02T23:30:00Z"})
    await parked(api, "49000001")
    await looks.find_late()
    assert await told(api) == []
    api.clock.set(later(minutes=25.5))
    await looks.find_late()
    assert len(await told(api)) == 1


async def test_a_break_is_looked_for_by_the_time_that_passed_whatever_the_clock_shows(
    api: Api,
) -> None:
    looks = Unattended(SeededChance(7))
    await api.ask("dispatcher:D-31", BREAK, {"at": "2026-02-02T23:30:00Z"})
    await parked(api, "49000001")
    async with api.pool.acquire() as conn:
        await looks.look(conn, later(minutes=20), 0.0)
        await looks.look(conn, later(minutes=25.5), 29.0)
        assert await told(api) == []
        await looks.look(conn, later(minutes=25.5), 30.0)
    assert len(await told(api)) == 1


async def test_nobody_is_told_while_somebody_covers_or_of_what_they_were_told(api: Api) -> None:
    await parked(api, "49000001")
    await watch(api).find_late()
    assert await told(api) == []
    await api.ask("dispatcher:D-31", STATE, {"state": "ZERO"})
    assert len(await told(api)) == 1
    await watch(api).find_late()
    assert len(await told(api)) == 1
    await api.ask("wfm:W-1", CODED, {"coded": True})
    await parked(api, "49000002")
    await watch(api).find_late()
    assert len(await told(api)) == 1
