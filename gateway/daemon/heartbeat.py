"""The heartbeat: a dead man's switch is told that the engine loops, and nothing while it does not.

Whoever listens there alerts when the beats stop, also when this host, its network or Prometheus is
gone and nothing here could say so.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import structlog
from pydantic import SecretStr

from adapters.wire import Transport, WireError
from gateway.clock import Clock

EVERY: Final = 30.0
_LOOKS: Final = 1.0
_FAULTY: Final = 400
_HEADERS: Final = {"User-Agent": "dispatchd"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Fetches `url` (it may hold a secret and is never logged) while nothing is amiss."""

    url: str
    transport: Transport
    amiss: Callable[[], Awaitable[tuple[str, ...]]]
    clock: Clock

    async def keep(self) -> None:
        """Beat every 30 s, and at once when all is well again; cancel to end."""
        while True:
            amiss = await self.amiss()
            if not amiss:
                await self.beat()
            await self.clock.sleep(_LOOKS if amiss else EVERY)

    async def beat(self) -> None:
        """Beat once; that it was not heard is logged, and is for the other side to alert of."""
        try:
            reply = await self.transport.request("GET", self.url, _HEADERS, b"")
            words = f"HTTP {reply.status}" if reply.status >= _FAULTY else ""
        except WireError as fault:
            words = str(fault)
        except Exception as fault:  # noqa: BLE001 - it must not end the process that it tells of
            words = type(fault).__name__
        if words:
            _log.warning("heartbeat not heard", action="heartbeat.failed", fault=words)


def beating(
    url: SecretStr | None,
    transport: Transport,
    amiss: Callable[[], Awaitable[tuple[str, ...]]],
    clock: Clock,
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """Return what keeps the heart beating, where there is somebody to hear it."""
    if url is None:
        return []
    return [Heartbeat(url.get_secret_value(), transport, amiss, clock).keep]
