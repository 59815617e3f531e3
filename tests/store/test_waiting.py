"""Who waits for a sending number stands in a list: its order, who comes along, who leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from gateway.domain.deeds import Aim, CancelJob, Deed
from gateway.domain.people import do
from gateway.store import jobs, needs, standings, waiting
from gateway.store.changes import write
from gateway.store.following import next_due
from gateway.store.pool import Pool
from gateway.store.queries import load
from gateway.store.waiting import Tokens, Waiter
from tests.kit.desk import NOON, later
from tests.kit.people import LEA
from tests.kit.shelf import OURS, Shelf, slow
from tests.kit.street import ANN, BOB

ONE = "49000001"
SOON = later(minutes=1)
JOB = """
insert into jobs (
    id, account, month, ucn, priority, source, state, created_at, due_at, next_at, lease_owner
)
values ($1, '7001', '2026-02-01', $2, $3, 'new', 'pending', $4, $4, $4, 1)
"""
# A job with a message of its own, back in the list whatever became of it.
AGAIN = """
update jobs
set
    state = $1, reason = $2, waits_for = $3, next_at = $4, awaits = 'call', awaits_at = $5,
    awaits_until = $4, lease_owner = $6, lease_until = null
"""


class Place(NamedTuple):
    """Where a job stands: its class, since so many seconds before noon, to reach whom, by what."""

    priority: int
    seconds: int
    to: str = ""
    channel: str = "call"


async def lines_up(shelf: Shelf, n: int, place: Place) -> None:
    """Have a job wait, known by its number."""
    job, due = UUID(int=n), NOON - timedelta(seconds=place.seconds)
    await shelf.conn.execute(JOB, job, f"Q{n}", place.priority, due)
    waiter = Waiter(job, place.channel, place.to or f"+1202556{n:04}", SOON)
    await waiting.join(shelf.conn, 1, [waiter])


async def called(
    shelf: Shelf, most: int, lesser: int = 0, boot: int = 1, channel: str = "call"
) -> list[int]:
    found = await waiting.call_up(shelf.conn, boot, shelf.now, channel, (most, lesser))
    return [one.id.int for one in found]


# ---------------------------------------------------------------------------------- order
async def test_the_most_urgent_go_first_and_who_waited_longest_among_them(shelf: Shelf) -> None:
    """S3-10."""
    for n, (priority, seconds) in enumerate([(2, 90), (1, 10), (0, 1), (1, 20)], start=1):
        await lines_up(shelf, n, Place(priority, seconds))
    await lines_up(shelf, 9, Place(0, 99, channel="text"))
    assert await called(shelf, 2) == [3, 4]
    assert await called(shelf, 5) == [2, 1]
    assert await called(shelf, 5) == []
    assert await called(shelf, 5, channel="text") == [9]


async def test_a_place_kept_for_lesser_classes_is_whoevers_waits_longest(shelf: Shelf) -> None:
    """S3-10: nobody starves; without anybody lesser the place is anybody's."""
    for n, (priority, seconds) in enumerate([(0, 9), (0, 8), (1, 7), (2, 90)], start=1):
        await lines_up(shelf, n, Place(priority, seconds))
    assert await called(shelf, 1, 1) == [4]
    assert await called(shelf, 2, 1) == [1, 3]
    assert await called(shelf, 1, 1) == [2]


async def test_who_waits_for_the_same_phone_comes_along_five_in_all(shelf: Shelf) -> None:
    """S3-67: one person's messages are coalesced, by the same channel."""
    for n in range(1, 8):
        await lines_up(shelf, n, Place(2, 20 - n, to=ANN))
    await lines_up(shelf, 8, Place(1, 1, to=ANN))
    await lines_up(shelf, 9, Place(2, 99, to=ANN, channel="text"))
    assert await called(shelf, 1) == [8, 1, 2, 3, 4]
    assert await called(shelf, 2) == [5, 6, 7]


async def test_who_is_called_up_is_due_and_anybodys_when_the_process_dies(shelf: Shelf) -> None:
    await lines_up(shelf, 1, Place(0, 5))
    assert (await next_due(shelf.conn)).job_at == SOON
    assert await jobs.claim(shelf.conn, 2, NOON) == []
    assert (await jobs.sweep(shelf.conn, NOON)).awaited == ("call",)
    (one,) = await waiting.call_up(shelf.conn, 1, NOON, "call", (1, 0))
    assert (one.job.next_at, one.due_at) == (NOON, NOON - timedelta(seconds=5))
    assert await jobs.claim(shelf.conn, 2, NOON) == []
    assert (await jobs.sweep(shelf.conn, NOON)).awaited == ()  # and voids the leases of the dead
    (other,) = await jobs.claim(shelf.conn, 2, NOON)
    assert (other.id, other.job.fence) == (one.id, one.job.fence + 1)


async def test_two_processes_never_call_up_the_same(shelf: Shelf, pool: Pool) -> None:
    for n in range(1, 9):
        await lines_up(shelf, n, Place(1, n, to=ANN if n % 2 else BOB))
    async with pool.acquire() as conn:
        both = await asyncio.gather(called(shelf, 2), called(Shelf(conn), 2, boot=2))
    assert sorted([*both[0], *both[1], *await called(shelf, 9)]) == [*range(1, 9)]


async def test_whoever_was_not_claimed_by_this_boot_does_not_join(shelf: Shelf) -> None:
    await shelf.take(ONE)
    (job,) = await shelf.claim()
    await waiting.join(shelf.conn, 99, [Waiter(job, "call", ANN, SOON)])
    assert await called(shelf, 1) == []
    await shelf.conn.execute("update jobs set lease_owner = null, lease_until = null")
    assert await shelf.claim() == [job]


# ---------------------------------------------------------------------------------- out of it
async def _people(shelf: Shelf, deed: Deed) -> None:
    state = await shelf.state(ONE)
    done = do(state, deed, LEA, shelf.now, shelf.chance)
    await write(shelf.conn, [done.change], shelf.now, shelf.rates)


async def _cancels(shelf: Shelf, job: UUID) -> None:
    await _people(shelf, CancelJob(job))


async def _targets(shelf: Shelf, job: UUID) -> None:
    await _people(shelf, Aim(job, "bob", "he knows"))


async def _postpones(shelf: Shelf, job: UUID) -> None:
    await jobs.postpone(shelf.conn, 1, {job: later(hours=1)})


def _runs(noun: str, name: str, *arguments: object) -> Callable[[Shelf, UUID], Awaitable[None]]:
    async def run(shelf: Shelf, job: UUID) -> None:
        given = ([job] if one == "jobs" else job if one == "job" else one for one in arguments)
        await shelf.conn.fetch(load(noun)[name], *given)

    return run


WRITERS: Mapping[str, Callable[[Shelf, UUID], Awaitable[None]]] = {
    "a person names another": _targets,
    "it is put off": _postpones,
    "a phone is free": _runs("changes", "wake_waiting", [ANN], NOON),
    "a line is tried": _runs("breakers", "wake_first", ANN, NOON),
    "a line is sound": _runs("breakers", "wake_shut_out", ANN, NOON, UUID(int=0), 9),
    "its specials changed": _runs("accounts", "look_at_held", ["7001"], NOON),
    "it is held": _runs("stranded", "hold_stranded", "jobs", 1, NOON, later(hours=1)),
    "a person cancels": _cancels,
}


async def test_whatever_writes_a_job_anew_takes_it_out_of_the_list(shelf: Shelf) -> None:
    await shelf.take(ONE)
    (job,) = await shelf.claim()
    for name, writes in WRITERS.items():
        special = name == "its specials changed"
        state = ("held", "special") if special else ("pending", None)
        await shelf.conn.execute(AGAIN, *state, ANN, SOON, ANN, 1)
        await writes(shelf, job)
        assert await shelf.conn.fetchval("select awaits from jobs") is None, name


async def test_a_program_of_before_takes_a_job_out_by_another_instant(shelf: Shelf) -> None:
    """It knows nothing of the list, and sets `next_at` alone (decision 0048)."""
    await lines_up(shelf, 1, Place(0, 5))
    await shelf.conn.execute("update jobs set next_at = $1", later(minutes=15))
    assert await called(shelf, 1) == []


async def test_what_changes_nothing_about_a_job_leaves_it_where_it_stands(shelf: Shelf) -> None:
    await shelf.take(ONE)
    (job,) = await shelf.claim()
    await waiting.join(shelf.conn, 1, [Waiter(job, "call", ANN, SOON)])
    state = await shelf.state(ONE)
    (same,) = state.jobs
    change = (await shelf.plan(ONE))._replace(jobs=(same,), wire=None, call_until=None, begun=())
    await shelf.write(change)
    assert len(await called(shelf, 1)) == 1


# ---------------------------------------------------------------------------------- known of it
async def test_tokens_are_counted_as_they_are_granted_and_none_is_taken(shelf: Shelf) -> None:
    numbers = (OURS, "+15005550007")
    rates = slow(1, *numbers)
    assert await waiting.tokens(shelf.conn, "call", rates, NOON, 5) == Tokens(2, later(seconds=1))
    assert await waiting.tokens(shelf.conn, "call", rates, NOON, 1) == Tokens(1, NOON)
    sql = "insert into senders (number, channel, free_at) values ($1, 'call', $2)"
    for number, ahead in zip(numbers, (timedelta(seconds=9), timedelta(hours=1)), strict=True):
        await shelf.conn.execute(sql, number, NOON + ahead)
    # The second one was used before the clock was set back.
    assert await waiting.tokens(shelf.conn, "call", rates, NOON, 5) == Tokens(1, later(seconds=1))
    assert await waiting.tokens(shelf.conn, "mail", rates, NOON, 5) == Tokens(0, later(seconds=1))


async def test_who_waits_for_a_number_is_overdue_all_the_while(shelf: Shelf) -> None:
    await lines_up(shelf, 1, Place(1, 360))
    assert (await standings.standings(shelf.conn, NOON)).oldest == 360
    found = await needs.find_past_due(shelf.conn, NOON)
    assert [key.ucn for key in found.keys] == ["Q1"]
    assert (await needs.find_past_due(shelf.conn, NOON)).keys == []
