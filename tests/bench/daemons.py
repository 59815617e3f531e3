"""The program itself as a process of its own, on a database and a stub carrier."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from gateway.clock import SystemClock
from gateway.leash import leashed
from tests.kit.programs import free_port

TOKEN: Final = "the-carriers-token"  # noqa: S105 - of a stub
ADMIN: Final = "bench-admin"
_LOOKS, _BETWEEN_LOOKS = 600, 0.1


class Daemon(NamedTuple):
    """Where it listens, and its process."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Its public URL, which the carrier signs."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def daemon(url: str, stub: str, role: str = "all", **more: str) -> Iterator[Daemon]:
    """Run `dispatchd run` on the database; `more` are further settings, without their prefix."""
    port = free_port()
    settings = {
        "DATABASE_URL": url,
        "HTTP_PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ADMIN_TOKEN": ADMIN,
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKENS": TOKEN,
        "TWILIO_BASE_URL": stub,
        "TWILIO_FROM": "+15005550001",
        "CALLS_PER_SECOND": "1000000000",
        "TEXTS_PER_SECOND": "1000000000",
        **more,
    }
    with tempfile.TemporaryFile() as log:
        run = leashed("gateway", ["run", "--role", role], env=_with(settings), errors=log)
        with run as child:
            yield Daemon(port, child.pid)


def _with(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {f"DISPATCHD_{name}": value for name, value in settings.items()}
    return {**os.environ, "PYTHONPATH": str(Path.cwd()), **ours}


async def ready(one: Daemon) -> None:
    """Wait until it says that it is ready."""
    clock = SystemClock()
    async with httpx.AsyncClient(trust_env=False) as web:
        for _ in range(_LOOKS):
            try:
                if (await web.get(f"{one.url}/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await clock.sleep(_BETWEEN_LOOKS)
    raise RuntimeError("the daemon does not get ready")
