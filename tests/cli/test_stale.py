"""`stale-cases`: what nobody has looked at."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

from gateway.clock import SystemClock
from gateway.domain.case_ways import CASES
from gateway.domain.support import Known, opened
from gateway.store import matters
from gateway.store.matters import Hand
from gateway.store.pool import open_pool
from gateway.store.rates import Rates
from tests.cli.conftest import Dispatchd
from tests.kit.cases import BOOK, request
from tests.kit.desk import NOON, Dice
from tests.kit.people import AMY

OLD, OLDER = UUID(int=1), UUID(int=2)


async def with_cases(url: str) -> None:
    """Keep two cases that are old."""
    pool = await open_pool(url, SystemClock(), size=1)
    async with pool.acquire() as conn:
        for days, case in enumerate((OLD, OLDER)):
            at = NOON - timedelta(days=days)
            asked = request(request_type=f"Repair {days}")
            written = opened(case, asked, (Known(), BOOK), AMY, at)
            await matters.open_one(conn, CASES, case, written, Hand("x", at, Dice(), Rates({})))
    await pool.close()


def test_open_cases_that_nobody_reviewed_are_listed_the_longest_first(
    here: Dispatchd, database: str
) -> None:
    """S4-24."""
    assert here("stale-cases").out == "every open case was reviewed within 7 days\n"
    asyncio.run(with_cases(database))
    found = json.loads(here("stale-cases", "--json", "--days", "1").out)
    assert [one["id"] for one in found] == [str(OLDER), str(OLD)]
    assert found[1]["opened_at"] == "2026-02-02T23:00:00.000000Z"
    assert found[1]["last_reviewed_at"] is None
    lines = here("stale-cases").out.splitlines()
    assert lines[0].split() == ["case", "type", "owner", "opened", "last", "reviewed"]
    since = found[0]["opened_at"]
    assert lines[1].split() == [str(OLDER), "homeowner", "agent:1204", since, "never"]
