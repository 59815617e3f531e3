"""A token may be for some accounts alone: what is another's is refused, or is not there at all."""

import re
from collections.abc import AsyncIterator

import pytest

from gateway.store import tokens
from gateway.store.pool import Pool
from tests.kit.api import Api, message, serving
from tests.kit.desk import NOON
from tests.web.role_matrix import EVERYBODY, MATRIX

THEIRS = {"account": "7002", "ucn": "49000002"}
NOTHING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    """Serve two accounts with a message each; `mine` may see 7001 alone."""
    async with serving(pool) as served:
        await served.take("49000001")
        THEIRS["job"] = await served.job("49000002", account="7002")
        async with pool.acquire() as conn:
            served.tokens["mine"] = await tokens.create(conn, "A-1", "admin", NOON, ["7001"])
        yield served


def about(call: str, **named: str) -> str:
    """Put names into a call's path; what is not named is an id of nothing."""
    return re.sub(r"\{(\w+)\}", lambda found: named.get(found[1], NOTHING), call)


async def test_no_call_at_all_tells_or_changes_anything_of_another_account(api: Api) -> None:
    """Each call of the API, those to come included: they stand in the same table."""
    let_in = {}
    for call, row in MATRIX.items():
        if row == EVERYBODY:
            continue
        answer = await api.ask("mine", about(call, **THEIRS))
        # What names neither account, message nor job is refused before anything is looked up.
        hidden = {404} if re.search(r"\{(account|ucn|job)\}", call) else set()
        if answer.status_code not in {403} | hidden:
            let_in[call] = answer.status_code
    assert let_in == {}


async def test_its_own_account_is_open_by_account_message_and_job(api: Api) -> None:
    job = (await api.ask("mine", "GET /v1/messages/49000001")).json()["jobs"][0]["id"]
    for call in (
        "GET /v1/accounts/7001/oncall",
        "GET /v1/messages/49000001/history",
        f"GET /v1/jobs/{job}",
        "GET /v1/jobs?account=7001",
        "GET /v1/calls?account=7001",
    ):
        assert (await api.ask("mine", call)).status_code == 200, call
    found = (await api.ask("mine", "GET /v1/messages?account=7001")).json()
    assert [one["ucn"] for one in found] == ["49000001"]


async def test_a_message_is_taken_for_its_own_account_only(api: Api) -> None:
    taken = await api.ask("mine", "POST /v1/messages", message(ucn="49000003"))
    assert taken.status_code == 201
    for account in ("7002", ["7001"], None):
        answer = await api.ask("mine", "POST /v1/messages", message(account=account))
        assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "query", ["", "?account=7002", "?account=7001&account=7002", "?account=7002&account=7001"]
)
async def test_a_list_names_the_account_and_no_other(api: Api, query: str) -> None:
    answer = await api.ask("mine", f"GET /v1/messages{query}")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_list_that_goes_by_no_account_is_closed_whatever_it_is_asked(api: Api) -> None:
    for call in ("GET /v1/desk?account=7001", "GET /v1/sessions?account=7001"):
        assert (await api.ask("mine", call)).status_code == 403


async def test_a_ucn_that_another_account_has_is_taken_and_that_is_all(api: Api) -> None:
    mine, theirs = (message(ucn=ucn) for ucn in ("49000001", "49000002"))
    first = await api.ask("mine", "POST /v1/messages", mine)
    assert (first.status_code, first.json()["first"]["ucn"]) == (409, "49000001")
    other = await api.ask("mine", "POST /v1/messages", theirs)
    assert (other.status_code, other.json()["first"]) == (409, None)
