"""`make chaos`: break everything, again and again, and say what came of it; exit 1 if amiss."""

import argparse
import asyncio
import random
import sys
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from tests.chaos.figures import Figures
from tests.chaos.run import longest, play
from tests.chaos.story import Story, proof, tell

_MESSAGES: Final = 5_000
_ROWS: Final = (
    ("messages", "messages"),
    ("delivered with evidence", "delivered"),
    ("with a lead", "with_a_lead"),
    ("still worked (0)", "still_worked"),
    ("lost (0)", "lost"),
    ("accepts at the carrier", "accepts"),
    ("accepts that counted for nothing (0)", "for_nothing"),
    ("with a lead who was never told (0)", "never_told"),
    ("attempts", "attempts"),
    ("calls at the carrier", "calls"),
    ("texts at the carrier", "texts"),
    ("doubled (0)", "doubled"),
    ("unsure, found at the carrier", "adopted"),
    ("unsure, not there", "found_lost"),
    ("unsure, nothing learnt", "given_up"),
    ("nothing learnt, yet placed (0.5 %)", "unlearnt"),
    ("unsure still (0)", "unsure"),
    ("given up, yet placed (0)", "lost_though_placed"),
    ("two calls on one phone (0)", "overlapping"),
    ("histories broken (0)", "broken_histories"),
    ("delivered without cause (0)", "wrongly_delivered"),
    ("tracebacks (0)", "tracebacks"),
    ("secrets and details told (0)", "told"),
    ("seconds in which silence counts", "judged"),
    ("worst silence past a cue, s (5)", "worst_silence"),
    ("longest standstill past a cue, s", "worst_standstill"),
    ("longest wait for a phone past a cue, s", "worst_wait"),
    ("take-overs of leases", "take_overs"),
    ("worst take-over, s (16)", "worst_take_over"),
    ("troubles", "troubles"),
    ("not over in time (0)", "unfinished"),
    ("seconds", "seconds"),
    ("load average of the last five minutes", "load"),
)


def read_arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="again for several runs")
    parser.add_argument("--messages", type=int, default=_MESSAGES)
    parser.add_argument("--rate", type=float, default=12.0, help="messages a second")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to come to an end")
    parser.add_argument("--hasty", action="store_true", help="without the intent step: must fail")
    parser.add_argument("--prove", action="store_true", help="then once more hasty, and short")
    parser.add_argument("--short", action="store_true", help="few troubles, in half a minute")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for tables, books and logs")
    return parser.parse_args(words)


def show(console: Console, runs: list[Figures]) -> None:
    """Print a column a run."""
    table = Table("", *(f"seed {one.seed}" for one in runs))
    plain = [one.plain() for one in runs]
    for title, name in _ROWS:
        table.add_row(title, *(_words(one[name]) for one in plain))
    console.print(table)


def _words(value: Any) -> str:  # noqa: ANN401 - any figure
    if isinstance(value, dict):
        return ", ".join(f"{name} {times}" for name, times in sorted(value.items()))
    return str(value)


def _run(story: Story, asked: argparse.Namespace, *, hasty: bool, patience: float) -> Figures:
    """Play a story to its end, and say at once what was amiss."""
    keep = asked.keep / str(story.seed) if asked.keep and not hasty else None
    most = longest(story, patience) / 60
    what = f"seed {story.seed}{', without the intent step' if hasty else ''}"
    sys.stderr.write(f"{what}, {len(story.orders)} messages, {most:.0f} minutes at most\n")
    playing = play(story, patience=patience, hasty=hasty, keep=keep)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(playing)
    if hasty:
        sys.stderr.write(f"{what}: {figures.doubled} doubled, as it must be found\n")
    else:
        sys.stderr.write(f"{what}: amiss {figures.amiss or 'nothing'}\n")
    notes = [one for one in figures.notes if one.startswith("doubled") or not hasty]
    sys.stderr.writelines(f"{what}: {note}\n" for note in notes[:20])
    return figures


def main() -> int:
    """Run each seed; 0 when nothing is amiss (with --hasty: when doubles were found)."""
    asked = read_arguments(sys.argv[1:])
    seeds = asked.seed or [random.SystemRandom().randrange(100_000)]
    stories = [tell(one, asked.messages, rate=asked.rate, short=asked.short) for one in seeds]
    runs = [_run(one, asked, hasty=asked.hasty, patience=asked.patience) for one in stories]
    proofs = [_run(proof(seeds[0]), asked, hasty=True, patience=0)] if asked.prove else []
    if asked.json:
        sys.stdout.write(orjson.dumps([one.plain() for one in (*runs, *proofs)]).decode() + "\n")
    else:
        show(Console(width=120 if len(runs) <= 3 else 220), runs)
    judged, spoilt = ([], [*runs, *proofs]) if asked.hasty else (runs, proofs)
    missed = any(not one.doubled for one in spoilt)
    return 1 if missed or any(one.amiss for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
