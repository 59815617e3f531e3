"""Specials over HTTP: posted, listed, reviewed, and what is refused."""

import asyncio
from typing import Any

import pytest

from tests.kit.api import Api, message
from tests.kit.desk import later, northside

POST, GET = "POST /v1/accounts/7001/specials", "GET /v1/accounts/7001/specials"
BODY = {"text": "the office being closed", "start": "2026-02-02", "end": "2026-02-03"}


async def posted(api: Api, who: str = "agent:1204", **changes: object) -> dict[str, Any]:
    answer = await api.ask(who, POST, {**BODY, **changes})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def texts(api: Api, query: str = "") -> list[str]:
    answer = await api.ask("agent", GET + query)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()]


async def test_a_special_is_in_force_at_once_and_still_to_be_reviewed(api: Api) -> None:
    shown = await posted(api, effect={"replace": "bob"})
    assert {key: value for key, value in shown.items() if key != "id"} == {
        "account": "7001",
        "text": "the office being closed",
        "start": "2026-02-02T05:00:00.000000Z",
        "end": "2026-02-03T05:00:00.000000Z",
        "effect": {"replace": "bob"},
        "state": "pending",
        "active": True,
        "posted_by": "agent:1204",
        "posted_at": "2026-02-02T23:00:00.000000Z",
        "reviewed_by": None,
        "reviewed_at": None,
    }
    oncall = (await api.ask("agent", "GET /v1/accounts/7001/oncall")).json()
    assert oncall["special"] == {"id": shown["id"], "effect": "replace", "until": shown["end"]}
    first = oncall["roster"][0]
    assert (first["contact"], first["source"]) == ("bob", "special")
    assert shown["id"] in first["reason"]
    after = await api.ask("agent", "GET /v1/accounts/7001/oncall?at=2026-02-03T05:00:00Z")
    assert "special" not in after.json()
    assert after.json()["roster"][0]["source"] == "shift"


@pytest.mark.parametrize(
    ("end", "instant"),
    [
        ("2026-02-03", "2026-02-03T05:00:00.000000Z"),
        ("2026-02-03T08:00", "2026-02-03T13:00:00.000000Z"),
        ("2026-02-03T08:00:30", "2026-02-03T13:00:30.000000Z"),
        ("2026-02-03T08:00:00-08:00", "2026-02-03T16:00:00.000000Z"),
        ("2026-02-03T08:00Z", "2026-02-03T08:00:00.000000Z"),
        ("2026-11-01T01:30", "2026-11-01T06:30:00.000000Z"),
    ],
)
async def test_an_end_is_a_date_a_local_time_or_an_instant(
    api: Api, end: str, instant: str
) -> None:
    """S3-80: until a date means to its first minute; the answer shows the instant."""
    assert (await posted(api, end=end))["end"] == instant


@pytest.mark.parametrize(
    "changes",
    [
        {"end": "2026-02-02"},
        {"end": "2026-02-01"},
        {"start": "2026-01-01", "end": "2026-02-02"},
        {"end": "2026-02-30"},
        {"end": "tomorrow"},
        {"end": None},
        {"text": " // "},
        {"text": ""},
        {"text": "two\nlines"},
        {"effect": {}},
        {"effect": {"hold": False}},
        {"effect": {"hold": True, "replace": "bob"}},
        {"extra": 1},
    ],
)
async def test_what_cannot_be_is_refused_and_rings_nowhere(
    api: Api, changes: dict[str, object]
) -> None:
    answer = await api.ask("agent", POST, {**BODY, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["place"].startswith("body.")
    async with api.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from errands") == 0


async def test_an_unknown_account_contact_or_special_is_not_found(api: Api) -> None:
    answer = await api.ask("agent", "POST /v1/accounts/7999/specials", BODY)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")
    answer = await api.ask("agent", "GET /v1/accounts/7999/specials")
    assert answer.json()["code"] == "unknown_account"
    answer = await api.ask("agent", POST, {**BODY, "effect": {"replace": "zed"}})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_contact")
    one = await posted(api)
    other = f"POST /v1/accounts/7002/specials/{one['id']}/reject"
    answer = await api.ask("lead", other)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_special")


async def test_a_list_shows_what_holds_and_what_is_to_come_unless_asked_for_more(
    api: Api,
) -> None:
    await posted(api, text="now")
    await posted(api, text="soon", start="2026-02-03", end="2026-02-04")
    gone = await posted(api, text="gone")
    await posted(api, text="short", end="2026-02-02T18:05")
    await api.ask("lead", f"{POST}/{gone['id']}/reject")
    assert sorted(await texts(api)) == ["now", "short", "soon"]
    assert sorted(await texts(api, "?at=2026-02-02T22:00:00Z")) == ["gone", "now", "short"]
    assert await texts(api, "?at=2026-02-03T05:00:00Z") == ["soon"]
    assert await texts(api, "?state=rejected") == ["gone"]
    assert await texts(api, "?at=2026-02-03T05:00:00Z&state=approved") == []
    api.clock.set(later(minutes=5))
    assert sorted(await texts(api)) == ["now", "soon"]
    assert sorted(await texts(api, "?state=pending")) == ["now", "short", "soon"]


async def test_specials_of_the_document_are_listed_with_the_posted_ones(api: Api) -> None:
    entry = {**BODY, "text": "by document", "effect": {"hold": True}}
    past = {**entry, "text": "past", "end": "2026-02-02T12:00"}
    await api.ask("lead", "PUT /v1/accounts/7001", northside(specials=[entry, past]))
    (one,) = (await api.ask("agent", GET)).json()
    assert (one["text"], one["state"], one["active"]) == ("by document", "approved", True)
    assert (one["posted_by"], one["posted_at"], one["effect"]) == ("document", None, {"hold": True})
    assert await texts(api, "?at=2026-02-02T16:00:00Z") == ["by document", "past"]
    again = (await api.ask("lead", "GET /v1/accounts/7001")).json()
    assert [each["text"] for each in again["specials"]] == ["by document", "past"]
    answer = await api.ask("lead", f"{POST}/{one['id']}/reject")
    assert answer.json()["code"] == "unknown_special"


async def test_a_review_is_on_record_and_the_same_verdict_again_changes_nothing(
    api: Api,
) -> None:
    one = await posted(api)
    path = f"{POST}/{one['id']}"
    first = (await api.ask("dispatcher:D-31", f"{path}/approve")).json()
    assert (first["state"], first["reviewed_by"]) == ("approved", "dispatcher:D-31")
    assert (await api.ask("lead", f"{path}/approve")).json() == first
    ended = (await api.ask("lead:L-7", f"{path}/reject")).json()
    assert (ended["state"], ended["active"]) == ("rejected", False)
    late = await api.ask("lead", f"{path}/approve")
    assert (late.status_code, late.json()["code"]) == (409, "special_rejected")
    items = (await api.ask("agent", "GET /v1/accounts/7001/history")).json()
    assert sorted((item["kind"], item["actor"]) for item in items) == [
        ("review.opened", "agent:1204"),
        ("special.approved", "dispatcher:D-31"),
        ("special.rejected", "lead:L-7"),
        ("specials.posted", "agent:1204"),
    ]


async def test_open_messages_hear_of_it_and_others_do_not(api: Api) -> None:
    await api.take("49000001")
    await api.take("49000002", account="7002")
    done = await api.job("49000003")
    await api.ask("dispatcher", f"POST /v1/jobs/{done}/cancel")
    one = await posted(api, effect={"hold": True})
    assert (await api.kinds("49000001"))[-2:] == ["specials.posted", "review.opened"]
    assert "specials.posted" not in await api.kinds("49000002")
    assert "specials.posted" not in await api.kinds("49000003")
    items = (await api.ask("agent", "GET /v1/messages/49000001/history")).json()
    assert items[-1]["data"] == {"reason": "special", "special": one["id"]}
    assert BODY["text"] not in str(items)
    verified = await api.ask("agent", "GET /v1/messages/49000001/history/verify")
    assert verified.json()["ok"]


async def test_the_dispatch_list_shows_the_specials_of_each_account(api: Api) -> None:
    await api.take("49000001")
    await api.take("49000002", account="7002")
    one = await posted(api)
    listed = (await api.ask("agent", "GET /v1/jobs")).json()
    shown = {job["ucn"]: [each["id"] for each in job["specials"]] for job in listed}
    assert shown == {"49000001": [one["id"]], "49000002": []}
    await posted(api, effect={"replace": "bob"})
    listed = (await api.ask("agent", "GET /v1/jobs?account=7001")).json()
    assert (listed[0]["next"]["contact"], listed[0]["next"]["source"]) == ("bob", "special")


async def test_a_repeat_under_one_key_gets_the_first_answer_and_rings_once(api: Api) -> None:
    await api.take()
    body = {**BODY, "end": "2026-02-02T18:05", "effect": {"hold": True}}
    key = {"Idempotency-Key": "k-1"}
    first = await api.ask("agent:1204", POST, body, headers=key)
    api.clock.set(later(hours=1))
    again = await api.ask("agent:1204", POST, body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await texts(api, "?state=pending")) == 1
    assert (await api.kinds()).count("specials.posted") == 1
    async with api.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from errands where payload ? 'special'") == 1


async def test_a_key_is_good_for_one_request_of_one_person(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    await api.ask("agent:1204", POST, BODY, headers=key)
    for call, body in [
        (POST, {**BODY, "text": "another"}),
        ("POST /v1/accounts/7002/specials", BODY),
        ("POST /v1/messages", message()),
    ]:
        answer = await api.ask("agent:1204", call, body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch"), call
    assert (await api.ask("agent:1205", POST, BODY, headers=key)).status_code == 201


async def test_two_at_one_time_under_one_key_post_once(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    await api.token("agent:1204")
    asked = (api.ask("agent:1204", POST, BODY, headers=key) for _ in range(4))
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await texts(api)) == 1


async def test_the_past_is_told_by_what_is_known_now(api: Api) -> None:
    """A special posted at NOON about the whole day is shown, and governs, in the morning too."""
    one = await posted(api, effect={"replace": "cho"})
    asked = "?at=2026-02-02T12:00:00Z"
    (shown,) = (await api.ask("agent", GET + asked)).json()
    assert (shown["active"], shown["posted_at"] > "2026-02-02T12") == (True, True)
    oncall = (await api.ask("agent", f"GET /v1/accounts/7001/oncall{asked}")).json()
    assert (oncall["special"]["id"], oncall["roster"][0]["source"]) == (one["id"], "special")
