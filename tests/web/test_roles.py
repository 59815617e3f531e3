"""Who may make which call: every role, every call (CONTRACT section 5)."""

import re

import pytest

from gateway.store import tokens
from gateway.store.pool import Pool
from tests.kit.api import Api, message, serving
from tests.kit.desk import NOON, northside

ALL = set(tokens.ROLES)
AGENTS = {"agent", "dispatcher", "lead", "admin"}
DISPATCHERS = {"dispatcher", "lead", "admin"}
SPECIAL = {"text": "x", "start": "2026-02-02", "end": "2026-02-03"}
RESEND = {"channel": "email", "to": "office@client.example", "request_id": "r-1"}
CUE = {"minutes": 5, "directed_by": "L-7"}
MISTAKE = {
    "ucn": "49000001",
    "agent_id": "1204",
    "type": "wrong_form_selection",
    "detail": "The wrong form was chosen.",
}
# What each call needs; what is not allowed is 403, whatever else is wrong with the request.
CALLS: dict[str, tuple[object, set[str]]] = {
    "POST /v1/messages": (message(), AGENTS),
    "GET /v1/messages": (None, AGENTS),
    "GET /v1/messages/49000001": (None, AGENTS),
    "GET /v1/messages/49000001/history": (None, AGENTS),
    "GET /v1/messages/49000001/history/verify": (None, AGENTS),
    "POST /v1/messages/49000001/annotations": ({"text": "x"}, AGENTS),
    "POST /v1/messages/49000001/deliver": ({"evidence": "human"}, DISPATCHERS),
    "POST /v1/messages/49000001/park": ({"skill": "Dispatch", "text": "x"}, AGENTS),
    "POST /v1/messages/49000001/park/claim": (None, DISPATCHERS),
    "GET /v1/parks": (None, AGENTS),
    "GET /v1/posts": (None, AGENTS),
    "POST /v1/messages/49000001/resend": (RESEND, AGENTS),
    "GET /v1/messages?flagged=true": (None, AGENTS | {"account_manager"}),
    "PATCH /v1/messages/49000001": ({"text": "No heat at all"}, AGENTS),
    "GET /v1/reviews": (None, DISPATCHERS),
    "POST /v1/reviews/{special}/approve": (None, DISPATCHERS),
    "GET /v1/agents?q=1": (None, DISPATCHERS),
    "POST /v1/mistakes": (MISTAKE, DISPATCHERS),
    "GET /v1/mistakes": (None, {"lead", "admin"}),
    "GET /v1/mistakes/report": (None, {"lead", "admin"}),
    "GET /v1/mistake-types": (None, DISPATCHERS),
    "POST /v1/mistake-types": ({"type": "tone", "name": "Tone"}, {"lead", "admin"}),
    "GET /v1/jobs": (None, AGENTS),
    "POST /v1/jobs/{job}/claim": (None, DISPATCHERS),
    "POST /v1/jobs/{job}/resume": (None, DISPATCHERS),
    "POST /v1/jobs/{job}/cue": (CUE, DISPATCHERS),
    "POST /v1/jobs/{job}/target": ({"contact": "cho", "reason": "x"}, DISPATCHERS),
    "POST /v1/jobs/{job}/schedule": ({"name": "OnCall"}, DISPATCHERS),
    "POST /v1/jobs/{job}/outcome": ({"relayed": False, "contact": "ann"}, DISPATCHERS),
    "POST /v1/jobs/{job}/cancel": (None, DISPATCHERS),
    "PUT /v1/accounts/7001": (northside(), {"lead", "admin"}),
    "PUT /v1/accounts/7001?dry_run=true": (northside(), {"lead", "admin"}),
    "GET /v1/accounts/7001": (None, DISPATCHERS),
    "GET /v1/accounts/7001/oncall": (None, AGENTS),
    "GET /v1/accounts/7001/coverage": (None, AGENTS),
    "GET /v1/accounts/7001/history": (None, AGENTS),
    "POST /v1/accounts/7001/specials": (SPECIAL, AGENTS),
    "GET /v1/accounts/7001/specials": (None, AGENTS),
    "POST /v1/accounts/7001/specials/{special}/approve": (None, DISPATCHERS),
    "POST /v1/accounts/7001/specials/{special}/reject": (None, DISPATCHERS),
    "POST /v1/accounts/7001/calendars": ({"schedule": "OnCall"}, {"lead", "admin"}),
    "GET /v1/accounts/7001/calendars": (None, {"lead", "admin"}),
    "PUT /v1/sessions/D-31": ({"coded": True}, {"wfm", "lead", "admin"}),
    "GET /v1/sessions": (None, DISPATCHERS | {"wfm"}),
    "GET /v1/refusals": (None, {"wfm", "lead", "admin"}),
    "POST /v1/sessions/DISPATCHER/call-state": ({"state": "DISP"}, DISPATCHERS | {"wfm"}),
    "POST /v1/sessions/DISPATCHER/break": ({"at": None}, DISPATCHERS | {"wfm"}),
    "GET /v1/jobs/{job}": (None, AGENTS),
    "GET /v1/desk": (None, AGENTS),
    "GET /v1/work": (None, AGENTS),
    "GET /v1/accounts/7001/desk": (None, AGENTS),
    "GET /v1/accounts/7001/effective": (None, DISPATCHERS),
    "POST /v1/accounts/7001/drop": (None, DISPATCHERS),
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_is_for_its_roles_and_nobody_else(api: Api, call: str) -> None:
    """Also S3-85: a dispatcher changes no schedule; S3-87: nor the permanent list; S3-90."""
    body, allowed = CALLS[call]
    special = await api.ask("agent", "POST /v1/accounts/7001/specials", SPECIAL)
    call = call.replace("{special}", special.json()["id"])
    path = call.replace("{job}", await api.job())
    refused = set()
    for role in ALL - allowed:
        answer = await api.ask(role, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        refused.add(role)
    assert refused | allowed == ALL
    for number, role in enumerate(sorted(allowed), start=2):
        ucn = f"4900000{number}"
        job = await api.job(ucn)
        fresh = call.replace("{job}", job).replace("49000001", ucn)
        if "/park" in call:
            await api.park(ucn, claimed=False, parked=call.endswith("/claim"))
        answer = await api.ask(role, fresh, body)
        assert answer.status_code in {200, 201}, (role, answer.text)


async def test_who_works_nothing_hears_nothing(api: Api) -> None:
    """S3-03: the stream itself is heard by tests/web/test_events.py."""
    answer = await api.ask("wfm", "GET /v1/events")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_releasing_is_for_dispatchers(api: Api) -> None:
    job = await api.job()
    for role in ALL - DISPATCHERS:
        assert (await api.ask(role, f"POST /v1/jobs/{job}/release")).status_code == 403
    for role in DISPATCHERS:
        await api.ask(role, f"POST /v1/jobs/{job}/claim")
        assert (await api.ask(role, f"POST /v1/jobs/{job}/release")).status_code == 200


async def test_revoking_a_calendar_is_for_leads(api: Api) -> None:
    calendars = "/v1/accounts/7001/calendars"
    for role in ("lead", "admin"):
        made = await api.ask(role, f"POST {calendars}", {"contact": "ann"})
        call = f"DELETE {calendars}/{made.json()['id']}"
        for other in ALL - {"lead", "admin"}:
            assert (await api.ask(other, call)).status_code == 403
        assert (await api.ask(role, call)).status_code == 204


@pytest.mark.parametrize(("end", "body"), [("waive", None), ("fix", {"text": "No heat"})])
async def test_ending_a_review_is_for_dispatchers(api: Api, end: str, body: object) -> None:
    for number, role in enumerate(sorted(DISPATCHERS), start=2):
        taken = await api.take(f"4900000{number}", text="The furnce is out")
        shown = await api.ask("agent", f"GET /v1/messages/{taken['ucn']}")
        call = f"POST /v1/reviews/{shown.json()['review']['id']}/{end}"
        for other in ALL - DISPATCHERS:
            assert (await api.ask(other, call, body)).status_code == 403
        assert (await api.ask(role, call, body)).status_code == 200


PARKED = [f"POST /v1/messages/49000001/park/{end}" for end in ("release", "close")]
ANSWER = "POST /v1/messages/49000001/am-review"


@pytest.mark.parametrize("end", ["release", "close"])
async def test_ending_a_park_is_for_dispatchers(api: Api, end: str) -> None:
    await api.take()
    for role in ALL - DISPATCHERS:
        assert (await api.ask(role, f"POST /v1/messages/49000001/park/{end}")).status_code == 403
    for number, role in enumerate(sorted(DISPATCHERS), start=2):
        ucn = f"4900000{number}"
        await api.take(ucn)
        await api.park(ucn, who=role)
        assert (await api.ask(role, f"POST /v1/messages/{ucn}/park/{end}")).status_code == 200


async def test_answering_for_the_account_is_for_its_manager(api: Api) -> None:
    """S3-18: who also reads the messages that are flagged, and no others."""
    managers = {"account_manager", "admin"}
    for number, role in enumerate(sorted(managers), start=1):
        ucn = f"4900000{number}"
        await api.take(ucn)
        path = f"/v1/messages/{ucn}"
        assert (await api.ask("account_manager", f"GET {path}")).status_code == 403
        for request in ("r-1", "r-2"):
            body = {**RESEND, "request_id": request}
            assert (await api.ask("agent", f"POST {path}/resend", body)).status_code == 201
        for other in ALL - managers:
            assert (
                await api.ask(other, f"POST {path}/am-review", {"text": "x"})
            ).status_code == 403
        for read in (path, f"{path}/history"):
            assert (await api.ask("account_manager", f"GET {read}")).status_code == 200
        assert (await api.ask(role, f"POST {path}/am-review", {"text": "x"})).status_code == 200
        assert (await api.ask("account_manager", f"GET {path}/history")).status_code == 403
    assert (await api.ask("account_manager", "GET /v1/messages")).status_code == 403


@pytest.mark.parametrize("call", [*CALLS, *PARKED, ANSWER, "POST /v1/jobs/{job}/release"])
async def test_without_a_token_there_is_nothing(api: Api, call: str) -> None:
    path = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", call)
    body = CALLS.get(call, (None,))[0]
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
        answer = await api.ask(None, path, body, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_token_opens_nothing(api: Api) -> None:
    assert (await api.ask("agent:1204", "GET /v1/messages")).status_code == 200
    async with api.pool.acquire() as conn:
        await tokens.revoke(conn, "1204", NOON)
    assert (await api.ask("agent:1204", "GET /v1/messages")).status_code == 401


async def test_without_a_bootstrap_token_an_empty_one_opens_nothing(pool: Pool) -> None:
    async with serving(pool, admin_token=None) as api:
        for wrong in ("", "None", "the-admin-token"):
            header = {"Authorization": f"Bearer {wrong}"}
            answer = await api.ask(None, "GET /v1/messages", headers=header)
            assert answer.status_code == 401
