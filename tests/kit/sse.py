"""A listener of server-sent events in tests: it hears a stream over HTTP or in process."""

import contextlib
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx


def events_of(text: str) -> list[dict[str, Any]]:
    """Return the data of the events in a part of a stream, in order."""
    lines = [line for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


async def heard(stream: AsyncIterator[bytes], count: int) -> list[dict[str, Any]]:
    """Read a stream until so many events have come."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        found += events_of((await anext(stream)).decode())
    return found


@dataclass
class Listener:
    """A session that listens to a daemon in a thread of its own."""

    url: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    said: str = ""
    ended: bool = False

    def start(self) -> "Listener":
        """Begin to listen."""
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def _listen(self) -> None:
        with contextlib.suppress(httpx.TransportError):  # the daemon may be killed
            self._hear()
        self.ended = True

    def _hear(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers}
        with (
            httpx.Client(trust_env=False) as web,
            web.stream("GET", f"{self.url}/v1/events", headers=headers, timeout=60) as answer,
        ):
            for part in answer.iter_text():
                self.said += part

    def reasons(self) -> list[str]:
        """Return the reasons heard so far."""
        return [event["reason"] for event in events_of(self.said)]
