"""`make bench`: what must be reached, each figure the real thing, and on what machine.

Absolute figures move with the machine, from one minute to the next by twice and more; so peers run
in between, round by round, on the same server, and ratios taken in one run are what counts. Ends
with 1 when a figure is not what it must be, or one could not be taken in the time there is.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
import uvloop
from rich.console import Console

from gateway.clock import SystemClock
from gateway.log import set_up
from gateway.store.embedded import shared
from tests.bench import figures as told
from tests.bench.claims import claims
from tests.bench.course import FULL, QUICK, Course
from tests.bench.figures import Figures
from tests.bench.latency import latency, urgent
from tests.bench.machine import stated
from tests.bench.night import night
from tests.bench.pairs import pairs
from tests.bench.parts import NOT_MEASURED, Part, each
from tests.bench.standing import standing
from tests.bench.throughput import throughput
from tests.bench.webhooks import presses, webhooks

PARTS: Final[Mapping[str, Part]] = {
    "throughput": throughput,
    "latency": latency,
    "urgent": urgent,
    "webhooks": webhooks,
    "presses": presses,
    "claims": claims,
    "pairs": pairs,
    "standing": standing,
    "night": night,
}
_SECONDS: Final = {"full": 600, "quick": 90}
# What has not begun by then could not end in time.
_LAST_MINUTE: Final = 0.85


async def _measure(asked: argparse.Namespace, server: str) -> tuple[Figures, dict[str, str]]:
    """Measure what was asked for on this server; beside the figures, words on how."""
    scale, seconds = (QUICK, _SECONDS["quick"]) if asked.quick else (FULL, _SECONDS["full"])
    began = time.perf_counter()
    if asked.pending:
        scale = scale._replace(pending=tuple(asked.pending), history=asked.history)
        seconds *= 10
    seconds = asked.minutes * 60 or seconds
    course = Course(server, scale, began + seconds)
    words = await stated(server)
    parts = {name: part for name, part in PARTS.items() if not asked.parts or name in asked.parts}
    found, missing = await each(parts, course, seconds * (1 - _LAST_MINUTE))
    words |= missing
    words["load average after"] = f"{os.getloadavg()[0]:.1f}"
    words["took"] = f"{time.perf_counter() - began:.0f} s"
    return found, words


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="less of everything, in 90 s")
    parser.add_argument(
        "--pending", type=int, nargs="+", help="sizes to claim from, such as 5000000"
    )
    parser.add_argument("--history", type=int, default=0, help="items of history beside them")
    parser.add_argument("--minutes", type=float, default=0, help="take so long, on a busy machine")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--into", type=Path, help="a file to append the table to, as Markdown")
    parser.add_argument("--plot", type=Path, help="a folder for the claim's cost as PNG and SVG")
    return parser.parse_args()


def _written(figures: Figures, words: Mapping[str, str], into: Path) -> None:
    """Append the table to a page."""
    lines = ["", *(f"- {name}: {word}" for name, word in words.items()), ""]
    lines += ["| figure | measured | must | stretch | |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in told.rows(figures)]
    with into.open("a", encoding="utf-8") as page:
        page.write("\n".join(lines) + "\n")


def main() -> None:
    """Measure, print and judge."""
    asked = _asked()
    # As in production every decision writes its line; where to is not our measurement.
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        tempfile.TemporaryDirectory(prefix="dispatchd-bench-") as folder,
    ):
        Path(folder).chmod(0o755)
        set_up("json", "info", SystemClock().now, nowhere)
        with shared(Path(folder)) as server:
            figures, words = uvloop.run(_measure(asked, server))
    if asked.json:
        line = orjson.dumps(told.whole(figures, words), option=orjson.OPT_INDENT_2)
        sys.stdout.write(f"{line.decode()}\n")
    else:
        lines = [f"{name}: {word}" for name, word in words.items()]
        Console().print(told.table(figures, "dispatchd, Postgres with fsync"), "\n".join(lines))
    if asked.into:
        _written(figures, words, asked.into)
    if asked.plot:
        from tests.bench.plot import plot  # noqa: PLC0415 - a second of loading, when asked for

        plot(figures, asked.plot)
    not_measured = [name for name in words if name.startswith(NOT_MEASURED)]
    for name in (*told.missed(figures), *not_measured):
        sys.stderr.write(f"missed: {name}\n")
    sys.exit(bool(told.missed(figures) or not_measured))


if __name__ == "__main__":
    main()
