"""Figures, and what each must reach: judged by one table, printed or given as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from rich.table import Table

Figures = dict[str, float]
_SMALL: Final = 10


class Must(NamedTuple):
    """What a figure must reach: `bound` at least or at most; or another figure its own instead."""

    figure: str
    bound: float
    stretch: float | None = None
    least: bool = False
    instead: tuple[str, float] | None = None

    def reached(self, figures: Mapping[str, float]) -> bool:
        """Tell whether it is, or the other one instead."""
        other = self.instead is not None and figures.get(self.instead[0], 0) >= self.instead[1]
        return other or self._holds(figures[self.figure], self.bound)

    def stretched(self, figures: Mapping[str, float]) -> bool:
        """Tell whether even what is wished for is reached."""
        return self.stretch is not None and self._holds(figures[self.figure], self.stretch)

    @property
    def words(self) -> str:
        """Say it: `≥ 3,500 or 0.7 of …`."""
        said = f"{'≥' if self.least else '≤'} {_number(self.bound)}"
        return f"{said} or {self.instead[1]:g} of the bare loop" if self.instead else said

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.least else value <= bound


_LOOP: Final = "dispatches over HTTP per request of a bare loop"
MUSTS: Final = (
    Must("dispatches without HTTP per PgQueuer job", 1.0, 2.0, least=True),
    Must("dispatches without HTTP per Procrastinate job", 12, least=True),
    Must("dispatches/s over HTTP", 3_500, 5_000, least=True, instead=(_LOOP, 0.7)),
    Must("CPU µs per dispatch without HTTP", 80, 40),
    Must("due to request, 50 jobs/s, p50 ms", 5),
    Must("due to request, 50 jobs/s, p99 ms", 15),
    Must("urgent due to request while others drain, p99 ms", 250, 50),
    Must("signed webhooks/s, c=32", 3_500, 5_000, least=True),
    Must("signed webhook p99 ms, c=32", 20),
    Must("key press to TwiML at 200/s, p99 ms", 20, 10),
    Must("claim of 100, most to least pending", 1.5, 1.2),
    Must("claim of 100 after many cycles, to fresh", 3, 2),
    Must("claim of 100 with a transaction held open, to fresh", 3, 2),
    Must("two processes to one, less what no idle core allowed", 1.0, least=True),
    Must("POST to first attempt, idle, p99 ms", 25, 10),
    Must("rehearsal of a day, 200 accounts, 5,000 messages, s", 20, 5),
    Must("idle: share of a core, %", 1),
    Must("idle: transactions/s", 2),
    Must("RSS with 10,000 accounts and 1,000,000 jobs pending, MB", 250, 150),
)


def judged(figures: Mapping[str, float]) -> dict[str, tuple[Must, bool]]:
    """Judge what was measured, by the figure's name."""
    return {one.figure: (one, one.reached(figures)) for one in MUSTS if one.figure in figures}


def missed(figures: Mapping[str, float]) -> list[str]:
    """Name the figures that are not what they must be."""
    return [name for name, (_, reached) in judged(figures).items() if not reached]


def table(figures: Mapping[str, float], title: str) -> Table:
    """Put figures beside what they must reach."""
    shown = Table(title=title)
    for heading in ("figure", "measured", "must", "stretch", ""):
        shown.add_column(heading, justify="right" if heading == "measured" else "left")
    for row in rows(figures):
        shown.add_row(*row)
    return shown


def rows(figures: Mapping[str, float]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield each figure as words: name, value, must, stretch, verdict."""
    verdicts = judged(figures)
    for name, value in figures.items():
        if name not in verdicts:
            yield name, _number(value), "", "", ""
            continue
        must, reached = verdicts[name]
        word = "missed" if not reached else "stretch" if must.stretched(figures) else "reached"
        yield name, _number(value), must.words, _number(must.stretch), word


def whole(figures: Mapping[str, float], stated: Mapping[str, str]) -> dict[str, Any]:
    """Return all of it for JSON: the machine, the figures, the musts."""
    musts = {
        name: {"must": must.words, "stretch": must.stretch, "reached": reached}
        for name, (must, reached) in judged(figures).items()
    }
    return {"machine": dict(stated), "figures": dict(figures), "musts": musts}


def at(values: list[float], share: float) -> float:
    """Return the value below which that share of them lies; they need not be sorted."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}" if abs(value) < _SMALL else f"{value:,.1f}"
