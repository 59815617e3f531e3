"""A lead hears of uncovered days once, after a change and every morning."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.uncovered import Ahead, uncovered
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig


def plan(*weekly: str) -> AccountDocument:
    """Return a document with a schedule for each of these windows of ann's."""
    names = ["OnCall", "West"]
    schedules = [
        {"name": name, "match": {"at": name}, "shifts": [{"contact": "ann", "weekly": one}]}
        for name, one in zip(names, weekly, strict=False)
    ]
    return document(schedules=schedules)


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Open a house that looks three days ahead; on Wednesday nobody is on from eight to nine."""
    first = plan("Mon-Tue; Wed 00:00-20:00; Wed 21:00-24:00; Thu-Sun")
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, first, settings={"coverage_hours": 72}) as opened,
    ):
        yield opened


def told(one: Rig) -> list[str]:
    return [text for _, sink, text in one.bell.alerts if sink == "lead"]


WEDNESDAY = (
    "Account 7001: the schedule has hours with nobody on call: 2026-02-04 (yellow) 20:00-21:00."
)


async def test_a_gap_ahead_is_told_at_once_and_never_again(one: Rig) -> None:
    await one.turn()
    assert told(one) == [WEDNESDAY]
    await one.wind(hours=40)
    assert len(told(one)) == 1


async def test_the_mornings_look_finds_what_has_come_near(one: Rig) -> None:
    await one.shelf.load(plan("Mon-Thu; Fri 08:00-24:00; Sat-Sun"))
    await one.turn()
    assert told(one) == []
    await one.wind(hours=20)
    assert [at.hour for at, _, _ in one.bell.alerts] == [14]
    assert "2026-02-06 (yellow) 00:00-08:00" in told(one)[0]


async def test_a_change_that_leaves_the_gap_is_no_news_and_one_that_moves_it_is(one: Rig) -> None:
    await one.turn()
    same = plan("Mon-Tue; Wed 00:00-20:00; Wed 21:00-24:00; Thu-Sat; Sun")
    await one.shelf.load(same.model_copy(update={"name": "Northside"}))
    await one.turn()
    assert len(told(one)) == 1
    await one.shelf.load(plan("Mon-Tue; Wed 00:00-20:00; Wed 22:00-24:00; Thu-Sun"))
    await one.turn()
    assert len(told(one)) == 2
    assert "20:00-22:00" in told(one)[1]


async def test_a_gap_that_was_mended_and_comes_back_is_told_again(one: Rig) -> None:
    await one.turn()
    gap = plan("Mon-Tue; Wed 00:00-20:00; Wed 21:00-24:00; Thu-Sun")
    for each in (plan("Mon-Sun"), gap):
        await one.shelf.load(each)
        await one.turn()
    assert len(told(one)) == 2


async def test_each_of_several_schedules_is_named(one: Rig) -> None:
    await one.shelf.load(plan("Mon-Wed; Fri-Sun", "Mon-Wed; Fri-Sun"))
    await one.turn()
    assert sorted(text.split(" has ")[0] for text in told(one)) == [
        "Account 7001: schedule OnCall",
        "Account 7001: schedule West",
    ]


async def test_a_look_cut_off_before_it_was_written_tells_no_more_than_once(one: Rig) -> None:
    """What was found and what is told of it are one commit."""
    await one.turn()
    row = await one.shelf.conn.fetchrow("select * from duties where kind = 'coverage'")
    assert row is not None
    assert row["memory"] == {"OnCall": {"2026-02-04": "(yellow) 20:00-21:00"}}
    await one.shelf.conn.execute("update duties set next_at = $1, lease_until = $1", NOON)
    await one.turn()
    assert len(told(one)) == 1
    assert later(hours=1) < (await one.shelf.conn.fetchval("select next_at from duties"))


OFFICE = {"hours": "Mon-Fri 08:00-17:00", "holidays": {"also": ["2026-02-05"]}}
NIGHTS = {"name": "OnCall", "shifts": [{"contact": "ann", "weekly": "Mon-Sun 17:30-08:00"}]}


async def test_hours_in_which_the_office_is_open_alert_nobody(one: Rig) -> None:
    """A holiday is no office hour, and what lies beyond the office's hours is told as it was."""
    await one.shelf.load(document(schedules=[NIGHTS], office=OFFICE))
    await one.turn()
    half = "(yellow) 17:00-17:30"
    days = f"2026-02-03 {half}, 2026-02-04 {half}"
    assert f"{days}, 2026-02-05 (yellow) 08:00-17:30" in told(one)[0].replace(";", ",")


async def test_an_office_that_fills_every_gap_is_no_news(one: Rig) -> None:
    gap = plan("Mon-Tue; Wed 00:00-08:30; Wed 17:00-24:00; Thu-Sun")
    office = document(office=OFFICE).office
    await one.shelf.load(gap.model_copy(update={"office": office}))
    await one.turn()
    assert told(one) == []


def test_where_it_is_asked_for_office_hours_count_too() -> None:
    account = compile_account(document(schedules=[NIGHTS], office=OFFICE))
    for office, first in ((False, "(yellow) 17:00-17:30"), (True, "(yellow) 08:00-17:30")):
        ahead = Ahead(timedelta(days=1), office=office)
        assert list(uncovered(account, "OnCall", NOON, ahead).values())[-1] == first
    whole = compile_account(document(schedules=[{"name": "OnCall"}], office=OFFICE))
    found = uncovered(whole, "OnCall", later(days=-1), Ahead(timedelta(days=1)))
    assert found["2026-02-01"] == "(red) all day"
    assert found["2026-02-02"] == "(red) 00:00-08:00, 17:00-24:00"


async def test_turned_off_it_tells_nothing(database: str, pool: Pool) -> None:
    async with pool.acquire() as conn, rig(database, conn, None, plan("Mon")) as quiet:
        await quiet.wind(hours=40)
        assert told(quiet) == []
