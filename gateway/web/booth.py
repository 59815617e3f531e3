"""The booth: health and metrics of a process that has no other web side."""

import contextlib
import socket
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from gateway.web import health
from gateway.web.parts import Parts


class _Booth(uvicorn.Server):
    """A web server that leaves signals to the supervisor."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@dataclass(frozen=True, slots=True)
class Booth:
    """Answers `/healthz`, `/readyz` and `/metrics` alone; it listens from the start."""

    parts: Parts
    door: socket.socket

    async def keep(self) -> None:
        """Answer until it is canceled."""
        app = FastAPI(openapi_url=None)
        app.state.parts = self.parts
        app.include_router(health.router)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", server_header=False
        )
        try:
            await _Booth(config).serve([self.door])
        finally:
            self.door.close()


def booths(parts: Parts) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """Return what keeps the booth of METRICS_PORT open, where one is set.

    It listens at once, so that a taken port is an error (OSError) before anything is begun.
    """
    host, port = parts.settings.http_host, parts.settings.metrics_port
    if port is None:
        return []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return [Booth(parts, socket.create_server((host, port), family=family)).keep]
