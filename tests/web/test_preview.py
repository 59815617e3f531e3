"""`PUT …?dry_run=true`: what a document would change, told and not done."""

from copy import deepcopy
from typing import Any

from tests.kit.api import Api
from tests.kit.desk import northside

PUT = "PUT /v1/accounts/7001?dry_run=true"
TONIGHT = {"start": "2026-02-02T17:00", "end": "2026-02-03T08:00", "replace": "ann", "with": "cho"}
NEXT_WEEK = {"start": "2026-02-09T17:00", "end": "2026-02-10T08:00", "remove": "ann"}


def _with(*overrides: dict[str, Any], **changes: object) -> dict[str, Any]:
    document = deepcopy(northside())
    document["schedules"][0]["overrides"] = list(overrides)  # type: ignore[index]
    return {**document, **changes}


async def _previewed(api: Api, document: dict[str, Any]) -> dict[str, Any]:
    answer = await api.ask("lead", PUT, document)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_it_tells_what_would_change_and_whom_it_moves_and_applies_nothing(api: Api) -> None:
    told = await _previewed(api, _with(TONIGHT))
    assert (told["account"], told["version"], told["changed"]) == ("7001", 1, True)
    assert told["changes"] == [
        {"path": "schedules[0].overrides[0]", "change": "added", "was": None, "now": TONIGHT}
    ]
    (move,) = told["reached"]
    assert (move["schedule"], move["start"], move["end"]) == (
        "OnCall",
        "2026-02-02T23:00:00.000000Z",
        "2026-02-03T13:00:00.000000Z",
    )
    assert [one["contact"] for one in move["was"]] == ["ann", "bob", "cho"]
    assert move["now"][0] == {
        "contact": "cho",
        "name": "Cho Cole",
        "method": "call",
        "address": "+1******0103",
    }
    assert {kind["priority"] for kind in move["kinds"]} == {"emergency", "urgent", "routine"}
    shown = await api.ask("lead", "GET /v1/accounts/7001")
    assert "overrides" not in shown.json()["schedules"][0]
    assert (await api.ask("lead", "PUT /v1/accounts/7001", northside())).json()["version"] == 1


async def test_an_unchanged_document_changes_nothing(api: Api) -> None:
    await api.take()
    told = await _previewed(api, northside())
    assert (told["changed"], told["changes"], told["reached"], told["messages"]) == (
        (False, [], [], [])
    )


async def test_a_new_account_is_previewed_too(api: Api) -> None:
    answer = await api.ask("lead", "PUT /v1/accounts/7009?dry_run=true", northside("7009"))
    told = answer.json()
    assert (answer.status_code, told["version"], told["messages"]) == (200, None, [])
    assert (told["reached"][0]["was"], len(told["reached"][0]["now"])) == ([], 3)
    assert (await api.ask("lead", "GET /v1/accounts/7009")).status_code == 404


async def test_open_messages_that_would_go_on_otherwise_are_named_with_the_reason(
    api: Api,
) -> None:
    await api.take("49000001")
    await api.take("49000002", priority="routine")
    await api.take("49000003")
    await api.take("49000004", account="7002")
    done = {"evidence": "human", "to": "ann"}
    assert (await api.ask("dispatcher", "POST /v1/messages/49000003/deliver", done)).is_success
    for document, expected in [
        (_with(TONIGHT), {"49000001": ["reached"], "49000002": ["reached"]}),
        (_with(NEXT_WEEK), {}),
        (_with(phi=True), {"49000001": ["details"], "49000002": ["details"]}),
        (
            _with(protocols=[{"name": "u", "when": {"priority": ["urgent"]}, "ring": "40s"}]),
            {"49000001": ["protocol"]},
        ),
        (
            _with(schedules=[{"name": each, "match": {"city": each}} for each in ("E", "W")]),
            {ucn: ["schedule", "reached"] for ucn in ("49000001", "49000002")},
        ),
    ]:
        told = await _previewed(api, document)
        assert {one["ucn"]: one["why"] for one in told["messages"]} == expected


async def test_a_schedule_that_a_person_named_for_a_job_is_kept(api: Api) -> None:
    east, west = ({"name": n, "shifts": [{"contact": c}]} for n, c in (("E", "ann"), ("W", "bob")))
    await api.ask("lead", "PUT /v1/accounts/7001", _with(schedules=[east, west]))
    job = await api.job()
    body = {"name": "W"}
    assert (await api.ask("dispatcher", f"POST /v1/jobs/{job}/schedule", body)).is_success
    assert (await _previewed(api, _with(schedules=[{**east, "shifts": []}, west])))[
        "messages"
    ] == []
    told = await _previewed(api, _with(schedules=[east, {**west, "shifts": []}]))
    assert told["messages"] == [{"ucn": "49000001", "why": ["reached"]}]


async def test_pins_are_masked(api: Api) -> None:
    document = _with()
    document["contacts"]["ann"]["pin"] = "9999"
    answer = await api.ask("lead", PUT, document)
    assert [one["path"] for one in answer.json()["changes"]] == [
        "contacts.ann.pin",
        "schedules[0].overrides",
    ]
    assert "9999" not in answer.text
    assert "4711" not in answer.text


async def test_a_bad_document_is_refused_as_it_would_be_without(api: Api) -> None:
    answer = await api.ask("lead", PUT, _with(timezone="Mars/Base"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    hidden = _with()
    hidden["contacts"]["cho"]["pin"] = "****"
    answer = await api.ask("lead", PUT, hidden)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    answer = await api.ask("lead", PUT.replace("true", "perhaps"), northside())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_posted_special_stands_in_before_and_after(api: Api) -> None:
    special = {"text": "x", "start": "2026-02-02T17:00", "end": "2026-02-03T00:00"}
    body = special | {"effect": {"replace": "bob"}}
    assert (await api.ask("agent", "POST /v1/accounts/7001/specials", body)).is_success
    told = await _previewed(api, _with(TONIGHT))
    assert [(one["start"], one["end"]) for one in told["reached"]] == [
        ("2026-02-03T05:00:00.000000Z", "2026-02-03T13:00:00.000000Z")
    ]
