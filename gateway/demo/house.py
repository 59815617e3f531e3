"""The demo's house: throwaway Postgres, simulated carrier and daemon, each its own process."""

import asyncio
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.clock import SystemClock
from gateway.leash import leashed, simulator
from gateway.store.embedded import throwaway
from gateway.store.migrate import migrate
from gateway.store.pool import connect
from gateway.store.tokens import create

# Account, token and number of a carrier that is good for nothing else.
NUMBER: Final = "+15005550006"
_RATE: Final = "20"
_PEOPLE: Final = {"agent": "1204", "lead": "L-7"}
_LAST_WORDS: Final = 2000
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class House:
    """Where everything is: our web side, the carrier, API tokens by role, the daemon's log."""

    url: str
    carrier: str
    tokens: Mapping[str, str]
    log: Path

    def last_words(self) -> str:
        """Return the end of the daemon's log, for when it fails."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]


@contextmanager
def standing(people: Mapping[str, Any], alerts: str, tell: Tell) -> Iterator[House]:
    """Start all processes; they end with us, in whatever way we end.

    `alerts` is the notification URL of a lead; `tell` hears what is being started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatchd-demo-")))
        log = folder / "daemon.log"
        errors = stack.enter_context(log.open("wb"))
        tell("Postgres")
        database = stack.enter_context(throwaway())
        tokens = asyncio.run(_prepared(database))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        tell("the simulated carrier")
        script = folder / "people.json"
        script.write_bytes(orjson.dumps(people))
        wishes = [f"--people={script}", f"--number={NUMBER}", f"--public={url}"]
        carrier = stack.enter_context(simulator(wishes, errors))
        tell("the daemon")
        house = House(url, carrier, tokens, log)
        env = _environment(house, database, alerts)
        stack.enter_context(leashed("gateway", ["run"], env=env, errors=errors))
        yield house


def _environment(house: House, database: str, alerts: str) -> dict[str, str]:
    """Set the daemon up; nothing of our own environment's settings reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCHD_")}
    settings = {
        "DATABASE_URL": database,
        "HTTP_PORT": house.url.rpartition(":")[2],
        "PUBLIC_URL": house.url,
        "ADMIN_TOKEN": house.tokens["admin"],
        "CARRIER": "simulator",
        # The night's alerts are those of its messages.
        "COVERAGE_HOURS": "0",
        "TWILIO_BASE_URL": house.carrier,
        "TWILIO_FROM": NUMBER,
        "CALLS_PER_SECOND": _RATE,
        "TEXTS_PER_SECOND": _RATE,
        "ALERTS_LEAD": alerts,
        "ALERTS_DISPATCH": alerts,
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "warning",
    }
    ours = {f"DISPATCHD_{name}": value for name, value in settings.items()}
    # Alerts go to our own ear, whatever proxy this host has.
    return {**kept, **ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


async def _prepared(url: str) -> dict[str, str]:
    """Migrate the database and hand out tokens; the admin's is the daemon's bootstrap token."""
    clock = SystemClock()
    conn = await connect(url, clock, name="dispatchd demo", tries=1)
    try:
        now = clock.now()
        await migrate(conn, now)
        people = {role: await create(conn, name, role, now) for role, name in _PEOPLE.items()}
    finally:
        await conn.close()
    return {"admin": secrets.token_urlsafe(24), **people}


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
