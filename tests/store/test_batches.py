"""What a batch costs, in statements and index entries, and that a claim tells what a load would."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.absorb import absorb
from gateway.domain.attempts import AttemptState
from gateway.domain.change import Change, CodeClaim
from gateway.domain.dispatch import next_step
from gateway.domain.events import Progress, Replied
from gateway.domain.history import verify
from gateway.domain.replies import Accept
from gateway.store import jobs, messages
from gateway.store.jobs import Claimed, Placed
from gateway.store.pool import Pool
from gateway.store.rows import instant, seconds
from gateway.store.verdicts import CodeTaken, Stale, Written
from tests.kit.desk import NOON, document, later
from tests.kit.shelf import Shelf, key_of, slow
from tests.kit.statements import counted
from tests.kit.street import roster, shift

UCNS = [f"490000{n:02}" for n in range(1, 21)]
ONE, TWO = UCNS[:2]
TEXTS = {"permanent": [], **roster(shift("ann", status="sms"))}


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    """7001 calls ann, 7002 texts her."""
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"), document("7002", **TEXTS))
        yield one


async def claimed(shelf: Shelf) -> list[Claimed]:
    return await jobs.claim(shelf.conn, shelf.boot, shelf.now)


async def planned(shelf: Shelf, batch: Sequence[Claimed]) -> list[Change]:
    """Plan claimed jobs, each reply code unlike the others."""
    states = await shelf.states.of_claimed(shelf.conn, batch, shelf.now)
    changes = [next_step(states[one.key], one.id, shelf.now, shelf.chance) for one in batch]
    return [_with_code(change, str(n)) for n, change in enumerate(changes, start=100)]


def _with_code(change: Change, code: str) -> Change:
    if change.code is None:
        return change
    return change._replace(code=CodeClaim(change.code.phone, code, change.code.contact))


def placed(changes: Sequence[Change]) -> list[Placed]:
    ids = [attempt.id for change in changes for attempt in change.begun]
    return [Placed(one, f"SM{n}", later(seconds=90)) for n, one in enumerate(ids)]


# ---------------------------------------------------------------------------------- what it costs
async def test_a_batch_of_first_texts_takes_four_statements_whatever_its_size(shelf: Shelf) -> None:
    """Claim, what stands around, write, and the carrier's answers."""
    await shelf.take_all(UCNS, "7002")
    await shelf.state(ONE, "7002")  # the document is compiled once
    async with counted(shelf.conn) as sent:
        changes = await planned(shelf, await claimed(shelf))
        verdicts = await shelf.write(*changes)
        await jobs.note_placed(shelf.conn, placed(changes))
    assert len(verdicts) == len(UCNS)
    assert all(isinstance(one, Written) for one in verdicts)
    assert len(sent) == 4, sent


async def test_a_batch_of_status_callbacks_takes_two_statements(shelf: Shelf) -> None:
    """What is known of the messages, by their attempts; and what becomes of them."""
    await shelf.take_all(UCNS, "7002")
    changes = await planned(shelf, await claimed(shelf))
    await shelf.write(*changes)
    sent_now = placed(changes)
    await jobs.note_placed(shelf.conn, sent_now)
    attempts = [one.attempt for one in sent_now]
    async with counted(shelf.conn) as sent:
        states = await shelf.states.about(shelf.conn, attempts)
        heard = [
            absorb(states[one], Progress(one, None, "delivered"), shelf.now, shelf.chance)[0]
            for one in attempts
        ]
        verdicts = await shelf.write(*heard)
    assert all(isinstance(one, Written) for one in verdicts)
    assert len(sent) == 2, sent
    ended = await shelf.conn.fetchval("select count(*) from attempts where ended_at is not null")
    assert ended == len(UCNS)


async def test_news_of_an_attempt_are_written_with_their_message_or_not_at_all(
    shelf: Shelf,
) -> None:
    """Two hear the same on what was read once; nothing of the second's is written."""
    await shelf.take_all([ONE, TWO], "7002")
    attempts = [(await shelf.intend(ucn, "7002")).begun[0].id for ucn in (ONE, TWO)]
    told = [
        await shelf.hear(ucn, Progress(attempt, "SM1", "delivered"), "7002")
        for ucn, attempt in zip((ONE, TWO), attempts, strict=True)
    ]
    other = await shelf.hear(ONE, Progress(attempts[0], "SM2", "failed"), "7002")
    assert await shelf.write(other) == [Written()]
    before = await shelf.state(ONE, "7002")
    assert await shelf.write(*told) == [Stale(), Written()]
    assert await shelf.state(ONE, "7002") == before
    arrived = (await shelf.state(TWO, "7002")).attempt(attempts[1])
    assert (arrived.sid, arrived.state) == ("SM1", AttemptState.ARRIVED)


async def test_statements_are_planned_once_a_connection_not_once_a_batch(shelf: Shelf) -> None:
    """Planning took longer than all the rest, and the longer the more months there were."""
    await shelf.take_all(UCNS, "7002")
    for _ in range(2):
        changes = await planned(shelf, await claimed(shelf))
        await shelf.write(*changes)
        await jobs.note_placed(shelf.conn, placed(changes))
        shelf.now = later(minutes=30)
    anew = await shelf.conn.fetch(
        "select statement from pg_prepared_statements where custom_plans > 0"
    )
    assert not anew


async def test_a_reply_that_ends_a_message_takes_few_statements(shelf: Shelf) -> None:
    """Locks, one write, and one for each table that few changes have rows for."""
    await shelf.take(ONE, "7002")
    change = await shelf.intend(ONE, "7002")
    assert change.code is not None
    said = Replied(change.code.phone, "ann", Accept(change.code.code), change.code.code)
    heard = await shelf.hear(ONE, said, "7002")
    async with counted(shelf.conn) as sent:
        await shelf.write(heard)
    assert len(sent) <= 8, sent


async def test_the_carriers_answer_touches_no_index(shelf: Shelf) -> None:
    await shelf.take_all(UCNS, "7002")
    changes = await planned(shelf, await claimed(shelf))
    await shelf.write(*changes)
    async with shelf.conn.transaction():
        await jobs.note_placed(shelf.conn, placed(changes))
        updated, in_place = await shelf.conn.fetchrow(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables"
            " where relname = 'attempts_2026_02'"
        )
    assert (updated, in_place) == (len(UCNS), len(UCNS))


async def test_the_items_of_a_change_share_a_row_and_are_told_apart(shelf: Shelf) -> None:
    await shelf.take(ONE)
    change = await shelf.intend(ONE)
    rows = await shelf.conn.fetch("select seq from history order by seq")
    assert [row["seq"] for row in rows] == [1, change.items[0].seq]
    told = await shelf.all("history_items", "seq")
    kept = [(one["seq"], one["at"], one["kind"], one["item"], one["hash"]) for one in told]
    assert kept[2:] == [(i.seq, i.at, i.kind, i.body, i.hash) for i in change.items]
    assert verify((one["item"], one["hash"]) for one in told) is None


async def test_text_of_any_script_is_kept_to_the_byte(shelf: Shelf) -> None:
    await shelf.take_all([ONE, TWO])
    first, second = await shelf.plan(ONE), await shelf.plan(TWO)
    odd = [
        item._replace(body=f'{{"text":"né à Łódź 💡 \\n","n":{item.seq}}}') for item in first.items
    ]
    assert isinstance((await shelf.write(first._replace(items=tuple(odd))))[0], Written)
    await shelf.write(second)
    bodies = [row["item"] for row in await shelf.all("history_items", "ucn, seq")]
    assert bodies[2 : 2 + len(odd)] == [item.body for item in odd]


# ---------------------------------------------------------------------------------- what is read
async def test_a_claim_tells_of_a_fresh_job_what_a_load_would(shelf: Shelf) -> None:
    await shelf.take_all(UCNS[:3])
    await shelf.take(UCNS[3], "7002")
    batch = await claimed(shelf)
    assert all(one.whole for one in batch)
    told = await shelf.states.of_claimed(shelf.conn, batch, shelf.now)
    loaded = await shelf.states.to_plan(shelf.conn, [one.key for one in batch], shelf.now)
    assert told == loaded


async def test_a_claim_is_not_the_whole_once_something_was_tried(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.intend(ONE)
    shelf.now = later(minutes=30)
    (one,) = await claimed(shelf)
    assert not one.whole
    told = await shelf.states.of_claimed(shelf.conn, [one], shelf.now)
    assert len(told[one.key].attempts) == 1


async def test_a_claim_is_not_the_whole_where_the_message_has_another_job(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.conn.execute(
        "insert into jobs (id, account, month, ucn, priority, source, state, created_at)"
        " select gen_random_uuid(), account, month, ucn, priority, 'x', 'completed', created_at"
        " from jobs"
    )
    (one,) = await claimed(shelf)
    assert not one.whole
    told = await shelf.states.of_claimed(shelf.conn, [one], shelf.now)
    assert len(told[one.key].jobs) == 2


async def test_a_job_without_a_message_has_no_state(shelf: Shelf) -> None:
    await shelf.take(ONE)
    await shelf.conn.execute("delete from messages")
    batch = await claimed(shelf)
    assert await shelf.states.of_claimed(shelf.conn, batch, shelf.now) == {}


async def test_what_was_refused_is_loaded_anew(shelf: Shelf) -> None:
    await shelf.take(ONE)
    (one,) = await claimed(shelf)
    await shelf.conn.execute("update messages set head_seq = 7")
    told = await shelf.states.of_claimed(shelf.conn, [one.anew()], shelf.now)
    assert told[one.key].message.head_seq == 7


@settings(deadline=None)  # a machine may stand still for a while
@given(st.datetimes(datetime(1990, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_an_instant_as_seconds_is_exact_to_the_microsecond(at: datetime) -> None:
    assert instant(seconds(at)) == at


# ---------------------------------------------------------------------------------- hope and fear
async def test_one_stale_change_among_many_costs_the_others_nothing(shelf: Shelf) -> None:
    await shelf.take_all(UCNS, "7002")
    changes = await planned(shelf, await claimed(shelf))
    await shelf.conn.execute("update messages set head_seq = head_seq + 1 where ucn = $1", TWO)
    verdicts = dict(zip([c.key.ucn for c in changes], await shelf.write(*changes), strict=True))
    assert verdicts.pop(TWO) == Stale()
    assert all(isinstance(one, Written) for one in verdicts.values())
    assert await shelf.count("attempts") == len(UCNS) - 1


async def test_both_ways_of_writing_store_the_same(shelf: Shelf) -> None:
    """With a limit on the sending numbers everything is locked first."""
    await shelf.take_all([ONE, TWO], "7002")
    changes = await planned(shelf, await claimed(shelf))
    tables = {}
    for rates in (shelf.rates, slow(50)):
        shelf.rates = rates
        transaction = shelf.conn.transaction()
        await transaction.start()
        assert all(isinstance(one, Written) for one in await shelf.write(*changes))
        tables[rates is shelf.rates, len(tables)] = await shelf.whole()
        await transaction.rollback()
    one, two = tables.values()
    assert one == two


async def test_codes_closed_a_day_ago_are_forgotten(shelf: Shelf) -> None:
    await shelf.take(ONE, "7002")
    change = await shelf.intend(ONE, "7002")
    assert change.code is not None
    said = Replied(change.code.phone, "ann", Accept(change.code.code), change.code.code)
    await shelf.tell(ONE, said, "7002")
    for hours, left in ((23, 1), (24, 0)):
        await jobs.forget_codes(shelf.conn, NOON + timedelta(hours=hours))
        assert await shelf.count("reply_codes") == left


async def test_a_code_in_the_way_is_named_and_the_rest_is_written(shelf: Shelf) -> None:
    await shelf.take_all(UCNS, "7002")
    changes = await planned(shelf, await claimed(shelf))
    taken = changes[3].code
    assert taken is not None
    row = taken.phone, taken.code, NOON
    await shelf.conn.execute(
        "insert into reply_codes (phone, code, account, month, ucn, contact, issued_at)"
        " values ($1, $2, '7002', '2026-02-01', 'x', 'ann', $3)",
        *row,
    )
    verdicts = await shelf.write(*changes)
    assert verdicts[3] == CodeTaken(taken.phone)
    assert sum(isinstance(one, Written) for one in verdicts) == len(UCNS) - 1


async def test_an_attempt_with_a_sid_is_sent_and_not_silent(shelf: Shelf) -> None:
    await shelf.take(ONE)
    attempt: UUID = (await shelf.intend(ONE)).begun[0].id
    await jobs.note_placed(shelf.conn, [Placed(attempt, "CA1", later(seconds=90))])
    assert (await shelf.state(ONE)).attempt(attempt).state == "sent"
    before = (await shelf.state(ONE)).jobs
    await jobs.sweep(shelf.conn, later(minutes=20))
    assert (await shelf.state(ONE)).jobs == before
    assert await messages.check(shelf.conn, key_of(ONE)) == (6, None)
