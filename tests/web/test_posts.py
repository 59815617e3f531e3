"""Web posts over HTTP: shown with what is wrong with them, approved, retried, dismissed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.store import tokens
from gateway.store.pool import Pool
from tests.kit.api import Api, serving
from tests.kit.desk import northside

DISPATCHERS = {"dispatcher", "lead", "admin"}
POST = {
    "name": "lead",
    "post": "https://post.example/lead",
    "fields": {"Name": "caller.name", "Mail": "email", "Text": "text"},
}
MAIL = {"field": "Mail", "character": "ü", "codepoint": "U+00FC", "index": 1} | {
    "value": "nüne@none.com",
    "suggestion": "nune@none.com",
    "email_changed": True,
}


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        body = northside(deliveries=[POST])
        answer = await served.ask("lead", "PUT /v1/accounts/7001", body)
        assert answer.status_code == 200, answer.text
        yield served


async def post(api: Api, ucn: str = "49000001", *, state: str = "blocked") -> str:
    """Take a message whose web post stands so; return its id."""
    await api.take(ucn, caller={"name": "Jo Dole"}, fields={"email": "nüne@none.com"})
    async with api.pool.acquire() as conn:
        query = "update deliveries set state = $2, version = 1 where ucn = $1 returning id"
        return str(await conn.fetchval(query, ucn, state))


async def ask(api: Api, call: str, body: object = None, who: str = "dispatcher") -> Any:  # noqa: ANN401
    answer = await api.ask(who, call, body)
    return answer.status_code, answer.json()


async def test_a_blocked_post_shows_what_is_wrong_with_it(api: Api) -> None:
    """S3-57: field, character, code point, place, value and suggestion."""
    one = await post(api)
    (shown,) = (await api.ask("agent", "GET /v1/posts?state=blocked")).json()
    assert shown == {
        "id": one,
        "ucn": "49000001",
        "account": "7001",
        "name": "lead",
        "kind": "lead",
        "occasion": "taken",
        "state": "blocked",
        "reason": None,
        "status": None,
        "tries": 0,
        "created_at": "2026-02-02T23:00:00.000000Z",
        "due_at": "2026-02-02T23:00:00.000000Z",
        "faults": [MAIL],
    }
    assert (await api.ask("agent", "GET /v1/posts?account=7002")).json() == []
    assert len((await api.ask("agent", "GET /v1/posts")).json()) == 1
    assert (await api.ask("agent", "GET /v1/posts?state=sent")).json() == []


async def test_nothing_is_folded_before_a_person_approves(api: Api) -> None:
    """S3-55, S3-56: the approval and its values stand in the history, erasable."""
    one = await post(api)
    status, shown = await ask(api, f"POST /v1/posts/{one}/approve")
    assert (status, shown["state"]) == (200, "waiting")
    items = (await api.ask("agent", "GET /v1/messages/49000001/history")).json()
    assert items[-1]["kind"] == "post.requested"
    assert items[-1]["actor"] == "dispatcher:DISPATCHER"
    assert items[-1]["content"] == '{"Mail":"nune@none.com"}'
    assert "nune" not in str(items[-1]["data"])
    message = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    assert message["fields"]["email"] == "nüne@none.com"


async def test_an_approved_value_is_checked_like_any_other(api: Api) -> None:
    one = await post(api)
    call = f"POST /v1/posts/{one}/approve"
    status, problem = await ask(api, call, {"fields": {"Mail": "nöne@none.com"}})
    assert (status, problem["code"]) == (422, "still_blocked")
    assert "U+00F6 at 1 in the field Mail" in problem["detail"]
    status, problem = await ask(api, call, {"fields": {"Zip": "1"}})
    assert (status, problem["code"]) == (422, "unknown_field")
    status, _ = await ask(api, call, {"fields": {"Mail": "none@none.com"}})
    assert status == 200


@pytest.mark.parametrize("state", ["failed", "unsure"])
async def test_a_failed_post_is_posted_again(api: Api, state: str) -> None:
    """S3-56: Re-Post, also with another value."""
    one = await post(api, state=state)
    assert (await ask(api, f"POST /v1/posts/{one}/approve"))[1]["code"] == "not_blocked"
    fields = {"Mail": "none@none.com", "Name": "Jo D."}
    status, shown = await ask(api, f"POST /v1/posts/{one}/retry", {"fields": fields})
    assert (status, shown["state"]) == (200, "waiting")
    assert (await ask(api, f"POST /v1/posts/{one}/retry"))[1]["code"] == "not_failed"


async def test_a_dismissed_post_waits_for_nobody(api: Api) -> None:
    one = await post(api)
    status, shown = await ask(api, f"POST /v1/posts/{one}/dismiss", {"note": "Phoned it in."})
    assert (status, shown["state"], shown["reason"]) == (200, "dropped", "dismissed")
    status, problem = await ask(api, f"POST /v1/posts/{one}/dismiss", {"note": "again"})
    assert (status, problem["code"]) == (409, "not_waiting")
    assert (await ask(api, "GET /v1/posts"))[1] == []


async def test_what_is_wrong_with_a_request_is_said(api: Api) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    for call in ("approve", "retry"):
        status, problem = await ask(api, f"POST /v1/posts/{unknown}/{call}")
        assert (status, problem["code"]) == (404, "unknown_post")
    one = await post(api)
    async with api.pool.acquire() as conn:
        await conn.execute("delete from message_words")
    assert (await ask(api, f"POST /v1/posts/{one}/approve"))[1]["code"] == "message_erased"
    assert (await ask(api, "GET /v1/posts"))[1][0]["faults"] == []
    assert (await ask(api, "GET /v1/posts?state=late"))[0] == 422


async def test_a_post_that_the_account_wants_no_more_is_only_dismissed(api: Api) -> None:
    one = await post(api)
    assert (await api.ask("lead", "PUT /v1/accounts/7001", northside())).status_code == 200
    assert (await ask(api, f"POST /v1/posts/{one}/approve"))[1]["code"] == "not_wanted"
    assert (await ask(api, f"POST /v1/posts/{one}/dismiss", {"note": "x"}))[0] == 200


@pytest.mark.parametrize("deed", ["approve", "retry", "dismiss"])
async def test_seeing_to_a_post_is_for_dispatchers(api: Api, deed: str) -> None:
    body = {"note": "x"} if deed == "dismiss" else None
    one = await post(api)
    for role in set(tokens.ROLES) - DISPATCHERS:
        status, problem = await ask(api, f"POST /v1/posts/{one}/{deed}", body, role)
        assert (status, problem["code"]) == (403, "forbidden")
    for number, role in enumerate(sorted(DISPATCHERS), start=2):
        state = "failed" if deed == "retry" else "blocked"
        one = await post(api, f"4900000{number}", state=state)
        assert (await ask(api, f"POST /v1/posts/{one}/{deed}", body, role))[0] == 200
    assert (await api.ask(None, f"POST /v1/posts/{one}/{deed}", body)).status_code == 401


async def test_the_secret_of_a_delivery_is_write_only(api: Api) -> None:
    secret = "0123456789abcdef"  # noqa: S105 - an example
    body = northside(deliveries=[{**POST, "secret": secret}])
    for given in (body, northside(deliveries=[{**POST, "secret": "****"}])):
        assert (await api.ask("lead", "PUT /v1/accounts/7001", given)).status_code == 200
        shown = (await api.ask("dispatcher", "GET /v1/accounts/7001")).json()
        assert shown["deliveries"][0]["secret"] == "****"  # noqa: S105 - that is the point
    async with api.pool.acquire() as conn:
        version = await conn.fetchrow("select * from accounts where account = '7001'")
        assert version["version"] == 3


async def test_the_words_of_a_post_that_waits_for_a_person_are_not_erased(api: Api) -> None:
    one = await post(api)
    async with api.pool.acquire() as conn:
        await conn.execute("update messages set state = 'delivered'")
        await conn.execute("update jobs set state = 'completed', next_at = null")
    erase = "POST /v1/messages/49000001/erase"
    status, said = await ask(api, erase, {"reason": "asked for"}, "admin")
    assert (status, said["code"]) == (409, "still_open")
    await ask(api, f"POST /v1/posts/{one}/dismiss", {"note": "Phoned it in."})
    status, said = await ask(api, erase, {"reason": "asked for"}, "admin")
    assert (status, said) == (200, {"ucn": "49000001", "erased": True, "left": []})
