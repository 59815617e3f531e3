"""`python -m tests.bench.knocking`: many prepared requests to one server, from a process apart.

Reads a `Round` as JSON from its standard input and prints a line of JSON with what came of it. With
a rate each request counts from the moment it is due; without one as many are under way as there are
connections.
"""

import asyncio
import sys
import time
from collections import deque
from typing import Any, Final, NamedTuple

import orjson
import uvloop

from gateway.clock import SystemClock
from tests.bench.callers import Asked, Line

_TICK: Final = 0.001
_LONGEST: Final = 30.0


class Round(NamedTuple):
    """What is asked of whom, on how many connections, how many a second (0: as fast as can be)."""

    port: int
    connections: int
    rate: float
    requests: list[str]


class Knocked(NamedTuple):
    """Of each request: when it was due, how many ms it took, its status, the answer's body."""

    seconds: float
    due: list[float]
    took: list[float]
    statuses: list[str]
    bodies: list[str]

    @property
    def fine(self) -> bool:
        """Tell whether all was answered with 2xx."""
        return all(one.startswith("2") for one in self.statuses)


class _Door:
    """Hands requests to free lines, and notes what came of each."""

    def __init__(self, asked: Round) -> None:
        many = len(asked.requests)
        self._asked = asked
        self._waiting: deque[Asked] = deque()
        self._free: list[Line] = []
        self.left = many
        self.knocked = Knocked(0.0, [0.0] * many, [0.0] * many, ["lost"] * many, [""] * many)

    async def knock(self, clock: SystemClock) -> float:
        """Make all requests; return the seconds it took until the last was answered."""
        loop = asyncio.get_running_loop()
        for _ in range(self._asked.connections):
            _, line = await loop.create_connection(
                lambda: Line(self), "127.0.0.1", self._asked.port
            )
            self._free.append(line)
        began = time.perf_counter()
        for number, request in enumerate(self._asked.requests):
            due = began + number / self._asked.rate if self._asked.rate else 0.0
            while due > time.perf_counter():
                await clock.sleep(min(_TICK, due - time.perf_counter()))
            self._waiting.append(Asked(due, str(number), request.encode()))
            self._send()
        until = time.perf_counter() + _LONGEST
        while self.left and time.perf_counter() < until:
            await clock.sleep(_TICK)
        return time.perf_counter() - began

    def _send(self) -> None:
        while self._waiting and self._free:
            one = self._waiting.popleft()
            due = one.due or time.perf_counter()
            self.knocked.due[int(one.kind)] = due
            self._free.pop().ask(one._replace(due=due))

    def answered(self, line: Line, asked: Asked, answer: bytes) -> None:
        """Note an answer, and let its line ask the next."""
        number = int(asked.kind)
        head, _, body = answer.partition(b"\r\n\r\n")
        self.left -= 1
        self.knocked.took[number] = (time.perf_counter() - asked.due) * 1000
        self.knocked.statuses[number] = head[9:12].decode()
        self.knocked.bodies[number] = body.decode("utf-8", "replace")
        self._free.append(line)
        self._send()

    def lost(self, line: Line, asked: Asked | None) -> None:
        """Count a request that was lost as answered by nobody."""
        if line in self._free:
            self._free.remove(line)
        self.left -= asked is not None


async def _knock(asked: Round) -> dict[str, Any]:
    door = _Door(asked)
    seconds = await door.knock(SystemClock())
    return door.knocked._replace(seconds=seconds)._asdict()


async def knocked(asked: Round) -> Knocked:
    """Have another process make these requests."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.knocking"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate(orjson.dumps(asked._asdict()))
    return Knocked(**orjson.loads(said))


def main() -> None:
    """Knock as asked."""
    asked = Round(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(_knock(asked))))


if __name__ == "__main__":
    main()
