"""Somebody who reads a page of the manual and types what stands there, against a simulator."""

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.cli.conftest import Dispatchd
from tests.kit.nursery import Nursery
from tests.kit.programs import Carrier, Daemon, Process, free_port, in_time

TOP = Path(__file__).parents[2]
PORT_OF_THE_PAGES = ":8080"
_BLOCK = re.compile(r"^```(console|env)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TAKEN = re.compile(r"(\w+)=\$\((.*)\)")
# What is asked again until it says what the page says: the daemon works meanwhile.
_AGAIN = {"why", "history"}
# It exits 1 while anything at all is not as it should be.
_MAY_FAIL = {"check"}


class Step(NamedTuple):
    """A command with what the page says it prints, or lines for the settings file."""

    kind: str
    command: str
    printed: str


def steps(page: Path) -> Iterator[Step]:
    """Yield what a page has its reader do, in order."""
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "env":
            yield Step(kind, text, "")
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield Step(kind, command, printed)


def fits(printed: str, said: str) -> bool:
    """Tell whether a page shows what was said; `…` stands for anything, a line of it for lines."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    parts = ["(?:.*\n)*" if one == "…" else _pattern(one) + "\n" for one in lines]
    plain = "".join(" ".join(line.split()) + "\n" for line in said.splitlines() if line.strip())
    return not printed.strip() or re.fullmatch("".join(parts), plain) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))


@dataclass
class Reader:
    """Does what a page says in a folder of their own; `settings` are what their house has."""

    dispatchd: Dispatchd
    nursery: Nursery
    folder: Path
    patch: pytest.MonkeyPatch
    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    names: dict[str, str] = field(default_factory=dict)
    started: list[Carrier | Daemon] = field(default_factory=list)

    def carrier(self, *wishes: str) -> None:
        """Start a carrier for those settings."""
        port = free_port()
        words = ["adapters.simulator", f"--port={port}", *wishes]
        process = Process(self.nursery, words, self.folder / "carrier.log", dict(os.environ))
        self.started.append(Carrier(process, port))
        self.started[-1].start()
        self.settings["TWILIO_BASE_URL"] = f"http://127.0.0.1:{port}"

    def follow(self, page: Path) -> list[str]:
        """Do all that the page says; return what did not go as it says."""
        self.patch.chdir(self.folder)
        for name, value in self.settings.items():
            self.patch.setenv(f"DISPATCHD_{name}", value)
        return [fault for step in steps(page) if (fault := self._do(step))]

    def _do(self, step: Step) -> str:
        if step.kind == "env":
            with Path("dispatchd.env").open("a", encoding="utf-8") as file:
                file.write(step.command)
            return ""
        taken = _TAKEN.fullmatch(step.command)
        if taken:
            _, *words = shlex.split(taken[2])
            self.names[taken[1]] = self.dispatchd(*words).out.strip()
            return ""
        words = self._words(step.command)
        found: list[tuple[int, str]] = []

        def right() -> bool:
            found.append(self._run(words))
            return found[-1][0] == 0 and fits(step.printed, found[-1][1])

        asked = words[1] if words[0] == "dispatchd" else ""
        if in_time(right) if asked in _AGAIN else right():
            return ""
        if asked in _MAY_FAIL and found[-1][0] == 1 and fits(step.printed, found[-1][1]):
            return ""
        code, said = found[-1]
        return f"$ {step.command}\nexit {code}, said:\n{said}\nexpected:\n{step.printed}"

    def _words(self, command: str) -> list[str]:
        for name, value in self.names.items():
            command = command.replace(f"${name}", value)
        words = shlex.split(command.replace(PORT_OF_THE_PAGES, f":{self.port}"))
        examples = f"{TOP / 'deploy/examples'}/"
        return [re.sub(r"^(?:\.\./)?deploy/examples/", examples, word) for word in words]

    def _run(self, words: list[str]) -> tuple[int, str]:
        match words:
            case ["cd", folder]:
                self.patch.chdir(folder)
                return 0, ""
            case ["dispatchd", "run", "--env-file", path, "&"]:
                return self._start(Path(path).absolute())
            case ["dispatchd", *rest]:
                ran = self.dispatchd(*rest)
                return ran.code, ran.out + ran.err
            case ["curl", *rest]:
                return _curl(rest)
        raise AssertionError(f"nobody here runs {words[0]}")

    def _start(self, env_file: Path) -> tuple[int, str]:
        words = ["gateway", "run", "--env-file", str(env_file)]
        process = Process(self.nursery, words, self.folder / "daemon.log", dict(os.environ))
        self.started.append(Daemon(process, self.port))
        self.started[-1].start()
        return 0, ""

    def close(self) -> None:
        """End whatever was started."""
        for one in self.started:
            one.process.over()
            one.web.close()


def _curl(words: list[str]) -> tuple[int, str]:
    """Do what curl would with -s, -H and -d; 22 for an error, as its --fail. What runs is up."""
    url, headers, body = "", {}, None
    rest = iter(words)
    for word in rest:
        match word:
            case "-s" | "--retry-connrefused":
                pass
            case "--retry":
                next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest)
            case _:
                url = word
    method = "GET" if body is None else "POST"
    answer = httpx.request(method, url, headers=headers, content=body, timeout=20, trust_env=False)
    return (0 if answer.is_success else 22), answer.text
