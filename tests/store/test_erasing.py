"""Details go when nothing is left to do with them."""

from collections.abc import AsyncIterator

import pytest

from gateway.store import erasing
from gateway.store.erasing import Order
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON
from tests.kit.shelf import Shelf, key_of

ONE = "49000001"
ORDER = Order("gateway", NOON, "retention")
POST = """
insert into deliveries (id, account, month, ucn, name, kind, occasion, state, created_at)
values (gen_random_uuid(), '7001', '2026-02-01', $1, 'x', $2, 'taken', $3, now())
"""
ASIDE = """
insert into asides (account, month, ucn, aside) values ('7001', '2026-02-01', $1, $2)
on conflict (account, month, ucn) do update set aside = excluded.aside
"""


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    """A message that was delivered, with nothing beside it."""
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load()
        await one.take(ONE)
        await conn.execute("update messages set state = 'delivered'")
        await conn.execute("update jobs set state = 'completed', next_at = null")
        await conn.execute("delete from asides")
        yield one


async def erased(conn: Connection) -> bool:
    return await erasing.erase(conn, [key_of(ONE)], ORDER) == [ONE]


@pytest.mark.parametrize(
    ("kind", "state", "works"),
    [
        *(("copy", state, True) for state in ("waiting", "intended")),
        *(("lead", state, True) for state in ("waiting", "blocked", "failed", "unsure")),
        *(("copy", state, False) for state in ("sent", "failed", "unsure")),
        *(("claim", state, False) for state in ("sent", "dropped")),
    ],
)
async def test_words_stay_while_something_is_to_be_sent_of_them(
    shelf: Shelf, kind: str, state: str, works: bool
) -> None:
    await shelf.conn.execute(POST, ONE, kind, state)
    assert await erased(shelf.conn) is not works


@pytest.mark.parametrize(
    ("aside", "works"),
    [
        ({"proof": {"state": "open"}}, True),
        ({"proof": {"state": "fixed"}}, False),
        ({"review": {"seq": 3}}, True),
        ({"park": {"seq": 3}}, True),
        ({"annotated": True}, False),
    ],
)
async def test_words_stay_while_somebody_is_to_look_at_them(
    shelf: Shelf, aside: dict[str, object], works: bool
) -> None:
    await shelf.conn.execute(ASIDE, ONE, aside)
    assert await erased(shelf.conn) is not works
