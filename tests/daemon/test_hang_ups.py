"""A call that nobody waits for any more lets go of its phone, also when its end is not heard of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from adapters.wire import Reply
from gateway.clock import Leap, VirtualClock
from gateway.domain.deeds import CancelJob, Person
from gateway.domain.people import do
from gateway.domain.reach import CALL_LASTS
from gateway.domain.state import State
from gateway.rehearsal.stage import Line
from gateway.store.pool import Pool
from tests.kit.desk import NOON, Dice, later
from tests.kit.house import Rig, rig
from tests.kit.shelf import key_of
from tests.kit.street import ANN

ONE, TWO = "49000001", "49000002"


class Compatible(Line):
    """A carrier that has another word for a call that has ended, or none."""

    says: int = 200
    hides: bool = False
    asked: int = 0

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        if self.hides and method == "GET":
            return Reply(404, {}, b"{}")
        reply = await super().request(method, url, headers, body)
        if method != "POST" or reply.status != 400:
            return reply
        self.asked += 1
        if self.says != 200:
            return Reply(self.says, {}, b"{}")
        return await super().request("GET", url, headers, b"")


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with pool.acquire() as conn, rig(database, conn) as opened:
        await opened.shelf.take(ONE)
        yield opened


async def cancel(one: Rig) -> None:
    """Have a lead cancel the first message's job."""
    job = (await one.shelf.state(ONE)).jobs[0].id

    def cancels(state: State) -> tuple[object, None]:
        return do(
            state, CancelJob(job), Person("L-7", "lead"), one.clock.now(), Dice()
        ).change, None

    await one.house.desk.decide(key_of(ONE), cancels)  # type: ignore[arg-type] # a change


async def test_a_hang_up_whose_callback_is_lost_frees_the_phone(one: Rig) -> None:
    await one.wind(seconds=2)
    assert one.dialed() == [ANN]
    one.carrier.faults.lose_callbacks_until = later(minutes=5)
    await cancel(one)
    one.shelf.now = one.clock.now()
    await one.shelf.take(TWO)
    await one.wind(seconds=15)
    assert one.dialed() == [ANN, ANN]
    assert (await one.shelf.state(ONE)).attempts[0].ended_at == later(seconds=12)


async def test_a_call_that_never_reached_the_carrier_frees_the_phone(one: Rig) -> None:
    await one.shelf.intend(ONE)
    await cancel(one)
    await one.shelf.take(TWO)
    await one.wind(seconds=40)
    assert one.dialed() == [ANN]
    (first,) = (await one.shelf.state(ONE)).attempts
    assert (first.sid, first.outcome) == (None, "canceled")
    assert first.ended_at is not None
    assert "dial.lost" not in await one.kinds(ONE)


async def test_a_phone_is_free_as_soon_as_a_carrier_that_was_away_can_be_asked(one: Rig) -> None:
    await one.shelf.intend(ONE)
    await cancel(one)
    one.carrier.faults.down_until = later(minutes=6)
    await one.wind(minutes=6, seconds=1)
    assert (await one.shelf.state(ONE)).attempts[0].ended_at is None
    await one.wind(seconds=30)
    assert (await one.shelf.state(ONE)).attempts[0].ended_at is not None


async def test_no_phone_is_free_because_the_clock_was_set_ahead(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process's request is on the wire, and nobody waits for it any more."""
    await one.shelf.intend(ONE)
    await cancel(one)
    monkeypatch.setattr(VirtualClock, "doubtful", lambda *_: True)
    one.clock.set(later(minutes=5))
    await one.wind(seconds=15)
    assert (await one.shelf.state(ONE)).attempts[0].ended_at is None
    monkeypatch.setattr(VirtualClock, "doubtful", lambda *_: False)
    await one.wind(seconds=20)
    assert (await one.shelf.state(ONE)).attempts[0].ended_at is not None


async def test_a_phone_in_use_is_so_by_the_new_time_too(
    one: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is claimed by it: the first turn after a leap sees to that, and once."""
    await one.wind(seconds=2)
    taken = "select max(expires_at) from open_calls"
    leaps = [Leap(1, one.clock.now())]
    monkeypatch.setattr(VirtualClock, "leap", lambda *_: leaps[-1] if leaps else None)
    monkeypatch.setattr(VirtualClock, "landed", lambda _, leap: leaps.remove(leap))
    one.clock.set(later(minutes=5))
    await one.house.engine.turn(one.clock.now())
    assert await one.shelf.conn.fetchval(taken) == later(minutes=5) + CALL_LASTS
    assert leaps == []


async def test_a_hang_up_that_is_heard_of_is_asked_for_once(one: Rig) -> None:
    await one.wind(seconds=2)
    await cancel(one)
    await one.wind(seconds=30)
    assert one.carrier.calls[0].ended_at == later(seconds=2)
    assert await one.shelf.count("errands") == 0


async def test_a_call_on_which_all_is_said_frees_the_phone_though_its_end_gets_lost(
    database: str, pool: Pool
) -> None:
    keys = [{"after": "1s", "press": "2"}]
    declines = {ANN: {"calls": [{"answer_after": "5s", "keys": keys}, {"no_answer": True}]}}
    async with pool.acquire() as conn, rig(database, conn, people=declines) as one:
        await one.shelf.take(ONE)
        await one.wind(seconds=3)
        one.carrier.faults.lose_callbacks_until = later(minutes=5)
        await one.shelf.take(TWO)
        await one.wind(seconds=30)
        assert one.dialed().count(ANN) == 1
        await one.wind(seconds=60)
        assert one.dialed().count(ANN) == 2


@asynccontextmanager
async def canceled_unheard(database: str, pool: Pool, line: Compatible) -> AsyncIterator[Rig]:
    """Have a lead cancel a call of that carrier's, whose end gets lost."""
    async with pool.acquire() as conn, rig(database, conn, outside={"transport": line}) as one:
        line.carrier = one.carrier
        await one.shelf.take(ONE)
        await one.wind(seconds=2)
        one.carrier.faults.lose_callbacks_until = later(minutes=30)
        await cancel(one)
        yield one


@pytest.mark.parametrize("says", [200, 409])
async def test_a_carrier_that_says_otherwise_that_a_call_has_ended_is_asked_how_it_stands(
    database: str, pool: Pool, says: int
) -> None:
    line = Compatible()
    line.says = says
    async with canceled_unheard(database, pool, line) as one:
        await one.wind(seconds=15)
        assert (await one.shelf.state(ONE)).attempts[0].ended_at == later(seconds=12)
        await one.wind(minutes=1)
        assert await one.shelf.count("errands") == 0
        assert line.asked == 1


async def test_a_call_of_which_no_end_can_be_learnt_is_asked_after_for_half_an_hour(
    database: str, pool: Pool
) -> None:
    line = Compatible()
    async with canceled_unheard(database, pool, line) as one:
        line.hides = True
        await one.wind(minutes=3)
        assert 5 < line.asked < 20
        assert await one.shelf.count("errands") == 1
        one.clock.set(later(minutes=31))
        await one.turn()
        assert await one.shelf.count("errands") == 0


@pytest.mark.parametrize("hears", [True, False], ids=["no answer tells", "no answer comes"])
async def test_a_phone_is_free_as_soon_as_the_carrier_can_say_that_its_call_has_ended(
    database: str, pool: Pool, hears: bool
) -> None:
    """However long its phone is kept: after the clock was set ahead, for a quarter of an hour."""
    line = Compatible()
    async with canceled_unheard(database, pool, line) as one:
        line.hides = hears
        one.carrier.faults.down_until = None if hears else later(minutes=4)
        await one.wind(minutes=4)
        assert (await one.shelf.state(ONE)).attempts[0].ended_at is None
        line.hides = False
        await one.wind(seconds=16)
        assert (await one.shelf.state(ONE)).attempts[0].ended_at is not None
        assert await one.shelf.count("open_calls") == await one.shelf.count("errands") == 0


async def test_a_call_from_before_the_clock_was_set_back_is_looked_for_at_once(one: Rig) -> None:
    one.carrier.faults.lose_callbacks_until = later(minutes=30)
    one.goes_wrong("drop")
    await one.turn()
    await one.shelf.conn.execute("update attempts set started_at = started_at + interval '5 min'")
    await cancel(one)
    await one.wind(seconds=15)
    (first,) = (await one.shelf.state(ONE)).attempts
    assert (first.sid is not None, first.ended_at is not None) == (True, True)
    assert (one.carrier.calls[0].ended_at or NOON) < later(seconds=10)
