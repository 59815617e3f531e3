"""The engine on the real store with the simulated carrier: what goes wrong, and what follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from gateway.daemon.bounds import HOT
from gateway.domain.change import CallOut, Change
from gateway.domain.deeds import CancelJob, Person
from gateway.domain.people import do
from gateway.domain.state import State
from gateway.store import jobs
from gateway.store.following import next_due
from gateway.store.pool import Pool
from tests.kit.desk import NOON, Dice, later
from tests.kit.house import Rig, rig
from tests.kit.shelf import key_of
from tests.kit.statements import counted
from tests.kit.street import ANN, BOB

ONE, TWO = "49000001", "49000002"
ACCEPTS = {
    "answer_after": "10s",
    "keys": [{"after": "1s", "press": "1"}, {"after": "9s", "press": "1"}],
}
Open = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def opened(database: str, pool: Pool) -> AsyncIterator[Open]:
    """Open a house whose people do as told; its first message is taken."""
    async with AsyncExitStack() as stack, pool.acquire() as conn:

        async def open_one(people: object = None) -> Rig:
            one = await stack.enter_async_context(rig(database, conn, people))
            await one.shelf.take(ONE)
            return one

        yield open_one


async def perform(one: Rig, change: Change) -> None:
    """Put an intent on the wire, as the engine does, until its answer is on record."""
    performer = one.house.engine._performer  # noqa: SLF001 - the engine's own
    await performer.perform(change, "+15005550006")
    await performer.settle()


async def test_who_accepts_by_key_ends_it(opened: Open) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    await one.wind(minutes=5)
    state = await one.shelf.state(ONE)
    assert (state.message.state, state.message.evidence) == ("delivered", "key_press")
    assert one.dialed() == [ANN]


async def test_who_does_not_answer_is_followed_by_the_next(opened: Open) -> None:
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    await one.wind(minutes=5)
    assert one.dialed() == [ANN, BOB]
    assert (await one.shelf.state(ONE)).message.delivered_to == "bob"


@pytest.mark.parametrize("fault", ["limit", "refuse"])
async def test_what_the_carrier_did_not_take_goes_out_again_once(opened: Open, fault: str) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    one.goes_wrong(fault)  # type: ignore[arg-type] # one of the kinds
    await one.wind(minutes=5)
    assert one.dialed() == [ANN]
    assert (await one.kinds(ONE)).count("dial.started") == 1
    assert (await one.shelf.state(ONE)).message.delivered_to == "ann"


@pytest.mark.parametrize("fault", ["error_after", "drop"])
async def test_what_the_carrier_took_without_saying_so_is_never_placed_twice(
    opened: Open, fault: str
) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    one.goes_wrong(fault)  # type: ignore[arg-type] # one of the kinds
    await one.wind(minutes=5)
    assert one.dialed() == [ANN]
    assert (await one.shelf.state(ONE)).message.delivered_to == "ann"


async def test_what_the_carrier_took_is_found_although_its_clock_is_behind(opened: Open) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    one.carrier.faults.lose_callbacks_until = later(minutes=1)
    one.goes_wrong("drop")
    await one.wind(seconds=1)
    (call,) = one.carrier._calls.by_sid.values()  # noqa: SLF001 - as if it had been made earlier
    call.created -= timedelta(minutes=5)
    await one.wind(seconds=8)
    assert "dial.adopted" in await one.kinds(ONE)


async def test_what_the_carrier_never_took_is_lost_and_the_next_is_called(opened: Open) -> None:
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    one.goes_wrong("error_before")
    await one.wind(minutes=5)
    assert one.dialed() == [BOB]
    assert "dial.lost" in await one.kinds(ONE)


async def test_a_carrier_that_is_down_for_minutes_costs_nobody_a_second_call(opened: Open) -> None:
    """What stays in doubt is given up after a while; the round goes on to the next cue."""
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    one.carrier.faults.down_until = later(minutes=5)
    await one.wind(minutes=20)
    state = await one.shelf.state(ONE)
    assert state.message.delivered_to == "ann"
    assert one.dialed() == [ANN]
    assert one.carrier.calls[0].at > later(minutes=5)
    assert one.carrier.calls[-1].at == later(minutes=15)


async def test_lost_callbacks_are_made_up_for_by_asking(opened: Open) -> None:
    one = await opened({})
    one.carrier.faults.lose_callbacks_until = later(minutes=3)
    await one.wind(minutes=4)
    assert one.dialed()[:2] == [ANN, BOB]
    assert "dial.no_answer" in await one.kinds(ONE)


async def test_a_crash_between_the_intent_and_the_wire_places_no_second_call(opened: Open) -> None:
    one = await opened({BOB: {"calls": [ACCEPTS]}})
    change = await one.shelf.intend(ONE)
    assert isinstance(change.wire, CallOut)
    await one.wind(minutes=5)
    assert one.dialed() == [BOB]
    assert (await one.kinds(ONE)).count("dial.lost") == 1


async def test_what_was_decided_before_the_clock_was_set_back_is_not_sent(opened: Open) -> None:
    """Nobody knows any more how long ago that was; it is asked for anew a second later."""
    one = await opened({})
    one.shelf.now = later(minutes=5)
    await perform(one, await one.shelf.intend(ONE))
    assert one.dialed() == []
    await one.wind(seconds=1)
    assert one.dialed() == [ANN]


async def test_past_its_deadline_nothing_is_sent(opened: Open) -> None:
    one = await opened({})
    change = await one.shelf.intend(ONE)
    assert isinstance(change.wire, CallOut)
    one.clock.set(change.wire.deadline)
    await perform(one, change)
    assert one.dialed() == []
    assert (await one.shelf.state(ONE)).attempts[0].state == "deferred"


async def test_a_call_for_a_job_that_has_meanwhile_ended_is_recorded_and_hung_up(
    opened: Open,
) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    change = await one.shelf.intend(ONE)
    job = (await one.shelf.state(ONE)).jobs[0].id
    lead = Person("L-7", "lead")

    def cancels(state: State) -> tuple[object, None]:
        return do(state, CancelJob(job), lead, NOON, Dice()).change, None

    await one.house.desk.decide(key_of(ONE), cancels)  # type: ignore[arg-type] # a change
    await perform(one, change)
    assert (await one.shelf.state(ONE)).attempts[0].sid is not None
    await one.wind(minutes=5)
    (call,) = one.carrier.calls
    assert call.outcome in {"canceled", "completed"}
    assert (call.ended_at or NOON) < later(seconds=10)
    assert await one.shelf.count("errands") == 0


async def test_a_job_that_cannot_be_planned_stops_nobody_else(opened: Open) -> None:
    one = await opened({})
    await one.shelf.take(TWO)
    await one.shelf.conn.execute("delete from messages where ucn = $1", ONE)
    await one.turn()
    assert "dial.started" in await one.kinds(TWO)
    (row,) = await one.shelf.conn.fetch("select state, next_at from jobs where ucn = $1", ONE)
    assert (row["state"], row["next_at"]) == ("held", later(minutes=15))


async def test_a_backlog_that_is_long_overdue_is_worked_off_without_a_pause(opened: Open) -> None:
    one = await opened({})
    await one.shelf.take_all([f"4920{n:04}" for n in range(250)])
    one.clock.set(NOON + HOT * 5)
    now = one.clock.now()
    turns = [await one.house.engine.turn(now, sweep=True)]
    await one.house.engine.settle()
    while turns[-1] is not None and turns[-1] <= now and len(turns) < 8:
        turns.append(await one.house.engine.turn(now))
        await one.house.engine.settle()
    left = "select count(*) from jobs where next_at <= $1"
    assert await one.shelf.conn.fetchval(left, now) == 0
    assert len(turns) < 8


async def test_hang_ups_and_alerts_do_not_wait_behind_a_backlog(opened: Open) -> None:
    one = await opened({})
    await one.shelf.take_all([f"4920{n:04}" for n in range(150)])
    await one.shelf.conn.execute(
        "insert into errands (id, kind, payload, next_at)"
        ' values (gen_random_uuid(), \'alert\', \'{"sink": "lead", "text": "x"}\', $1)',
        NOON,
    )
    await one.house.engine.turn(NOON, sweep=True)
    await one.house.engine.settle()
    assert [text for _, _, text in one.bell.alerts] == ["x"]


async def test_an_engine_whose_connection_was_cut_loses_nothing(
    opened: Open, database: str, pool: Pool
) -> None:
    one = await opened({ANN: {"calls": [ACCEPTS]}})
    await pool.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'dispatchd engine' and datname = current_database()"
    )
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a cut connection raises
        await one.house.engine.turn(NOON)
    async with rig(database, one.shelf.conn, {ANN: {"calls": [ACCEPTS]}}) as again:
        await again.wind(minutes=5)
        assert again.dialed() == [ANN]
    assert (await one.shelf.state(ONE)).message.delivered_to == "ann"


async def test_an_errand_repeated_does_no_harm(opened: Open) -> None:
    one = await opened({ANN: {"calls": [{"voicemail_after": "5s", "greeting": "2s"}]}})
    await one.wind(seconds=8)
    kinds = await one.kinds(ONE)
    assert kinds.count("vm.left") == kinds.count("dial.voicemail") == 1
    attempt = (await one.shelf.state(ONE)).attempts[0].id
    key = key_of(ONE)
    await one.shelf.conn.execute(
        "insert into errands (id, account, month, ucn, attempt, kind, payload, next_at)"
        " values (gen_random_uuid(), $1, $2, $3, $4, 'voicemail', '{}', $5)",
        *key,
        attempt,
        NOON,
    )
    await one.turn()
    assert (await one.kinds(ONE)).count("vm.left") == 1
    await one.wind(minutes=2)
    assert await one.shelf.count("errands") == 0


async def test_of_two_engines_one_places_the_call(opened: Open, database: str, pool: Pool) -> None:
    one = await opened({})
    async with pool.acquire() as conn, rig(database, conn) as other:
        await asyncio.gather(one.house.engine.turn(NOON), other.house.engine.turn(NOON))
        await one.house.engine.settle()
        await other.house.engine.settle()
        assert sorted(one.dialed() + other.dialed()) == [ANN]
    assert (await next_due(one.shelf.conn)).at == later(seconds=90)


async def test_what_a_stopped_engine_holds_is_taken_over_when_its_lease_ends(
    opened: Open, database: str, pool: Pool
) -> None:
    one = await opened({})
    async with pool.acquire() as conn, rig(database, conn) as other:
        stopped = await jobs.board(conn)
        assert len(await jobs.claim(conn, stopped, NOON)) == 1
        ends = NOON + jobs.LEASE
        assert await one.house.engine.turn(NOON, sweep=True) == ends
        await other.house.engine.turn(NOON, sweep=True)
        assert one.dialed() == []
        one.clock.set(ends)
        await one.house.engine.turn(ends, woken=False)
        await one.house.engine.settle()
    assert one.dialed() == [ANN]


async def test_a_sweep_that_finds_nothing_due_asks_four_questions(opened: Open) -> None:
    """They are asked every five seconds of every night, by every daemon."""
    one = await opened()
    await one.wind(minutes=1)
    conn = one.house.engine._conn  # noqa: SLF001 - what it sends is counted
    async with counted(conn) as sent:
        await one.house.engine.turn(one.clock.now(), sweep=True, woken=False)
    assert len(sent) <= 4, sent
