"""A gate: a TCP port that passes bytes on to somebody, until it is told to spoil that."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

from gateway.clock import SystemClock

Mode = Literal["open", "cut", "stall", "delay", "half_open"]
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_CLOCK: Final = SystemClock()
_DELAY: Final = 0.08
_MUCH: Final = 65_536


class Gate:
    """Listens on a port; `port` is known once it is open.

    cut: connections end and none is taken. stall: nothing moves, either way. delay: everything is
    late by 80 ms each way. half_open: what comes in is swallowed, what comes back is not, as when
    a firewall has forgotten a connection; such a connection is of no more use afterwards.
    """

    def __init__(self, far_side: Callable[[], Awaitable[Ends]]) -> None:
        """`far_side` connects to whom the bytes are for; OSError when nobody is there."""
        self._far_side = far_side
        self._mode: Mode = "open"
        self._moves = asyncio.Event()
        self._moves.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, port: int = 0) -> None:
        """Open the port (0: any free one)."""
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def turn(self, mode: Mode) -> None:
        """Spoil it in this way from now on, or open it again."""
        healed = self._mode == "half_open"
        self._mode = mode
        if mode == "cut" or healed:
            self.drop()
        if mode == "stall":
            self._moves.clear()
        else:
            self._moves.set()

    def drop(self) -> None:
        """End all connections at once."""
        for writer in [*self._open]:
            writer.transport.abort()

    async def close(self) -> None:
        """Listen no more."""
        self.turn("cut")
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            if task:
                self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "cut":
            writer.transport.abort()
            return
        away, back = await self._far_side()
        self._open |= {writer, back}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, back, inward=True))
                group.create_task(self._pump(away, writer, inward=False))
        except* (OSError, RuntimeError):  # what uvloop says of a line that was aborted meanwhile
            pass
        finally:
            self._open -= {writer, back}
            writer.transport.abort()
            back.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, inward: bool
    ) -> None:
        while chunk := await reader.read(_MUCH):
            if self._mode == "delay":
                await _CLOCK.sleep(_DELAY)
            await self._moves.wait()
            if not (inward and self._mode == "half_open"):
                writer.write(chunk)
                await writer.drain()
        with suppress(OSError, RuntimeError):
            writer.write_eof()
