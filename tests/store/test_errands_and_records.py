"""What the carrier took is recorded, what it is silent about looked up; errands are done once."""

import asyncio
from uuid import uuid4

import pytest

from gateway.domain.change import ErrandKind
from gateway.domain.events import MachineHeard, Progress
from gateway.store import jobs
from gateway.store.following import LONG_AGO
from gateway.store.jobs import Placed
from gateway.store.pool import Pool
from gateway.store.queries import load
from tests.kit.desk import NOON, later
from tests.kit.shelf import Shelf
from tests.kit.street import ANN

ONE, TWO = "49000001", "49000002"
_queries = load("jobs")


async def placed(shelf: Shelf, sid: str = "CA1") -> Placed:
    """Intend a call and say that the carrier took it."""
    await shelf.take(ONE)
    (attempt,) = (await shelf.intend(ONE)).begun
    return Placed(attempt.id, sid, later(seconds=90))


async def test_what_the_carrier_took_is_recorded_and_not_looked_up_soon(shelf: Shelf) -> None:
    await jobs.note_placed(shelf.conn, [await placed(shelf)])
    attempt = (await shelf.state(ONE)).attempts[0]
    assert (attempt.sid, attempt.state) == ("CA1", "sent")
    assert attempt.check_at == later(seconds=90)
    await jobs.sweep(shelf.conn, later(seconds=30))
    assert (await shelf.state(ONE)).jobs[0].next_at == later(seconds=90)


async def test_what_nobody_has_heard_of_makes_its_job_due_to_be_looked_up(shelf: Shelf) -> None:
    await placed(shelf)
    await jobs.sweep(shelf.conn, later(seconds=19))
    assert (await shelf.state(ONE)).jobs[0].next_at == later(seconds=90)
    await jobs.sweep(shelf.conn, later(seconds=20))
    assert (await shelf.state(ONE)).jobs[0].next_at == later(seconds=20)


@pytest.mark.parametrize("state", ["claimed", "held", "parked", "limit_reached", "completed"])
async def test_a_job_that_a_person_has_is_not_made_due_for_that(shelf: Shelf, state: str) -> None:
    await placed(shelf)
    await shelf.conn.execute("update jobs set state = $1", state)
    await jobs.sweep(shelf.conn, later(seconds=20))
    assert (await shelf.state(ONE)).jobs[0].next_at == later(seconds=90)


async def test_an_event_that_came_before_the_carriers_answer_is_not_undone(shelf: Shelf) -> None:
    one = await placed(shelf)
    await shelf.tell(ONE, Progress(one.attempt, "CA1", "no_answer"))
    due = (await shelf.state(ONE)).jobs[0].next_at
    await jobs.note_placed(shelf.conn, [one])
    state = await shelf.state(ONE)
    assert (state.attempts[0].state, state.attempts[0].outcome) == ("ended", "no_answer")
    assert state.jobs[0].next_at == due == NOON


async def test_the_first_name_of_an_attempt_stays(shelf: Shelf) -> None:
    one = await placed(shelf, "CA2")
    await shelf.tell(ONE, Progress(one.attempt, "CA1", "ringing"))
    await jobs.note_placed(shelf.conn, [one])
    attempt = (await shelf.state(ONE)).attempts[0]
    assert (attempt.sid, attempt.state) == ("CA1", "ringing")


async def test_a_stale_record_waits_for_the_others_commit_and_moves_no_job(
    shelf: Shelf, pool: Pool
) -> None:
    one = await placed(shelf)
    async with pool.acquire() as conn:
        other = Shelf(conn, boot=2)
        async with other.conn.transaction():
            await other.tell(ONE, Progress(one.attempt, "CA1", "busy"))
            noting = asyncio.create_task(jobs.note_placed(shelf.conn, [one]))
            await asyncio.wait([noting], timeout=0.1)
            assert not noting.done()
        await noting
    assert (await shelf.state(ONE)).jobs[0].next_at == NOON


async def test_a_job_that_has_ended_is_not_brought_back(shelf: Shelf) -> None:
    one = await placed(shelf)
    await shelf.conn.execute("update jobs set next_at = null, state = 'completed'")
    await jobs.note_placed(shelf.conn, [one])
    assert (await shelf.state(ONE)).jobs[0].next_at is None


async def test_sids_that_an_attempt_has_are_not_given_again(shelf: Shelf) -> None:
    await jobs.note_placed(shelf.conn, [await placed(shelf)])
    assert await jobs.unclaimed_sids(shelf.conn, ANN, ["CA1", "CA2"], LONG_AGO) == {"CA2"}


async def test_an_errand_is_claimed_once_until_its_lease_has_run_out(shelf: Shelf) -> None:
    one = await placed(shelf)
    await shelf.tell(ONE, MachineHeard(one.attempt, "machine_end_beep"))
    (due,) = await jobs.claim_errands(shelf.conn, NOON)
    assert (due.errand.kind, due.errand.attempt, due.tries) == (
        ErrandKind.VOICEMAIL,
        one.attempt,
        1,
    )
    assert await jobs.claim_errands(shelf.conn, NOON) == []
    assert (await jobs.claim_errands(shelf.conn, later(seconds=30)))[0].tries == 2


async def test_an_errand_put_off_comes_back_and_one_that_is_done_does_not(shelf: Shelf) -> None:
    one = await placed(shelf)
    await shelf.tell(ONE, MachineHeard(one.attempt, "machine_end_beep"))
    (due,) = await jobs.claim_errands(shelf.conn, NOON)
    await jobs.postpone_errand(shelf.conn, due.errand.id, later(seconds=2))
    assert await jobs.claim_errands(shelf.conn, later(seconds=1)) == []
    assert len(await jobs.claim_errands(shelf.conn, later(seconds=2))) == 1
    await jobs.done_errand(shelf.conn, due.errand.id)
    assert await jobs.claim_errands(shelf.conn, later(hours=1)) == []


async def test_an_attempt_of_no_message_stands_nowhere(shelf: Shelf) -> None:
    assert await jobs.standing_of(shelf.conn, uuid4()) is None
    one = await placed(shelf)
    standing = await jobs.standing_of(shelf.conn, one.attempt)
    assert standing is not None
    assert (standing.contact, standing.over, standing.sid) == ("ann", False, None)
