"""Printing: rich on a terminal, plain elsewhere, JSON lines when asked for."""

# ruff: noqa: PLC0415 - rich is loaded only where there is a terminal

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from rich.console import Console

_GAP: Final = "  "
_NEVER_WRAPPED: Final = 18
_MARKS: Final = {"ok": "green", "warn": "yellow", "fail": "red"}


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Print a line on stderr."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")


def say_json(value: object, *, indent: bool = False) -> None:
    """Print one JSON value, on one line unless indented."""
    options = orjson.OPT_INDENT_2 if indent else 0
    sys.stdout.write(orjson.dumps(value, option=options).decode() + "\n")


def on_terminal() -> bool:
    """Tell whether somebody looks at a terminal."""
    return sys.stdout.isatty()


@cache
def console() -> "Console":
    """Return a console on stdout; it knows by itself whether there are colours."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def say_colored(text: str, style: str) -> None:
    """Print a line in a style, where there is a terminal."""
    if not on_terminal():
        say(text)
        return
    from rich.text import Text

    console().print(Text(text, style=style))


def say_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; a cell `ok`, `warn` or `fail` gets its colour on a terminal."""
    cells = [list(row) for row in rows]
    if not on_terminal():
        _plain_table([list(heads), *cells])
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        longest = max((len(row[place]) for row in cells), default=0)
        table.add_column(head, no_wrap=longest <= _NEVER_WRAPPED, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell, style=_MARKS.get(cell, "")) for cell in row))
    console().print(table, soft_wrap=False)


def _plain_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        line = _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(line.rstrip())
