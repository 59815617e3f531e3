"""The units are what systemd takes without a word, hardened, and agree with the program."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer.main

from gateway.cli.app import app
from tests.kit.tools import program

TOP = Path(__file__).parents[2]
FOLDER = TOP / "deploy"
DAEMONS = ("dispatchd.service", "dispatchd-engine@.service")
TIMED = ("dispatchd-backup", "dispatchd-probe")
SERVICES = (*DAEMONS, *(f"{name}.service" for name in TIMED), "dispatchd-failed@.service")
TIMERS = tuple(f"{name}.timer" for name in TIMED)
UNITS = (*SERVICES, "dispatchd.socket", *TIMERS)
PROGRAM = "/opt/dispatchd/bin/dispatchd"
EXPOSED_AT_MOST = 2.0


@pytest.fixture
def analyze() -> str:
    """Find the tool that looks at units."""
    return program(
        "systemd-analyze", "systemd-analyze is not installed here (Debian: apt-get install systemd)"
    )


class Unit(dict[str, list[str]]):
    """The assignments of a unit, each key with its values in order."""

    def __init__(self, name: str) -> None:
        super().__init__()
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self.setdefault(key, []).append(value)


def installed(folder: Path) -> list[str]:
    """Copy the units with a program that is there; return their paths, an instance's too."""
    program = folder / "dispatchd"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert PROGRAM in text or not name.endswith(".service")
        (folder / name).write_text(text.replace(PROGRAM, str(program)), encoding="utf-8")
    return [str(folder / name.replace("@.", "@1.")) for name in UNITS]


def test_systemd_finds_nothing_to_say(analyze: str, tmp_path: Path) -> None:
    words = [analyze, "verify", "--man=no", "--recursive-errors=one", *installed(tmp_path)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - found

    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_break_in_would_gain_is_little(analyze: str, name: str) -> None:
    words = [analyze, "security", "--offline=yes", "--no-pager", str(FOLDER / name)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - found

    rated = re.search(r"Overall exposure level for \S+: ([0-9.]+)", ran.stdout)
    assert rated, ran.stdout + ran.stderr
    assert float(rated[1]) <= EXPOSED_AT_MOST


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_is_an_instant_systemd_knows(analyze: str, name: str) -> None:
    (when,) = Unit(name)["OnCalendar"]
    ran = subprocess.run([analyze, "calendar", when], capture_output=True, check=False)  # noqa: S603 - found

    assert ran.returncode == 0


def test_units_run_commands_that_the_program_has() -> None:
    commands = {name: Unit(name)["ExecStart"] for name in SERVICES}

    assert commands == {
        "dispatchd.service": [f"{PROGRAM} run"],
        "dispatchd-engine@.service": [f"{PROGRAM} run --role engine"],
        "dispatchd-backup.service": [f"{PROGRAM} backup /var/backups/dispatchd --keep 14"],
        "dispatchd-probe.service": [f"{PROGRAM} probe --to ${{PROBE_TO}} --scheduled 15m"],
        "dispatchd-failed@.service": [
            f'{PROGRAM} alert "%i failed on %H: see journalctl --unit %i"'
        ],
    }
    for (line,) in commands.values():
        assert understood(shlex.split(line)[1:]), line


def understood(words: list[str]) -> bool:
    """Tell whether the program has this command, with these options and so many words."""
    command = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    return bool(command.make_context(words[0], words[1:], resilient_parsing=True))


def test_a_probe_is_expected_as_often_as_its_timer_makes_it() -> None:
    (line,), (when,) = Unit("dispatchd-probe.service")["ExecStart"], Unit(TIMERS[1])["OnCalendar"]

    assert when == "*:0/15"
    assert line.endswith("--scheduled 15m")


def test_a_backup_that_fails_is_told_to_a_lead() -> None:
    assert Unit("dispatchd-backup.service")["OnFailure"] == ["dispatchd-failed@%N.service"]


@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_that_hangs_or_ends_is_started_again_for_ever(name: str) -> None:
    unit = Unit(name)

    assert unit["Type"] == ["notify"]
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert 0 < int(unit["WatchdogSec"][0]) <= 60
    # A minute for whoever is on the line, 20 s for requests, and room to spare.
    assert int(unit["TimeoutStopSec"][0]) >= 100


def test_the_user_of_the_units_is_made_and_folders_are_theirs() -> None:
    user = (FOLDER / "sysusers.conf").read_text(encoding="utf-8")
    folders = (FOLDER / "tmpfiles.conf").read_text(encoding="utf-8")

    assert {value for name in SERVICES for value in Unit(name)["User"]} == {"dispatchd"}
    assert re.search(r"^u dispatchd ", user, re.MULTILINE)
    assert re.search(r"^d /var/backups/dispatchd 0700 dispatchd dispatchd", folders, re.MULTILINE)
    assert re.search(r"^z /etc/dispatchd/\*\.env 0640 root dispatchd", folders, re.MULTILINE)
