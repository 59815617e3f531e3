"""`run` and `demo` as real processes: they do their work, and leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.demo.house import free_port
from tests.kit.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PROC = Path("/proc")


@contextmanager
def started(folder: Path, *words: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a command in a session of its own, with `folder` for its temporary files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCHD_")}
    named = {f"DISPATCHD_{name}": value for name, value in settings.items()}
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**kept, **named, "TMPDIR": str(folder)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def left_behind(folder: Path) -> list[str]:
    """Name the processes that still live with that folder for their temporary files."""
    return [words for words, _ in processes(folder)]


def processes(folder: Path) -> list[tuple[str, list[str]]]:
    """Return what a list of processes shows of those, and the settings each has."""
    mark, found = f"TMPDIR={folder}", []
    for one in PROC.glob("[0-9]*"):
        try:
            settings = (one / "environ").read_bytes().decode().split("\0")
            if mark in settings:
                words = (one / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append((words, settings))
        except OSError:
            continue
    return found


def nothing_is_left(folder: Path) -> bool:
    """Wait until the last process is gone and tell whether the folder is empty."""
    gone = eventually(lambda: not left_behind(folder))
    return gone and not list(folder.glob("dispatchd-*"))


def answers(url: str) -> bool:
    """Tell whether something answers there with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:  # noqa: S310 - our own
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def test_every_message_of_the_demo_ends_as_the_demo_says(tmp_path: Path) -> None:
    with started(tmp_path, "demo", "--json", DATABASE_URL="postgresql://nobody/none") as demo:
        out, err = demo.communicate()
    lines = [json.loads(line) for line in out.splitlines()]
    scenes = [line for line in lines if line["type"] == "scene"]
    assert [scene["lacking"] for scene in scenes if not scene["ok"]] == []
    assert len(scenes) == 10
    assert demo.returncode == 0, err
    assert len([line for line in lines if line["type"] == "alert"]) == 2
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_cleans_up_after_itself(tmp_path: Path, number: int) -> None:
    with started(tmp_path, "demo") as demo:
        assert demo.stdout
        assert "message.taken" in demo.stdout.readline()
        demo.send_signal(number)
        _, err = demo.communicate()
    assert demo.returncode == 130
    assert err.splitlines()[-1] == "interrupted; everything is stopped"
    assert nothing_is_left(tmp_path)


def test_a_killed_demo_takes_its_processes_with_it(tmp_path: Path) -> None:
    with started(tmp_path, "demo") as demo:
        assert demo.stdout
        assert "message.taken" in demo.stdout.readline()
        alive = processes(tmp_path)
        given = [one for _, settings in alive for one in settings if "_ADMIN_TOKEN=" in one]
        (token,) = {one.partition("=")[2] for one in given}
        assert token not in " ".join(words for words, _ in alive)
        demo.kill()
        demo.communicate()
    assert eventually(lambda: not left_behind(tmp_path))


def test_run_serves_until_sigterm_and_brings_its_own_simulator(
    tmp_path: Path, database: str
) -> None:
    port = free_port()
    settings = {"DATABASE_URL": database, "HTTP_PORT": str(port)}
    with started(tmp_path, "run", **settings) as daemon:
        assert eventually(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        assert any("adapters.simulator" in words for words in left_behind(tmp_path))
        with started(tmp_path, "run", **settings) as second:
            _, err = second.communicate()
        assert second.returncode == 1
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in err
        daemon.send_signal(signal.SIGTERM)
        _, err = daemon.communicate()
    assert daemon.returncode == 0, err
    assert "set DISPATCHD_ALERTS_LEAD" in err
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_database_is_away_ends_run_well(tmp_path: Path, number: int) -> None:
    settings = {
        "DATABASE_URL": "postgresql://someone:hush@127.0.0.1:1/none",
        "PUBLIC_URL": "http://someone:hush@127.0.0.1:8080",
        "HTTP_PORT": "0",
    }
    with started(tmp_path, "run", **settings) as daemon:
        assert daemon.stderr
        assert any("database away" in line for line in daemon.stderr)
        simulators = [words for words in left_behind(tmp_path) if "adapters.simulator" in words]
        daemon.send_signal(number)
        _, err = daemon.communicate()
    assert daemon.returncode == 0, err
    assert "Traceback" not in err
    assert nothing_is_left(tmp_path)
    assert len(simulators) == 1
    assert "--public=http://127.0.0.1:8080" in simulators[0], "a login is on nobody's command line"


def test_a_signal_while_the_embedded_database_starts_leaves_no_server(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="dispatchd-test-") as name:
        house = Path(name)
        house.chmod(0o755)
        pid = house / "postgres/postmaster.pid"
        with started(tmp_path, "run", DATA_DIR=name, HTTP_PORT="0") as daemon:
            assert eventually(pid.exists)
            daemon.send_signal(signal.SIGTERM)
            _, err = daemon.communicate()
        assert daemon.returncode == 0, err
        assert "Traceback" not in err
        assert not pid.exists()
    assert nothing_is_left(tmp_path)


def test_a_database_that_is_away_is_one_clear_line(tmp_path: Path) -> None:
    url = "postgresql://someone:hush@127.0.0.1:1/none"
    with started(tmp_path, "dump", DATABASE_URL=url) as command:
        _, err = command.communicate()
    assert command.returncode == 1
    assert err.count("\n") == 1
    assert err.startswith("database 127.0.0.1:1 none: ")
    assert "hush" not in err
