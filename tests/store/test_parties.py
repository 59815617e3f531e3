"""Parties in the store: written whole or not at all, one SID for all of them (S3-67)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.twilio.text import whole
from gateway.domain.change import Change
from gateway.domain.events import Progress
from gateway.domain.messages import Priority
from gateway.domain.sharing import Planned, Rules, share
from gateway.store import jobs, parties, whereabouts
from gateway.store.jobs import Placed
from gateway.store.pool import Pool
from gateway.store.verdicts import NoToken, PhoneTaken, Stale, Written
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import OURS, Shelf, key_of, slow
from tests.kit.street import ANN

ONE, TWO, THREE = "49000001", "49000002", "49000003"
RULES = Rules(across=False, fits=whole)


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    """Three messages of one account, due to ann; the third is an emergency."""
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"), document("7002"))
        await one.take(ONE)
        await one.take(TWO)
        await one.take(THREE, priority=Priority.EMERGENCY)
        yield one


async def shared(shelf: Shelf, *ucns: str) -> list[Change]:
    """Plan messages as one batch does."""
    planned = []
    for ucn in ucns:
        state = await shelf.state(ucn)
        planned.append(Planned(state, state.jobs[-1].id, await shelf.plan(ucn)))
    return share(planned, shelf.now, shelf.chance, RULES)


async def attempts(shelf: Shelf) -> list[dict[str, object]]:
    return await shelf.all("attempts", "ucn")


async def test_a_party_is_written_with_one_phone_one_number_and_one_sid(shelf: Shelf) -> None:
    changes = await shared(shelf, ONE, TWO, THREE)
    assert await shelf.write(*changes) == [Written(None), Written(None), Written(OURS)]
    leader = changes[2].begun[0].id
    assert await shelf.count("open_calls") == 1
    assert {row["rides"] for row in await attempts(shelf)} == {leader}
    assert {row["sender"] for row in await attempts(shelf)} == {OURS}
    await jobs.note_placed(shelf.conn, [Placed(leader, "CA1", later(seconds=90), shared=True)])
    assert {row["sid"] for row in await attempts(shelf)} == {"CA1"}
    members = await parties.party(shelf.conn, leader)
    assert [one.key.ucn for one in members] == [THREE, ONE, TWO]
    place = await whereabouts.place_of(shelf.conn, leader)
    assert place == whereabouts.Place(key_of(THREE), leader)


async def test_when_one_of_a_party_is_stale_nothing_of_it_is_written(shelf: Shelf) -> None:
    changes = await shared(shelf, ONE, TWO, THREE)
    await shelf.conn.execute("update jobs set version = version + 1 where ucn = $1", TWO)
    before = await shelf.whole()
    assert await shelf.write(*changes) == [Stale(), Stale(), Stale()]
    assert await shelf.whole() == before


async def test_when_the_phone_is_taken_everybody_is_planned_again(shelf: Shelf) -> None:
    """S3-67: what is taken during a call waits for its end."""
    await shelf.intend(THREE)
    first, second = await shelf.write(*await shared(shelf, ONE, TWO))
    assert isinstance(first, PhoneTaken)
    assert isinstance(second, Stale)
    assert len(await attempts(shelf)) == 1


async def test_a_party_takes_one_token_and_waits_for_one_together(shelf: Shelf) -> None:
    shelf.rates = slow()
    await shelf.conn.execute(
        "insert into senders (number, channel, free_at) values ($1, 'call', $2)",
        OURS,
        NOON + timedelta(seconds=3),
    )
    verdicts = await shelf.write(*await shared(shelf, ONE, TWO))
    assert all(isinstance(one, NoToken) for one in verdicts)
    assert await shelf.count("open_calls") == 0
    shelf.now = NOON + timedelta(seconds=5)
    changes = await shared(shelf, ONE, TWO)
    assert await shelf.write(*changes) == [Written(OURS), Written(None)]


async def test_a_call_counts_once_against_the_limit_of_its_phone(shelf: Shelf) -> None:
    limited = {"name": "Ann Ames", "phone": ANN, "phone_limit": {"calls": 2, "per": "3h"}}
    await shelf.load(
        document(
            "7001",
            contacts={"ann": limited},
            permanent=[],
            schedules=[
                {
                    "name": "OnCall",
                    "shifts": [
                        {"contact": "ann", "role": "oncall", "status": "call", "weekly": "Mon-Sun"}
                    ],
                }
            ],
        )
    )
    await shelf.write(*await shared(shelf, ONE, TWO))
    state = await shelf.state(THREE)
    assert len(state.calls[ANN]) == 1


async def test_a_call_is_needed_while_another_of_its_messages_is_open(shelf: Shelf) -> None:
    changes = await shared(shelf, ONE, TWO)
    await shelf.write(*changes)
    first, second = (change.begun[0].id for change in changes)
    standing = await jobs.standing_of(shelf.conn, second)
    assert standing is not None
    assert standing.needed
    await shelf.tell(ONE, Progress(first, "CA1", "no_answer"))
    standing = await jobs.standing_of(shelf.conn, second)
    assert standing is not None
    assert not standing.needed
