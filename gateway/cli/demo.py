"""`demo`: the night played for whoever looks on, and judged."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from gateway.cli.faults import FAILED
from gateway.cli.output import complain, on_terminal, say, say_colored, say_json, say_table
from gateway.cli.timeline import say_item
from gateway.clock import SystemClock
from gateway.demo.evening import Evening, Verdict
from gateway.demo.house import House, free_port, standing
from gateway.demo.script import Night, read_night
from gateway.demo.web import AnswerError, Ear, outside
from gateway.log import set_up

_HEADS = ("", "message", "what should happen", "what happened", "evidence", "seconds")
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Screen:
    """Prints what happens, as words or as JSON lines."""

    as_json: bool

    def item(self, item: dict[str, Any]) -> None:
        """Print a history item."""
        if self.as_json:
            say_json({"type": "history", **item})
        else:
            say_item(item, None)
        sys.stdout.flush()

    def alert(self, text: str) -> None:
        """Print an alert."""
        if self.as_json:
            say_json({"type": "alert", "sink": "lead", "text": text})
        else:
            say_colored(f"ALERT to a lead: {text}", "bold yellow")
        sys.stdout.flush()

    def starting(self, what: str) -> None:
        """Say on stderr what is being started; on a terminal the line is written over."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[KStarting {what} …")
        else:
            sys.stderr.write(f"Starting {what} …\n")
        sys.stderr.flush()

    def started(self) -> None:
        """Clear that line."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")

    def summary(self, verdicts: list[Verdict]) -> None:
        """Print how every scene ended."""
        if self.as_json:
            for one in verdicts:
                say_json(_values(one))
            return
        say()
        say_table(_HEADS, [_row(one) for one in verdicts])
        good = sum(not one.lacking for one in verdicts)
        say_colored(f"\n{good} of {len(verdicts)} messages ended as they should.", "bold")


def _row(one: Verdict) -> list[str]:
    mark = "fail" if one.lacking else "ok"
    return [
        mark,
        one.scene.ucn,
        one.scene.should,
        one.happened,
        one.evidence,
        f"{one.seconds:.1f}",
    ]


def _values(one: Verdict) -> dict[str, object]:
    return {
        "type": "scene",
        "ucn": one.scene.ucn,
        "should": one.scene.should,
        "happened": one.happened,
        "evidence": one.evidence or None,
        "seconds": round(one.seconds, 1),
        "ok": not one.lacking,
        "lacking": list(one.lacking),
    }


def play(*, serve: bool, as_json: bool) -> int:
    """Play the demo; return 0 only if every message ended as it should."""
    set_up("console", "error", SystemClock().now)
    screen, night, ear = Screen(as_json), read_night(), Ear()
    port = free_port()
    try:
        with (
            _ended_by_signals(),
            standing(night.people, f"json://127.0.0.1:{port}", screen.starting) as house,
        ):
            verdicts = asyncio.run(_evening(house, night, (ear, port), (screen, serve)))
    except KeyboardInterrupt:
        screen.started()
        complain("interrupted; everything is stopped")
        return _INTERRUPTED
    except AnswerError as fault:
        complain(f"the demo cannot go on: {fault}")
        return FAILED
    return FAILED if any(one.lacking for one in verdicts) else 0


async def _evening(
    house: House, night: Night, ears: tuple[Ear, int], show: tuple[Screen, bool]
) -> list[Verdict]:
    (ear, port), (screen, serve) = ears, show
    async with ear.open(port), outside(house) as way:
        evening = Evening(way, ear, screen)
        await evening.open(night)
        screen.started()
        verdicts = await evening.play(night)
        screen.summary(verdicts)
        for one in verdicts:
            for words in one.lacking:
                complain(f"{one.scene.ucn}: {words}")
        if serve:
            await _serve(house)
    return verdicts


async def _serve(house: House) -> None:
    """Keep everything up until somebody presses Ctrl-C."""
    say(f"\nThe web side is up at {house.url} (API docs at {house.url}/docs).")
    say(f"Admin token: {house.tokens['admin']}")
    say("Ctrl-C ends it." if on_terminal() else "SIGTERM ends it.")
    sys.stdout.flush()
    await asyncio.Event().wait()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does, with everything cleaned up.

    Ctrl-C too raises where it strikes: a task that is merely canceled may be past caring.
    """

    def ended(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, ended) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, former in before.items():
            signal.signal(one, former)
