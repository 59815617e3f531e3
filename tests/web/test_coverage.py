"""Coverage over HTTP: the colour of each local day, its hours, and exactly when nobody is on."""

from copy import deepcopy
from typing import Any

import pytest

from tests.kit.api import Api
from tests.kit.desk import northside

PUT = "PUT /v1/accounts/7001"
COVERAGE = "GET /v1/accounts/7001/coverage"


async def _put(api: Api, *shifts: dict[str, Any], **schedule: object) -> None:
    schedules = [{"name": "OnCall", "shifts": list(shifts), **schedule}]
    document = {**deepcopy(northside()), "schedules": schedules}
    assert (await api.ask("lead", PUT, document)).status_code == 200


async def _days(api: Api, query: str = "") -> list[dict[str, Any]]:
    answer = await api.ask("agent", COVERAGE + query)
    assert answer.status_code == 200, answer.text
    days: list[dict[str, Any]] = answer.json()
    return days


async def test_a_day_shows_its_hours_and_its_gaps(api: Api) -> None:
    assert await _days(api, "?from=2026-02-03&days=1") == [
        {
            "date": "2026-02-03",
            "color": "yellow",
            "required_hours": 24,
            "covered_hours": 15,
            "gaps": [
                {"start": "2026-02-03T13:00:00.000000Z", "end": "2026-02-03T22:00:00.000000Z"}
            ],
        }
    ]


async def test_office_hours_without_anybody_are_marked(api: Api) -> None:
    office = {"hours": "Mon-Fri 08:00-16:00"}
    assert (await api.ask("lead", PUT, {**deepcopy(northside()), "office": office})).is_success
    tuesday, saturday = (await _days(api, "?from=2026-02-03&days=5"))[::4]
    assert tuesday["office_gaps"] == [
        {"start": "2026-02-03T13:00:00.000000Z", "end": "2026-02-03T21:00:00.000000Z"}
    ]
    assert (tuesday["color"], tuesday["covered_hours"]) == ("yellow", 15)
    assert (saturday["color"], saturday["office_gaps"]) == ("yellow", [])


async def test_without_a_question_it_is_thirty_days_from_the_accounts_own_today(api: Api) -> None:
    api.clock.set(api.clock.now().replace(day=3, hour=4))  # still 2 February in New York
    days = await _days(api)
    assert [len(days), days[0]["date"], days[-1]["date"]] == [30, "2026-02-02", "2026-03-03"]


async def test_days_with_a_clock_change_have_their_own_length(api: Api) -> None:
    await _put(api, {"contact": "ann"})
    for day, hours in [("2026-03-08", 23), ("2026-11-01", 25), ("2026-07-04", 24)]:
        (shown,) = await _days(api, f"?from={day}&days=1")
        assert (shown["color"], shown["gaps"]) == ("green", [])
        assert shown["required_hours"] == shown["covered_hours"] == hours


async def test_an_empty_schedule_is_red_and_absences_do_not_count(api: Api) -> None:
    await _put(api, {"contact": "ann", "role": "backup"})
    (day,) = await _days(api, "?from=2026-02-03&days=1")
    assert (day["color"], day["covered_hours"]) == ("red", 0)
    document = {**deepcopy(northside()), "unavailable": [{"contact": "ann", "weekly": "Mon-Sun"}]}
    await api.ask("lead", PUT, document)
    assert (await _days(api, "?from=2026-02-03&days=1"))[0]["covered_hours"] == 15


async def test_overrides_and_temporary_schedules_count(api: Api) -> None:
    remove = {"start": "2026-02-03T10:00", "end": "2026-02-03T10:30", "remove": "ann"}
    stand_in = {"start": "2026-02-04T00:00", "end": "2026-02-05T00:00", "shifts": []}
    await _put(api, {"contact": "ann"}, overrides=[remove], temporary=[stand_in])
    days = await _days(api, "?from=2026-02-03&days=3")
    assert [(day["color"], day["covered_hours"]) for day in days] == [
        ("yellow", 23.5),
        ("red", 0),
        ("green", 24),
    ]


async def test_with_several_schedules_one_must_be_named_unless_one_is_oncall(api: Api) -> None:
    east, west = ({"name": name, "shifts": [{"contact": "ann"}]} for name in ("East", "West"))
    document = {**deepcopy(northside()), "schedules": [east, west]}
    await api.ask("lead", PUT, document)
    answer = await api.ask("agent", COVERAGE)
    assert (answer.status_code, answer.json()["code"]) == (409, "several_schedules")
    assert (await _days(api, "?schedule=west&days=1"))[0]["color"] == "green"
    answer = await api.ask("agent", f"{COVERAGE}?schedule=North")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_schedule")
    await api.ask("lead", PUT, {**document, "schedules": [east, {"name": "OnCall"}]})
    assert (await _days(api, "?days=1"))[0]["color"] == "red"


async def test_an_unknown_account_is_not_found(api: Api) -> None:
    answer = await api.ask("lead", COVERAGE.replace("7001", "7999"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")


@pytest.mark.parametrize(
    "query", ["from=today", "from=2026-02-30", "from=2026-02-02T00:00", "days=0", "days=367"]
)
async def test_days_that_are_none_are_refused(api: Api, query: str) -> None:
    answer = await api.ask("agent", f"{COVERAGE}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("first", ["1970-01-01", "2028-02-29", "2199-12-31"])
async def test_the_first_and_the_last_day_of_all_are_shown(api: Api, first: str) -> None:
    assert len(await _days(api, f"?from={first}&days=366")) == 366
