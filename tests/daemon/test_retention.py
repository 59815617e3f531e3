"""Details are erased when they are as old as the account's document allows, and not before."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType
from gateway.domain.matters import Written
from gateway.domain.messages import Key
from gateway.store import matters, messages
from gateway.store.matters import Hand
from gateway.store.pool import Pool
from tests.kit.api import serving
from tests.kit.desk import NOON, Dice, document
from tests.kit.house import Rig, rig
from tests.kit.shelf import FREE, key_of

CLOSED, OPEN, YOUNG = "49000001", "49000002", "49000003"
CASE = UUID(int=5)
_CLOSE = "update messages set state = 'delivered' where ucn = $1"
_END = "update jobs set state = 'completed', next_at = null where ucn = $1"


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Open a house that keeps details for 30 days, with a message that is closed and one open."""
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, document(retention="30d")) as opened,
    ):
        for ucn in (CLOSED, OPEN):
            await opened.shelf.take(ucn)
        await close(opened, CLOSED)
        yield opened


async def close(one: Rig, ucn: str) -> None:
    for statement in (_CLOSE, _END):
        await one.shelf.conn.execute(statement, ucn)


async def told(one: Rig, key: Key) -> tuple[bool, bool]:
    """Tell whether a message's words stand, and whether its history holds."""
    shown = await messages.get(one.shelf.conn, key.ucn)
    assert shown is not None
    _, broken = await messages.check(one.shelf.conn, key)
    return shown.content is not None, broken is None


async def test_the_words_of_closed_messages_go_in_time_and_the_proof_stays(one: Rig) -> None:
    await one.shelf.conn.execute(_END, OPEN)  # nobody is called, but it is still open
    one.clock.set(NOON + timedelta(days=29))
    one.shelf.now = one.clock.now()
    await one.shelf.take(YOUNG)
    await close(one, YOUNG)
    await one.turn()
    assert await told(one, key_of(CLOSED)) == (True, True)
    await one.wind(days=2)
    assert await told(one, key_of(CLOSED)) == (False, True)
    assert await told(one, key_of(OPEN)) == (True, True)
    assert (await messages.get(one.shelf.conn, YOUNG)).content is not None  # type: ignore[union-attr]
    row = await one.shelf.conn.fetchrow("select actor, data from account_items")
    assert row is not None
    assert (row["actor"], row["data"]["reason"]) == ("gateway", "retention")


async def test_an_admin_erases_one_message_once_nobody_works_it(pool: Pool) -> None:
    async with serving(pool) as api:
        await api.take(CLOSED, caller={"name": "Jo Dole", "phone": "+12025550142"})
        erase = f"POST /v1/messages/{CLOSED}/erase"
        busy = await api.ask("admin", erase, {"reason": "asked for"})
        assert (busy.status_code, busy.json()["code"]) == (409, "still_open")
        words = {"text": "Dear Jo Dole", "directive": "disregard"}
        await api.ask("agent", f"POST /v1/messages/{CLOSED}/annotations", words)
        case = Case(CASE, CaseType.DISPATCH, "x", "gateway", NOON, account="7001", ucns=(CLOSED,))
        async with pool.acquire() as conn:
            hand = Hand("gateway", NOON, Dice(), FREE)
            await matters.open_one(conn, CASES, CASE, Written(case), hand)

        for erased in (True, False):
            answer = await api.ask("admin", erase, {"reason": "asked for"})
            assert answer.json() == {"ucn": CLOSED, "erased": erased, "left": [str(CASE)]}
        whole = [
            (await api.ask("lead", f"GET /v1/messages/{CLOSED}{rest}")).text
            for rest in ("", "/history", "/why")
        ]
        assert not any("Dole" in text or "No heat" in text for text in whole)
        checked = await api.ask("agent", f"GET /v1/messages/{CLOSED}/history/verify")
        assert checked.json()["ok"] is True
        items = (await api.ask("lead", "GET /v1/accounts/7001/history")).json()
        assert [one["kind"] for one in items] == ["words.erased"]
