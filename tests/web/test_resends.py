"""Resends over HTTP: a repeat is answered as the first was, and what is wrong is said clearly."""

import asyncio

import pytest

from tests.kit.api import Api

ONE = "/v1/messages/49000001"
BODY = {"channel": "sms", "to": "bob", "request_id": "call-1"}


async def test_a_repeat_of_the_id_is_answered_as_the_first_was(api: Api) -> None:
    """S3-16: also when both come at once, and whatever became of it meanwhile."""
    await api.take()
    both = await asyncio.gather(*(api.ask("agent", f"POST {ONE}/resend", BODY) for _ in range(2)))
    await api.ask("lead", f"POST /v1/jobs/{both[0].json()['job']}/cancel")
    again = await api.ask("dispatcher", f"POST {ONE}/resend", BODY)
    first, second = (one.json() for one in both)
    assert [one.status_code for one in (*both, again)] == [201] * 3
    assert first == second == again.json()
    assert {key: value for key, value in first.items() if key != "job"} == {
        "request_id": "call-1",
        "ucn": "49000001",
        "account": "7001",
        "channel": "sms",
        "contact": "bob",
        "address": "+1******0112",
        "requested_by": "agent:AGENT",
        "requested_at": "2026-02-02T23:00:00.000000Z",
        "flagged": False,
    }
    assert (await api.kinds()).count("resend.requested") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "zoe"}, "bad_recipient"),
        ({"channel": "email"}, "bad_recipient"),
        ({"channel": "call"}, "invalid"),
        ({"request_id": ""}, "invalid"),
        ({"to": "\n"}, "invalid"),
    ],
)
async def test_what_cannot_be_sent_is_422(api: Api, changes: dict[str, str], code: str) -> None:
    await api.take()
    answer = await api.ask("agent", f"POST {ONE}/resend", {**BODY, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_one_id_is_good_for_one_message_each(api: Api) -> None:
    for ucn in ("49000001", "49000002"):
        await api.take(ucn)
        answer = await api.ask("agent", f"POST /v1/messages/{ucn}/resend", BODY)
        assert answer.status_code == 201
    other = await api.ask("agent", f"POST {ONE}/resend", {**BODY, "to": "ann"})
    assert (other.status_code, other.json()["code"]) == (409, "request_id_used")


async def test_a_number_that_opted_out_is_refused_by_name(api: Api) -> None:
    await api.take()
    async with api.pool.acquire() as conn:
        await conn.execute(
            "insert into phones (phone, opted_out_at) values ($1, $2)",
            "+12025550112",
            api.clock.now(),
        )
    answer = await api.ask("agent", f"POST {ONE}/resend", BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "opted_out")
    assert "bob" in answer.json()["detail"]


async def test_flagged_messages_are_listed_until_they_are_answered(api: Api) -> None:
    """S3-18: however old they are, and delivered or not."""
    await api.take()
    await api.take("49000002")
    for request in ("r-1", "r-2"):
        await api.ask("agent", f"POST {ONE}/resend", {**BODY, "request_id": request})
    await api.ask("dispatcher", f"POST {ONE}/deliver", {"evidence": "check_in", "to": "ann"})
    for query, found in (("", ["49000001"]), ("&account=7002", []), ("&since=1s", ["49000001"])):
        answer = await api.ask("account_manager", f"GET /v1/messages?flagged=true{query}")
        assert [one["ucn"] for one in answer.json()] == found
    shown = (await api.ask("account_manager", f"GET {ONE}")).json()
    assert shown["am_review"] == {"flagged_at": "2026-02-02T23:00:00.000000Z"}
    answer = await api.ask("account_manager", f"POST {ONE}/am-review", {"text": "Told them."})
    assert answer.json()["am_review"] is None
    assert (await api.ask("account_manager", "GET /v1/messages?flagged=true")).json() == []
    again = await api.ask("account_manager", f"POST {ONE}/am-review", {"text": "Told them."})
    assert (again.status_code, again.json()["code"]) == (409, "not_flagged")
    history = (await api.ask("agent", f"GET {ONE}/history")).json()
    assert history[-1]["content"] == "Told them."
    assert "Told them." not in str(history[-1]["data"]) + history[-1]["text"]
