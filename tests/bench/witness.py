"""`python -m tests.bench.witness`: the stub carrier, noting when it heard of which phone first.

Prints where it listens; when its standard input is closed, the moments by phone, as
`time.perf_counter` counts in every process of this machine.
"""

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import AsyncIterator
from typing import Final

import orjson
import uvloop
from typing_extensions import override

from adapters.simulator.lean import Stub as Lean
from tests.bench.street import Stub

_TO: Final = re.compile(rb"(?:\n|&)To=%2B(\d+)")
_AT_ONCE: Final = 64 * 1024
_heard: dict[str, float] = {}


class Witness(Lean):
    """Notes each request as it arrives, then answers it."""

    @override
    def buffer_updated(self, nbytes: int) -> None:
        at = time.perf_counter()
        for phone in _TO.findall(memoryview(self._buffer)[:nbytes]):
            _heard.setdefault(f"+{phone.decode()}", at)
        super().buffer_updated(nbytes)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Witness, "127.0.0.1", 0, backlog=1024)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    _say({"url": url})
    over = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(over), sys.stdin)
    async with server:
        while line := await over.readline():
            _say(len(_heard) if line == b"count\n" else _heard)


def _say(what: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


class Heard:
    """Asks the witness."""

    def __init__(self, process: asyncio.subprocess.Process, stub: Stub) -> None:
        self._process = process
        self.stub = stub

    async def count(self) -> int:
        """Return of how many phones it has heard."""
        return int(await self._ask(b"count\n"))

    async def moments(self) -> dict[str, float]:
        """Return when it heard of each phone first."""
        told = await self._ask(b"moments\n")
        return orjson.loads(told)  # type: ignore[no-any-return]

    async def _ask(self, what: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what)
        return await self._process.stdout.readline()


@contextlib.asynccontextmanager
async def witness() -> AsyncIterator[Heard]:
    """Run the witness as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.witness"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_AT_ONCE * 1024,
    )
    try:
        assert process.stdout is not None
        url = orjson.loads(await process.stdout.readline())["url"]
        yield Heard(process, Stub(url, process.pid))
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(_serve())
