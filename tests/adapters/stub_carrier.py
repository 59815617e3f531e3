"""A carrier that does as it is told, over real HTTP, and keeps every request it was sent."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

Act = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Got:
    """One request as it arrived; `form` holds the body's or the query's fields, decoded."""

    method: str
    path: str
    form: list[tuple[str, str]]
    headers: dict[str, str]
    body: str

    def field(self, name: str) -> list[str]:
        """Return every value of that field, in order."""
        return [text for key, text in self.form if key == name]


@dataclass
class StubCarrier:
    """Answers requests with its acts in turn; the last one stays."""

    acts: list[Act] = field(default_factory=list)
    requests: list[Got] = field(default_factory=list)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    server: TestServer | None = None

    @property
    def url(self) -> str:
        """Return the address without a slash at its end."""
        assert self.server is not None
        return str(self.server.make_url("")).rstrip("/")

    def will(self, *acts: Act) -> None:
        """Set what it does from now on."""
        self.acts = list(acts)

    async def open(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self.server = TestServer(app, host="127.0.0.1")
        await self.server.start_server()

    async def close(self) -> None:
        """Let go of whoever still waits, and stop."""
        self.ending.set()
        assert self.server is not None
        await self.server.close()

    async def silence(self, request: web.Request) -> web.StreamResponse:
        """Say nothing until the test is over."""
        del request
        await self.ending.wait()
        return web.Response(status=503)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        pairs = parse_qsl(body or request.query_string, keep_blank_values=True)
        self.requests.append(Got(request.method, request.path, pairs, dict(request.headers), body))
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        return await act(request)


def says(status: int, body: object, **headers: str) -> Act:
    """Answer with that status; a str goes out as it is, anything else as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    named = {key.replace("_", "-"): value for key, value in headers.items()}

    async def act(request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(
            status=status, text=text, content_type="application/json", headers=named
        )

    return act


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """Reset the connection after the request was read."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stops_halfway(request: web.Request) -> web.StreamResponse:
    """Begin a 201 and break off before its body is whole."""
    reply = web.StreamResponse(status=201, headers={"Content-Length": "500"})
    await reply.prepare(request)
    await reply.write(b'{"sid": "SM')
    assert request.transport is not None
    request.transport.abort()
    return reply


def call_record(sid: str, status: str = "queued", **more: object) -> dict[str, object]:
    return {
        "sid": sid,
        "status": status,
        "to": "+12025550101",
        "from": "+12025550100",
        "direction": "outbound-api",
        "date_created": "Mon, 02 Feb 2026 23:00:00 +0000",
        **more,
    }


def text_record(sid: str, status: str = "queued", **more: object) -> dict[str, object]:
    return call_record(sid, status, **{"body": "hello", "error_code": None, **more})


def refusal(code: int, status: int, message: str = "no") -> Act:
    return says(status, {"code": code, "message": message, "more_info": "", "status": status})
