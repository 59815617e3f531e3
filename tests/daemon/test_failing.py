"""A phone that only ever fails is flagged, and a lead hears of it before the next shift."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from adapters.wire import Kind, Refused
from gateway.daemon.perform import refusal_of
from gateway.domain.documents import AccountDocument
from gateway.store.pool import Pool
from tests.kit.api import serving
from tests.kit.desk import NOON, document
from tests.kit.house import Rig, rig
from tests.kit.street import ANN

_ATTEMPT = """
insert into attempts (
    account, month, ucn, id, job, round, slot, contact, address, method, source, started_at,
    check_at, state, stage, step, tries, outcome, sid, begun
) values (
    '7001', '2026-02-01', '1', gen_random_uuid(), gen_random_uuid(), 1, '', 'ann', $1, $2, 'shift',
    $3, $3, 'ended', 'prompt', 0, 0, $4, $5, date_trunc('month', $3::timestamptz)
)
"""


def on_call_from(start: str) -> AccountDocument:
    """Return a document in which Ann's one shift begins then, and nobody else is on call."""
    shift = {"contact": "ann", "start": start, "end": "2026-02-20T08:00"}
    return document(schedules=[{"name": "OnCall", "shifts": [shift]}], permanent=[])


async def tried(
    pool: Pool, at: datetime, *outcomes: str, method: str = "call", sid: str | None = "CA1"
) -> None:
    """Put attempts to reach Ann on record, a minute apart."""
    for minute, outcome in enumerate(outcomes):
        await pool.execute(_ATTEMPT, ANN, method, at + timedelta(minutes=minute), outcome, sid)


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Open a house in which Ann is on call from Wednesday evening on."""
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, on_call_from("2026-02-04T17:00")) as opened,
    ):
        yield opened


def told(one: Rig) -> list[str]:
    return [text for _, sink, text in one.bell.alerts if sink == "lead"]


TOLD = (
    "Account 7001: Ann Ames (+1******0101) could not be reached 3 times in a row and is on call "
    "from 2026-02-04 17:00; check the number."
)


async def test_a_lead_hears_of_a_failing_phone_once_before_the_next_shift(
    one: Rig, pool: Pool
) -> None:
    await tried(pool, NOON - timedelta(days=1), "no_answer", "failed", "failed", "failed")
    await one.turn()
    assert told(one) == []  # the shift begins in two days
    await one.wind(hours=46)
    assert told(one) == [TOLD]
    await one.wind(hours=24)
    assert told(one) == [TOLD]


async def test_what_begins_to_fail_on_the_day_itself_is_told_an_hour_before_the_shift(
    one: Rig, pool: Pool
) -> None:
    await one.wind(hours=44)  # Wednesday, 14:00 in New York
    await tried(pool, one.clock.now(), "undelivered", "failed", "undelivered", method="sms")
    await one.wind(hours=2.5)
    assert told(one) == [TOLD]
    assert one.bell.alerts[0][0].hour == 21


@pytest.mark.parametrize(
    "outcomes",
    [
        ("failed", "failed"),
        ("failed", "failed", "failed", "no_answer"),
        ("failed", "failed", "busy", "failed"),
        ("canceled", "lost", "lost", "canceled"),
    ],
)
async def test_a_phone_that_works_at_times_is_not_flagged(
    pool: Pool, outcomes: tuple[str, ...]
) -> None:
    async with serving(pool) as api:
        await tried(pool, NOON - timedelta(hours=1), *outcomes)
        assert (await api.ask("dispatcher", "GET /v1/accounts/7001/failing")).json() == []


async def test_a_number_that_the_carrier_never_takes_is_flagged_but_not_what_it_did_not_take(
    pool: Pool,
) -> None:
    async with serving(pool) as api:
        await tried(pool, NOON - timedelta(hours=1), "failed", "failed", "failed", sid=None)
        assert (await api.ask("dispatcher", "GET /v1/accounts/7001/failing")).json() == []
        await tried(pool, NOON - timedelta(hours=2), "refused", "refused", "refused", sid=None)
        (shown,) = (await api.ask("dispatcher", "GET /v1/accounts/7001/failing")).json()
        assert shown["times"] == 3


@pytest.mark.parametrize(("kind", "number"), [("number", True), ("account", False)])
def test_what_the_carrier_says_of_a_number_is_carried_on(kind: Kind, number: bool) -> None:
    no = Refused(21211, "the number is not valid", again=False, ours=False, kind=kind)
    assert refusal_of(UUID(int=1), no).number is number


async def test_the_api_shows_whose_phone_fails_since_when_and_their_next_shift(pool: Pool) -> None:
    async with serving(pool) as api:
        await tried(pool, NOON - timedelta(hours=1), "failed", "failed", "failed")
        answer = await api.ask("dispatcher", "GET /v1/accounts/7001/failing")
    assert answer.json() == [
        {
            "contact": "ann",
            "address": "+1******0101",
            "by": "call",
            "times": 3,
            "since": "2026-02-02T22:00:00.000000Z",
            "last": "2026-02-02T22:02:00.000000Z",
            "next_shift": "2026-02-02T23:00:00.000000Z",
        }
    ]
