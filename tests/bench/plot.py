"""Draws what a claim costs against how much is pending, as PNG and SVG."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

_SIZED: Final = re.compile(r"claim of 100 with ([\d,]+) pending, p50 ms")
_WORN: Final = re.compile(r"claim of 100 (after|with a transaction).*p50 ms")


def plot(figures: Mapping[str, float], folder: Path) -> None:
    """Write `claim.png` and `claim.svg` into a folder; nothing when no claim was measured."""
    sizes = {int(found[1].replace(",", "")): value for found, value in _found(figures, _SIZED)}
    if not sizes:
        return
    mpl.rcParams["svg.hashsalt"] = "dispatchd"  # the same picture, the same bytes
    page = Figure(figsize=(7, 4), layout="constrained")
    axes = page.subplots()
    axes.plot([*sizes], [*sizes.values()], marker="o", label="fresh")
    for name, (found, value) in zip(("s", "^"), _found(figures, _WORN), strict=False):
        words = "after many cycles" if found[1] == "after" else "and a transaction held open"
        axes.plot([max(sizes)], [value], marker=name, linestyle="", label=words)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set(xlabel="jobs pending", ylabel="claim of 100, p50 ms")
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    page.savefig(folder / "claim.png", dpi=120)
    page.savefig(folder / "claim.svg", metadata={"Date": None})


def _found(
    figures: Mapping[str, float], pattern: re.Pattern[str]
) -> list[tuple[re.Match[str], float]]:
    return [(found, value) for name, value in figures.items() if (found := pattern.fullmatch(name))]
