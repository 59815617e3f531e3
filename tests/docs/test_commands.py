"""Every command of the manual is run, against the simulator, and prints what the page shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from gateway.cli.app import app
from tests.cli.conftest import Dispatchd
from tests.docs.reader import TOP, Reader, fits, steps
from tests.kit.nursery import Nursery

PAGES = sorted((TOP / "docs").glob("*.md"))
TYPED = [page for page in PAGES if any(steps(page))]
_CODE = re.compile(r"`([^`\n]+)`|^ {4}(.+)$|^\$ (.+)$", re.MULTILINE)
_OPTION = re.compile(r"^--[a-z-]+")
# What the page about Twilio has its reader write down there.
ACCOUNT, KEY = "AC" + "0" * 32, "SK" + "0" * 32
SECRETS = ("--auth-token=the-primary-auth-token", f"--key={KEY}:the-secret-of-that-key")


@pytest.fixture
def reader(
    dispatchd: Dispatchd,
    nursery: Nursery,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Reader]:
    made = Reader(dispatchd, nursery, tmp_path, monkeypatch, {"DATABASE_URL": database})
    made.settings["HTTP_PORT"] = str(made.port)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.stem)
def test_what_a_page_says_happens(reader: Reader, page: Path) -> None:
    if page.stem == "first-call":
        # Twilio's place is taken by the simulator, whose number calls elsewhere at first.
        ours = {"CARRIER": "simulator", "ALERTS_LEAD": "json://127.0.0.1:9"}
        reader.settings |= {**ours, "PUBLIC_URL": f"http://127.0.0.1:{reader.port}"}
        reader.carrier("--number=+12025550100", "--public=https://demo.twilio.com", *SECRETS)
    elif page.stem == "quick-start":
        reader.carrier("--number=+15005550006")
    assert reader.follow(page) == []


def test_pages_that_are_typed_are_found() -> None:
    assert {"quick-start", "first-call", "examples", "upgrading"} <= {one.stem for one in TYPED}


def commands(page: Path) -> Iterator[list[str]]:
    """Yield every `dispatchd …` that stands in code on a page, in words."""
    for found in _CODE.findall(page.read_text(encoding="utf-8")):
        for text in filter(None, found):
            for part in re.findall(
                r"(?<![\w/.-])(?<!-[a-z] )dispatchd ([a-z][a-z-]*[^|)&;#]*)", text
            ):
                yield part.split()


@pytest.mark.parametrize("page", [*PAGES, TOP / "README.md"], ids=lambda page: page.stem)
def test_commands_and_options_that_a_page_names_exist(page: Path) -> None:
    unknown = []
    for words in commands(page):
        command, rest = typer.main.get_command(app), list(words)
        while rest and hasattr(command, "commands"):
            command = command.commands.get(rest.pop(0))
        if command is None:
            unknown.append(" ".join(words))
            continue
        options = {one for given in command.params for one in (*given.opts, *given.secondary_opts)}
        asked = [found[0] for word in rest if (found := _OPTION.match(word))]
        unknown += [f"{words[0]} {one}" for one in asked if one not in {*options, "--help"}]
    assert unknown == []


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ("a  b\n", "a b\n", True),
        ("a …\n", "a cat\n", True),
        ("…\nb\n", "one\ntwo\nb\n", True),
        ("b\n", "one\nb\n", False),
        ("a …\n", "b cat\n", False),
        ("", "anything\n", True),
    ],
)
def test_what_is_shown_is_compared(shown: str, said: str, *, same: bool) -> None:
    assert fits(shown, said) is same
