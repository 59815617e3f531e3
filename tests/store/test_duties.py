"""Duties are armed by documents, claimed by one, re-armed with what came of them or not at all."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.domain.duties import QUIET, DutyKind, Wanted
from gateway.store import accounts, duties
from gateway.store.duties import Done, Duty
from gateway.store.pool import Connection, Pool
from tests.kit.desk import NOON, document, later

BY = "lead:L-7"
ID = Wanted("7001", DutyKind.COVERAGE).id


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as acquired:
        await accounts.put(acquired, document(), BY, NOON)
        yield acquired


async def rows(conn: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in await conn.fetch("select * from duties order by id")]


async def claimed(conn: Connection) -> Duty:
    (duty,) = await duties.claim(conn, NOON, 10)
    return duty


async def test_a_document_that_is_put_has_its_duties_done_at_once(conn: Connection) -> None:
    duty = await claimed(conn)
    assert (duty.id, duty.account, duty.kind, duty.key) == (ID, "7001", "coverage", "")
    assert (duty.at, duty.memory, duty.tries, duty.version) == (NOON, {}, 1, 1)


async def test_arming_twice_changes_nothing(conn: Connection) -> None:
    before = await rows(conn)
    await duties.arm(conn, [document()], NOON)
    await duties.arm(conn, [document()], later(hours=1))
    assert await rows(conn) == before


async def test_an_unchanged_document_arms_nothing(conn: Connection) -> None:
    await duties.complete(conn, await claimed(conn), Done(later(hours=9)))
    await accounts.put(conn, document(), BY, later(minutes=1))
    assert await duties.next_due(conn, NOON) == later(hours=9)
    await accounts.put(conn, document(name="Northside"), BY, later(minutes=2))
    assert await duties.next_due(conn, NOON) == later(minutes=2)


async def test_a_duty_is_claimed_once_until_its_lease_has_run_out(conn: Connection) -> None:
    first = await claimed(conn)
    assert await duties.claim(conn, NOON, 10) == []
    assert await duties.next_due(conn, NOON) == NOON + duties.LEASE
    (again,) = await duties.claim(conn, NOON + duties.LEASE, 10)
    assert (again.id, again.tries) == (first.id, 2)


async def test_what_came_of_it_is_remembered_and_it_is_due_again(conn: Connection) -> None:
    assert await duties.complete(conn, await claimed(conn), Done(later(days=1), {"told": ["x"]}))
    assert await duties.claim(conn, later(hours=23), 10) == []
    (again,) = await duties.claim(conn, later(days=1), 10)
    assert (again.memory, again.tries) == ({"told": ["x"]}, 1)


async def test_one_that_is_done_for_good_is_gone(conn: Connection) -> None:
    assert await duties.complete(conn, await claimed(conn), Done(None))
    assert await rows(conn) == []
    assert await duties.next_due(conn, NOON) is None


async def test_one_that_failed_comes_back_with_its_memory(conn: Connection) -> None:
    await duties.complete(conn, await claimed(conn), Done(NOON, {"told": ["x"]}))
    await duties.postpone(conn, await claimed(conn), later(minutes=1))
    assert await duties.next_due(conn, NOON) == later(minutes=1)
    (again,) = await duties.claim(conn, later(minutes=1), 10)
    assert (again.memory, again.tries) == ({"told": ["x"]}, 2)


async def test_a_document_changed_meanwhile_has_it_done_again_and_undoes_the_first(
    conn: Connection,
) -> None:
    duty = await claimed(conn)
    await accounts.put(conn, document(name="Northside"), BY, later(seconds=1))
    written: list[str] = []

    async def then(_: Connection) -> None:
        written.append("x")

    assert not await duties.complete(conn, duty, Done(later(days=1), then=then))
    assert written == []
    (again,) = await duties.claim(conn, later(seconds=1), 10)
    assert again.version == 2


async def test_who_lost_the_lease_writes_nothing(conn: Connection) -> None:
    slow = await claimed(conn)
    (quick,) = await duties.claim(conn, NOON + duties.LEASE, 10)
    await duties.postpone(conn, slow, later(hours=5))
    assert not await duties.complete(conn, slow, Done(None))
    assert await duties.complete(conn, quick, Done(later(days=1)))


async def test_what_follows_is_written_with_the_arming_or_neither_is(conn: Connection) -> None:
    duty = await claimed(conn)

    async def fails(inside: Connection) -> None:
        await inside.execute("insert into blank_days values ('7001', '2026-02-02')")
        raise RuntimeError("anything")

    with pytest.raises(RuntimeError):
        await duties.complete(conn, duty, Done(later(days=1), then=fails))
    assert await conn.fetchval("select count(*) from blank_days") == 0
    assert await duties.next_due(conn, NOON) == NOON + duties.LEASE


@pytest.mark.usefixtures("conn")
async def test_of_two_who_claim_one_has_it(pool: Pool) -> None:
    async def one() -> list[Duty]:
        async with pool.acquire() as other:
            return await duties.claim(other, NOON, 10)

    found = await asyncio.gather(*(one() for _ in range(4)))
    assert sum(len(each) for each in found) == 1


async def test_what_a_document_no_longer_wants_is_forgotten(conn: Connection) -> None:
    await conn.execute("update duties set id = gen_random_uuid(), key = 'of old'")
    await duties.arm(conn, [document()], later(hours=1))
    assert [(row["id"], row["key"]) for row in await rows(conn)] == [(ID, "")]


async def test_a_duty_of_an_account_that_is_gone_says_so(conn: Connection) -> None:
    await conn.execute("update accounts set deleted_at = $1", NOON)
    assert (await claimed(conn)).version is None


async def test_accounts_from_before_there_were_duties_are_armed(conn: Connection) -> None:
    await accounts.put_all(conn, [document("7002"), document("7003")], BY, NOON)
    await conn.execute("delete from duties where account <> '7002'")
    after = await duties.arm_older(conn, later(hours=1), "", 1)
    assert after == "7001"
    assert await duties.arm_older(conn, later(hours=1), after, 10) is None
    found = {row["account"]: row["next_at"] for row in await rows(conn)}
    assert found == {"7001": later(hours=1), "7002": NOON, "7003": later(hours=1)}


async def test_what_nobody_waits_for_is_claimed_apart(conn: Connection) -> None:
    """However many accounts are to be looked at, a notice that is due is sent."""
    others = [document(str(number)) for number in range(7002, 7022)]
    await accounts.put_all(conn, others, BY, NOON)
    await duties.ask(conn, Wanted("7001", DutyKind.NOTICE, "n1"), later(seconds=1))
    notice, *looks = await duties.claim(conn, later(seconds=2), 5, 2)
    assert sorted(one.kind for one in (notice, *looks)) == ["coverage", "coverage", "notice"]
    assert await duties.next_due(conn, NOON, quiet=False) == later(seconds=2) + duties.LEASE
    assert await duties.next_due(conn, NOON, awaited=False) == NOON


async def test_after_the_clock_was_set_back_a_lease_is_waited_for_no_longer_than_the_duty(
    conn: Connection,
) -> None:
    """Else every engine would look for it, in vain, without a pause."""
    await conn.execute(
        "update duties set next_at = $1, lease_until = $2", later(minutes=10), later(minutes=15)
    )
    assert await duties.next_due(conn, later(minutes=5)) == later(minutes=10)
    assert await duties.next_due(conn, later(minutes=11)) == later(minutes=11)


async def test_whoever_has_no_place_for_a_kind_hears_nothing_of_its_leases(
    conn: Connection,
) -> None:
    await claimed(conn)
    assert await duties.next_due(conn, NOON, quiet=False) is None
    assert await duties.next_due(conn, NOON, awaited=False) == NOON + duties.LEASE


@pytest.mark.parametrize("kind", DutyKind)
async def test_the_store_and_the_domain_agree_on_what_is_quiet(
    conn: Connection, kind: DutyKind
) -> None:
    await conn.execute("update duties set kind = $1", kind)
    assert len(await duties.claim(conn, NOON, 0, 1)) == (kind in QUIET)
