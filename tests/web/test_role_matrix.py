"""Every call of the OpenAPI document, every role: who may, and who may not (CONTRACT section 5)."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from gateway.store import tokens
from gateway.store.pool import Pool
from gateway.web.app import openapi
from tests.kit.api import Api, serving
from tests.web.role_matrix import EVERYBODY, LETTERS, MATRIX, roles_of

NOTHING = "00000000-0000-0000-0000-000000000000"
PLACES = {"ucn": "49000001", "account": "7001", "name": "D-31", "technician": "TECHNICIAN"}
# A call that goes on telling (events) has let its caller in when it has not refused by then.
PATIENCE = 5.0
KNOWN = {401, 403}


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    """Serve the API with a message that is flagged for the account manager."""
    async with serving(pool) as served:
        await served.take()
        for request in ("r-1", "r-2"):
            body = {"channel": "email", "to": "office@client.example", "request_id": request}
            await served.ask("agent", "POST /v1/messages/49000001/resend", body)
        yield served


def calls() -> set[str]:
    """Return every call of the document."""
    paths = openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


async def refused(api: Api, who: str | None, call: str) -> tuple[int, str] | None:
    """Return status and code where somebody is refused for who they are, and None otherwise."""
    path = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], NOTHING), call)
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await api.ask(who, path)
    except TimeoutError:
        return None
    if answer.status_code not in KNOWN:
        return None
    return answer.status_code, answer.json()["code"]


def test_the_table_names_every_call_and_no_other() -> None:
    """A new call belongs into tests/web/role_matrix.py; also S3-69: feedback is not built."""
    listed = {call.partition("?")[0] for call in MATRIX}
    assert calls() - listed == set()
    assert listed - calls() == set()
    assert {*LETTERS.values()} == {*tokens.ROLES}
    assert not [call for call in calls() if "feedback" in call.lower()]


@pytest.mark.parametrize("role", tokens.ROLES)
async def test_a_role_may_what_the_table_says_and_nothing_else(api: Api, role: str) -> None:
    """Also S3-85: a dispatcher changes no schedule; S3-87: nor the permanent list; S3-90."""
    wrong = {}
    for call in MATRIX:
        found = await refused(api, role, call)
        should = None if role in roles_of(call) else (403, "forbidden")
        # In which state a message is, what it lacks, whatever else is wrong: that is no refusal.
        if found != should:
            wrong[call] = found
    assert wrong == {}


async def test_without_a_token_there_is_nothing_but_health(api: Api) -> None:
    wrong = {}
    for call, row in MATRIX.items():
        found = await refused(api, None, call)
        if found != (None if row == EVERYBODY else (401, "unauthorized")):
            wrong[call] = found
    assert wrong == {}


async def test_a_change_of_the_permanent_list_is_a_leads_and_on_record(api: Api) -> None:
    """S3-87: who changed it, when, and how it was."""
    account = (await api.ask("dispatcher", "GET /v1/accounts/7001")).json()
    account["permanent"] = [{"contact": "bob", "status": "sms"}, {"contact": "cho"}]
    refused_one = await api.ask("dispatcher", "PUT /v1/accounts/7001", account)
    assert refused_one.json()["code"] == "forbidden"
    for _ in range(2):  # unchanged, it is no change
        assert (await api.ask("lead:L-7", "PUT /v1/accounts/7001", account)).status_code == 200
    items = (await api.ask("agent", "GET /v1/accounts/7001/history")).json()
    (item,) = [one for one in items if one["kind"] == "permanent.changed"]
    assert (item["actor"], item["data"]) == (
        "lead:L-7",
        {"version": 2, "was": "cho", "now": "bob, cho"},
    )
