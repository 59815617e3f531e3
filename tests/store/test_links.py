"""Secure links are stored by fingerprint, opened once with a page's own nonce."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.domain import receipts
from gateway.domain.change import TextOut
from gateway.store import links
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import Shelf, key_of
from tests.kit.street import roster, shift

ONE = "49000001"
PRINT = "f" * 64


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001", permanent=[], **roster(shift("ann", status="secure"))))
        yield one


async def test_a_link_is_found_by_what_its_text_says(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.intend(ONE)
    assert isinstance(change.wire, TextOut)
    words = change.wire.body + change.wire.tail
    token = words.split("/m/")[1].split()[0].rstrip(".,")
    found = await links.find(shelf.conn, receipts.fingerprint(token))
    assert found is not None
    assert (found.key, found.contact, found.opened_at) == (key_of(ONE), "ann", None)
    assert found.attempt == change.begun[0].id
    assert token not in str(await shelf.whole())
    await links.note_opened(shelf.conn, receipts.fingerprint(token), NOON)
    await links.note_opened(shelf.conn, receipts.fingerprint(token), later(hours=1))
    again = await links.find(shelf.conn, receipts.fingerprint(token))
    assert again is not None
    assert again.opened_at == NOON
    assert await links.opened(shelf.conn, found.attempt)


async def test_an_unknown_link_is_nothing(shelf: Shelf) -> None:
    assert await links.find(shelf.conn, PRINT) is None


async def test_a_nonce_is_good_once(pool: Pool) -> None:
    await links.add_nonce(pool, PRINT, "n1", NOON)
    uses = await asyncio.gather(*[links.use_nonce(pool, PRINT, "n1", NOON) for _ in range(4)])
    assert sorted(uses) == [False, False, False, True]


async def test_a_nonce_is_good_for_its_own_link_and_hour(pool: Pool) -> None:
    await links.add_nonce(pool, PRINT, "n1", NOON)
    assert not await links.use_nonce(pool, "e" * 64, "n1", NOON)
    assert not await links.use_nonce(pool, PRINT, "n2", NOON)
    assert not await links.use_nonce(pool, PRINT, "n1", later(hours=1))


async def test_only_the_newest_pages_of_a_link_stay_good(pool: Pool) -> None:
    for n in range(25):
        await links.add_nonce(pool, PRINT, f"n{n}", later(seconds=n))
    assert await pool.fetchval("select count(*) from link_nonces") == 20
    assert not await links.use_nonce(pool, PRINT, "n4", NOON)
    assert await links.use_nonce(pool, PRINT, "n5", NOON)
