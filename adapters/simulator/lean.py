"""Stub mode for benchmarks: every POST is answered 201 at once, and nothing else ever happens.

Only what a keep-alive client of our own needs of HTTP/1.1 is understood: requests with a
Content-Length. No authentication, no callbacks, no memory. It shares the machine with what is
measured, so it costs as little as it can: no streams, no tasks, one write a request.
"""

import asyncio
import itertools
import json
import re
from typing import cast

from typing_extensions import override

SIZE = re.compile(rb"\r\ncontent-length:[ ]*(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
SERIAL = itertools.count(1)


class Stub(asyncio.BufferedProtocol):
    """Answers one connection until it ends; pipelined requests are answered in order."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = b""
        self._buffer = bytearray(16 * 1024)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def get_buffer(self, sizehint: int) -> bytearray:
        del sizehint
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        self._unread += bytes(memoryview(self._buffer)[:nbytes])
        answers = b""
        while (ends := self._ends()) is not None:
            line, self._unread = self._unread[: self._unread.find(b"\r\n")], self._unread[ends:]
            answers += answer(b"/Calls" in line)
        if answers and self._transport is not None:
            self._transport.write(answers)

    def _ends(self) -> int | None:
        """Return how many bytes the first request takes; None while it is not whole."""
        head = self._unread.find(END)
        if head < 0:
            return None
        sized = SIZE.search(self._unread, 0, head)
        ends = head + len(END) + (int(sized[1]) if sized else 0)
        return ends if ends <= len(self._unread) else None


def answer(is_call: bool) -> bytes:
    """Return the whole reply with a SID never given before."""
    head, tail = CALL if is_call else TEXT
    return b"%b%032x%b" % (head, next(SERIAL), tail)


def _shape(prefix: str, **more: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the serial number."""
    common = {"sid": f"{prefix}@", "status": "queued", "direction": "outbound-api"}
    body = json.dumps({**common, "to": "", "from": "", "api_version": "2010-04-01", **more})
    size = len(body) - len("@") + 32
    head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {size}"
    before, _, after = f"{head}\r\n\r\n{body}".partition("@")
    return before.encode(), after.encode()


CALL = _shape("CA", queue_time="0")
TEXT = _shape("SM", body="", num_segments="1", num_media="0")


async def listen(host: str, port: int) -> tuple[asyncio.Server, str]:
    """Listen and give the server with its URL."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, host, port, backlog=1024)
    bound = server.sockets[0].getsockname()[1]
    return server, f"http://{host}:{bound}"
