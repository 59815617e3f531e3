"""One structured line tells each decision: of which account, message, job and attempt it is."""

import orjson
from structlog.testing import capture_logs

from gateway.store.pool import Pool
from tests.kit.desk import TEXT
from tests.kit.house import rig

UCN = "49000001"
ANN = "+12025550101"
BUSY = {ANN: {"calls": [{"busy": True}]}}


async def test_each_decision_is_one_line_that_names_what_it_is_about(
    database: str, pool: Pool
) -> None:
    with capture_logs() as lines:
        async with pool.acquire() as conn, rig(database, conn, BUSY) as house:
            await house.shelf.take(UCN)
            await house.turn()
            state = await house.shelf.state(UCN)
    told = [line for line in lines if line["event"] == "decision"]
    (job,), (call,) = state.jobs, state.attempts
    about = {"account": "7001", "ucn": UCN, "job": job.id, "attempt": call.id}
    level = {"event": "decision", "log_level": "info"}
    assert told == [
        {"action": "job.claimed,protocol.selected,oncall.resolved,dial.started", **about, **level},
        {"action": "dial.busy", **about, **level},
    ]


async def test_the_line_never_holds_a_detail(database: str, pool: Pool) -> None:
    with capture_logs() as lines:
        async with pool.acquire() as conn, rig(database, conn, BUSY) as house:
            await house.shelf.take(UCN)
            await house.turn()
    said = orjson.dumps(lines, default=str).decode()
    assert '"decision"' in said
    assert TEXT not in said
    assert ANN not in said
