"""Calls over HTTP: the log, and recordings that only some may hear (S3-53)."""

import pytest

from tests.kit.api import Api, message
from tests.kit.desk import later

URL = "https://recordings.example/a1.mp3?key=s3cret"


async def ucns(api: Api, query: str) -> list[str]:
    """Return of which messages the calls are that a search finds, newest first."""
    answer = await api.ask("agent", f"GET /v1/calls{query}")
    assert answer.status_code == 200, answer.text
    return [one["ucn"] for one in answer.json()]


async def test_calls_are_found_by_message_account_agent_and_time(api: Api) -> None:
    """S3-53: the agent by login name or number, however the message names them."""
    await api.take("1", taken_by="1204")
    api.clock.set(later(hours=2))
    await api.take("2", account="7002")
    await api.take("3", taken_by="agent:1305")
    assert await ucns(api, "") == ["3", "2", "1"]
    assert await ucns(api, "?ucn=1") == ["1"]
    assert await ucns(api, "?ucn=1&account=7002") == []
    assert await ucns(api, "?ucn=none") == []
    assert await ucns(api, "?account=7002") == ["2"]
    assert await ucns(api, "?agent=1204") == ["2", "1"]
    assert await ucns(api, "?agent=agent:1204") == ["2", "1"]
    assert await ucns(api, "?since=1h") == ["3", "2"]
    assert await ucns(api, "?ucn=1&since=1h") == ["1"]
    assert await ucns(api, "?contact=ann") == []
    assert await ucns(api, "?limit=1") == ["3"]


async def test_an_agents_own_dial_is_part_of_the_call_they_took(api: Api) -> None:
    forced = {"contact": "ann", "relayed": True, "at": "2026-02-02T22:59:00Z"}
    await api.take("1", forced=forced)
    (call,) = (await api.ask("agent", "GET /v1/calls?ucn=1")).json()
    kinds = [event["kind"] for event in call["events"]]
    assert kinds == ["message.taken", "relay.accepted", "message.delivered"]


async def test_a_recording_is_handed_out_to_those_who_may_listen_and_stands_nowhere_else(
    api: Api,
) -> None:
    """S3-53: the address is a secret of its own."""
    await api.take("1", recording_url=URL)
    path = "/v1/messages/1"
    for role in ("dispatcher", "lead", "admin"):
        answer = await api.ask(role, f"GET {path}/recording")
        assert (answer.status_code, answer.headers["location"]) == (302, URL)
        assert answer.headers["cache-control"] == "no-store"
    for role in ("agent", "wfm", "technician"):
        answer = await api.ask(role, f"GET {path}/recording")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    for call in ("", "/history", "/why", "/../../calls?ucn=1"):
        answer = await api.ask("agent", f"GET {path}{call}")
        assert answer.status_code == 200
        assert "recordings.example" not in answer.text


async def test_an_account_manager_hears_flagged_messages_only(api: Api) -> None:
    await api.take("1", recording_url=URL)
    assert (await api.ask("account_manager", "GET /v1/messages/1/recording")).status_code == 403
    for request in ("r-1", "r-2"):
        body = {"channel": "email", "to": "office@client.example", "request_id": request}
        assert (await api.ask("agent", "POST /v1/messages/1/resend", body)).status_code == 201
    assert (await api.ask("account_manager", "GET /v1/messages/1/recording")).status_code == 302


async def test_what_was_not_recorded_or_never_taken_has_none(api: Api) -> None:
    await api.take("1")
    for ucn, code in (("1", "no_recording"), ("2", "unknown_message")):
        answer = await api.ask("lead", f"GET /v1/messages/{ucn}/recording")
        assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    "url", ["http://recordings.example/a", "https://me:pw@recordings.example/a", "https://a/b\nc"]
)
async def test_an_address_that_is_none_is_refused(api: Api, url: str) -> None:
    answer = await api.ask("agent", "POST /v1/messages", message(recording_url=url))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "recordings" not in answer.text


async def test_a_repeat_under_one_key_keeps_one_recording_and_another_address_is_no_repeat(
    api: Api,
) -> None:
    key = {"Idempotency-Key": "call-1"}
    body = message(ucn="1", recording_url=URL)
    for _ in range(2):
        answer = await api.ask("agent", "POST /v1/messages", body, headers=key)
        assert answer.status_code == 201
    other = message(ucn="1", recording_url=f"{URL}2")
    answer = await api.ask("agent", "POST /v1/messages", other, headers=key)
    assert answer.json()["code"] == "idempotency_mismatch"


async def test_a_message_whose_number_is_taken_keeps_the_recording_of_the_first(api: Api) -> None:
    await api.take("1", recording_url=URL)
    again = message(ucn="1", recording_url="https://elsewhere.example/b")
    assert (await api.ask("agent", "POST /v1/messages", again)).status_code == 409
    answer = await api.ask("lead", "GET /v1/messages/1/recording")
    assert answer.headers["location"] == URL
