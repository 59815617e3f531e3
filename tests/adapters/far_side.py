"""A far side that writes bytes, not HTTP: whatever a test wants a connection to say."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class FarSide:
    """Counts connections and keeps requests; answers each with its sayings in turn."""

    sayings: list[Say]
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/2010-04-01/Calls.json"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read requests with a length and answer them, until the connection ends."""
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or b"0")
                self.requests.append(head + await reader.readexactly(size))
                say = self.sayings.pop(0) if len(self.sayings) > 1 else self.sayings[0]
                await say(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def says(*pieces: bytes, close: bool = False) -> Say:
    """Write these bytes, each as a piece of its own, then end the connection if so wanted."""

    async def say(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if close:
            writer.close()

    return say


@asynccontextmanager
async def far_side(*sayings: Say, trust: ssl.SSLContext | None = None) -> AsyncIterator[FarSide]:
    """Listen on a free port, by TLS when there is a key for it."""
    side = FarSide(list(sayings), scheme="https" if trust else "http")
    server = await asyncio.start_server(side.serve, "127.0.0.1", 0, ssl=trust)
    side.port = server.sockets[0].getsockname()[1]
    try:
        yield side
    finally:
        server.close()
