"""Texts that came while nobody answered are found in the carrier's list, once, STOP first."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.store import replies
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.house import Rig
from tests.kit.shelf import OURS
from tests.kit.street import ANN, BOB
from tests.kit.texted import ONE, away, delivered_to, texted_house, whoever_looks

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def texted(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with texted_house(database, pool) as one:
        yield one


def told(one: Rig, phone: str) -> list[str]:
    return [text.body for text in one.carrier.texts if text.to == phone]


@pytest.mark.parametrize("behind", [0, 60], ids="the carrier's clock is {} minutes behind".format)
async def test_an_accept_that_nobody_heard_is_found_and_answered(texted: Rig, behind: int) -> None:
    texted.carrier.core.clock = lambda: texted.clock.now() - behind * MINUTE
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
    await texted.wind(seconds=70)
    assert await delivered_to(texted) is None

    await whoever_looks(texted).look()
    await texted.wind(seconds=10)

    assert await delivered_to(texted) == "ann"
    assert "is yours" in told(texted, ANN)[-1]


async def test_what_was_found_is_not_found_again(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
    for _ in range(3):
        await texted.wind(seconds=70)
        await whoever_looks(texted).look()
    await texted.wind(seconds=70)
    kinds = await texted.kinds(ONE)
    assert kinds.count("sms.reply") == 1
    assert len(told(texted, ANN)) == 2


async def test_what_a_webhook_brought_is_left_alone(texted: Rig) -> None:
    await texted.carrier.text_from(ANN, "ok")
    before = told(texted, ANN)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    await texted.wind(seconds=10)
    assert told(texted, ANN) == before
    assert (await texted.kinds(ONE)).count("sms.reply") == 1


async def test_a_text_that_a_webhook_brought_to_one_who_crashed_is_found_once(texted: Rig) -> None:
    with away(texted):
        text = await texted.carrier.text_from(ANN, "ok")
    assert await replies.claim_text(texted.shelf.conn, text.sid, texted.clock.now())
    for _ in range(3):
        await texted.wind(seconds=70)
        await whoever_looks(texted).look()
    assert await delivered_to(texted) == "ann"
    assert (await texted.kinds(ONE)).count("sms.reply") == 1


async def test_what_was_forgotten_is_not_found_again(texted: Rig) -> None:
    """Nobody listed for a while; the carrier still lists what a webhook brought before that."""
    await texted.carrier.text_from(ANN, "what is this?")
    texted.shelf.now = later(days=8)
    texted.clock.set(texted.shelf.now)
    await replies.forget_texts(texted.shelf.conn, texted.shelf.now)
    await whoever_looks(texted).look()
    assert (await texted.kinds(ONE)).count("sms.reply") == 1


async def test_a_text_whose_webhook_may_still_come_waits_for_the_next_look(texted: Rig) -> None:
    await texted.wind(seconds=60)
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
    await texted.wind(seconds=29)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) is None
    await texted.wind(seconds=60)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) == "ann"


async def test_stop_is_heard_before_what_was_sent_earlier(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from(ANN, "what is this?")
        await texted.wind(seconds=1)
        await texted.carrier.text_from(ANN, "STOP")
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    kinds = await texted.kinds(ONE)
    assert kinds.index("endpoint.suspended") < kinds.index("sms.reply")


@pytest.mark.parametrize(
    ("words", "whose"),
    [
        (("YES", "STOP"), "ann"),
        (("YES", "(STOP)"), "ann"),
        (("STOP", "START", "YES", "STOP"), "ann"),
        (("STOP", "YES", "STOP"), None),
        (("(STOP)", "YES", "STOP"), None),
        (("STOP", "YES"), None),
    ],
)
async def test_a_yes_that_was_said_before_a_stop_accepts(
    texted: Rig, words: tuple[str, ...], whose: str | None
) -> None:
    """One in brackets was brought by a webhook; a YES after a STOP takes texts again."""
    for word in words:
        await texted.wind(seconds=5)
        if word.startswith("("):
            await texted.carrier.text_from(ANN, word.strip("()"))
            continue
        with away(texted):
            await texted.carrier.text_from(ANN, word)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) == whose
    assert "sms.opt_out" in await texted.kinds(ONE)
    opted_out = (await replies.phone(texted.shelf.conn, ANN)).opted_out
    assert opted_out == (words[-1] != "YES")


async def test_a_yes_of_somebody_who_has_taken_no_texts_for_long_is_no_accept(
    texted: Rig,
) -> None:
    conn = texted.shelf.conn
    await replies.opt_out(conn, ANN, texted.clock.now())
    with away(texted):
        for word in ("YES", "STOP"):
            await texted.wind(seconds=5)
            await texted.carrier.text_from(ANN, word)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) is None
    assert (await replies.phone(conn, ANN)).opted_out


@pytest.mark.parametrize(("words", "stopped"), [(("START", "STOP"), 1), (("STOP", "START"), 0)])
async def test_of_stop_and_start_the_last_one_counts(
    texted: Rig, words: tuple[str, str], stopped: int
) -> None:
    with away(texted):
        for word in words:
            await texted.wind(seconds=1)
            await texted.carrier.text_from(ANN, word)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    sql = "select count(*) from phones where phone = $1 and opted_out_at is not null"
    assert await texted.shelf.conn.fetchval(sql, ANN) == stopped


@pytest.mark.parametrize(("words", "stopped"), [(("STOP", "START"), 0), (("START", "STOP"), 1)])
async def test_a_stop_found_late_counts_unless_a_start_came_after_it(
    texted: Rig, words: tuple[str, str], stopped: int
) -> None:
    """The START's webhook was answered at once; the carrier says which of them was sent first."""
    for word in words:
        await texted.wind(seconds=1)
        if word == "START":
            await texted.carrier.text_from(ANN, word)
            continue
        with away(texted):
            await texted.carrier.text_from(ANN, word)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    sql = "select count(*) from phones where phone = $1 and opted_out_at is not null"
    assert await texted.shelf.conn.fetchval(sql, ANN) == stopped
    assert ("sms.opt_out" in await texted.kinds(ONE)) == bool(stopped)


@pytest.mark.parametrize(
    ("words", "stopped"),
    [(("START", "STOP"), 1), (("STOP", "START"), 0), (("STOP", "START", "STOP"), 1)],
)
async def test_a_start_found_late_counts_unless_a_stop_came_after_it(
    texted: Rig, words: tuple[str, ...], stopped: int
) -> None:
    """The STOP's webhook was honoured at once; an older START does not undo it."""
    for word in words:
        await texted.wind(seconds=5)
        if word == "STOP":
            await texted.carrier.text_from(ANN, word)
            continue
        with away(texted):
            await texted.carrier.text_from(ANN, word)
    before = told(texted, ANN)
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    await texted.wind(seconds=10)
    sql = "select count(*) from phones where phone = $1 and opted_out_at is not null"
    assert await texted.shelf.conn.fetchval(sql, ANN) == stopped
    assert len(told(texted, ANN)) == len(before) + (not stopped)


async def test_a_stop_to_another_number_is_older_than_a_start_of_minutes_later(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await replies.opt_in(conn, ANN, later(minutes=3), later(minutes=3))
        assert not await replies.opt_out(conn, ANN, later(minutes=6), later(minutes=2))
        assert not (await replies.phone(conn, ANN)).opted_out
        assert await replies.opt_out(conn, ANN, later(minutes=6), later(minutes=3))
        assert (await replies.phone(conn, ANN)).opted_out
        await replies.note_opt_in(conn, ANN, later(minutes=9))
        assert await replies.opt_out(conn, ANN, later(minutes=6), later(minutes=4))


@pytest.mark.parametrize(("words", "stopped"), [(("STOP",), 1), (("STOP", "START"), 0)])
async def test_what_a_webhook_brings_counts_however_far_the_clock_was_set_back(
    texted: Rig, words: tuple[str, ...], stopped: int
) -> None:
    """What was said before lies ahead by then."""
    ahead = texted.clock.now() + 60 * MINUTE
    await replies.opt_in(texted.shelf.conn, ANN, ahead)
    for word in words:
        await texted.carrier.text_from(ANN, word)
        sql = "update phones set opted_out_at = $2 where phone = $1 and opted_out_at is not null"
        await texted.shelf.conn.execute(sql, ANN, ahead)
    assert (await replies.phone(texted.shelf.conn, ANN)).opted_out == bool(stopped)
    assert "sms.opt_out" in await texted.kinds(ONE)


async def test_a_carrier_that_is_away_is_asked_again_for_all_of_it(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from(ANN, "ok")
    await texted.wind(seconds=70)
    texted.carrier.faults.down_until = texted.clock.now() + MINUTE
    await whoever_looks(texted).look()
    assert await delivered_to(texted) is None
    await texted.wind(minutes=7)
    await whoever_looks(texted).look()
    assert await delivered_to(texted) == "ann"


async def test_a_stranger_is_not_answered(texted: Rig) -> None:
    with away(texted):
        await texted.carrier.text_from("+12025550199", "who is this?")
    await texted.wind(seconds=70)
    await whoever_looks(texted).look()
    await texted.wind(seconds=10)
    assert told(texted, "+12025550199") == []
    assert told(texted, BOB) == []


async def test_of_all_daemons_one_lists_a_number_once_a_minute(pool: Pool) -> None:
    async with pool.acquire() as here, pool.acquire() as there:
        assert await replies.claim_listing(here, OURS, NOON, NOON + MINUTE) == NOON
        assert await replies.claim_listing(there, OURS, NOON, NOON + MINUTE) is None
        await replies.note_listed(here, OURS, later(seconds=30))
        at = later(minutes=1)
        assert await replies.claim_listing(there, OURS, at, at + MINUTE) == later(seconds=30)
        await replies.note_listed(there, OURS, NOON)
        at = later(minutes=2)
        assert await replies.claim_listing(here, OURS, at, at + MINUTE) == later(seconds=30)
