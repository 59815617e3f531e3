"""A restart behind a socket that somebody else holds: no request is refused, none is cut off."""

import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.kit.programs import free_port, in_time
from tests.kit.real_house import RealHouse

# What systemd does between fork and exec.
_ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "gateway", "run", "--role=web"])
"""


class Unit:
    """Holds the socket, starts the daemon behind it, and hears what it tells."""

    def __init__(self, house: RealHouse, door: socket.socket) -> None:
        self.door = door
        self.heard: list[str] = []
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(house.folder / "notify"))
        self.ear.setblocking(False)
        port = int(door.getsockname()[1])
        self.env = {
            **house.environment(port, {}),
            "NOTIFY_SOCKET": str(house.folder / "notify"),
            "WATCHDOG_USEC": "9000000",
        }
        self.log = house.folder / "activated.log"
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        number = self.door.fileno()
        with self.log.open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-c", _ACTIVATE, str(number)],
                env=self.env,
                stdout=log,
                stderr=log,
                pass_fds=[number],
            )
        self.running.append(child)
        return child

    def told(self, word: str, times: int = 1) -> bool:
        """Tell whether it was told that so often by now."""
        while True:
            try:
                self.heard += self.ear.recv(4096).decode().split("\n")
            except BlockingIOError:
                return self.heard.count(word) >= times


@contextmanager
def asking(url: str) -> Iterator[Counter[str]]:
    """Ask again and again, each time as a new client, from several places at once."""
    answers: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                answers[str(httpx.get(url, timeout=110, trust_env=False).status_code)] += 1
            except httpx.TransportError as fault:
                answers[repr(fault)] += 1

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for one in clients:
        one.start()
    try:
        yield answers
    finally:
        over.set()
        for one in clients:
            one.join()


@pytest.fixture
def unit(house: RealHouse) -> Iterator[Unit]:
    with socket.create_server(("127.0.0.1", free_port()), backlog=512) as door:
        made = Unit(house, door)
        try:
            yield made
        finally:
            for one in made.running:
                one.kill()
                one.wait()
            made.ear.close()


def test_no_request_is_refused_while_the_daemon_is_restarted(unit: Unit) -> None:
    url = f"http://127.0.0.1:{unit.door.getsockname()[1]}/healthz"
    first = unit.start()
    assert in_time(lambda: unit.told("READY=1")), unit.log.read_text()

    with asking(url) as answers:
        assert in_time(lambda: answers["200"] > 20)
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
        before = answers["200"]
        unit.start()
        assert in_time(lambda: unit.told("READY=1", 2)), unit.log.read_text()
        assert in_time(lambda: answers["200"] > before + 20)

    assert set(answers) == {"200"}
    assert unit.told("STOPPING=1")
    assert in_time(lambda: unit.told("WATCHDOG=1", 3))
