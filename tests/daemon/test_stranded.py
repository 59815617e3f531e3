"""A job that cannot be planned is held for a person, never a crash loop (S3-33)."""

from datetime import datetime
from uuid import UUID

import pytest

from gateway.daemon import planning
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.dispatch import next_step
from gateway.domain.jobs import JobState
from gateway.domain.state import State
from gateway.store.explaining import explain
from gateway.store.pool import Pool
from tests.kit.desk import NOON, Dice
from tests.kit.house import Rig, rig
from tests.kit.people import JOB, fresh

ONE, TWO = "49000001", "49000002"


def _fails_for_the_first(state: State, job: UUID, now: datetime, chance: Chance) -> Change:
    if state.message.key.ucn == ONE and state.job(job).state == "pending":
        raise ZeroDivisionError
    return next_step(state, job, now, chance)


async def needs_of(one: Rig) -> list[tuple[str, str]]:
    rows = await one.shelf.conn.fetch("select reason, why from needs order by seq")
    return [(row["reason"], row["why"]) for row in rows]


async def test_a_job_whose_plan_fails_is_held_and_stops_no_other(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3-33: a lead hears of it at once and every 15 minutes; a person may work it."""
    monkeypatch.setattr(planning, "next_step", _fails_for_the_first)
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take_all([ONE, TWO])
        await one.wind(minutes=16)
        kinds = await one.kinds(ONE)
        assert kinds[2:] == ["job.held", "lead.alerted", "lead.alerted"]
        assert "dial.started" in await one.kinds(TWO)
        (job,) = (await one.shelf.state(ONE)).jobs
        assert (job.state, job.reason) == ("held", "plan_failed")
        assert (await needs_of(one))[:1] == [("held", "plan_failed")]
        assert "job held: plan failed" in one.bell.alerts[0][2]


async def test_a_job_whose_message_is_missing_is_held_and_a_lead_hears_of_it(
    database: str, pool: Pool
) -> None:
    """S3-33: without a history, as there is no message to have one; nobody is dialed."""
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take_all([ONE, TWO])
        await conn.execute("delete from messages where ucn = $1", ONE)
        await one.wind(minutes=16)
        row = await conn.fetchrow("select state, reason, next_at from jobs where ucn = $1", ONE)
        assert row is not None
        assert (row["state"], row["reason"]) == ("held", "message_missing")
        told = [text for _, sink, text in one.bell.alerts if sink == "lead" and ONE in text]
        assert len(told) == 2
        assert told[0] == f"Account 7001, UCN {ONE}: job held: message missing; please help."
        assert await needs_of(one) == [("held", "message_missing")] * 2
        assert "dial.started" in await one.kinds(TWO)


@pytest.mark.parametrize(
    ("state", "reason", "stays"),
    [
        ("limit_reached", "limit_reached", "limit_reached"),
        ("claimed", "limit_reached", "limit_reached"),
        ("held", "blank", "held"),
        ("parked", None, "parked"),
    ],
)
async def test_a_job_that_waits_for_a_person_does_so_when_its_message_was_away(
    database: str, pool: Pool, state: str, reason: str | None, stays: str
) -> None:
    """S3-33, S3-51: no new round begins past the limit, and no hold meant for a person is lost."""
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take(ONE)
        await conn.execute("update jobs set state = $1, reason = $2", state, reason)
        await conn.execute("create table kept as select * from messages")
        await conn.execute("delete from messages")
        await one.turn()
        told = [text for _, sink, text in one.bell.alerts if sink == "lead"]
        assert [text for text in told if "message missing" in text] == told != []
        await conn.execute("insert into messages select * from kept")
        await one.wind(minutes=16)
        (job,) = (await one.shelf.state(ONE)).jobs
        assert (job.state, job.reason) == (stays, reason)
        assert one.dialed() == []


@pytest.mark.parametrize("missing", ["content", "account"])
@pytest.mark.parametrize("state", [JobState.LIMIT_REACHED, JobState.CLAIMED])
def test_a_job_past_its_limit_is_a_leads_also_while_something_is_missing(
    state: JobState, missing: str
) -> None:
    """S3-51."""
    waits = fresh(state=state, reason="limit_reached", next_at=NOON)
    change = next_step(waits._replace(**{missing: None}), JOB, NOON, Dice())
    assert [(job.state, job.reason) for job in change.jobs] == [("limit_reached", "limit_reached")]


async def test_a_job_whose_message_is_there_again_goes_on_and_says_so(
    database: str, pool: Pool
) -> None:
    """S3-33: a message that was away for a while (a restored table, say) is still dispatched."""
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take(ONE)
        await conn.execute("create table kept as select * from messages")
        await conn.execute("delete from messages")
        await one.turn()
        assert one.dialed() == []
        await conn.execute("insert into messages select * from kept")
        await one.wind(minutes=16)
        assert (await one.kinds(ONE))[2] == "job.resumed"
        assert one.dialed() != []
        key = (await one.shelf.state(ONE)).message.key
        explained = await explain(conn, one.shelf.states, key, one.clock.now())
        assert explained.mismatches == []


async def test_a_cue_of_a_job_that_has_ended_is_counted_and_dials_nobody(
    database: str, pool: Pool
) -> None:
    """S3-28: `stale_cue_total`."""
    async with pool.acquire() as conn, rig(database, conn) as one:
        await one.shelf.take(ONE)
        await conn.execute("update jobs set state = 'completed', due_at = null")
        await one.turn()
        metrics = one.house.outside.metrics
        assert metrics.registry.get_sample_value("dispatchd_stale_cue_total") == 1
        assert one.dialed() == []
        assert await conn.fetchval("select next_at from jobs") is None
