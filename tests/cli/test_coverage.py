"""`coverage` and what `check` says of hours that nobody covers."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.cli.coverage import lines_of
from gateway.cli.soundness import faults_of
from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from tests.cli.conftest import Dispatchd
from tests.kit.desk import northside

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"
MONDAY = datetime(2026, 2, 2, 17, 13, 7, tzinfo=UTC)  # 12:13:07 in New York


def account(*shifts: object, overrides: object = None, **changes: object) -> Account:
    schedules = [{"name": "OnCall", "shifts": list(shifts), "overrides": overrides}]
    return compile_account(document_from(northside(schedules=schedules, **changes), "x"))


def lines(of: Account, first: date, days: int = 1, *, bare: bool = False) -> list[str]:
    return list(lines_of(of, of.coverage("OnCall", first, days), bare=bare))


def test_each_day_is_a_line_with_its_colour_hours_and_gaps() -> None:
    nights = account({"contact": "ann", "weekly": "Mon-Fri 17:00-08:00"})
    assert lines(nights, date(2026, 2, 6), 3) == [
        "Fri 2026-02-06  yellow  15 of 24 h      nobody 08:00-17:00",
        "Sat 2026-02-07  yellow  8 of 24 h       nobody 08:00-24:00",
        "Sun 2026-02-08  red     0 of 24 h       nobody 00:00-24:00",
    ]


def test_a_day_of_25_hours_names_the_zone_of_the_hour_that_comes_twice() -> None:
    of = account(
        {"contact": "ann", "weekly": "Mon-Sat; Sun 00:00-01:30; Sun 05:00-24:00"},
    )
    assert lines(of, date(2026, 11, 1)) == [
        "Sun 2026-11-01  yellow  21.5 of 25 h    nobody 01:30 EST-05:00"
    ]


def test_hours_in_which_the_office_is_open_are_said_to_be_such() -> None:
    office = {"hours": "Mon-Fri 08:00-17:00"}
    of = account(
        {"contact": "ann", "weekly": "Mon-Thu 17:00-08:00; Fri 18:00-24:00"}, office=office
    )
    assert lines(of, date(2026, 2, 5), 3) == [
        "Thu 2026-02-05  yellow  15 of 24 h      nobody 08:00-17:00 (office open)",
        "Fri 2026-02-06  yellow  14 of 24 h      nobody 08:00-18:00 (office open 08:00-17:00)",
        "Sat 2026-02-07  red     0 of 24 h       nobody 00:00-24:00",
    ]


def test_where_there_is_a_calendar_only_days_with_gaps_are_said() -> None:
    assert lines(account({"contact": "ann"}), date(2026, 2, 2), 9, bare=True) == [
        "Somebody is on call all the time."
    ]
    nights = account({"contact": "ann", "weekly": "Mon-Fri; Sun"})
    assert len(lines(nights, date(2026, 2, 2), 7, bare=True)) == 1


def test_the_command_shows_days_from_a_date_on_and_json_as_the_api(here: Dispatchd) -> None:
    here("load", EXAMPLES / "northside.yaml", EXAMPLES / "lakeside.yaml")
    shown = here("coverage", "7001", "--from", "2026-02-03", "--days", 2)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[:2] == [
        "7001 Northside HVAC, schedule OnCall",
        "Tue 2026-02-03  yellow  15 of 24 h      nobody 08:00-17:00 (office open)",
    ]
    (day,) = json.loads(here("coverage", "7001", "--from", "2026-02-03", "--days", 1, "--json").out)
    assert day["color"] == "yellow"
    assert day["gaps"] == [
        {"start": "2026-02-03T13:00:00.000000Z", "end": "2026-02-03T22:00:00.000000Z"}
    ]
    assert len(here("coverage", "7002", "--schedule", "north").out.splitlines()) == 31


def test_questions_without_an_answer_are_one_line(here: Dispatchd) -> None:
    here("load", EXAMPLES / "northside.yaml", EXAMPLES / "lakeside.yaml")
    for words, said in [
        (("9",), "there is no account 9"),
        (("7002",), "the account has several schedules (North, South): name one with --schedule"),
        (("7001", "--schedule", "x"), "--schedule: there is no 'x'; there are OnCall"),
        (("7001", "--from", "2026-02-30"), "--from: there is no 2026-02-30 in the calendar"),
    ]:
        ran = here("coverage", *words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(said)
        assert ran.err.count("\n") == 1


NIGHTS = {"contact": "ann", "weekly": "Mon-Sun 17:00-08:00"}
OFTEN = "nobody is on call for 77.5 h of the next 30 days"
NOW = "first at Mon 2026-02-02 12:13:07 EST"


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (account(NIGHTS, office={"hours": "Mon-Sun 08:00-17:00"}), []),
        (
            account(NIGHTS, office={"hours": "Mon-Fri 08:00-16:45"}),
            [f"{OFTEN} outside office hours, first at Mon 2026-02-02 16:45:00 EST"],
        ),
        (
            account(NIGHTS, permanent=[]),
            [
                f"nobody can be reached for 63 h of the next 7 days, {NOW}",
                f"nobody is on call for 270 h of the next 30 days, {NOW}",
            ],
        ),
    ],
)
def test_check_tells_of_hours_that_nobody_covers(of: Account, words: list[str]) -> None:
    found = [one.words for one in faults_of(of, MONDAY, {}) if one.words.startswith("schedule")]
    assert [said.removeprefix("schedule OnCall: ") for said in found] == words


def test_check_tells_of_overrides_that_never_do_anything() -> None:
    day = {"start": "2026-02-07T12:00", "end": "2026-02-08T12:00"}
    over = {"start": "2026-01-07T12:00", "end": "2026-01-08T12:00", "remove": "cho"}
    swap = {**day, "swap": ["bob", "cho"]}
    of = account(NIGHTS, overrides=[{**day, "remove": "ann"}, swap, over])
    found = [one.words for one in faults_of(of, MONDAY, {}) if "override" in one.words]
    words = "bob and cho swapped; bob and cho are not on call then, so nothing changes"
    assert found == [
        f"schedule OnCall: override 2026-02-07 12:00 to 2026-02-08 12:00: {words}",
    ]
