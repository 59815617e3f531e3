"""Playing scenarios one after the other, and telling what came of each."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from gateway.cli.faults import FAILED
from gateway.cli.files import read_text
from gateway.cli.output import complain, on_terminal, say, say_colored, say_json
from gateway.cli.timeline import say_item
from gateway.clock import SystemClock
from gateway.daemon.garbage import search_seldom
from gateway.domain.problems import DocumentError, Problem
from gateway.log import set_up
from gateway.rehearsal.run import Outcome, rehearse
from gateway.rehearsal.scenario import Scenario, read_scenarios
from gateway.store.scratch import Scratch


def read_all(files: Sequence[Path]) -> list[tuple[str, Scenario]]:
    """Read the scenarios of all files with the file each is from; DocumentError lists all faults.

    Mistake for a file that cannot be opened.
    """
    found: list[tuple[str, Scenario]] = []
    problems: list[Problem] = []
    for path in files:
        try:
            scenarios = read_scenarios(read_text(path), str(path))
        except DocumentError as fault:
            problems += fault.problems
            continue
        if not scenarios:
            problems.append(Problem(str(path), 1, "", "holds no scenario"))
        found += [(str(path), one) for one in scenarios]
    if problems:
        raise DocumentError(*problems)
    return found


def play_all(scenarios: Sequence[tuple[str, Scenario]], url: str, telling: "Telling") -> int:
    """Play the scenarios on the throwaway server at `url`; return the exit code."""
    set_up("console", "error", SystemClock().now)
    search_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_play_all(scenarios, url, telling))
    telling.end()
    return FAILED if telling.failed else 0


async def _play_all(
    scenarios: Sequence[tuple[str, Scenario]], url: str, telling: "Telling"
) -> None:
    scratch = await Scratch.on(url)
    for origin, scenario in scenarios:
        outcome = await rehearse(scenario, await scratch.fresh())
        telling.tell(origin, outcome)


@dataclass(slots=True)
class Telling:
    """Prints outcomes: JSON lines, or words with the whole timeline where that is wanted."""

    as_json: bool
    verbose: bool
    rows: list[tuple[str, Outcome]] = field(default_factory=list)
    failed: int = 0

    def tell(self, origin: str, outcome: Outcome) -> None:
        """Print one outcome; what failed goes to stderr."""
        self.rows.append((origin, outcome))
        self.failed += bool(outcome.faults)
        if self.as_json:
            for line in json_lines(origin, outcome):
                say_json(line)
        else:
            self._words(origin, outcome)
        for remark in outcome.scenario.remarks:
            complain(remark.sentence())
        for fault in outcome.faults:
            complain(f"{origin}: {outcome.scenario.name}: {fault}")
        for words in outcome.differs:  # a fault of the program, not of the scenario
            complain(f"{origin}: {outcome.scenario.name}: the history lacks something: {words}")

    def _words(self, origin: str, outcome: Outcome) -> None:
        word = "FAILED" if outcome.faults else "ok"
        line = f"{word:6}  {outcome.seconds:5.2f} s  {outcome.scenario.name}  ({origin})"
        say_colored(line, "bold red" if outcome.faults else "green")
        if self.verbose:
            for item in outcome.items:
                say_item(item, outcome.scenario.zone)
            say()

    def end(self) -> None:
        """Print how it went as a whole, for people and for more than one scenario."""
        if self.as_json or (len(self.rows) < 2 and not on_terminal()):  # noqa: PLR2004 - "one"
            return
        good = len(self.rows) - self.failed
        seconds = sum(outcome.seconds for _, outcome in self.rows)
        say_colored(f"{good} of {len(self.rows)} scenarios hold, {seconds:.1f} s", "bold")


def json_lines(origin: str, outcome: Outcome) -> Iterator[dict[str, object]]:
    """Yield a scenario's history, what left, and at last how it ended."""
    for item in outcome.items:
        yield {"type": "history", **item}
    yield from outcome.left
    yield {
        "type": "scenario",
        "file": origin,
        "name": outcome.scenario.name,
        "ok": not outcome.faults,
        "faults": list(outcome.faults),
    }
