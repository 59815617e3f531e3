"""Messages over HTTP: taken once, found, told, delivered by hand, annotated."""

import asyncio
from datetime import timedelta

import pytest

from tests.kit.api import Api, message
from tests.kit.desk import NOON, TEXT, later

POST = "POST /v1/messages"


async def test_a_taken_message_has_a_job_that_is_due_now(api: Api) -> None:
    taken = await api.take()
    (job,) = taken.pop("jobs")
    assert taken == {"ucn": "49000001", "state": "open"}
    assert (job["state"], job["due_at"]) == ("pending", "2026-02-02T23:00:00.000000Z")
    assert await api.kinds() == ["message.taken", "job.created"]


async def test_without_a_ucn_each_message_gets_its_own(api: Api) -> None:
    posts = [api.ask("agent", POST, message()) for _ in range(20)]
    ucns = {answer.json()["ucn"] for answer in await asyncio.gather(*posts)}
    assert len(ucns) == 20


async def test_a_drawn_ucn_that_somebody_named_before_is_drawn_again(api: Api) -> None:
    named = await api.ask("agent", POST, message(ucn="50000003"))
    assert named.status_code == 201
    drawn = [(await api.ask("agent", POST, message())).json()["ucn"] for _ in range(3)]
    assert len({*drawn, "50000003"}) == 4


async def test_it_is_shown_with_all_that_was_taken(api: Api) -> None:
    caller, fields = {"name": "Jo Dole", "phone": "+12025550142"}, {"address": "1 Main St"}
    await api.take(caller=caller, fields=fields, form="hvac", taken_at="2026-02-02T17:59:30-05:00")
    shown = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    assert (shown["text"], shown["caller"], shown["fields"]) == (TEXT, caller, fields)
    assert (shown["form"], shown["taken_at"]) == ("hvac", "2026-02-02T22:59:30.000000Z")
    assert (shown["state"], shown["evidence"], shown["has_pending_job"]) == ("open", None, True)


async def test_a_doubled_ucn_is_a_conflict_that_shows_the_first(api: Api) -> None:
    first = await api.take()
    again = await api.ask("agent", POST, message(account="7002", ucn="49000001", text="Other"))
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_ucn")
    assert again.json()["first"] == first


async def test_of_many_with_one_ucn_exactly_one_is_taken(api: Api) -> None:
    posts = [api.ask("agent", POST, message(ucn="49000009")) for _ in range(8)]
    answers = sorted(answer.status_code for answer in await asyncio.gather(*posts))
    assert answers == [201, *[409] * 7]


BAD = {
    "unknown account": ({"account": "7999"}, 404, "unknown_account"),
    "malformed phone": ({"caller": {"phone": "555-0101"}}, 422, "invalid"),
    "empty text": ({"text": ""}, 422, "invalid"),
    "blank text": ({"text": " \n\t "}, 422, "invalid"),
    "unknown field": ({"colour": "red"}, 422, "invalid"),
    "unknown field inside": ({"caller": {"nmae": "Jo"}}, 422, "invalid"),
    "NUL": ({"text": "No\x00heat"}, 422, "invalid"),
    "NUL in a key": ({"fields": {"a\x00": "b"}}, 422, "invalid"),
    "number for text": ({"text": 5}, 422, "invalid"),
    "unknown priority": ({"priority": "asap"}, 422, "invalid"),
    "time without offset": ({"taken_at": "2026-02-02T18:00:00"}, 422, "invalid"),
    "no such day": ({"taken_at": "2026-02-30T18:00:00Z"}, 422, "invalid"),
    "from the future": ({"taken_at": "2026-02-03T18:00:00Z"}, 409, "ahead_of_time"),
    "forced to nobody": (
        {"forced": {"contact": "zoe", "relayed": True, "at": "2026-02-02T23:00:00Z"}},
        404,
        "unknown_contact",
    ),
    "relayed as text": (
        {"forced": {"contact": "ann", "relayed": "yes", "at": "2026-02-02T23:00:00Z"}},
        422,
        "invalid",
    ),
}


@pytest.mark.parametrize("bad", BAD, ids=list(BAD))
async def test_bad_input_is_refused_with_a_stable_code_and_writes_nothing(
    api: Api, bad: str
) -> None:
    changes, status, code = BAD[bad]
    answer = await api.ask("agent", POST, message(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await api.ask("agent", "GET /v1/messages")).json() == []


async def test_an_invalid_field_is_named_by_its_place(api: Api) -> None:
    answer = await api.ask("agent", POST, message(caller={"phone": "555"}))
    (error,) = answer.json()["errors"]
    assert error["place"] == "body.caller.phone"
    assert "555" not in answer.text.replace("+12025550142", "")


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
async def test_a_body_of_a_megabyte_is_too_large(api: Api, size: int) -> None:
    answer = await api.ask("agent", POST, b'{"text": "' + b"x" * size + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", [b"{", b"no json", b'{"text": "\\ud800"}', b"\xff\xfe"])
async def test_what_is_no_json_is_told_so(api: Api, body: bytes) -> None:
    answer = await api.ask("agent", POST, body)
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "body")


async def test_a_backslash_before_u0000_is_no_nul(api: Api) -> None:
    await api.take(text="C:\\u0000")


async def test_a_forced_dial_that_was_relayed_delivers_at_once(api: Api) -> None:
    forced = {"contact": "ann", "relayed": True, "at": "2026-02-02T22:59:00Z"}
    taken = await api.take(forced=forced)
    assert (taken["state"], taken["jobs"]) == ("delivered", [])
    shown = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    assert (shown["evidence"], shown["delivered_to"]) == ("human", "ann")


async def test_a_forced_dial_not_relayed_is_due_at_the_cue_after_it(api: Api) -> None:
    forced = {"contact": "ann", "relayed": False, "at": "2026-02-02T22:59:00Z"}
    (job,) = (await api.take(forced=forced))["jobs"]
    assert job["due_at"] == "2026-02-02T23:14:00.000000Z"


# idempotency


async def test_a_repeat_under_one_key_gets_the_first_answer_and_takes_nothing(api: Api) -> None:
    key = {"Idempotency-Key": "abc-1"}
    first = await api.ask("agent", POST, message(), headers=key)
    again = await api.ask("agent", POST, message(), headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await api.ask("agent", "GET /v1/messages")).json()) == 1


async def test_of_many_at_once_under_one_key_one_is_taken(api: Api) -> None:
    key = {"Idempotency-Key": "abc-1"}
    posts = [api.ask("agent", POST, message(), headers=key) for _ in range(8)]
    assert len({answer.json()["jobs"][0]["id"] for answer in await asyncio.gather(*posts)}) == 1
    assert len((await api.ask("agent", "GET /v1/messages")).json()) == 1


async def test_a_key_used_for_another_request_is_refused(api: Api) -> None:
    key = {"Idempotency-Key": "abc-1"}
    await api.ask("agent", POST, message(), headers=key)
    other = await api.ask("agent", POST, message(text="Other"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_key_belongs_to_who_used_it(api: Api) -> None:
    key = {"Idempotency-Key": "abc-1"}
    one = await api.ask("agent:1204", POST, message(), headers=key)
    two = await api.ask("agent:1205", POST, message(), headers=key)
    assert one.json()["ucn"] != two.json()["ucn"]


async def test_a_request_that_came_to_nothing_may_be_made_again_under_its_key(api: Api) -> None:
    key = {"Idempotency-Key": "abc-1"}
    await api.take()
    doubled = await api.ask("agent", POST, message(ucn="49000001"), headers=key)
    fresh = await api.ask("agent", POST, message(ucn="49000002"), headers=key)
    assert (doubled.status_code, fresh.status_code) == (409, 201)


# finding


async def test_the_list_hides_delivered_and_old_ones_by_default(api: Api) -> None:
    """S3-31, S3-32: a search for pending jobs minds neither; S3-70: by account."""
    await api.take("49000001", taken_at="2026-01-28T12:00:00Z")
    await api.take("49000002")
    await api.take("49000003")
    delivered = "POST /v1/messages/49000003/deliver"
    assert (await api.ask("lead", delivered, {"evidence": "human"})).status_code == 200

    async def found(query: str) -> list[str]:
        answer = await api.ask("agent", f"GET /v1/messages{query}")
        return [one["ucn"] for one in answer.json()]

    assert await found("") == ["49000002"]
    assert await found("?delivered=true") == ["49000003", "49000002"]
    assert await found("?since=7d") == ["49000002", "49000001"]
    assert await found("?account=7002") == []
    assert await found("?pending_job=true") == ["49000002", "49000001"]
    assert await found("?delivered=true&limit=1") == ["49000003"]


@pytest.mark.parametrize("query", ["since=3", "delivered=perhaps", "limit=0", "account=%00"])
async def test_a_filter_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert (await api.ask("agent", f"GET /v1/messages?{query}")).status_code == 422


@pytest.mark.parametrize("path", ["", "/history", "/history/verify"])
async def test_an_unknown_message_is_not_found(api: Api, path: str) -> None:
    answer = await api.ask("agent", f"GET /v1/messages/4711{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_message")


async def test_the_history_is_told_with_its_words_and_checked(api: Api) -> None:
    """S3-45, S3-46: numbered without a gap; who, when, what, and how it went."""
    await api.take()
    call = "POST /v1/messages/49000001/annotations"
    answer = await api.ask("agent:1204", call, {"text": "His voicemail is full."})
    assert answer.status_code == 201
    items = (await api.ask("agent", "GET /v1/messages/49000001/history")).json()
    assert [item["seq"] for item in items] == [1, 2, 3]
    assert TEXT in items[0]["content"]
    assert (items[2]["content"], items[2]["actor"]) == ("His voicemail is full.", "agent:1204")
    verdict = (await api.ask("agent", "GET /v1/messages/49000001/history/verify")).json()
    assert verdict == {"ok": True, "items": 3, "broken_at": None, "why": None}


# by hand


async def test_delivering_by_hand_ends_the_message_and_its_job(api: Api) -> None:
    await api.take()
    body = {"evidence": "check_in", "to": "ann", "note": "She called in."}
    answer = await api.ask("dispatcher:D-31", "POST /v1/messages/49000001/deliver", body)
    assert answer.status_code == 200
    shown = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    assert (shown["state"], shown["evidence"], shown["delivered_to"]) == (
        "delivered",
        "check_in",
        "ann",
    )
    assert shown["jobs"][0]["state"] == "completed"
    again = await api.ask("dispatcher", "POST /v1/messages/49000001/deliver", body)
    assert (again.status_code, again.json()["code"]) == (409, "already_delivered")


async def test_past_the_limit_only_a_lead_delivers(api: Api) -> None:
    await api.take()
    await api.pool.execute("update jobs set state = 'limit_reached'")
    call, body = "POST /v1/messages/49000001/deliver", {"evidence": "human"}
    refused = await api.ask("dispatcher", call, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "limit_reached")
    assert (await api.ask("lead", call, body)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"evidence": "hearsay"}, 422, "invalid"),
        ({"evidence": "voicemail"}, 409, "bad_evidence"),
        ({"evidence": "human", "to": "zoe"}, 404, "unknown_contact"),
    ],
)
async def test_a_delivery_to_nobody_or_by_nothing_is_refused(
    api: Api, body: dict[str, str], status: int, code: str
) -> None:
    await api.take()
    answer = await api.ask("lead", "POST /v1/messages/49000001/deliver", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_disregard_cancels_the_message(api: Api) -> None:
    await api.take()
    body = {"text": "A test.", "directive": "disregard"}
    answer = await api.ask("agent", "POST /v1/messages/49000001/annotations", body)
    assert (answer.status_code, answer.json()["state"]) == (201, "canceled")
    assert answer.json()["jobs"][0]["state"] == "canceled"


async def test_times_are_told_in_utc_and_the_clock_decides_now(api: Api) -> None:
    api.clock.set(later(hours=1))
    await api.take()
    shown = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    assert shown["taken_at"] == f"{NOON + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.%fZ}"
