"""Carrier trouble, with the whole house: lines open, others are used, one probe finds the end."""

from collections.abc import AsyncIterator

import pytest

from adapters.simulator.faults import Fault
from adapters.wire import Accepted, Answer, Refused, Unsure
from gateway.daemon.pulse import showed
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig
from tests.kit.street import roster, shift

UCNS = [f"4900000{n}" for n in range(9)]
ACCEPTS = {"answer_after": "2s", "keys": [{"after": f"{n}s", "press": "1"} for n in (1, 9, 17)]}
TEXTED = {"delivered_after": "1s", "reply_after": "5s", "reply": "{code} ok"}


def people() -> dict[str, object]:
    return {f"+1202555{n:04}": {"calls": [ACCEPTS], "texts": [TEXTED]} for n in range(len(UCNS))}


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Nine accounts with one person each, who is called, and who accepts however reached."""
    accounts = [
        document(
            f"70{n:02}",
            contacts={"ann": {"name": "Ann", "phone": f"+1202555{n:04}"}},
            permanent=[],
            **roster(shift("ann")),
        )
        for n in range(len(UCNS))
    ]
    fast = {"calls_per_second": 1e9, "texts_per_second": 1e9}
    async with (
        pool.acquire() as conn,
        rig(database, conn, people(), *accounts, settings=fast) as opened,
    ):
        yield opened


async def take(one: Rig, *numbers: int) -> None:
    for n in numbers:
        await one.shelf.take(UCNS[n], f"70{n:02}")


async def delivered(one: Rig) -> int:
    query = "select count(*) from messages where state = 'delivered'"
    return int(await one.shelf.conn.fetchval(query))


def calls_fail(one: Rig, times: int, retry_after: int = 1) -> None:
    one.carrier.faults.queue.extend([Fault("error_before", retry_after)] * times)


def open_lines(one: Rig) -> list[str]:
    """Return the lines that `/metrics` shows as open."""
    text = one.house.outside.metrics.exposition().decode()
    return [row for row in text.splitlines() if "breakers_open{" in row and row.endswith(" 1.0")]


async def test_after_five_failures_people_are_texted_instead_and_a_lead_hears_once(
    one: Rig,
) -> None:
    calls_fail(one, 5)
    await take(one, 0, 1, 2, 3, 4)
    await one.turn()
    assert open_lines(one) == ['dispatchd_breakers_open{channel="call",sender="+1******0006"} 1.0']
    await take(one, 5, 6)
    await one.turn()
    assert "sms.sent" in await one.kinds(UCNS[5])
    texted = sorted(text.to for text in one.carrier.texts)
    assert texted == ["+12025550005", "+12025550006"]
    await one.wind(minutes=3)
    told = [text for _, sink, text in one.bell.alerts if sink == "lead" and "stopped" in text]
    assert len(told) == 1
    assert "+1******0006" in told[0]


async def test_messages_to_one_person_share_the_text_that_stands_in_for_their_call(
    one: Rig,
) -> None:
    calls_fail(one, 5)
    await take(one, 0, 1, 2, 3, 4)
    await one.turn()
    for ucn in UCNS[7:]:
        await one.shelf.take(ucn, "7007")
    await one.turn()
    assert [text.to for text in one.carrier.texts] == ["+12025550007"]
    found = await one.shelf.conn.fetch("select method from attempts where account = '7007'")
    assert [row["method"] for row in found] == ["sms", "sms"]


async def test_one_probe_closes_the_line_and_all_is_delivered_without_a_double(one: Rig) -> None:
    calls_fail(one, 5)
    await take(one, 0, 1, 2, 3, 4)
    await one.turn()
    await one.wind(seconds=6)
    await take(one, 7, 8)
    await one.wind(minutes=20)
    assert open_lines(one) == []
    assert await delivered(one) == 7
    assert len(one.dialed()) == len({*one.dialed()})
    rows = await one.shelf.conn.fetch("select * from breakers")
    assert not [row for row in rows if row["opened_at"]]


async def test_while_nothing_leaves_jobs_wait_and_go_on_as_soon_as_the_probe_works(
    one: Rig,
) -> None:
    one.carrier.faults.down_until = later(seconds=60)
    await take(one, *range(9))
    await one.wind(seconds=59)
    assert len(open_lines(one)) == 2
    assert one.dialed() == []
    await one.wind(minutes=17)
    assert await delivered(one) == 9
    assert len(one.dialed()) == len({*one.dialed()})


async def test_what_was_held_against_a_number_that_is_ours_no_longer_is_forgotten(
    one: Rig,
) -> None:
    sql = (
        "insert into breakers (channel, place, streak, fine, faults, opened_at, times, answers)"
        " values ('call', $1, 5, 0, 5, $2, 0, true)"
    )
    for number, minutes in (("+15005550008", -61), ("+15005550009", -50)):
        await one.shelf.conn.execute(sql, number, later(minutes=minutes))
    await one.wind(minutes=3)
    rows = await one.shelf.conn.fetch("select place from breakers")
    assert [row["place"] for row in rows] == ["+15005550009"]
    await one.wind(minutes=10)
    assert await one.shelf.count("breakers") == 0


async def test_the_carriers_retry_after_is_kept_to(one: Rig) -> None:
    one.carrier.faults.queue.extend([Fault("limit", retry_after=40)] * 5)
    await take(one, 0, 1, 2, 3, 4)
    await one.turn()
    (row,) = await one.shelf.conn.fetch("select retry_at from breakers where opened_at is not null")
    assert row["retry_at"] == later(seconds=40)
    assert await delivered(one) == 0
    await one.wind(minutes=2)
    assert await delivered(one) == 5


@pytest.mark.parametrize(
    ("answer", "fine"),
    [
        (Accepted("CA1"), True),
        (Unsure("no reply"), False),
        (Refused(20429, "too many", again=True, ours=False, kind="retryable"), False),
        (Refused(20003, "credentials", again=False, ours=True, kind="account"), False),
        (Refused(21408, "country", again=False, ours=True, kind="account"), True),
        (Refused(21211, "no number", again=False, ours=False, kind="number"), True),
        (Refused(21617, "too long", again=False, ours=True, kind="content"), True),
        (Refused(21611, "queue full", again=False, ours=False, kind="retryable"), False),
    ],
)
def test_what_an_answer_shows_of_the_carrier(answer: Answer, fine: bool) -> None:
    assert showed(answer, NOON).fine is fine
