"""Every `dispatchd …` that stands in the manual's running text is typed, and does what it is for.

One house for all of them: a night that was played, and a carrier. Whole stories, command by command
with what each prints, are in test_commands.py.
"""

import asyncio
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios
from tests.cli.conftest import NIGHT, Dispatchd
from tests.docs.reader import TOP, Reader
from tests.kit.ear import Ear
from tests.kit.nursery import Nursery

PAGES: Final = [*sorted((TOP / "docs").glob("*.md")), TOP / "README.md"]
_CODE: Final = re.compile(r"`([^`\n]+)`|^ {4}(.+)$", re.MULTILINE)
_COMMAND: Final = re.compile(r"(?<![\w/.-])(?<!-[a-z] )dispatchd ([a-z][^|)&;#→`]*)")
_ENV: Final = re.compile(r" --env-file \S+")
# What stands for something of the reader's own.
MEANT: Final = {
    "ACCOUNT": "7001",
    "UCN": "49000001",
    "NAME": "somebody",
    "ROLE": "agent",
    "TEXT": "The backup failed",
    "YOUR-OWN-PHONE": "+12025550177",
}
# With nothing to end them, or long: the quick start runs the daemon and rehearses, and
# tests/cli/test_processes.py, test_init.py and test_rehearse.py do the rest.
ELSEWHERE: Final = {"run", "demo", "init", "rehearse"}
# What a sentence speaks of, with nothing behind it.
NAMES: Final = {("load",), ("probe",), ("backup",)}
# They exit 1 to say something: that not all is well, or that there is none of it.
MAY_FAIL: Final = {"check", "chores"}

ARRIVES: Final = {
    "calls": [{"answer_after": "0.1s", "hang_up_after": "0.2s"}],
    "texts": [{"delivered_after": "0.1s"}],
}


def typed(text: str) -> Iterator[str]:
    """Yield each command of a page as it is typed, without what is left to the reader."""
    for found in _CODE.findall(text):
        for part in filter(None, found):
            for words in _COMMAND.findall(part):
                yield _ENV.sub("", words.split("  ")[0]).strip(" .,:")


def meant(command: str, folder: Path) -> list[str]:
    """Return a command's words with something in the place of what stands for it."""
    examples = str(TOP / "deploy/examples")
    rehearsed = command.startswith("rehearse")
    named = f"{examples}/{'rehearsals/' if rehearsed else ''}northside.yaml"
    own = {
        **MEANT,
        "FILE…": named,
        "FOLDER": str(folder / "kept"),
        "/var/backups/dispatchd": "kept",
    }
    words = shlex.split(command.replace("[", "").replace("]", ""))
    placed = [own.get(word, word) for word in words]
    return [re.sub(r"^deploy/examples", examples, word) for word in placed]


def lines(folder: Path) -> list[tuple[str, ...]]:
    """Return every command once; those that take something away come last."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    found = {tuple(meant(command, folder)): None for text in texts for command in typed(text)}
    whole = [words for words in found if words[0] not in ELSEWHERE and words not in NAMES]
    return sorted(whole, key=lambda words: ("--forget" in words, words[0] == "erase", words))


@pytest.mark.slow
def test_every_command_of_the_running_text_works(
    dispatchd: Dispatchd,
    nursery: Nursery,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (scenario,) = read_scenarios(NIGHT.read_text(encoding="utf-8"), str(NIGHT))
    assert asyncio.run(rehearse(scenario, database)).faults == ()
    settings = {"DATABASE_URL": database, "CARRIER": "simulator", "TWILIO_FROM": "+15005550006"}
    reader = Reader(dispatchd, nursery, tmp_path, monkeypatch, settings)
    wrong = {}
    with closing(reader), closing(Ear()) as ear:
        reader.settings["ALERTS_LEAD"] = ear.url
        reader.carrier("--number=+15005550006")
        reader.started[0].ask("people", {"+12025550177": ARRIVES})
        for name, value in reader.settings.items():
            monkeypatch.setenv(f"DISPATCHD_{name}", value)
        monkeypatch.chdir(tmp_path)
        for words in lines(tmp_path):
            ran = dispatchd(*words)
            if ran.code not in ({0, 1} if words[0] in MAY_FAIL else {0}):
                wrong[" ".join(words)] = ran.err
    assert wrong == {}
    assert ear.heard == [MEANT["TEXT"]]


def test_the_commands_of_a_page_are_found() -> None:
    text = """
Type `dispatchd who ACCOUNT [--at TIME]`, or:

    dispatchd why 49000001 --env-file dispatchd.env      # which says why
    runuser -u dispatchd -- dispatchd-other thing
"""
    assert list(typed(text)) == ["who ACCOUNT [--at TIME]", "why 49000001"]
    assert len(lines(TOP)) > 25
