"""`run`: the daemon with its database, and a simulated carrier where there is no other."""

import asyncio
import errno
import faulthandler
import os
import socket
from contextlib import ExitStack, suppress
from io import UnsupportedOperation
from typing import Literal
from urllib.parse import urlsplit

import structlog
import uvloop
from pydantic import SecretStr

from gateway.cli.configured import chosen_settings
from gateway.cli.database import database_url, fit
from gateway.cli.faults import Failed
from gateway.clock import SystemClock
from gateway.compose import serve
from gateway.daemon.carriers import SIMULATED_ACCOUNT, SIMULATED_NUMBERS, SIMULATED_TOKEN
from gateway.daemon.herald import Herald
from gateway.leash import simulator
from gateway.log import set_up
from gateway.settings import Settings
from gateway.store.pool import connect
from gateway.tracing import traced

Role = Literal["all", "engine", "web"]
_log = structlog.get_logger(__name__)


def start(role: Role) -> int:
    """Run until SIGTERM; return the exit code.

    Failed when the web side's address cannot be listened on. A signal before the daemon itself
    takes them is the caller's (`ended_by_signals`).
    """
    with suppress(UnsupportedOperation):  # a stderr that is no file
        faulthandler.enable()  # a watchdog's SIGABRT shows where the program stood
    herald = Herald.of(os.environ, os.getpid())
    settings = chosen_settings()
    set_up(settings.log_format, settings.log_level, SystemClock().now)
    if role != "engine" and not herald.doors:
        _try_address(settings)
    with ExitStack() as stack:
        url = stack.enter_context(database_url(settings))
        if settings.carrier == "simulator" and settings.twilio_base_url is None and role != "web":
            settings = _simulated(settings, stack.enter_context(simulator(_wishes(settings))))
        stack.enter_context(traced(_address(settings.traces_url)))
        if not settings.alerts_lead:
            words = "nobody hears when nobody can be reached: set DISPATCHD_ALERTS_LEAD"
            _log.warning(words, action="daemon.no_lead")
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_serve(settings, url, role, herald))
        except OSError as fault:
            raise _taken(settings, fault, role) from None


async def _serve(settings: Settings, url: str, role: Role, herald: Herald) -> int:
    clock = SystemClock()
    conn = await connect(url, clock, name="dispatchd start")
    try:
        await fit(conn, clock, own=settings.database_url is None)
    finally:
        await conn.close()
    return await serve(settings, url, role=role, herald=herald)


def _address(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _wishes(settings: Settings) -> list[str]:
    """Say to the simulator what carrier it is to be; no credential of a real one reaches it."""
    public = urlsplit(settings.public_url)
    shown = public._replace(netloc=public.netloc.rpartition("@")[2])  # anybody may list processes
    numbers = settings.calling_numbers or SIMULATED_NUMBERS
    return [
        f"--account-sid={SIMULATED_ACCOUNT}",
        f"--auth-token={SIMULATED_TOKEN}",
        f"--public={shown.geturl()}",
        *(f"--number={number}" for number in numbers),
    ]


def _simulated(settings: Settings, url: str) -> Settings:
    """Return the settings that go with our own simulator at `url`."""
    ours = {
        "twilio_base_url": url,
        "twilio_account_sid": None,
        "twilio_api_key": None,
        "twilio_api_secret": None,
        "twilio_auth_tokens": (),
    }
    return settings.model_copy(update=ours)


def _try_address(settings: Settings) -> None:
    """Refuse an address that cannot be had before anything is started; Failed says why."""
    host = settings.http_host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind((host, settings.http_port))
    except OSError as fault:
        raise _deaf(settings, fault.strerror or "no such address") from None
    except UnicodeError:
        raise _deaf(settings, "not the name of a host") from None


def _taken(settings: Settings, fault: OSError, role: Role) -> Exception:
    """Say so when the address was taken meanwhile; any other fault stays what it is."""
    if fault.errno != errno.EADDRINUSE:
        return fault
    port = settings.metrics_port if role == "engine" else settings.http_port
    return Failed(f"cannot listen on {settings.http_host}:{port}: {fault.strerror or 'taken'}")


def _deaf(settings: Settings, why: str) -> Failed:
    return Failed(f"cannot listen on {settings.http_host}:{settings.http_port}: {why}")
