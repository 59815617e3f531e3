"""Calendars are published at addresses that open without a token, until they are revoked."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.ical.reading import read
from adapters.ical.shapes import Event
from tests.kit.api import PUBLIC_URL, Api
from tests.kit.desk import NOON, later, northside

CALENDARS = "/v1/accounts/7001/calendars"
SPAN = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


async def published(api: Api, **what: str) -> dict[str, Any]:
    answer = await api.ask("lead:L-7", f"POST {CALENDARS}", what)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def events(api: Api, made: dict[str, Any]) -> list[Event]:
    answer = await api.client.get(made["url"].removeprefix(PUBLIC_URL))
    assert answer.status_code == 200
    return sorted(read(answer.text, *SPAN).events, key=lambda event: event.start)


async def test_a_schedule_is_published_at_a_secret_address(api: Api) -> None:
    made = await published(api, schedule="oncall")
    assert made["url"].startswith(f"{PUBLIC_URL}/calendar/")
    answer = await api.client.get(made["url"].removeprefix(PUBLIC_URL))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "X-WR-CALNAME:Northside HVAC - OnCall" in answer.text
    tonight = [event for event in await events(api, made) if event.start <= NOON < event.end]
    assert {event.summary for event in tonight} == {"Ann Ames", "Bob Bell (backup)"}
    assert "+1202" not in answer.text
    assert "4711" not in answer.text


async def test_a_person_has_their_shifts_alone(api: Api) -> None:
    found = await events(api, await published(api, contact="bob"))
    assert {event.summary for event in found} == {"Backup: OnCall"}
    both = await events(api, await published(api, contact="bob", schedule="OnCall"))
    assert both == found


async def test_a_change_of_the_document_shows_at_once(api: Api) -> None:
    made = await published(api, schedule="OnCall")
    changed = deepcopy(northside())
    changed["schedules"] = [{"name": "OnCall", "shifts": [{"contact": "cho"}]}]
    api.clock.set(later(days=1))
    await api.ask("lead", "PUT /v1/accounts/7001", changed)
    assert {event.summary for event in await events(api, made)} == {"Cho Cole"}


async def test_nothing_changes_in_the_text_while_nothing_changes_in_the_account(api: Api) -> None:
    address = (await published(api, schedule="OnCall"))["url"].removeprefix(PUBLIC_URL)
    first = (await api.client.get(address)).content
    api.clock.set(later(days=20))
    assert (await api.client.get(address)).content == first


async def test_a_list_shows_no_address_and_a_revoked_one_is_not_found(api: Api) -> None:
    made = await published(api, schedule="OnCall")
    api.clock.set(later(seconds=1))
    other = await published(api, contact="ann")
    listed = await api.ask("admin", f"GET {CALENDARS}")
    shown = {"schedule": "OnCall", "contact": None, "created_by": "lead:L-7"}
    assert listed.json()[0] == {
        "id": made["id"],
        "created_at": "2026-02-02T23:00:00.000000Z",
        **shown,
    }
    assert made["url"].rpartition("/")[2].removesuffix(".ics") not in listed.text
    assert (await api.ask("lead", f"DELETE {CALENDARS}/{made['id']}")).status_code == 204
    gone = await api.client.get(made["url"].removeprefix(PUBLIC_URL))
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
    assert await events(api, other)
    assert [one["id"] for one in (await api.ask("lead", f"GET {CALENDARS}")).json()] == [
        other["id"]
    ]
    again = await api.ask("lead", f"DELETE {CALENDARS}/{made['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_calendar")


async def test_a_calendar_is_revoked_under_its_own_account_only(api: Api) -> None:
    made = await published(api, schedule="OnCall")
    wrong = await api.ask("lead", f"DELETE /v1/accounts/7002/calendars/{made['id']}")
    assert wrong.status_code == 404
    assert await events(api, made)


async def test_only_a_fingerprint_is_stored(api: Api) -> None:
    made = await published(api, schedule="OnCall")
    token = made["url"].rpartition("/")[2].removesuffix(".ics")
    async with api.pool.acquire() as conn:
        row = await conn.fetchrow("select c::text as whole from calendars as c")
    assert token not in row["whole"]


@pytest.mark.parametrize("path", ["x", "../metrics", "a" * 22, "A" * 22, "%00", "A" * 21 + "Q"])
async def test_an_address_nobody_was_given_is_not_found(api: Api, path: str) -> None:
    assert (await api.client.get(f"/calendar/{path}.ics")).status_code == 404


async def test_what_is_no_longer_in_the_account_is_not_found_rather_than_empty(api: Api) -> None:
    made = [await published(api, schedule="OnCall"), await published(api, contact="bob")]
    changed = deepcopy(northside(schedules=[], permanent=[]))
    del changed["contacts"]["bob"]  # type: ignore[attr-defined]
    await api.ask("lead", "PUT /v1/accounts/7001", changed)
    for one in made:
        answer = await api.client.get(one["url"].removeprefix(PUBLIC_URL))
        assert answer.status_code == 404


BAD: dict[str, tuple[str, object, tuple[int, str]]] = {
    "no such account": ("7999", {"schedule": "OnCall"}, (404, "unknown_account")),
    "no such schedule": ("7001", {"schedule": "West"}, (404, "unknown_schedule")),
    "no such contact": ("7001", {"contact": "zoe"}, (404, "unknown_contact")),
    "neither": ("7001", {}, (422, "invalid")),
    "an unknown key": ("7001", {"schedule": "OnCall", "colour": "red"}, (422, "invalid")),
}


@pytest.mark.parametrize("bad", BAD)
async def test_what_cannot_be_published_is_refused(api: Api, bad: str) -> None:
    account, body, expected = BAD[bad]
    answer = await api.ask("lead", f"POST /v1/accounts/{account}/calendars", body)
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_the_list_of_an_unknown_account_is_not_found(api: Api) -> None:
    answer = await api.ask("lead", "GET /v1/accounts/7999/calendars")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")


async def test_a_fault_leaves_no_address_in_the_log(api: Api) -> None:
    made = await published(api, schedule="OnCall")
    async with api.pool.acquire() as conn:
        await conn.execute("alter table calendars rename to elsewhere")
    with capture_logs() as lines:
        answer = await api.client.get(made["url"].removeprefix(PUBLIC_URL))
    assert answer.status_code == 500
    assert [line["path"] for line in lines] == ["/calendar/….ics"]
