"""Cases over HTTP: opened once, found, told, and checked."""

from tests.kit.api import Api
from tests.kit.escalations import body, job
from tests.kit.visits import HERS


async def test_a_case_is_opened_once_found_told_and_checked(api: Api) -> None:
    key, escalation = {"Idempotency-Key": "one"}, body(await job(api))
    first = await api.ask("agent", "POST /v1/cases", escalation, headers=key)
    assert first.status_code == 201, first.text
    case = first.json()
    again = await api.ask("agent", "POST /v1/cases", escalation, headers=key)
    assert (again.status_code, again.json()) == (201, case)
    other = await api.ask("agent", "POST /v1/cases", {**escalation, "market": "x"}, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"
    assert case["link"] == f"https://dispatch.example/v1/cases/{case['id']}"
    assert (await api.ask("lead", f"GET /v1/cases/{case['id']}")).json() == case
    second = (await api.ask("lead", "POST /v1/cases", escalation)).json()
    listed = (await api.ask("lead", "GET /v1/cases?type=market_escalation&status=open")).json()
    assert {one["id"] for one in listed} == {case["id"], second["id"]}
    path = f"GET /v1/cases?before={listed[0]['id']}"
    assert (await api.ask("lead", path)).json() == [listed[1]]
    assert (await api.ask("lead", "GET /v1/cases?type=homeowner")).json() == []
    (item,) = (await api.ask("lead", f"GET /v1/cases/{case['id']}/history")).json()
    assert (item["kind"], item["actor"], item["seq"]) == ("case.created", "agent:AGENT", 1)
    assert item["content"].endswith(f"Justification: {escalation['justification']}")
    assert item["data"]["case"] == case["id"]
    checked = (await api.ask("lead", f"GET /v1/cases/{case['id']}/history/verify")).json()
    assert checked == {"ok": True, "items": 1, "broken_at": None, "why": None}


async def test_what_is_no_case_is_not_found(api: Api) -> None:
    for rest in ("", "/history", "/history/verify"):
        answer = await api.ask("lead", f"GET /v1/cases/{HERS}{rest}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_case")
