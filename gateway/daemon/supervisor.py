"""The supervisor: one process with its engine, its web side or both, from start to drained end."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from gateway.clock import Clock
from gateway.daemon.farewell import Farewell
from gateway.daemon.garbage import search_seldom
from gateway.daemon.herald import SILENT, Herald
from gateway.daemon.loop import EngineLoop

_log = structlog.get_logger(__name__)
_GRACE: Final = 20.0
# How long a client that is connected may still begin a request: its connection was taken, so the
# next process will not hear of it.
_LINGER: Final = 1.0
_LOOKS: Final = 0.05

Keeper = Callable[[], Coroutine[Any, Any, None]]
"""Goes on looking after something until it is canceled; never fails."""


class _Parting:
    """Asks clients to come by a new connection next time, once this process is to end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.leaving = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def parting(message: Message) -> None:
            if self.leaving and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, parting)


class _Web(uvicorn.Server):
    """A web server that leaves signals to the supervisor and cuts nobody off at its end."""

    def __init__(self, config: uvicorn.Config, parting: _Parting, clock: Clock) -> None:
        super().__init__(config)
        self.parting = parting
        self._clock = clock

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer those that were taken, then end."""
        for one in (*self.servers, *(sockets or ())):
            one.close()
        until = self._clock.monotonic() + _LINGER
        await self._clock.sleep(_LOOKS)  # what was taken in this moment counts as a connection
        while self.server_state.connections and self._clock.monotonic() < until:
            await self._clock.sleep(_LOOKS)
        await super().shutdown(sockets)

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@dataclass(slots=True)
class Supervisor:
    """Runs an engine loop and a web server side by side and ends them in order.

    On the first SIGTERM or SIGINT the engine goes on as long as `farewell` says; then nothing more
    is claimed, what is on the wire is finished and recorded while webhooks are still answered,
    those on the line may finish, then both end. The second one ends at once.
    """

    loop: EngineLoop | None
    app: FastAPI | None
    keepers: Sequence[Keeper]
    host: str
    port: int
    farewell: Farewell
    on_ready: Callable[[int], Awaitable[None]] | None = None
    on_draining: Callable[[], None] | None = None
    herald: Herald = SILENT
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Run until told to stop; return the exit code."""
        search_seldom()
        with self._signals():
            doors = self._doors()
            async with asyncio.TaskGroup() as group:
                web = self._web()
                if web:
                    group.create_task(web.serve(doors))
                keeping = [group.create_task(keep()) for keep in self.keepers]
                turning = group.create_task(self.loop.run()) if self.loop else None
                await self._ready(doors)
                await self._stop.wait()
                self._say_draining(web)
                if self.loop and turning:
                    await self._end_work(self.loop, turning)
                if web:
                    await self.farewell.nobody_speaks()
                    if self.on_draining:
                        self.on_draining()  # what has no end must not be waited for
                    web.should_exit = True
                for one in keeping:
                    one.cancel()
        _log.info("stopped", action="daemon.stopped")
        return 0

    async def _end_work(self, loop: EngineLoop, turning: asyncio.Task[None]) -> None:
        """Stop the engine; beside a web side that waits for callers it goes on for a while."""
        loop.leave()
        await self.farewell.work_on(web=self.app is not None)
        loop.stop()
        await turning

    def _say_draining(self, web: _Web | None) -> None:
        _log.info("draining", action="daemon.draining")
        self.herald.tell("STOPPING=1", "STATUS=draining")
        if web:
            web.parting.leaving = True

    def stop(self) -> None:
        """Begin the end."""
        self._stop.set()

    def _web(self) -> _Web | None:
        if self.app is None:
            return None
        parting = _Parting(self.app)
        config = uvicorn.Config(
            parting,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(_GRACE),
            h11_max_incomplete_event_size=65_536,
        )
        return _Web(config, parting, self.farewell.clock)

    def _doors(self) -> list[socket.socket]:
        """Listen at once, so that a taken port is an error and no request is refused."""
        if self.app is None:
            return []
        if self.herald.doors:
            return list(self.herald.doors)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        return [socket.create_server((self.host, self.port), family=family, backlog=2048)]

    async def _ready(self, doors: Sequence[socket.socket]) -> None:
        port = 0
        for door in doors:
            host, port = _place(door)
            _log.info("listening", action="web.ready", host=host, port=port)
        if self.on_ready:
            await self.on_ready(port)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT while running."""

        def caught(_number: int, _frame: FrameType | None) -> None:
            if self._stop.is_set():
                os._exit(1)
            running.call_soon_threadsafe(self._stop.set)

        running = asyncio.get_running_loop()
        before = {one: signal.signal(one, caught) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _place(door: socket.socket) -> tuple[str, int]:
    """Return where a socket listens; a path has the port 0."""
    name = door.getsockname()
    return (name, 0) if isinstance(name, str) else (str(name[0]), int(name[1]))
