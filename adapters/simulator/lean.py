"""Stub mode for benchmarks: every POST is answered 201 at once, and nothing else ever happens.

Only what a keep-alive client of our own needs of HTTP/1.1 is understood: requests with a
Content-Length. No authentication, no callbacks, no memory.
"""

import asyncio
import itertools
import json
import re
from contextlib import suppress

SIZE = re.compile(rb"\r\ncontent-length:[ ]*(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
SERIAL = itertools.count(1)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection until it ends; pipelined requests are answered in order."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(END)
            found = SIZE.search(head)
            if found:
                await reader.readexactly(int(found[1]))
            writer.write(_answer(b"/Calls" in head[: head.find(b"\r\n")]))
            await writer.drain()
    writer.close()


def _answer(is_call: bool) -> bytes:
    sid = f"{'CA' if is_call else 'SM'}{next(SERIAL):032x}"
    body = (CALL if is_call else TEXT).replace(b"@", sid.encode())
    return HEAD + str(len(body)).encode() + END + body


def _shape(**more: str) -> bytes:
    common = {"sid": "@", "status": "queued", "to": "", "from": "", "direction": "outbound-api"}
    return json.dumps({**common, **more}).encode()


CALL = _shape(queue_time="0", api_version="2010-04-01")
TEXT = _shape(body="", num_segments="1", num_media="0", api_version="2010-04-01")
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "


async def listen(host: str, port: int) -> tuple[asyncio.Server, str]:
    """Listen and give the server with its URL."""
    server = await asyncio.start_server(serve, host, port, backlog=1024)
    bound = server.sockets[0].getsockname()[1]
    return server, f"http://{host}:{bound}"
