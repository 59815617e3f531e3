"""Our programs as real processes: any one of them, the simulated carrier, and a daemon."""

import json
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.clock import pause
from tests.kit.nursery import Nursery

ADMIN: Final = "the-admin-token-of-this-house"
ANN, BOB, CHO = "+12025550101", "+12025550102", "+12025550103"
WORDS: Final = "No heat since Sunday"
_PATIENCE: Final = 20
_LOOKS, _BETWEEN_LOOKS = 400, 0.1


def in_time(holds: Callable[[], object]) -> bool:
    """Wait, up to 40 s on a busy host, for what processes do; answer whether it came to hold."""
    for _ in range(_LOOKS):
        if holds():
            return True
        pause(_BETWEEN_LOOKS)
    return False


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@dataclass(slots=True)
class Process:
    """A program of ours with its output in a file; killed at the end if it still runs."""

    nursery: Nursery
    words: Sequence[str]
    log: Path
    env: Mapping[str, str]
    pid: int = 0

    def start(self) -> None:
        """Start it, or start it again."""
        self.pid = self.nursery.start(self.words, self.log, self.env)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once: nothing in it can clean up."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        assert in_time(lambda: self.exit_code is not None), self.said()
        return self.exit_code if self.exit_code is not None else 0

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.nursery.exit_code(self.pid)

    def over(self) -> None:
        """See to it that it does not outlive the test, not even when it is stopped."""
        if self.pid and self.exit_code is None:
            self.kill()

    def said(self) -> str:
        """Return all it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def lines(self, action: str) -> list[dict[str, Any]]:
        """Return its log lines of one action."""
        lines = [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("action") == action]


@dataclass(slots=True)
class Carrier:
    """The simulated carrier: what people do, what goes wrong, and what reached it."""

    process: Process
    port: int
    web: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    @property
    def url(self) -> str:
        """Where its REST API is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process.start()
        assert in_time(self._up), self.process.said()

    def _up(self) -> bool:
        return _answers(lambda: self.web.get(f"{self.url}/control/state"))

    def ask(self, what: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Make a control request."""
        answer = self.web.post(f"{self.url}/control/{what}", json=body or {}, timeout=_PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def people(self, **phones: object) -> None:
        """Say what Ann, Bob and Cho do: `ann={"calls": […]}`."""
        numbers = {"ann": ANN, "bob": BOB, "cho": CHO}
        self.ask("people", {numbers[name]: script for name, script in phones.items()})

    def quiet(self) -> bool:
        """Tell whether it has nothing left to do, and no request waits for its answer."""
        return bool(self.ask("state")["quiet"])

    def calls(self, to: str | None = None) -> list[dict[str, Any]]:
        """Return the calls it took, in order."""
        calls = self.ask("log")["calls"]
        return [one for one in calls if to in {None, one["to"]}]

    def texts(self, to: str | None = None) -> list[dict[str, Any]]:
        """Return the texts it took, in order."""
        texts = self.ask("log")["texts"]
        return [one for one in texts if to in {None, one["to"]}]


@dataclass(slots=True)
class Daemon:
    """One `dispatchd run`, spoken to over HTTP as the admin."""

    process: Process
    port: int
    web: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))
    token: str = ADMIN

    @property
    def url(self) -> str:
        """Where it listens; also its public URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready to work."""
        self.process.start()
        assert in_time(self.ready), self.process.said()

    def ready(self) -> bool:
        """Tell whether it says that it is ready."""
        return _answers(lambda: self.web.get(f"{self.url}/readyz"))

    def request(self, call: str, body: object = None) -> httpx.Response:
        """Make an API call such as `POST /v1/messages`."""
        method, _, path = call.partition(" ")
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.web.request(
            method, f"{self.url}{path}", json=body, headers=headers, timeout=_PATIENCE
        )

    def ask(self, call: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Make an API call that must succeed and return its answer's body."""
        answer = self.request(call, body)
        assert answer.is_success, answer.text
        return answer.json()

    def put(self, document: Mapping[str, object]) -> None:
        """Put an account."""
        self.ask(f"PUT /v1/accounts/{document['account']}", document)

    def take(self, ucn: str = "49000001", account: str = "7001") -> str:
        """Take an urgent message and return its UCN."""
        body = {"account": account, "priority": "urgent", "ucn": ucn, "text": WORDS}
        self.ask("POST /v1/messages", {**body, "taken_by": "agent:1204"})
        return ucn

    def message(self, ucn: str) -> dict[str, Any]:
        """Return a message."""
        found: dict[str, Any] = self.ask(f"GET /v1/messages/{ucn}")
        return found

    def history(self, ucn: str) -> list[dict[str, Any]]:
        """Return a message's history."""
        items: list[dict[str, Any]] = self.ask(f"GET /v1/messages/{ucn}/history")
        return items

    def kinds(self, ucn: str, *only: str) -> list[str]:
        """Return the kinds of its history, all or of these families, with the contact if any."""
        return [
            " ".join(filter(None, [item["kind"], item["data"].get("contact")]))
            for item in self.history(ucn)
            if not only or item["kind"].partition(".")[0] in only
        ]

    def told(self, ucn: str, *kinds: str) -> bool:
        """Wait until the history holds all these `kind contact` (or `kind` alone)."""
        return in_time(lambda: set(kinds) <= set(self.kinds(ucn)))

    def delivered(self, ucn: str) -> bool:
        """Wait until the message is delivered."""
        return in_time(lambda: self.message(ucn)["state"] == "delivered")

    def attempt(self, ucn: str, kind: str = "dial.started") -> str:
        """Return the id of the newest attempt of a kind."""
        return str([one["attempt"] for one in self.history(ucn) if one["kind"] == kind][-1])


def _answers(get: Callable[[], httpx.Response]) -> bool:
    """Tell whether somebody answers, and well."""
    try:
        return get().is_success
    except httpx.TransportError:
        return False
