"""Duties are performed by the engine, again and again, whatever goes wrong on the way."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from gateway.daemon.duties import PLACES, Duties, Work, pause
from gateway.domain.accounts import Account
from gateway.domain.duties import DutyKind, Wanted, next_morning
from gateway.store import duties
from gateway.store.duties import Done, Duty
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig
from tests.kit.street import compiled

# The example account's own minute, in New York.
MORNING = datetime.fromisoformat("2026-02-03T09:00:00-05:00")


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with pool.acquire() as conn, rig(database, conn) as opened:
        yield opened


class Record:
    """A kind of duty that notes when it was performed, and fails when it is told to."""

    def __init__(self, *faults: Exception) -> None:
        self.at: list[tuple[str, datetime]] = []
        self.faults = list(faults)

    async def __call__(self, duty: Duty, account: Account, now: datetime) -> Done:
        self.at.append((account.account, now))
        if self.faults:
            raise self.faults.pop(0)
        assert duty.account == account.account
        return Done(now.replace(minute=30) if now.minute < 30 else None, {"times": len(self.at)})


def use(one: Rig, work: Work) -> None:
    """Have the engine do this for every duty."""
    one.house.engine._duties = Duties(one.house.desk, {DutyKind.COVERAGE: work})  # noqa: SLF001


async def test_a_duty_is_done_when_its_document_is_put_and_every_morning_after(one: Rig) -> None:
    assert await duties.next_due(one.shelf.conn, NOON) == NOON
    await one.turn()
    following = await duties.next_due(one.shelf.conn, NOON)
    shift_ends = datetime.fromisoformat("2026-02-03T08:00:00-05:00")
    assert following == shift_ends - timedelta(hours=1)  # for phones that fail
    await one.wind(hours=14)
    following = await duties.next_due(one.shelf.conn, NOON)
    assert following == next_morning(compiled(), NOON)
    assert following is not None
    assert (following - MORNING).total_seconds() in range(0, 3600, 60)


async def test_time_winds_from_duty_to_duty(one: Rig) -> None:
    record = Record()
    use(one, record)
    await one.wind(hours=2)
    assert record.at == [("7001", NOON), ("7001", later(minutes=30))]
    assert await one.shelf.count("duties") == 0


async def test_a_duty_that_fails_comes_back_and_stops_no_other(one: Rig) -> None:
    record = Record(RuntimeError("anything"), TimeoutError())
    use(one, record)
    await one.turn()
    assert await duties.next_due(one.shelf.conn, NOON) == later(minutes=1)
    await one.wind(minutes=4)
    assert [at for _, at in record.at] == [NOON, later(minutes=1), later(minutes=3)]


async def test_a_duty_that_fails_for_want_of_the_database_is_told_in_one_line(one: Rig) -> None:
    use(one, Record(ConnectionResetError("cut"), RuntimeError("anything")))
    with capture_logs() as lines:
        await one.wind(minutes=2)
    known, unknown = [line for line in lines if line.get("action") == "duty.failed"]
    assert (known["log_level"], known["fault"]) == ("warning", "ConnectionResetError")
    assert (unknown["log_level"], unknown["exc_info"]) == ("error", True)


async def test_more_duties_than_places_are_all_done_in_one_go(one: Rig) -> None:
    await one.shelf.load(*(document(str(number)) for number in range(7100, 7100 + 3 * PLACES)))
    record = Record()
    use(one, record)
    await one.turn()
    assert len(record.at) == len(set(record.at)) == 3 * PLACES + 1


async def test_of_two_engines_one_does_it(one: Rig, database: str, pool: Pool) -> None:
    record = Record()
    async with pool.acquire() as conn, rig(database, conn) as other:
        use(one, record)
        use(other, record)
        await one.house.engine.turn(NOON, sweep=True)
        await other.house.engine.turn(NOON, sweep=True)
        await one.house.engine.settle()
        await other.house.engine.settle()
    assert record.at == [("7001", NOON)]


async def test_what_a_dead_process_had_claimed_is_done_by_the_next(one: Rig) -> None:
    assert len(await duties.claim(one.shelf.conn, NOON, 1)) == 1
    record = Record()
    use(one, record)
    await one.wind(minutes=5)
    assert record.at[0] == ("7001", NOON + duties.LEASE)


async def test_a_duty_of_an_account_that_is_gone_is_forgotten(one: Rig) -> None:
    await one.shelf.conn.execute("update accounts set deleted_at = $1", NOON)
    await one.turn()
    assert await one.shelf.count("duties") == 0


async def test_accounts_that_were_never_armed_are_armed_by_the_engine(one: Rig) -> None:
    await one.shelf.conn.execute("delete from duties")
    await one.turn()
    assert await one.shelf.count("duties") == 2  # it asks for one that looks at phones


def test_pauses_grow_to_an_hour() -> None:
    assert [pause(tries).total_seconds() / 60 for tries in (1, 2, 3, 6, 7, 100)] == [
        *(1, 2, 4, 32, 60, 60),
    ]


async def test_looks_give_way_to_a_notice_that_is_due_after_them(one: Rig) -> None:
    done: list[str] = []

    async def look(duty: Duty, _account: Account, now: datetime) -> Done:
        done.append(duty.kind)
        await one.house.desk.clock.sleep(0)
        return Done(now + timedelta(days=1))

    kinds: dict[str, Work] = {DutyKind.COVERAGE: look, DutyKind.NOTICE: look}
    one.house.engine._duties = Duties(one.house.desk, kinds)  # noqa: SLF001
    await one.shelf.load(*(document(str(number)) for number in range(7100, 7130)))
    await one.shelf.conn.execute("update duties set next_at = $1", NOON - timedelta(hours=1))
    await duties.ask(one.shelf.conn, Wanted("7001", DutyKind.NOTICE, "n1"), NOON)
    await one.turn()
    assert len(done) == 32
    assert done.index("notice") < 16  # otherwise it would be among the last


async def test_a_quiet_duty_is_over_though_the_clock_was_wound_meanwhile(one: Rig) -> None:
    async def look(_duty: Duty, _account: Account, now: datetime) -> Done:
        one.clock.set(now + timedelta(seconds=30))
        return Done(now + timedelta(days=1))

    one.house.engine._duties = Duties(one.house.desk, {DutyKind.COVERAGE: look})  # noqa: SLF001
    await one.shelf.conn.execute("update duties set next_at = $1", NOON)
    await one.turn()
    assert one.house.engine.at_rest
