"""Breakers in the store: what all processes heard together, and the one probe among them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from gateway.domain.breakers import Heard, Line
from gateway.domain.messages import Priority
from gateway.store import breakers
from gateway.store.outages import MOST_SLOW, SLOW, Outages
from gateway.store.pool import Connection, Pool
from gateway.store.rates import Rates
from gateway.store.wake import CHANNEL, news_of
from tests.kit.desk import NOON, later
from tests.kit.shelf import OURS, Shelf

LINE = Line("call", OURS)
OTHER = "+15005550009"
BAD = Heard(NOON, fine=False)


def words(lines: Sequence[Line]) -> list[tuple[UUID, str]]:
    return [(uuid4(), f"{line.channel} is down") for line in lines]


async def fail(conn: Connection, times: int, line: Line = LINE) -> breakers.Told:
    return await breakers.tell(conn, {line: [BAD] * times}, NOON, words)


async def test_what_two_processes_heard_opens_one_line_and_alerts_a_lead_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await fail(conn, 3)
        assert (await fail(conn, 2)).opened == [LINE]
        assert not (await fail(conn, 2)).opened
        alerts = await conn.fetch("select payload from errands where kind = 'alert'")
    assert [(row["payload"]["sink"], row["payload"]["text"]) for row in alerts] == [
        ("lead", "call is down")
    ]


async def test_of_many_processes_one_may_probe(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await fail(conn, 5)

    async def claim() -> bool:
        async with pool.acquire() as conn:
            return await breakers.claim_probe(conn, [LINE], later(seconds=5))

    assert sorted(await asyncio.gather(*(claim() for _ in range(6)))) == [False] * 5 + [True]


async def test_a_probe_that_was_given_back_is_made_by_another(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await fail(conn, 5)
        assert await breakers.claim_probe(conn, [LINE], later(seconds=5))
        await breakers.give_back(conn, [LINE])
        assert await breakers.claim_probe(conn, [LINE], later(seconds=5))


async def test_when_a_line_answers_the_least_urgent_is_woken_and_all_when_it_closes(
    pool: Pool,
) -> None:
    async with pool.acquire() as conn:
        shelf = Shelf(conn, boot=1)
        await shelf.load()
        classes = (Priority.EMERGENCY, Priority.ROUTINE, Priority.URGENT)
        for n, one in enumerate(classes):
            await shelf.take(f"4900000{n}", priority=one)
        await conn.execute("update jobs set waits_for = 'call', next_at = $1", later(hours=1))
        await fail(conn, 5)
        due = "select ucn from jobs where next_at <= $1 order by ucn"

        async def heard(ping: bool, at: datetime) -> list[str]:
            assert await breakers.claim_probe(conn, [LINE], at)
            await breakers.tell(conn, {LINE: [Heard(at, fine=True, ping=ping)]}, at, words)
            return [row["ucn"] for row in await conn.fetch(due, at)]

        assert await heard(ping=True, at=later(seconds=5)) == ["49000001"]
        assert len(await heard(ping=False, at=later(seconds=6))) == 3


async def test_those_who_waited_longest_for_a_line_go_first(pool: Pool) -> None:
    """S3-10: by their due time, not by chance."""
    async with pool.acquire() as conn:
        shelf = Shelf(conn, boot=1)
        await shelf.load()
        for second in range(12):
            shelf.now = later(seconds=second)
            await shelf.take(f"490000{second:02}")
        await conn.execute("update jobs set waits_for = 'call', next_at = $1", later(hours=1))
        await fail(conn, 5)
        shelf.now = later(seconds=30)
        heard: list[str] = []
        await conn.add_listener(CHANNEL, hear := lambda *told: heard.append(told[-1]))
        assert await breakers.claim_probe(conn, [LINE], shelf.now)
        await breakers.tell(conn, {LINE: [Heard(shelf.now, fine=True)]}, shelf.now, words)
        await conn.fetchval("select 1")
        await conn.remove_listener(CHANNEL, hear)
        assert news_of(min(heard)).since == NOON, "where the claim is to begin"
        claimed = [job for _ in range(12) for job in await shelf.claim(most=1)]
        ucns = {row["id"]: row["ucn"] for row in await conn.fetch("select id, ucn from jobs")}
        assert [ucns[job] for job in claimed] == sorted(ucns.values())


async def test_which_numbers_are_sound_is_worked_out_once_for_all_who_ask(pool: Pool) -> None:
    """A batch that finds no number free asks for each of its jobs."""
    async with pool.acquire() as conn:
        outages = Outages(Rates({"call": ["+15005550006", "+15005550007"]}))
        await fail(conn, 5)
        await outages.refresh(conn, later(seconds=1))
        once, again = (outages.rates(later(seconds=1)).numbers for _ in range(2))
        assert once is again
        assert [*once["call"]] == ["+15005550007"]
        await conn.execute("delete from breakers")
        await outages.refresh(conn, later(seconds=3))
        assert len(outages.rates(later(seconds=3)).numbers["call"]) == 2


async def test_nothing_stands_of_a_line_that_closed_and_of_one_never_heard_of(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await fail(conn, 5)
        assert not await breakers.claim_probe(conn, [Line("text", OURS)], later(seconds=9))
        await breakers.claim_probe(conn, [LINE], later(seconds=9))
        fine = Heard(later(seconds=9), fine=True)
        told = await breakers.tell(conn, {LINE: [fine]}, later(seconds=10), words)
        assert told.closed == [LINE]
        assert await breakers.load_all(conn) == {}


async def test_another_process_knows_within_a_second_that_a_number_is_not_to_be_used(
    pool: Pool,
) -> None:
    outages = Outages(Rates({"call": (OURS, OTHER), "text": (OURS,)}))
    async with pool.acquire() as conn:
        await outages.refresh(conn, NOON)
        await fail(conn, 5)
        await outages.refresh(conn, later(seconds=0.5))
        assert outages.rates(NOON).numbers["call"] == (OURS, OTHER)
        await outages.refresh(conn, later(seconds=1))
    assert outages.rates(NOON).numbers == {"call": (OTHER,), "text": (OURS,)}
    assert outages.shut(NOON) == {}
    assert outages.to_ping(later(seconds=5)) == [("call", OURS)]


async def test_what_counted_on_a_line_that_opened_is_planned_anew_at_once(pool: Pool) -> None:
    outages = Outages(Rates({"call": (OURS,), "text": (OURS,)}))
    async with pool.acquire() as conn:
        asked = Heard(NOON, fine=False, after=300)
        await breakers.tell(conn, {LINE: [asked] * 5}, NOON, words)
        await outages.refresh(conn, NOON)
    assert not outages.rates(NOON).numbers["call"]
    assert outages.shut(NOON) == {"call": later(minutes=5)}


def test_a_carrier_that_owes_too_many_answers_gets_no_more_and_the_second_takes_over() -> None:
    second = Rates({"call": (OURS, OTHER), "text": (OURS,)}, carriers={OTHER: "second"})
    outages = Outages(second)
    under_way = [outages.begun("call", OURS, NOON) for _ in range(MOST_SLOW)]
    assert outages.rates(NOON).numbers["call"] == (OURS,)
    late = NOON + SLOW
    assert outages.rates(late).numbers == {"call": (OTHER,), "text": (OURS,)}
    outages.ended(under_way[0])
    assert outages.rates(late).numbers["call"] == (OURS,)


def test_without_a_second_carrier_what_waits_for_answers_waits_a_moment() -> None:
    outages = Outages(Rates({"call": (OURS,), "text": (OURS,)}))
    for _ in range(MOST_SLOW):
        outages.begun("call", OURS, NOON)
    late = NOON + SLOW
    assert outages.rates(late).numbers == {"call": (), "text": (OURS,)}
