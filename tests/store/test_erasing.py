"""Details go when nothing is left to do with them; what is left is found without what is gone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.store import erasing
from gateway.store.erasing import Order
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON, later
from tests.kit.shelf import Shelf, key_of
from tests.store.test_list_plans import MESSAGES, read

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
WORDS = """
insert into message_words (account, month, ucn, content)
select account, month, ucn, '{}' from messages where ucn = any($1)
"""
NOTE = """
insert into history_words (account, month, ucn, seq, salt, words)
values ('7001', '2026-02-01', $1, 3, '', '{}')
"""

WAITS = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"


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


async def test_words_stay_when_somebody_takes_the_message_up_again_meanwhile(
    shelf: Shelf, pool: Pool
) -> None:
    """A resend that is being written holds the message: what it comes to counts."""
    async with pool.acquire() as other:
        writing = other.transaction()
        await writing.start()
        await other.execute("update messages set sent = true")
        await other.execute("update jobs set state = 'pending'")
        erasing_it = asyncio.create_task(erased(shelf.conn))
        while not await pool.fetchval(WAITS, shelf.conn.get_server_pid()):
            await asyncio.wait([erasing_it], timeout=0.01)
        await writing.commit()
        assert not await erasing_it
    assert await shelf.count("message_words") == 1


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


async def test_words_that_were_added_after_an_erasure_are_told_to_stand(shelf: Shelf) -> None:
    """Somebody wrote a note and put it aside for later: no erased message."""
    assert await erased(shelf.conn)
    await shelf.conn.execute(ASIDE, ONE, {"park": {"seq": 3}})
    await shelf.conn.execute(NOTE, ONE)
    assert not await erased(shelf.conn)
    assert await erasing.with_details(shelf.conn, [key_of(ONE)]) == [ONE]


async def test_what_is_left_to_erase_is_found_without_reading_what_was_erased(
    pool: Pool,
) -> None:
    async with pool.acquire() as conn:
        await conn.execute(MESSAGES, NOON, 5_000)
        await conn.execute(WORDS, ["u11", "u13", "u102"])
        await conn.execute("analyze messages, message_words, history_words, recordings")
        given = ("7001", later(hours=-1), erasing.BATCH, NOON.date() - timedelta(days=99), "")
        rows, plan = await read(conn, "erasing.details_before", *given)
        assert rows <= 12, plan
        found = await erasing.details_before(conn, "7001", later(hours=-1), {})
        assert ([key.ucn for key in found.keys], found.then) == (["u102"], {})


async def test_batches_go_on_after_what_is_passed_over(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is still worked fills no batch for ever."""
    monkeypatch.setattr(erasing, "BATCH", 1)
    await shelf.take("49000002")
    first = await erasing.details_before(shelf.conn, "7001", later(days=1), {})
    assert [key.ucn for key in first.keys] == [ONE]
    second = await erasing.details_before(shelf.conn, "7001", later(days=1), first.then)
    assert (second.keys, second.then["ucn"]) == ([], "49000002")
    last = await erasing.details_before(shelf.conn, "7001", later(days=1), second.then)
    assert (last.keys, last.then) == ([], {})
