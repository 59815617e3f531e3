"""Parks over HTTP: what the claimer is given at once, what is listed, what is refused."""

import asyncio

import pytest

from gateway.store.pool import Pool
from tests.kit.api import Api, serving

ONE = "/v1/messages/49000001"
BODY = {"skill": "Dispatch", "text": "Resend it to the office."}


async def test_a_claim_answers_message_annotations_and_history_in_one_read(api: Api) -> None:
    """S3-95."""
    await api.take()
    await api.park(claimed=False)
    claim = await api.ask("dispatcher:D-31", f"POST {ONE}/park/claim")
    assert claim.status_code == 200
    shown = claim.json()
    assert shown["park"] == {
        "ucn": "49000001",
        "account": "7001",
        "state": "claimed",
        "skill": "Dispatch",
        "text": "Client changes the address.",
        "parked_by": "agent:AGENT",
        "parked_at": "2026-02-02T23:00:00.000000Z",
        "claimed_by": "dispatcher:D-31",
        "claimed_until": "2026-02-02T23:05:00.000000Z",
    }
    assert shown["message"] == (await api.ask("agent", f"GET {ONE}")).json()
    assert shown["history"] == (await api.ask("agent", f"GET {ONE}/history")).json()
    assert [one["text"] for one in shown["annotations"]] == ["x"]
    assert shown["message"]["jobs"][0]["owner"] == "dispatcher:D-31"


async def test_of_many_who_claim_at_once_exactly_one_has_the_park(api: Api) -> None:
    """S3-36."""
    await api.take()
    await api.park(claimed=False)
    who = [f"dispatcher:D-{number}" for number in range(8)]
    for one in who:
        await api.token(one)
    claims = (api.ask(one, f"POST {ONE}/park/claim") for one in who)
    answers = await asyncio.gather(*claims)
    assert sorted(one.status_code for one in answers) == [200] + [409] * 7
    assert {one.json()["code"] for one in answers if one.status_code != 200} == {"claimed"}
    assert (await api.kinds()).count("park.claimed") == 1


async def test_what_is_parked_is_listed_with_its_words_and_annotations(api: Api) -> None:
    """S3-14: longest parked first; a park that is over is listed no more."""
    for ucn, skill in (("49000001", "Dispatch"), ("49000002", "Billing")):
        await api.take(ucn)
        await api.ask("agent", f"POST /v1/messages/{ucn}/annotations", {"text": f"about {ucn}"})
        body = {**BODY, "skill": skill}
        assert (await api.ask("agent", f"POST /v1/messages/{ucn}/park", body)).status_code == 201
    listed = (await api.ask("agent", "GET /v1/parks")).json()
    assert [(one["ucn"], one["state"], one["text"]) for one in listed] == [
        ("49000001", "open", BODY["text"]),
        ("49000002", "open", BODY["text"]),
    ]
    assert listed[1]["annotations"][0]["text"] == "about 49000002"
    for query, found in (
        ("skill=billing", ["49000002"]),
        ("account=7002", []),
        ("account=7001&limit=1", ["49000001"]),
    ):
        answer = await api.ask("agent", f"GET /v1/parks?{query}")
        assert [one["ucn"] for one in answer.json()] == found
    assert (await api.ask("lead", f"POST {ONE}/park/close")).json()["state"] == "closed"
    left = (await api.ask("agent", "GET /v1/parks")).json()
    assert [one["ucn"] for one in left] == ["49000002"]


@pytest.mark.parametrize(
    "body",
    [{}, {"skill": "Dispatch"}, {**BODY, "text": " "}, {**BODY, "skill": "call +1202555"}],
)
async def test_a_park_without_skill_or_words_is_refused(api: Api, body: object) -> None:
    await api.take()
    answer = await api.ask("agent", f"POST {ONE}/park", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("call", ["park", "park/claim", "park/release", "park/close"])
async def test_a_message_that_is_none_cannot_be_parked(api: Api, call: str) -> None:
    body = BODY if call == "park" else None
    answer = await api.ask("admin", f"POST {ONE}/{call}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_message")


async def test_who_is_not_coded_parks_but_does_not_claim(pool: Pool) -> None:
    """S3-07."""
    async with serving(pool, require_coding=True) as api:
        await api.take()
        await api.ask("dispatcher", f"POST {ONE}/annotations", {"text": "x"})
        assert (await api.ask("dispatcher", f"POST {ONE}/park", BODY)).status_code == 201
        answer = await api.ask("dispatcher", f"POST {ONE}/park/claim")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_coded")
