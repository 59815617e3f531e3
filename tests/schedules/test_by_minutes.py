"""The program's arithmetic against a naive walk by minutes over two years, in eight zones."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from schedules.coverage import Day
from tests.schedules import naive, nights
from tests.schedules.nights import ZONES

MINUTE = timedelta(minutes=1)
QUICK = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
in_every_zone = pytest.mark.parametrize("zone", ZONES)


def compiled(document: dict[str, Any]) -> Account:
    return compile_account(document_from(document, "test"))


def lines(account: Account, at: datetime) -> list[naive.Seen]:
    return [
        naive.Seen(line.contact, line.role, line.status, line.source, line.skipped)
        for line in account.roster("OnCall", at).lines
    ]


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_the_roster_is_what_a_walk_by_minutes_finds(zone: str, chosen: st.DataObject) -> None:
    document = chosen.draw(nights.accounts(zone))
    account = compiled(document)
    for at in chosen.draw(st.lists(nights.instants(zone), min_size=20, max_size=40)):
        assert lines(account, at) == naive.roster(document, at)


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_a_roster_kept_while_it_holds_is_the_one_found_anew(
    zone: str, chosen: st.DataObject
) -> None:
    """Minute after minute one account answers from memory, another one is built for each."""
    document = chosen.draw(nights.accounts(zone))
    start = chosen.draw(nights.instants(zone))
    account, parts = compiled(document), document_from(document, "test")
    for minutes in sorted(chosen.draw(st.sets(st.integers(0, 600), max_size=12))):
        at = start + minutes * MINUTE
        assert account.roster("OnCall", at) == compile_account(parts).roster("OnCall", at)


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_between_two_changes_the_roster_stays(zone: str, chosen: st.DataObject) -> None:
    document = chosen.draw(nights.accounts(zone))
    start = chosen.draw(nights.instants(zone))
    end = start + timedelta(days=2)
    spells = list(compiled(document).spans("OnCall", start, end))
    assert (spells[0].start, spells[-1].end) == (start, end)
    assert all(one.end == two.start for one, two in pairwise(spells))
    for number in chosen.draw(st.sets(st.integers(0, 2 * 1440 - 1), max_size=15)):
        at = start + number * MINUTE
        (spell,) = [each for each in spells if each.start <= at < each.end]
        found = [(line.contact, line.skipped) for line in spell.roster.lines]
        assert found == [(line.contact, line.skipped) for line in naive.roster(document, at)]


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_the_gaps_are_the_minutes_that_nobody_covers(zone: str, chosen: st.DataObject) -> None:
    document = chosen.draw(nights.accounts(zone))
    at = chosen.draw(nights.instants(zone))
    account = compiled(document)
    first = account.local_date(at)
    days = account.coverage("OnCall", first - timedelta(days=1), 3)
    gaps = [gap for day in days for gap in day.gaps]
    for minutes in chosen.draw(st.sets(st.integers(-600, 600), max_size=20)):
        tried = at + minutes * MINUTE
        missing = any(gap.start <= tried < gap.end for gap in gaps)
        assert missing != naive.covered(document, tried)


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_covered_hours_and_gaps_are_the_whole_day(zone: str, chosen: st.DataObject) -> None:
    document = chosen.draw(nights.accounts(zone))
    account, start = compiled(document), nights.start_of(zone)
    first = account.local_date(start)
    days = account.coverage("OnCall", first, 2 * 365)
    assert [day.date for day in days] == [first + timedelta(days=n) for n in range(2 * 365)]
    for day in days:
        assert day.covered + sum((gap.length for gap in day.gaps), timedelta()) == day.required
        assert day.color == _color(day)
        assert all(one.end < two.start for one, two in pairwise(day.gaps))
        assert {account.local_date(gap.start) for gap in day.gaps} <= {day.date}


def _color(day: Day) -> str:
    if not day.gaps:
        return "green"
    return "yellow" if day.covered else "red"


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_without_its_override_the_roster_is_as_before_it(zone: str, chosen: st.DataObject) -> None:
    """To add a change and take it back is to have done nothing, and outside it changes nothing."""
    document = chosen.draw(nights.accounts(zone))
    changes = document["schedules"][0].pop("overrides")
    before = compiled(document)
    document["schedules"][0]["overrides"] = changes
    during = compiled(document)
    document["schedules"][0]["overrides"] = []
    after = compiled(document)
    for at in chosen.draw(st.lists(nights.instants(zone), min_size=10, max_size=20)):
        assert after.roster("OnCall", at) == before.roster("OnCall", at)
        in_force = [naive.lasts(each["start"], each["end"], zone, at) for each in changes]
        assert any(in_force) or during.roster("OnCall", at) == before.roster("OnCall", at)


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_to_take_one_override_of_several_back_touches_nothing_else(
    zone: str, chosen: st.DataObject
) -> None:
    """Outside its span all is as with it; within it the people it does not touch stay."""
    document = chosen.draw(nights.accounts(zone))
    changes = chosen.draw(nights.overrides(zone).filter(lambda found: len(found) > 1))
    gone = chosen.draw(st.sampled_from(changes))
    with_it = compiled(_with_overrides(document, changes))
    left = _with_overrides(document, [each for each in changes if each is not gone])
    without = compiled(left)
    touched = {gone.get(key) for key in ("replace", "with", "remove", "add")} | {
        *gone.get("swap", [])
    }
    inside = st.sampled_from([gone["start"], gone["end"]]).map(
        lambda wall: naive.instants(datetime.fromisoformat(wall), zone)[0]
    )
    edges = st.builds(lambda at, n: at + n * MINUTE, inside, st.integers(-90, 90))
    for at in chosen.draw(st.lists(nights.instants(zone) | edges, min_size=10, max_size=20)):
        found, before = lines(without, at), lines(with_it, at)
        assert found == naive.roster(left, at)
        if not naive.lasts(gone["start"], gone["end"], zone, at):
            assert without.roster("OnCall", at) == with_it.roster("OnCall", at)
        assert _but(found, touched) == _but(before, touched)


def _with_overrides(document: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    (schedule,) = document["schedules"]
    return document | {"schedules": [schedule | {"overrides": changes}]}


def _but(found: list[naive.Seen], people: set[str | None]) -> list[naive.Seen]:
    return [line for line in found if line.contact not in people]


@in_every_zone
@QUICK
@given(chosen=st.data())
def test_there_is_never_a_hole_at_a_handoff(zone: str, chosen: st.DataObject) -> None:
    """Shifts that follow each other, and the turns of a rotation, leave no minute to nobody."""
    times = chosen.draw(st.lists(nights.TIMES, min_size=2, max_size=4, unique=True).map(sorted))
    following = zip(times, [*times[1:], times[0]], strict=True)
    nightly = [
        {"contact": who, "weekly": f"Mon-Sun {start}-{end}"}
        for who, (start, end) in zip(nights.PEOPLE, following, strict=False)
    ]
    turns = chosen.draw(nights.turns())
    begin = chosen.draw(nights.instants(zone))
    rotating = {"from": naive.shown(begin, zone).isoformat("T", "minutes"), **turns}
    for shifts, first in ((nightly, begin), ([rotating], begin + timedelta(days=150))):
        account = compiled(nights.account(zone, [{"name": "OnCall", "shifts": shifts}]))
        assert list(account.gaps("OnCall", first, first + timedelta(days=400))) == []
