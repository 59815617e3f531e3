"""Account documents are kept as versions that never change, and nobody reads a PIN back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.clock import pause
from gateway.domain.documents import DocumentError, compile_account, document_from
from gateway.store import accounts
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON, document, northside

BY = "lead:L-7"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as acquired:
        yield acquired


async def test_a_document_comes_back_as_it_was_put_but_for_its_pins(conn: Connection) -> None:
    assert await accounts.put(conn, document(), BY, NOON) == 1
    found = await accounts.get(conn, "7001")
    expected = northside()
    del expected["contacts"]["ann"]["pin"]  # type: ignore[index]
    assert found == expected


async def test_an_unchanged_document_makes_no_new_version(conn: Connection) -> None:
    await accounts.put(conn, document(), BY, NOON)
    assert await accounts.put(conn, document(), BY, NOON) == 1
    assert await accounts.put(conn, document(name="Northside"), BY, NOON) == 2
    assert [one.name for one in await accounts.list_all(conn)] == ["Northside"]


async def test_loading_a_dump_changes_nothing_and_keeps_the_pins(conn: Connection) -> None:
    await accounts.put_all(conn, [document("7001"), document("7002")], BY, NOON)
    dumped = await accounts.dump(conn)
    assert [one["account"] for one in dumped] == ["7001", "7002"]
    again = [document_from(one, "dump") for one in dumped]
    assert await accounts.put_all(conn, again, BY, NOON) == {"7001": 1, "7002": 1}
    kept = (await accounts.in_force(conn, ["7001"]))["7001"]
    assert compile_account(kept).contacts["ann"].pin == "4711"


async def test_a_pin_that_stands_for_none_is_refused_and_nothing_is_written(
    conn: Connection,
) -> None:
    hidden = {"ann": {"name": "Ann", "phone": "+12025550101", "pin": "****"}}
    whole = {"contacts": hidden, "schedules": [], "permanent": []}
    with pytest.raises(DocumentError, match="pin"):
        await accounts.put_all(conn, [document("7002"), document("7003", **whole)], BY, NOON)
    assert await accounts.list_all(conn) == []
    assert await accounts.get(conn, "7002") is None


async def test_every_number_of_a_contact_leads_to_them_until_the_document_drops_it(
    conn: Connection,
) -> None:
    await accounts.put_all(conn, [document("7001"), document("7002")], BY, NOON)
    both = [("7001", "bob"), ("7002", "bob")]
    assert await accounts.contact_of_phone(conn, "+12025550112") == both
    assert await accounts.contact_of_phone(conn, "+12025550102") == both
    only = {"ann": {"name": "Ann"}}
    empty = document("7001", contacts=only, schedules=[], permanent=[])
    await accounts.put(conn, empty, BY, NOON)
    assert await accounts.contact_of_phone(conn, "+12025550112") == [("7002", "bob")]


async def test_two_who_put_at_once_make_one_version_each(pool: Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as other:
        versions = await asyncio.gather(
            accounts.put(one, document(name="One"), BY, NOON),
            accounts.put(other, document(name="Other"), BY, NOON),
        )
    assert sorted(versions) == [1, 2]


async def test_an_unknown_account_has_no_document(conn: Connection) -> None:
    assert await accounts.get(conn, "none") is None


async def test_a_load_that_is_checked_for_long_is_not_ended_by_our_own_limit(
    conn: Connection,
) -> None:
    """Thousands of documents take longer to check than any other transaction may idle."""
    await conn.execute("set idle_in_transaction_session_timeout = '50ms'")

    def checks(_before: object, _after: object) -> None:
        pause(0.2)

    assert await accounts.put_all(conn, [document("7001")], BY, NOON, checks) == {"7001": 1}
