"""A wire between a process and Postgres that stops: nothing passes, and nobody hangs up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

_PIECE = 1 << 20


@dataclass(slots=True)
class Wire:
    """A relay on a port of this machine; it stops for good after so many pieces from the client.

    To Postgres that is a process which was stopped: the connection stands, and nothing comes.
    """

    place: str
    left: int | None = None
    passed: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    relays: list["asyncio.Task[None]"] = field(default_factory=list)

    def stop_after(self, pieces: int) -> None:
        """Let only so many more pieces pass."""
        self.passed, self.left = 0, pieces

    def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay a connection."""
        self.relays.append(asyncio.get_running_loop().create_task(self._relay(reader, writer)))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(self.place)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._ask(reader, server))
                both.create_task(_pass_on(answers, writer))
        finally:
            server.close()
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            if self.left == self.passed:
                self.stopped.set()
                await asyncio.Event().wait()
            self.passed += 1
            writer.write(piece)
            await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()


@asynccontextmanager
async def wire_to(server: str) -> AsyncIterator[tuple[Wire, str]]:
    """Stand before the database at `server` (a unix socket's URL); give the URL to reach it by."""
    parts = urlsplit(server)
    query = parse_qs(parts.query)
    wire = Wire(f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}")
    relay = await asyncio.start_server(wire.met, "127.0.0.1", 0)
    port = relay.sockets[0].getsockname()[1]
    try:
        yield wire, f"postgresql://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable"
    finally:
        relay.close()
        for task in wire.relays:
            task.cancel()
        await asyncio.gather(*wire.relays, return_exceptions=True)
