"""`specials` and `who`: what of a client's instructions is in force, and whom it puts on call."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios
from tests.cli.conftest import Dispatchd

STORY = Path(__file__).parents[1] / "stories/special-replaces.yaml"
HOLDS = Path(__file__).parents[1] / "stories/special-holds.yaml"


@pytest.fixture
def played(here: Dispatchd, database: str) -> Dispatchd:
    """Run commands on a database in which a special replaced the people on call."""
    return play(here, database, STORY)


def play(here: Dispatchd, database: str, path: Path) -> Dispatchd:
    (scenario,) = read_scenarios(path.read_text(encoding="utf-8"), path.name)
    assert asyncio.run(rehearse(scenario, database)).faults == ()
    return here


def test_specials_are_listed_as_they_are_active_at_an_instant(played: Dispatchd) -> None:
    ran = played("specials", "7001", "--at", "2026-02-02T18:00", "--json")
    (one,) = json.loads(ran.out)
    assert (one["effect"], one["contact"], one["state"]) == ("replace", "dee", "approved")
    assert one["end"] == "2026-02-03T05:00:00.000000Z"
    shown = played("specials", "7001", "--at", "2026-02-02T18:00")
    assert "replace dee  approved  agent:1204  the on-call being at a funeral" in shown.out
    after = played("specials", "7001", "--at", "2026-02-03T00:00")
    assert after.out.startswith("account 7001 has no special at Tue 2026-02-03 00:00:00")
    assert json.loads(played("specials", "7001", "--json").out) == []


def test_an_unknown_account_is_a_mistake(here: Dispatchd) -> None:
    ran = here("specials", "7999")
    assert (ran.code, ran.err) == (2, "there is no account 7999\n")


def test_who_names_the_special_that_puts_somebody_on_call(played: Dispatchd) -> None:
    answer = json.loads(played("who", "7001", "--at", "2026-02-02T18:00", "--json").out)
    assert (answer["special"]["effect"], answer["roster"][0]["source"]) == ("replace", "special")
    assert answer["special"]["id"] in answer["roster"][0]["reason"]
    after = json.loads(played("who", "7001", "--at", "2026-02-03T00:00", "--json").out)
    assert "special" not in after
    assert after["roster"][0]["contact"] == "ann"


def test_who_says_that_a_special_holds_dispatch(here: Dispatchd, database: str) -> None:
    shown = play(here, database, HOLDS)("who", "7001", "--at", "2026-02-02T19:00")
    assert "dispatch is held until Mon 2026-02-02 20:00:00 EST." in shown.out


@pytest.mark.parametrize(("path", "ucn"), [(STORY, "49800001"), (HOLDS, "49800003")])
def test_why_agrees_with_the_record_under_a_special(
    here: Dispatchd, database: str, path: Path, ucn: str
) -> None:
    ran = play(here, database, path)("why", ucn)
    assert (ran.code, ran.err) == (0, "")
    assert "special" in ran.out
