"""A little gateway for tests: it notes every webhook, checks its signature, answers as told."""

import base64
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.forms import Form
from adapters.simulator.people import People

SID, TOKEN = "AC" + "0" * 32, "secret-token"
START = datetime(2026, 2, 2, 23, 0, tzinfo=UTC)
PUBLIC = "https://gateway.example"
OURS, ANN, BOB = "+12025550100", "+12025550101", "+12025550102"
EVENTS = ["initiated", "ringing", "answered", "completed"]
Field = str | list[str]


@dataclass(frozen=True)
class Seen:
    """One webhook: seconds since the start, method, path with query, fields, headers."""

    at: float
    method: str
    path: str
    form: Form
    headers: dict[str, str]

    def __getitem__(self, name: str) -> str:
        """Give one field."""
        return self.form.get(name)


@dataclass
class Desk:
    """The gateway's side; `routes` maps a path to TwiML, an error to raise, or a function."""

    now: datetime = START
    routes: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    async def deliver(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        """Take a webhook."""
        parts = urlsplit(url)
        form = Form.read(body if method == "POST" else parts.query)
        if not parts.path.startswith("/m/"):
            params = MultiDict(form.pairs if method == "POST" else ())
            signature = headers["X-Twilio-Signature"]
            assert RequestValidator(TOKEN).validate(url, params, signature), url
        path = parts.path + (f"?{parts.query}" if parts.query and method == "POST" else "")
        seconds = (self.now - START).total_seconds()
        seen = Seen(seconds, method, path, form, headers)
        self.seen.append(seen)
        return await self._answer(seen)

    async def _answer(self, seen: Seen) -> tuple[int, str]:
        route = self.routes.get(seen.path.split("?")[0], "<Response/>")
        answer = route(seen) if callable(route) else route
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return (200, answer) if isinstance(answer, str) else answer

    def at(self, path: str) -> list[Seen]:
        """Give the webhooks that came to that path."""
        return [seen for seen in self.seen if seen.path.split("?")[0] == path]

    def statuses(self, path: str = "/status") -> list[tuple[float, str]]:
        """Give (second, status) of the status callbacks."""
        told = self.at(path)
        return [(seen.at, seen["CallStatus"] or seen["MessageStatus"]) for seen in told]


@dataclass
class Line:
    """A carrier with a desk behind it, and a clock that only moves when told."""

    desk: Desk
    carrier: Carrier

    async def post(self, noun: str, *pairs: tuple[str, str], sid: str = "") -> tuple[int, Any]:
        """POST a form to the REST API; gives (status, JSON)."""
        target = f"/2010-04-01/Accounts/{SID}/{noun}{f'/{sid}' if sid else ''}.json"
        status, _, body = await self.carrier.handle(
            "POST", target, login(), urlencode(pairs).encode()
        )
        return status, json.loads(body)

    async def get(self, tail: str) -> tuple[int, Any]:
        """GET from the REST API; `tail` follows the account, or is a whole path."""
        target = tail if tail.startswith("/") else f"/2010-04-01/Accounts/{SID}/{tail}"
        status, _, body = await self.carrier.handle("GET", target, login(), b"")
        return status, json.loads(body)

    async def call(self, to: str = ANN, **more: Field) -> str:
        """Place the usual call; more fields by their vendor names, lists repeat."""
        asked = {
            "To": to,
            "From": OURS,
            "Url": f"{PUBLIC}/answer?a=1",
            "StatusCallback": f"{PUBLIC}/status?a=1",
            "StatusCallbackEvent": EVENTS,
            "Timeout": "25",
            **more,
        }
        status, shape = await self.post("Calls", *_pairs(asked))
        assert status == 201, shape
        return str(shape["sid"])

    async def text(self, body: str, to: str = ANN, **more: Field) -> str:
        """Send the usual text."""
        asked = {"To": to, "From": OURS, "Body": body, "StatusCallback": f"{PUBLIC}/status?t=1"}
        status, shape = await self.post("Messages", *_pairs({**asked, **more}))
        assert status == 201, shape
        return str(shape["sid"])

    async def run(self, seconds: float = 36_000) -> None:
        """Let time pass, from one instant at which something happens to the next."""
        until = START + timedelta(seconds=seconds)
        while (instant := self.carrier.next_instant()) is not None and instant <= until:
            self.desk.now = max(self.desk.now, instant)
            await self.carrier.advance(self.desk.now)
        self.desk.now = max(self.desk.now, until) if seconds < 36_000 else self.desk.now


def _pairs(asked: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, item)
        for name, value in asked.items()
        for item in (value if isinstance(value, list) else [value])
    ]


def login(user: str = SID, secret: str = TOKEN) -> dict[str, str]:
    """Give the Basic header."""
    words = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {words}", "Content-Type": "application/x-www-form-urlencoded"}


def line(people: dict[str, Any] | None = None, **options: object) -> Line:
    """Build a desk and its carrier."""
    desk = Desk()
    carrier = Carrier(
        SID,
        TOKEN,
        lambda: desk.now,
        desk.deliver,
        People.read(people),
        Options(public=PUBLIC, **options),
    )
    return Line(desk, carrier)


def gather(action: str = "/key", more: str = "") -> str:
    """Give TwiML that asks for one key."""
    return (
        f'<Response><Gather numDigits="1" timeout="5" action="{action}" '
        f'actionOnEmptyResult="true"><Say>Press 1.</Say></Gather>{more}</Response>'
    )
