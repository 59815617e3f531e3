"""Feeds are read again and again; what they give is in force at once, and no failure undoes it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from adapters.feeds import Failed, Fetch, Fetched, Unchanged
from adapters.ical.shapes import Event
from adapters.ical.writing import Sheet, write
from gateway.daemon.coverage import CoverageWatch
from gateway.daemon.duties import Duties
from gateway.daemon.feeds import FeedWatch, find, refresh, settle
from gateway.domain.documents import AccountDocument
from gateway.domain.uncovered import Ahead
from gateway.store import accounts
from gateway.store.pool import Pool
from gateway.store.verdicts import Stale
from tests.kit.desk import NOON, document, later
from tests.kit.house import Rig, rig

URL = "https://calendars.example/private-x7/basic.ics"


def calendar(*titles: str, hours: float = 24 * 30) -> Fetched:
    """Return a copy in which each of these has the next hours."""
    ends = (NOON, NOON + timedelta(hours=hours))
    events = [Event(f"{title}@x", *ends, title) for title in titles]
    return Fetched(write(Sheet("x", NOON, events)), f'"{titles}"')


@dataclass
class Source:
    """Where the feed is; gives the last answer again once the others are used up."""

    answers: list[Fetch]
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def fetch(self, source: str, etag: str | None, _modified: str | None) -> Fetch:
        self.asked.append((source, etag))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def fed(**changes: object) -> AccountDocument:
    """Return the example account with a feed in place of shifts."""
    schedule = {"name": "OnCall", "feed": {"url": URL}}
    return document(**{"schedules": [schedule], "permanent": [], **changes})


@dataclass
class Scene:
    """A house whose accounts have a feed, and its source."""

    rig: Rig
    source: Source

    async def who(self, at: datetime) -> list[str]:
        """Return who is on duty at an instant, by what is in force now."""
        conn = self.rig.shelf.conn
        version = await accounts.version_of(conn, "7001")
        states = self.rig.house.desk.states.accounts
        account = (await states.compiled(conn, [("7001", version or 0)]))["7001", version or 0]
        return [line.contact for line in account.roster("OnCall", at).lines]

    async def versions(self) -> list[str]:
        """Return who made each version."""
        rows = await self.rig.shelf.all("account_versions", "version")
        return [row["created_by"] for row in rows]

    def told(self) -> list[str]:
        """Return what leads were told, by its words after the account."""
        return [text.partition(": ")[2] for _, _, text in self.rig.bell.alerts]


@pytest.fixture
async def scene(database: str, pool: Pool) -> AsyncIterator[Scene]:
    async with pool.acquire() as conn, rig(database, conn, None, fed()) as opened:
        source = Source([calendar("Ann Ames")])
        desk = opened.house.desk
        kinds = {
            "feed": FeedWatch(desk, source.fetch).look,
            "coverage": CoverageWatch(Ahead(timedelta())).look,
        }
        opened.house.engine._duties = Duties(desk, kinds)  # noqa: SLF001
        yield Scene(opened, source)


async def test_a_feed_is_read_when_its_document_is_put_and_is_in_force_at_once(
    scene: Scene,
) -> None:
    assert await scene.who(NOON) == []
    await scene.rig.turn()
    assert await scene.who(NOON) == ["ann"]
    assert await scene.versions() == ["lead:L-7", "feed:OnCall"]
    assert scene.source.asked[0] == (URL, None)


async def test_what_does_not_change_makes_no_new_version(scene: Scene) -> None:
    scene.source.answers = [calendar("Ann Ames"), Unchanged(), calendar("Ann Ames")]
    await scene.rig.wind(hours=2)
    assert len(await scene.versions()) == 2
    assert len(scene.source.asked) == 10
    assert scene.source.asked[1] == (URL, "\"('Ann Ames',)\"")


async def test_what_changes_is_in_force_at_the_next_look(scene: Scene) -> None:
    scene.source.answers = [calendar("Ann Ames"), Unchanged(), calendar("Bob Bell")]
    await scene.rig.wind(minutes=14)
    assert await scene.who(NOON) == ["ann"]
    await scene.rig.wind(minutes=1)
    assert await scene.who(NOON) == ["bob"]


async def test_a_failure_keeps_the_last_good_copy_backs_off_and_is_told(scene: Scene) -> None:
    scene.source.answers = [calendar("Ann Ames"), Unchanged(), Failed("its host answers 500")]
    await scene.rig.wind(minutes=15)
    assert await scene.who(later(hours=1)) == ["ann"]
    before = len(scene.source.asked)
    await scene.rig.wind(minutes=7)
    assert len(scene.source.asked) == before + 3
    await scene.rig.wind(hours=5)
    assert len(scene.source.asked) < before + 12
    assert scene.told() == []
    await scene.rig.wind(hours=2)
    (words,) = scene.told()
    assert words.startswith("the calendar feed of schedule OnCall has failed for 6 h")
    assert "private-x7" not in words
    await scene.rig.wind(days=1)
    assert len(scene.told()) == 2
    scene.source.answers = [calendar("Bob Bell", hours=100)]
    await scene.rig.wind(hours=1)
    assert scene.told()[-1] == "the calendar feed of schedule OnCall is read again."
    assert await scene.who(later(hours=99)) == ["bob"]


BAD = {
    "it is no iCalendar text": Fetched(b"<html>Sign in</html>"),
    "it is not UTF-8 text": Fetched(b"\xff\xfe"),
    "it holds no shift to come, though the last good copy does": calendar(),
}


@pytest.mark.parametrize("fault", BAD)
async def test_a_copy_that_is_no_good_leaves_the_last_good_one(scene: Scene, fault: str) -> None:
    scene.source.answers = [calendar("Ann Ames"), Unchanged(), BAD[fault]]
    await scene.rig.wind(minutes=15)
    _, last = await find(scene.rig.house.pool, "7001", "OnCall")
    assert last
    assert (last.fault, last.failures, last.etag) == (fault, 1, calendar("Ann Ames").etag)
    assert await scene.who(NOON) == ["ann"]


async def test_a_feed_that_was_never_read_is_told_after_half_an_hour(scene: Scene) -> None:
    scene.source.answers = [Failed("its host answers 404")]
    await scene.rig.wind(minutes=35)
    assert len(scene.told()) == 1


async def test_events_that_put_nobody_on_duty_are_told_once_and_others_hold(scene: Scene) -> None:
    scene.source.answers = [calendar("Ann Ames", "Zoe"), calendar("Ann Ames", "Zoe")]
    await scene.rig.wind(hours=1)
    assert await scene.who(NOON) == ["ann"]
    (words,) = scene.told()
    assert words.startswith("in the calendar feed of schedule OnCall 1 event puts nobody on duty")
    assert "Zoe" not in words


async def test_a_change_of_people_is_applied_to_the_copy_that_is_there(scene: Scene) -> None:
    scene.source.answers = [calendar("Ann Ames", "Zoe"), Unchanged()]
    await scene.rig.turn()
    people = {"ann": {"name": "Ann Ames"}, "zoe": {"name": "Zoe", "phone": "+12025550109"}}
    await scene.rig.shelf.load(fed(contacts=people))
    await scene.rig.turn()
    assert await scene.who(NOON) == ["ann", "zoe"]


async def test_a_plan_made_before_a_feed_changed_is_stale(scene: Scene) -> None:
    await scene.rig.turn()
    await scene.rig.shelf.take("49000001")
    planned = await scene.rig.shelf.plan("49000001")
    scene.source.answers = [calendar("Bob Bell")]
    case, last = await find(scene.rig.house.pool, "7001", "OnCall")
    assert case
    outcome = await refresh(case, last, NOON, scene.source.fetch)
    assert await settle(scene.rig.shelf.conn, case, last, outcome, NOON) == 3
    assert await scene.rig.shelf.write(planned) == [Stale()]


async def test_of_two_who_look_at_once_the_second_writes_nothing(scene: Scene) -> None:
    case, last = await find(scene.rig.house.pool, "7001", "OnCall")
    assert case
    first = await refresh(case, last, NOON, scene.source.fetch)
    scene.source.answers = [calendar("Bob Bell")]
    second = await refresh(case, last, NOON, scene.source.fetch)
    conn = scene.rig.shelf.conn
    assert await settle(conn, case, last, first, NOON) == 2
    assert await settle(conn, case, last, second, later(seconds=1)) is None
    assert await scene.who(NOON) == ["ann"]


async def test_a_feed_taken_out_meanwhile_changes_nothing_and_is_forgotten(scene: Scene) -> None:
    await scene.rig.turn()
    case, last = await find(scene.rig.house.pool, "7001", "OnCall")
    assert case
    outcome = await refresh(case, last, NOON, calendar_of_bob)
    await scene.rig.shelf.load(document())
    assert await scene.rig.shelf.count("feeds") == 0
    await settle(scene.rig.shelf.conn, case, last, outcome, NOON)
    assert await scene.versions() == ["lead:L-7", "feed:OnCall", "lead:L-7"]
    asked = len(scene.source.asked)
    await scene.rig.wind(hours=1)
    assert len(scene.source.asked) == asked


async def calendar_of_bob(*_: object) -> Fetch:
    return calendar("Bob Bell")


async def test_without_anything_to_fetch_with_nothing_is_read_and_nobody_told(
    database: str, pool: Pool
) -> None:
    """So it is in rehearsals."""
    async with pool.acquire() as conn, rig(database, conn, None, fed()) as opened:
        await opened.wind(hours=1)
        assert opened.bell.alerts == []
        assert await opened.shelf.count("feeds") == 0
