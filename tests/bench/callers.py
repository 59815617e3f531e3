"""`python -m tests.bench.callers HOST PORT CALLING`: agents at their screens, a process apart.

Takes a `Calling` as JSON and prints a line of JSON: how long each request took. Requests
begin when they are due, whether or not earlier ones were answered, and count from that moment on:
a program that stands still for a second is not asked less meanwhile.
"""

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, cast

import orjson
import uvloop
from typing_extensions import override

from gateway.clock import SystemClock
from tests.bench.town_in_storm import message

CONNECTIONS: Final = 64
_TICK: Final = 0.005
_READ_EVERY: Final = 40  # one in so many requests reads a message that was taken before
_LONGEST: Final = 60.0
_ROOM: Final = 65_536


class Calling(NamedTuple):
    """So many messages of so many accounts, evenly in so many seconds, the first by this number."""

    first: int
    messages: int
    accounts: int
    seconds: float
    token: str


@dataclass(slots=True)
class Heard:
    """Seconds each request took by its kind, from when it was due; and what was refused."""

    took: dict[str, list[float]] = field(default_factory=lambda: {"POST": [], "GET": []})
    refused: list[str] = field(default_factory=list)
    ucns: list[str] = field(default_factory=list)


class Asked(NamedTuple):
    """A request that is due, by `time.perf_counter`; `kind` is whatever its desk tells it by."""

    due: float
    kind: str
    request: bytes


class Desk(Protocol):
    """Who is told what comes of a request."""

    def answered(self, line: "Line", asked: Asked, answer: bytes) -> None:
        """Hear an answer, head and body."""
        ...

    def lost(self, line: "Line", asked: Asked | None) -> None:
        """Hear that a line is gone, perhaps with a request on it."""
        ...


class Line(asyncio.BufferedProtocol):
    """One connection: a request at a time, then the next that waits."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._got = b""
        self._room = bytearray(_ROOM)
        self._asked: Asked | None = None
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self._transport = cast("asyncio.Transport", transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Count what was never answered; an idle line is closed after some seconds."""
        del exc  # whatever it was
        self._desk.lost(self, self._asked)

    def ask(self, asked: Asked) -> None:
        """Send a request."""
        assert self._transport is not None
        self._asked = asked
        self._transport.write(asked.request)

    @override
    def get_buffer(self, sizehint: int) -> bytearray:
        """Give room for a part of an answer."""
        return self._room

    @override
    def buffer_updated(self, nbytes: int) -> None:
        """Gather an answer, and tell of it when it is whole."""
        self._got += self._room[:nbytes]
        head, _, body = self._got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r", 1)[0] or -1)
        if self._asked is not None and 0 <= length <= len(body):
            asked, answer = self._asked, self._got
            self._asked, self._got = None, b""
            self._desk.answered(self, asked, answer)


class _Desk:
    """Hands what is due to free lines, and notes what came of it."""

    def __init__(self, calling: Calling, host: str) -> None:
        self._calling, self._host = calling, host
        self._waiting: deque[Asked] = deque()
        self._free: list[Line] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._left = self._port = 0
        self.over = False
        self.heard = Heard()

    async def call(self, port: int, clock: SystemClock) -> float:
        """Make all requests; return how many seconds it took until the last was answered."""
        self._port = port
        for _ in range(CONNECTIONS):
            await self._connect()
        began, done = time.perf_counter(), 0
        while done < self._calling.messages:
            now = time.perf_counter()
            share = min(1.0, (now - began) / self._calling.seconds)
            for n in range(
                done, min(self._calling.messages, int(self._calling.messages * share) + 1)
            ):
                due = began + n * self._calling.seconds / self._calling.messages
                self._due(n, due)
                done = n + 1
            self._send()
            await clock.sleep(_TICK)
        until = time.perf_counter() + _LONGEST
        while self._left and time.perf_counter() < until:
            await clock.sleep(_TICK)
        self.over = True
        return time.perf_counter() - began

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self), self._host, self._port)
        self._free.append(line)

    def lost(self, line: Line, asked: Asked | None) -> None:
        """Open another line in its place."""
        if line in self._free:
            self._free.remove(line)
        if asked is not None:
            self._left -= 1
            self.heard.took[asked.kind].append(time.perf_counter() - asked.due)
            self.heard.refused.append("lost")
        if not self.over:
            self._opening.add(task := asyncio.create_task(self._connect()))
            task.add_done_callback(self._opening.discard)

    def _due(self, number: int, due: float) -> None:
        calling = self._calling
        body = orjson.dumps(message(calling.first + number, calling.accounts))
        self._wait(Asked(due, "POST", self._request("POST /v1/messages", body)))
        if number % _READ_EVERY == 0 and self.heard.ucns:
            path = f"GET /v1/messages/{self.heard.ucns[-1]}"
            self._wait(Asked(due, "GET", self._request(path, b"")))

    def _wait(self, asked: Asked) -> None:
        self._waiting.append(asked)
        self._left += 1

    def _request(self, call: str, body: bytes) -> bytes:
        head = (
            f"{call} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._calling.token}"
            f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _send(self) -> None:
        while self._waiting and self._free:
            self._free.pop().ask(self._waiting.popleft())

    def answered(self, line: Line, asked: Asked, answer: bytes) -> None:
        """Note an answer, and let its line ask the next."""
        self._left -= 1
        status = answer[9:12].decode()
        self.heard.took[asked.kind].append(time.perf_counter() - asked.due)
        if status not in {"200", "201"}:
            self.heard.refused.append(status)
        elif asked.kind == "POST":
            self.heard.ucns.append(str(orjson.loads(answer.partition(b"\r\n\r\n")[2])["ucn"]))
        self._free.append(line)
        self._send()


async def _call(calling: Calling, host: str, port: int) -> dict[str, object]:
    desk = _Desk(calling, host)
    seconds = await desk.call(port, SystemClock())
    took = {kind: sorted(times) for kind, times in desk.heard.took.items()}
    refused = {one: desk.heard.refused.count(one) for one in set(desk.heard.refused)}
    burned = time.process_time()
    return {"seconds": seconds, "took": took, "refused": refused, "burned": burned}


def main() -> None:
    """Call, and print what was heard."""
    host, port = sys.argv[1:3]
    calling = Calling(*json.loads(sys.argv[3]))
    heard = uvloop.run(_call(calling, host, int(port)))
    sys.stdout.write(json.dumps(heard) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
