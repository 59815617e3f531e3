"""Accounts over HTTP: documents put and shown, and who is on call."""

from copy import deepcopy
from typing import Any

import pytest

from tests.kit.api import Api
from tests.kit.desk import northside

PUT = "PUT /v1/accounts/7001"
ONCALL = "GET /v1/accounts/7001/oncall"


def _changed(**changes: object) -> dict[str, Any]:
    return {**deepcopy(northside()), **changes}


async def _skips(api: Api, query: str = "") -> dict[str, str | None]:
    answer = await api.ask("agent", ONCALL + query)
    assert answer.status_code == 200, answer.text
    return {line["contact"]: line.get("skipped") for line in answer.json()["roster"]}


async def test_a_document_is_put_and_comes_back_without_its_pins(api: Api) -> None:
    answer = await api.ask("lead", PUT, _changed(name="Northside"))
    assert (answer.status_code, answer.json()) == (200, {"account": "7001", "version": 2})
    shown = await api.ask("dispatcher", "GET /v1/accounts/7001")
    assert shown.json()["name"] == "Northside"
    assert "4711" not in shown.text
    again = await api.ask("lead", PUT, shown.json())
    assert again.json()["version"] == 2


async def test_a_web_posts_address_is_shown_by_its_host_and_may_be_put_back_so(api: Api) -> None:
    post = {"post": "https://crm.example/hook/1f9c?key=abc", "fields": {"Name": "caller.name"}}
    await api.ask("lead", PUT, _changed(deliveries=[{**post, "secret": "0123456789abcdef"}]))
    shown = await api.ask("dispatcher", "GET /v1/accounts/7001")
    assert shown.json()["deliveries"][0]["post"] == "https://crm.example/****"
    assert (await api.ask("lead", PUT, shown.json())).json()["version"] == 2
    other = {**post, "secret": "fedcba9876543210"}
    change = await api.ask("lead", f"{PUT}?dry_run=true", _changed(deliveries=[other]))
    assert [edit["now"] for edit in change.json()["changes"]] == ["**** (another one)"]
    assert "1f9c" not in change.text


async def test_an_unknown_account_is_not_found(api: Api) -> None:
    for path in ("GET /v1/accounts/7999", "GET /v1/accounts/7999/oncall"):
        answer = await api.ask("lead", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")


SHIFT = {"contact": "zoe", "weekly": "Mon-Sun 17:00-08:00"}
TWICE = [{"name": "OnCall"}, {"name": "oncall"}]
BAD = {
    "an unknown contact": (
        {"schedules": [{"name": "OnCall", "shifts": [SHIFT]}]},
        "body.schedules[0].shifts[0].contact",
    ),
    "overlapping names": ({"schedules": TWICE}, "body.schedules[1].name"),
    "an unknown key": ({"colour": "red"}, "body.colour"),
    "a malformed phone": ({"contacts": {"ann": {"phone": "555"}}}, "body.contacts.ann.phone"),
    "no such zone": ({"timezone": "Mars/Base"}, "body.timezone"),
    "30 February": (
        {
            "unavailable": [
                {"contact": "ann", "start": "2026-02-30T10:00", "end": "2026-03-01T1:00"}
            ]
        },
        "body.unavailable[0].start",
    ),
}


@pytest.mark.parametrize("bad", BAD, ids=list(BAD))
async def test_a_bad_document_is_refused_with_the_place_and_changes_nothing(
    api: Api, bad: str
) -> None:
    changes, place = BAD[bad]
    answer = await api.ask("lead", PUT, _changed(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert place in [error["place"] for error in answer.json()["errors"]]
    assert (await api.ask("lead", PUT, northside())).json()["version"] == 1


async def test_a_time_that_a_clock_change_leaves_out_is_accepted(api: Api) -> None:
    away = {"contact": "ann", "start": "2026-03-08T02:30", "end": "2026-03-08T04:00"}
    assert (await api.ask("lead", PUT, _changed(unavailable=[away]))).status_code == 200


async def test_a_document_of_another_account_is_a_conflict(api: Api) -> None:
    answer = await api.ask("lead", PUT, northside("7002"))
    assert (answer.status_code, answer.json()["code"]) == (409, "account_mismatch")


@pytest.mark.parametrize("body", [None, [], "x", 5])
async def test_what_is_no_document_is_refused(api: Api, body: object) -> None:
    assert (await api.ask("lead", PUT, body)).status_code == 422


# who is on call


async def test_on_call_people_come_in_order_with_their_rule(api: Api) -> None:
    answer = (await api.ask("agent", f"{ONCALL}?at=2026-02-02T18:00:00-05:00")).json()
    assert (answer["schedule"], answer["protocol"], answer["blank"]) == ("OnCall", "default", False)
    assert answer["at"] == "2026-02-02T23:00:00.000000Z"
    shown = [(line["contact"], line["role"], line["source"]) for line in answer["roster"]]
    assert shown == [
        ("ann", "oncall", "shift"),
        ("bob", "backup", "shift"),
        ("cho", "permanent", "permanent"),
    ]


async def test_a_blank_schedule_leaves_the_permanent_list(api: Api) -> None:
    answer = (await api.ask("agent", f"{ONCALL}?at=2026-02-02T12:00:00-05:00")).json()
    assert (answer["blank"], [line["contact"] for line in answer["roster"]]) == (True, ["cho"])


async def test_those_who_are_passed_over_are_shown_with_the_reason(api: Api) -> None:
    contacts = {
        "ann": {"phone": "+12025550101"},
        "bob": {"phone": "+12025550102", "active": False},
        "cho": {"email": "cho@northside.example"},
        "dee": {"phone": "+12025550104"},
    }
    shifts = [
        {"contact": "ann", "status": "sms", "weekly": "Mon-Sun 17:00-08:00"},
        {"contact": "bob", "weekly": "Mon-Sun 17:00-08:00"},
        {"contact": "cho", "status": "call", "weekly": "Mon-Sun 17:00-08:00"},
        {"contact": "dee", "weekly": "Mon-Sun 17:00-08:00"},
    ]
    doc = _changed(contacts=contacts, schedules=[{"name": "OnCall", "shifts": shifts}])
    doc["permanent"] = [{"contact": "dee"}]
    await api.ask("lead", PUT, doc)
    await api.pool.execute(
        "insert into phones (phone, opted_out_at) values ('+12025550101', '2026-02-01')"
    )
    answer = (await api.ask("agent", ONCALL)).json()
    assert [(line["contact"], line.get("skipped")) for line in answer["roster"]] == [
        ("ann", "opted_out"),
        ("bob", "inactive"),
        ("cho", "no_address"),
        ("dee", None),
        ("dee", "duplicate"),
    ]


async def test_the_permanent_list_stands_aside_where_the_protocol_says_so(api: Api) -> None:
    protocols = [{"name": "urgent", "permanent": "when_blank"}]
    await api.ask("lead", PUT, _changed(protocols=protocols))
    assert list(await _skips(api)) == ["ann", "bob"]


async def test_with_several_schedules_one_must_be_named_unless_one_is_oncall(api: Api) -> None:
    east, west = ({"name": name, "shifts": []} for name in ("East", "West"))
    await api.ask("lead", PUT, _changed(schedules=[east, west]))
    answer = await api.ask("agent", ONCALL)
    assert (answer.status_code, answer.json()["code"]) == (409, "several_schedules")
    assert (await api.ask("agent", f"{ONCALL}?schedule=west")).json()["schedule"] == "West"
    unknown = await api.ask("agent", f"{ONCALL}?schedule=North")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_schedule")
    await api.ask("lead", PUT, _changed(schedules=[east, {"name": "OnCall"}]))
    assert (await api.ask("agent", ONCALL)).json()["schedule"] == "OnCall"


@pytest.mark.parametrize("at", ["now", "2026-02-02", "0001-01-01T00:00:00Z", "2026-02-30T00:00Z"])
async def test_an_instant_that_is_none_is_refused(api: Api, at: str) -> None:
    answer = await api.ask("agent", f"{ONCALL}?at={at}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("at", ["2028-02-29T12:00:00Z", "2026-12-31T23:59:59.123456%2B05:30"])
async def test_an_instant_has_an_offset(api: Api, at: str) -> None:
    assert (await api.ask("agent", f"{ONCALL}?at={at}")).status_code == 200


async def test_a_feeds_address_is_shown_by_its_host_and_kept_when_put_back(api: Api) -> None:
    private = "https://calendar.example/private-1f/basic.ics"
    fed = {**northside(), "schedules": [{"name": "OnCall", "feed": {"url": private}}]}
    assert (await api.ask("lead", "PUT /v1/accounts/7001", fed)).json()["version"] == 2
    shown = (await api.ask("dispatcher", "GET /v1/accounts/7001")).json()
    assert shown["schedules"][0]["feed"]["url"] == "https://calendar.example/****"
    again = await api.ask("lead", "PUT /v1/accounts/7001", shown)
    assert again.json() == {"account": "7001", "version": 2}
    moved = {**shown, "schedules": [{"name": "OnCall", "feed": {"url": f"{private}2"}}]}
    preview = await api.ask("lead", "PUT /v1/accounts/7001?dry_run=true", moved)
    assert "private" not in preview.text
    nowhere = {**shown, "account": "7002"}
    refused = await api.ask("lead", "PUT /v1/accounts/7002", nowhere)
    assert (refused.status_code, "feed.url" in refused.text) == (422, True)
