"""The compose file without Docker: its commands, settings and order, as processes of this machine.

Only the images are left out: Postgres, Prometheus and the catcher of mail are those of the tests.
The services' names, which Docker would resolve, are put in their places.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.nursery import Nursery
from tests.kit.programs import Carrier, Daemon, Process, free_port, in_time
from tests.kit.real_house import ACCEPTS, account
from tests.kit.tools import lacking
from tests.screen.asking import NoPrometheusError, Prometheus, prometheus

TOP: Final = Path(__file__).parents[2]
SERVICES: Final[dict[str, Any]] = yaml.safe_load((TOP / "compose.yaml").read_text())["services"]
LISTENS: Final = {"simulator": "8090", "dispatchd": "8080", "mail": "1025"}
MODULES: Final = {"dispatchd": "gateway", "python3 -m adapters.simulator": "adapters.simulator"}


@dataclass(frozen=True, slots=True)
class Compose:
    """Starts services as the file says, each at a free port of this machine."""

    nursery: Nursery
    folder: Path
    database: str
    ports: dict[str, int]

    def placed(self, text: str) -> str:
        """Put services' names and ports in their places."""
        for name, port in LISTENS.items():
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.ports[name]}")
        return {"mail": "127.0.0.1", "1025": str(self.ports["mail"])}.get(text, text)

    def process(self, name: str) -> Process:
        """Return a service's process, not started yet."""
        told = SERVICES[name]
        entry = MODULES[" ".join(told.get("entrypoint", ["dispatchd"]))]
        words = [self.placed(str(word)) for word in told.get("command", ["run"])]
        own = LISTENS.get(name)
        words = [str(self.ports[name]) if word == own else word for word in words]
        return Process(self.nursery, [entry, *words], self.folder / f"{name}.log", self.env(name))

    def env(self, name: str) -> dict[str, str]:
        """Return a service's environment, with the database that is here."""
        kept = {key: one for key, one in os.environ.items() if not key.startswith("DISPATCHD_")}
        given = SERVICES[name].get("environment", {})
        ours = {key: self.placed(str(value)) for key, value in given.items()}
        if given:
            assert "@postgres:5432/dispatchd?" in given["DISPATCHD_DATABASE_URL"]
            ours["DISPATCHD_DATABASE_URL"] = self.database
            ours["DISPATCHD_HTTP_PORT"] = str(self.ports["dispatchd"])
        return {**kept, **ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


class Caught:
    """The mail that was sent, as the catcher of mail shows it."""

    def __init__(self) -> None:
        """Catch none yet."""
        self.mails: list[tuple[str | None, list[str], str]] = []

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - theirs
        """Keep a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, content.decode()))
        return "250 kept"


@contextmanager
def catching(port: int) -> Iterator[Caught]:
    """Listen where the file has mail sent."""
    caught = Caught()
    controller = Controller(caught, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield caught
    finally:
        controller.stop()


@pytest.fixture
def compose(empty_database: str, tmp_path: Path, nursery: Nursery) -> Compose:
    return Compose(nursery, tmp_path, empty_database, {name: free_port() for name in LISTENS})


@pytest.fixture
def started(compose: Compose) -> Iterator[tuple[Carrier, Daemon]]:
    """Start what dispatchd waits for, in that order, and then itself."""
    waits = {name: one["condition"] for name, one in SERVICES["dispatchd"]["depends_on"].items()}
    ended = "service_completed_successfully"
    assert waits == {"migrate": ended, "simulator": "service_healthy"}
    carrier = Carrier(compose.process("simulator"), compose.ports["simulator"])
    token = SERVICES["dispatchd"]["environment"]["DISPATCHD_ADMIN_TOKEN"]
    daemon = Daemon(compose.process("dispatchd"), compose.ports["dispatchd"], token=token)
    try:
        carrier.process.start()
        migrate = compose.process("migrate")
        migrate.start()
        assert migrate.wait() == 0, migrate.said()
        assert in_time(lambda: healthy(compose)), carrier.process.said()
        daemon.start()
        yield carrier, daemon
    finally:
        for one in (daemon, carrier):
            one.process.over()
            one.web.close()


def healthy(compose: Compose) -> bool:
    """Ask the simulator's health as the file says."""
    kind, program, *words = SERVICES["simulator"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python3")
    port = str(compose.ports["simulator"])
    asked = [word.replace(LISTENS["simulator"], port) for word in words]
    words = [sys.executable, *asked]
    return not subprocess.run(words, capture_output=True, check=False).returncode  # noqa: S603 - ours


def test_what_the_file_starts_works_and_is_watched(
    compose: Compose, started: tuple[Carrier, Daemon]
) -> None:
    carrier, daemon = started
    carrier.people(ann={"calls": [ACCEPTS]})
    daemon.put(account())
    assert daemon.delivered(daemon.take())
    assert daemon.request("GET /docs").status_code == 200

    with catching(compose.ports["mail"]) as caught:
        words = ["gateway", "alert", "the backup failed"]
        env = compose.env("dispatchd")
        told = Process(compose.nursery, words, compose.folder / "alert.log", env)
        told.start()
        assert told.wait() == 0, told.said()
    ((sender, to, mail),) = caught.mails
    assert (sender, to) == ("night@dispatchd.example", ["lead@dispatchd.example"])
    assert "the backup failed" in mail

    try:
        with prometheus(compose.folder, ("dispatchd", daemon.port)) as watcher:
            assert in_time(lambda: ups(watcher) == {"dispatchd": "1"}), ups(watcher)
    except NoPrometheusError as fault:
        lacking("promtool", str(fault))


def ups(watcher: Prometheus) -> dict[str, str]:
    """Return which jobs Prometheus can read."""
    found = watcher.get("query", query="up")["result"]
    return {one["metric"]["job"]: one["value"][1] for one in found}
