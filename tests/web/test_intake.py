"""Messages are taken by a short way, which costs little and answers as the long way does."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any, cast

import pytest
from httpx import Response

from gateway.store.pool import Connection, Pool
from tests.kit.api import Api, message, serving
from tests.kit.statements import counted

POST = "POST /v1/messages"
MANY = 20


class OneConnection:
    """A pool of one connection, handed to one after the other: all that is said is heard."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._free = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        async with self._free:
            yield self._conn


async def posted(api: Api, many: int) -> list[Response]:
    """Post so many messages at one time."""
    return list(await asyncio.gather(*(api.ask("agent", POST, message()) for _ in range(many))))


def the_long_way(patch: pytest.MonkeyPatch) -> None:
    """Have the endpoint read every request, as it does those which are odd."""
    patch.setattr("gateway.web.intake._read", lambda _headers, _content: None)


async def test_messages_that_come_together_share_their_statements(pool: Pool) -> None:
    """A message alone takes three: whose token, which account, and the message; so do twenty."""
    async with pool.acquire() as conn, serving(cast("Pool", OneConnection(conn))) as api:
        await posted(api, 1)
        async with counted(conn) as alone:
            await posted(api, 1)
        async with counted(conn) as together:
            answers = await posted(api, MANY)
    assert [one.status_code for one in answers] == [201] * MANY
    assert len(alone) == 3
    assert len(together) <= 3 * 2


async def calls(api: Api) -> float:
    """Count the calls of Python functions for a message, of many posted at one time."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    await posted(api, MANY)
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        await posted(api, MANY)
    finally:
        sys.setprofile(before)
    return count / MANY


async def test_the_short_way_is_taken_and_is_short(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in calls, which no busy machine changes; the caller's own are among them."""
    async with serving(pool) as api:
        short = await calls(api)
        the_long_way(monkeypatch)
        long = await calls(api)
    assert short < 1_200
    assert short + 400 < long


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        yield served


def shape(answer: Response) -> tuple[int, Any]:
    """Return an answer without what no two messages have in common."""
    body = answer.json()
    if answer.status_code == 201:
        body = {"state": body["state"], "jobs": [{**job, "id": None} for job in body["jobs"]]}
    return answer.status_code, body


ODD: dict[str, tuple[dict[str, object], dict[str, str], int]] = {
    "nothing odd": ({}, {}, 201),
    "a parameter of JSON's type": ({}, {"Content-Type": "application/json; charset=utf-8"}, 201),
    "another kind of JSON": ({}, {"Content-Type": "application/vnd.api+json"}, 201),
    "no JSON by its type": ({}, {"Content-Type": "text/plain"}, 422),
    "a scheme in small letters": ({}, {"Scheme": "bearer"}, 201),
    "another scheme": ({}, {"Scheme": "Basic"}, 401),
    "a space too many": ({}, {"Scheme": "Bearer "}, 201),
    "a bad key": ({}, {"Idempotency-Key": "a b"}, 422),
    "a good key": ({}, {"Idempotency-Key": "a-b"}, 201),
    "an unknown field": ({"colour": "red"}, {}, 422),
    "a number for a text": ({"text": 5}, {}, 422),
    "an unknown account": ({"account": "7999"}, {}, 404),
}


@pytest.mark.parametrize("odd", ODD)
async def test_both_ways_answer_alike(api: Api, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, given, status = ODD[odd]
    headers = {"Authorization": f"{given.get('Scheme', 'Bearer')} {await api.token('agent')}"}
    headers |= {name: value for name, value in given.items() if name != "Scheme"}
    short = await api.ask(None, POST, message(**changes), headers=headers)
    the_long_way(monkeypatch)
    long = await api.ask(None, POST, message(**changes), headers=headers)
    assert shape(short) == shape(long)
    assert short.status_code == status


async def test_a_token_revoked_before_a_request_opens_nothing(api: Api) -> None:
    await posted(api, 1)
    async with api.pool.acquire() as conn:
        await conn.execute("update tokens set revoked_at = now()")
    assert {one.status_code for one in await posted(api, MANY)} == {401}


async def test_of_requests_at_one_time_each_is_who_it_is(api: Api) -> None:
    """Looked up together, and not mixed up."""
    roles = ["agent", "dispatcher", "lead", "wfm", "technician", "agent:other"] * 3
    answers = await asyncio.gather(*(api.ask(one, POST, message()) for one in roles))
    assert [one.status_code for one in answers] == [201, 201, 201, 403, 403, 201] * 3
    ucns = [one.json()["ucn"] for one in answers if one.status_code == 201]
    actors = [
        (await api.ask("lead", f"GET /v1/messages/{ucn}/history")).json()[0]["data"]["posted_by"]
        for ucn in ucns[:4]
    ]
    assert actors == ["agent:AGENT", "dispatcher:DISPATCHER", "lead:LEAD", "agent:other"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"'])
async def test_what_is_no_message_is_told_so_by_the_endpoint(api: Api, content: bytes) -> None:
    """Whoever asks: the short way takes what is whole and leaves all else alone."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer nobody's"}
    answer = await api.client.post("/v1/messages", content=content, headers=headers)
    assert answer.status_code in {401, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
