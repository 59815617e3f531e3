"""Messages are written many at a time and found; their history is told and checked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.history import Broken
from gateway.domain.messages import Key
from gateway.domain.taking import Forced
from gateway.store import accounts, messages
from gateway.store.following import next_due
from gateway.store.messages import DuplicateUcnError, Wanted
from gateway.store.pool import Connection, Pool
from gateway.store.wake import news_of
from tests.kit.desk import NOON, TEXT, document, later, taken

SINCE = NOON - timedelta(days=3)


@pytest.fixture
async def stocked(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as conn:
        await accounts.put_all(conn, [document("7001"), document("7002")], "lead:L-7", NOON)
        yield conn


async def test_a_message_comes_back_with_its_words_and_its_job(stocked: Connection) -> None:
    new = taken()
    await messages.take(stocked, new)
    shown = await messages.get(stocked, "49000001")
    assert shown is not None
    assert (shown.message, shown.content, shown.jobs) == (new.message, new.content, new.jobs)
    assert await next_due(stocked) == (NOON, NOON)


async def test_many_are_written_at_once_and_a_duplicate_is_left_out_as_a_whole(
    stocked: Connection,
) -> None:
    first = taken("49000001")
    await messages.take(stocked, first)
    many = [taken("49000001", "7002"), taken("49000002", "7002")]
    assert await messages.take_all(stocked, many) == {"49000002"}
    shown = await messages.get(stocked, "49000001")
    assert shown is not None
    assert shown.message == first.message
    assert shown.jobs == first.jobs


async def test_a_doubled_ucn_is_refused(stocked: Connection) -> None:
    await messages.take(stocked, taken())
    with pytest.raises(DuplicateUcnError, match="49000001"):
        await messages.take(stocked, taken(account="7002"))


async def test_reserving_tells_unknown_accounts_and_draws_fresh_ucns(stocked: Connection) -> None:
    one, two, given = await messages.reserve(
        stocked, [("7001", None), ("nobody", None), ("7002", "42")]
    )
    assert (one.version, two.version, given.version) == (1, None, 1)
    assert given.ucn == "42"
    assert int(two.ucn) == int(one.ucn) + 1 > 50_000_000


async def test_taking_a_message_wakes_the_daemons(stocked: Connection) -> None:
    heard: list[object] = []

    def hear(*told: object) -> None:
        heard.append(news_of(str(told[-1])).since)

    await stocked.add_listener("dispatchd_due", hear)
    await messages.take(stocked, taken())
    await stocked.fetchval("select 1")
    await stocked.remove_listener("dispatchd_due", hear)
    assert heard == [NOON]


async def test_a_list_hides_delivered_and_old_ones_unless_pending_jobs_are_sought(
    stocked: Connection,
) -> None:
    fresh = taken("49000001")
    old = taken("49000002")
    old = replace(old, message=old.message._replace(taken_at=later(days=-5)))
    delivered = taken("49000003", forced=Forced("ann", relayed=True, at=NOON))
    elsewhere = taken("49000004", "7002")
    await messages.take_all(stocked, [fresh, old, delivered, elsewhere])

    async def found(wanted: Wanted) -> list[str]:
        return [one.message.key.ucn for one in await messages.list_all(stocked, wanted)]

    assert await found(Wanted(SINCE)) == ["49000004", "49000001"]
    assert await found(Wanted(SINCE, "7001")) == ["49000001"]
    assert await found(Wanted(SINCE, "7001", delivered=True)) == ["49000003", "49000001"]
    assert await found(Wanted(SINCE, "7001", pending_job=True)) == ["49000001", "49000002"]
    assert await found(Wanted(SINCE, "7001", pending_job=False)) == ["49000003"]
    assert await found(Wanted(SINCE, most=1)) == ["49000004"]


async def test_the_history_holds_the_words_as_long_as_they_are_not_erased(
    stocked: Connection,
) -> None:
    new = taken()
    await messages.take(stocked, new)
    told = await messages.history(stocked, new.message.key)
    assert [item["kind"] for item in told] == ["message.taken", "job.created"]
    assert TEXT in told[0]["content"]
    assert "content" not in told[1]
    assert await messages.check(stocked, new.message.key) == (2, None)
    await stocked.execute("delete from history_words")
    assert "content" not in (await messages.history(stocked, new.message.key))[0]
    assert await messages.check(stocked, new.message.key) == (2, None)


# Behind the trigger's back, all but one item of a row of history is taken out.
_KEPT = r"""
alter table history disable trigger all;
update history set kind = split_part(kind, ' ', {0}), hash = split_part(hash, ' ', {0}),
    item = split_part(item, e'\n', {0})
"""


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update history_words set words = 'x'", Broken(1, "its words were changed")),
        (_KEPT.format(1), Broken(2, "it does not end where the message says")),
        (_KEPT.format(2), Broken(1, "item 1 is missing")),
        ("delete from history", Broken(1, "item 1 is missing")),
    ],
)
async def test_tampering_with_a_history_is_found(
    stocked: Connection, tampering: str, broken: Broken
) -> None:
    new = taken()
    await messages.take(stocked, new)
    await stocked.execute(tampering)
    assert (await messages.check(stocked, new.message.key))[1] == broken


async def test_an_unknown_ucn_is_nothing(stocked: Connection) -> None:
    assert await messages.get(stocked, "1") is None
    assert await messages.history(stocked, Key("7001", NOON.date(), "1")) == []


@pytest.mark.parametrize("many", [0, 1000])
async def test_messages_with_a_pending_job_are_found_however_many_there_are(
    stocked: Connection, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """S3-31: by their jobs where those are few, else by going through the messages."""
    monkeypatch.setattr(messages, "_MANY_PENDING", many)
    await messages.take_all(stocked, [taken("1"), taken("2"), taken("3")])
    await stocked.execute("update jobs set state = 'completed' where ucn = '2'")
    for pending, ucns in ((True, ["3", "1"]), (False, ["2"])):
        found = await messages.list_all(stocked, Wanted(NOON, pending_job=pending))
        assert [one.message.key.ucn for one in found] == ucns
