"""Panels drawn as Grafana lays them out, in SVG: figures in green or red, and graphs."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

Line = Sequence[tuple[float, float]]
"""Seconds since 1970, and the value then."""

_ACROSS, _DOWN, _GAP = 50, 26, 4
_COLORS: Final = ("#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#f2495c", "#b877d9", "#8ab8ff")
_STYLE: Final = (
    "text{font:11px sans-serif;fill:#d8d9da}.t{font-weight:bold}.s{font-size:9px;fill:#9fa1a5}"
    ".f{font-size:26px;text-anchor:middle;fill:#fff}.r{font-size:13px}polyline{fill:none}"
)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a panel stands, in pixels."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def of(cls, place: Mapping[str, int]) -> "Box":
        """Read a place on Grafana's grid."""
        x, y = place["x"] * _ACROSS, place["y"] * _DOWN
        return cls(x, y, place["w"] * _ACROSS - _GAP, place["h"] * _DOWN - _GAP)


def page(panels: Sequence[tuple[Mapping[str, Any], Mapping[str, Line]]], words: str) -> str:
    """Draw all panels, each with its lines by name; `words` stand below."""
    bottom = max((p["gridPos"]["y"] + p["gridPos"]["h"]) * _DOWN for p, _ in panels)
    width, height = 24 * _ACROSS, bottom + 24
    drawn = "\n".join(itertools.chain.from_iterable(panel(*one) for one in panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" fill="#111217"/>\n{drawn}\n'
        f'<text x="6" y="{bottom + 15}" class="s">{escape(words)}</text>\n</svg>\n'
    )


def panel(shown: Mapping[str, Any], lines: Mapping[str, Line]) -> Iterator[str]:
    """Draw one panel."""
    box, title = Box.of(shown["gridPos"]), escape(shown["title"])
    if shown["type"] == "row":
        yield f'<text x="{box.x + 4}" y="{box.y + 17}" class="t r">{title}</text>'
        return
    unit = shown["fieldConfig"]["defaults"]["unit"]
    figure = shown["type"] == "stat"
    last = next((line[-1][1] for line in lines.values() if line), None)
    red = shown["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] if figure else 0
    bad = last is not None and last >= red
    color = ("#c4162a" if bad else "#37872d") if figure else "#181b1f"
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.w}" height="{box.h}" rx="2" fill="{color}"/>'
        f'<text x="{box.x + 6}" y="{box.y + 15}" class="t">{title}</text>'
    )
    if figure:
        middle = f'x="{box.x + box.w / 2}" y="{box.y + box.h / 2 + 18}"'
        yield f'<text {middle} class="f">{"no value" if last is None else value(last, unit)}</text>'
    else:
        yield from _graph(box, lines, unit)


def _graph(box: Box, lines: Mapping[str, Line], unit: str) -> Iterator[str]:
    there = {name: line for name, line in lines.items() if line}
    if not there:
        middle = f'x="{box.x + box.w / 2 - 24}" y="{box.y + box.h / 2}"'
        yield f'<text {middle} class="s">no values</text>'
        return
    inner = Box(box.x + 48, box.y + 26, box.w - 56, box.h - 26 - 34)
    since = min(line[0][0] for line in there.values())
    until = max(since + 1, *(line[-1][0] for line in there.values()))
    most = max(max(v for _, v in line) for line in there.values()) or 1.0
    for part in (0, 0.5, 1):
        y = inner.y + inner.h * (1 - part)
        yield (
            f'<path d="M{inner.x} {y}h{inner.w}" stroke="#2c3235"/>'
            f'<text x="{box.x + 4}" y="{y + 3}" class="s">{value(most * part, unit)}</text>'
        )
    for (_, line), color in zip(there.items(), itertools.cycle(_COLORS), strict=False):
        points = " ".join(
            f"{inner.x + inner.w * (at - since) / (until - since):.1f},"
            f"{inner.y + inner.h * (1 - v / most):.1f}"
            for at, v in line
        )
        yield f'<polyline points="{points}" stroke="{color}" stroke-width="1.3"/>'
    yield from _legend(Box(inner.x - 40, box.y + box.h - 22, box.w - 8, 22), [*there])


def _legend(box: Box, names: Sequence[str]) -> Iterator[str]:
    """Name the lines, as many as there is room for in two rows."""
    x, y = box.x, box.y + 4
    for name, color in zip(names, itertools.cycle(_COLORS), strict=False):
        width = 14 + 5.2 * len(name)
        if x + width > box.x + box.w:
            x, y = box.x, y + 11
        if y > box.y + box.h:
            return
        yield f'<rect x="{x}" y="{y - 3}" width="8" height="3" fill="{color}"/>'
        yield f'<text x="{x + 11}" y="{y + 1}" class="s">{escape(name)}</text>'
        x += width + 8


def value(number: float, unit: str) -> str:
    """Write a value in its unit."""
    match unit:
        case "s" if number >= 60:
            return f"{number / 60:.1f} min"
        case "s" if number < 1:
            return f"{number * 1000:.0f} ms"
        case "s":
            return f"{number:.1f} s"
        case "percentunit":
            return f"{number:.1%}"
        case "ops" | "reqps":
            return f"{number:.2f}/s"
        case _:
            return f"{number:.4g}"
