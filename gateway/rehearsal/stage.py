"""The stage: the real house and the simulated carrier, joined in process on one virtual clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI

from adapters.alerts import Sink
from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.people import People
from adapters.smtp import Mail
from adapters.web_posts import WebAnswer, WebPost
from adapters.wire import Accepted, Answer, Broken, NotSent, Reply
from gateway.clock import VirtualClock

PUBLIC_URL = "https://dispatch.example"
PRODUCT_MAILBOX = "product@dispatch.example"


Answers = dict[str, list[Mapping[str, Any]]]


class AwayError(ConnectionRefusedError):
    """Our process is down: whoever calls it is refused."""


@dataclass(slots=True)
class Line:
    """The transport of a rehearsal: requests go straight to the simulated carrier."""

    carrier: Carrier | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Hand one request to the carrier; its faults become those of a wire."""
        if self.carrier is None:
            raise NotSent("there is no carrier")
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            status, answer_headers, answer = await self.carrier.handle(
                method, target, headers, body
            )
        except ConnectionRefusedError:
            raise NotSent("connection refused") from None
        except ConnectionResetError:
            raise Broken("connection reset") from None
        return Reply(status, answer_headers, answer)

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class Letterbox:
    """Takes e-mails at once and keeps them."""

    clock: VirtualClock
    mails: list[tuple[datetime, Mail]] = field(default_factory=list)

    async def send(self, mail: Mail) -> Answer:
        """Accept an e-mail, as the simulated world always does."""
        self.mails.append((self.clock.now(), mail))
        return Accepted(mail.message_id)


@dataclass(slots=True)
class Sites:
    """Clients' own sites, by URL: each answers in turn, the last answer repeats; default 200, ok.

    An answer is `{status, body, retry_after}`, `{refused: true}` or `{silent: true}`.
    """

    clock: VirtualClock
    answers: Answers = field(default_factory=dict)
    posts: list[tuple[datetime, WebPost]] = field(default_factory=list)

    async def post(self, one: WebPost) -> WebAnswer:
        """Take a post and answer it as the scenario says."""
        turns = self.answers.get(one.url, [])
        said = turns.pop(0) if len(turns) > 1 else (turns or [{}])[0]
        if said.get("refused"):
            raise NotSent("connection refused")
        self.posts.append((self.clock.now(), one))
        if said.get("silent"):
            raise Broken("no answer")
        retry = said.get("retry_after")
        return WebAnswer(int(said.get("status", 200)), str(said.get("body", "ok")), retry)


@dataclass(slots=True)
class Bell:
    """Takes alerts and keeps them."""

    clock: VirtualClock
    alerts: list[tuple[datetime, Sink, str]] = field(default_factory=list)

    def count(self, _sink: Sink) -> int:
        """Every sink has one bell."""
        return 1

    async def send(self, sink: Sink, _title: str, text: str) -> int:
        """Ring: one sink took it."""
        self.alerts.append((self.clock.now(), sink, text))
        return 1


@dataclass(slots=True)
class Front:
    """Our web side as others reach it in process; gone while the process is down."""

    app: FastAPI | None = None

    async def deliver(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        """Bring one request of the outside world to the application."""
        status, answer = await self.call(method, url, headers, body)
        return status, answer.decode("utf-8", "replace")

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Call the application over ASGI; AwayError while it is down."""
        if self.app is None:
            raise AwayError("the process is down")
        exchange = _Exchange(body)
        await self.app(_scope(method, url, headers, body), exchange.receive, exchange.send)
        return exchange.status, bytes(exchange.answer)

    async def json(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:  # noqa: ANN401 - JSON
        """Call the JSON API as somebody."""
        raw = b"" if body is None else orjson.dumps(body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        status, answer = await self.call(method, PUBLIC_URL + path, headers, raw)
        return status, orjson.loads(answer) if answer else None


@dataclass(slots=True)
class _Exchange:
    """One ASGI request and its answer."""

    body: bytes
    status: int = 0
    answer: bytearray = field(default_factory=bytearray)
    sent: bool = False

    async def receive(self) -> dict[str, Any]:
        if self.sent:
            return {"type": "http.disconnect"}
        self.sent = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.answer += message.get("body", b"")


def _scope(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    lines += [
        (b"host", parts.netloc.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": lines,
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "", 443),
    }


def build_carrier(
    account: tuple[str, str], clock: VirtualClock, front: Front, people: People, number: str
) -> Carrier:
    """Build the simulated carrier of a rehearsal; it adds no delay of its own."""
    options = Options(public=PUBLIC_URL, numbers=(number,))
    return Carrier(*account, clock.now, front.deliver, people, options)
