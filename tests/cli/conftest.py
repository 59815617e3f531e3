"""The command line as a user types it, on a database of the test's own."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from gateway.cli.app import main
from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

NIGHT = Path(__file__).parents[2] / "deploy/examples/rehearsals/northside-night.yaml"
UCN = "49000001"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Dispatchd = Callable[..., Ran]


@pytest.fixture
def quiet() -> Iterator[None]:
    """Give the log back as it was: commands set it up for themselves."""
    root, before, level = logging.getLogger(), list(logging.root.handlers), logging.root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def dispatchd(
    quiet: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Dispatchd:
    """Run a command in this process, through the very `main` of the program."""
    del quiet  # it is there for what it does afterwards
    for name in [name for name in os.environ if name.startswith("DISPATCHD_")]:
        monkeypatch.delenv(name)

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["dispatchd", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return Ran(int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def here(dispatchd: Dispatchd, database: str, monkeypatch: pytest.MonkeyPatch) -> Dispatchd:
    """Run commands on a fresh, migrated database."""
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", database)
    return dispatchd


@pytest.fixture
def night(here: Dispatchd, database: str) -> Dispatchd:
    """Run commands on a database in which the example night was played."""
    scenario = read_scenarios(NIGHT.read_text(encoding="utf-8"), str(NIGHT))[0]
    assert asyncio.run(rehearse(scenario, database)).faults == ()
    return here
