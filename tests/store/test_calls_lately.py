"""How a phone was called lately: what plans read and what a roster shows are the same."""

from collections.abc import AsyncIterator

import pytest

from gateway.domain.contacts import Rung
from gateway.store import accounts
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import Shelf
from tests.kit.street import ANN, compiled, roster, shift

ONE = "49000001"
SID = "CA1"
Call = tuple[int, int | None, str | None, str | None]


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"))
        await one.take(ONE)
        yield one


async def rung(shelf: Shelf, *calls: Call) -> Rung | None:
    """Return what is known of Ann's phone after calls: seconds ago, end, outcome and SID."""
    for began, ended, outcome, sid in calls:
        await shelf.conn.execute(
            "insert into attempts (account, month, ucn, id, job, round, slot, contact, address,"
            " method, source, started_at, check_at, state, stage, step, tries, ended_at, outcome,"
            " sid, begun) values ('7002', '2026-02-01', '1', gen_random_uuid(), gen_random_uuid(),"
            " 1, '0.0.ann', 'ann', $1, 'call', 'shift', $2, $2, 'ended', '', 0, 1, $3, $4, $5,"
            " '2026-02-01')",
            ANN,
            later(seconds=-began),
            None if ended is None else later(seconds=-ended),
            outcome,
            sid,
        )
    planned = (await shelf.state(ONE)).rung.get(ANN)
    _, shown = await accounts.calls_of(shelf.conn, compiled(), NOON)
    assert shown.get(ANN) == planned
    return planned


async def test_a_call_counts_and_an_open_one_has_no_end(shelf: Shelf) -> None:
    found = await rung(shelf, (50, 40, "no_answer", SID), (30, 20, "busy", SID))
    assert found == Rung(2, later(seconds=-30), later(seconds=-20))
    assert await rung(shelf, (10, None, None, SID)) == Rung(3, later(seconds=-10), None)


async def test_an_accepted_call_counts_but_begins_no_rest(shelf: Shelf) -> None:
    found = await rung(shelf, (50, 40, "no_answer", SID), (30, 20, "accepted", SID))
    assert found == Rung(2, later(seconds=-50), later(seconds=-40))


async def test_who_only_accepted_calls_need_not_rest(shelf: Shelf) -> None:
    found = await rung(shelf, (30, 20, "accepted", SID))
    assert found == Rung(1, later(seconds=-30), None)
    assert found.pause_until(NOON, NOON) is None


async def test_what_never_reached_the_carrier_was_no_call(shelf: Shelf) -> None:
    lost = [(30, None, word, None) for word in ("lost", "canceled", "skipped", "timeout")]
    assert await rung(shelf, *lost) is None
    found = await rung(shelf, (40, 35, "busy", SID), (10, 5, "refused", None))
    assert found == Rung(1, later(seconds=-40), later(seconds=-35))


async def test_a_limit_holds_for_a_number_that_somebody_without_one_has_too(shelf: Shelf) -> None:
    ann = {"name": "Ann Ames", "phone": ANN, "phone_limit": {"calls": 2, "per": "3h"}}
    bob = {"name": "Bob Bell", "phone": ANN}
    both = compiled(contacts={"ann": ann, "bob": bob}, permanent=[], **roster(shift("ann")))
    await rung(shelf, (30, 20, "busy", SID))
    calls, _ = await accounts.calls_of(shelf.conn, both, NOON)
    assert calls == {ANN: (later(seconds=-30),)}
