"""Named SQL, kept in a `.sql` file beside its user and read once.

Each query starts with `-- name: its_name`, then comment lines that describe it, then the statement.
A filter that may be left out is written `($1::text is null or …)`, which is right as it stands, and
narrowed to what is asked for before it is planned (decision 0036).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_NAME = re.compile(r"^-- name: ([a-z_][a-z0-9_]*)[ \t]*$", re.MULTILINE)
_OPTION = re.compile(r"\((\$(\d+)::[a-z]+(?:\[\])?) is (not )?null\s+or\s")


class Queries:
    """The statements of one file by name: `queries.claim_jobs` or `queries["claim_jobs"]`."""

    def __init__(self, noun: str, statements: Mapping[str, str]) -> None:
        self._noun = noun
        self._statements = dict(statements)

    def __getitem__(self, name: str) -> str:
        """Answer the statement; KeyError when the file has none of that name."""
        return self._statements[name]

    def __getattr__(self, name: str) -> str:
        """Answer the statement; AttributeError when the file has none of that name."""
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"{self._noun}.sql has no query named {name}") from None

    def __iter__(self) -> Iterator[str]:
        """Give the names in the order of the file."""
        return iter(self._statements)


@cache
def load(noun: str) -> Queries:
    """Read the queries of `{noun}.sql`; ValueError when a name stands twice or has no statement."""
    text = (FOLDER / f"{noun}.sql").read_text(encoding="utf-8")
    names = _NAME.findall(text)
    statements = [part.strip() for part in _NAME.split(text)[2::2]]
    if len(set(names)) != len(names) or not all(_has_sql(one) for one in statements):
        raise ValueError(f"{noun}.sql: a name stands twice or a statement is missing")
    return Queries(noun, dict(zip(names, statements, strict=True)))


def _has_sql(statement: str) -> bool:
    return any(line and not line.startswith("--") for line in statement.splitlines())


def narrowed(statement: str, arguments: Sequence[object]) -> str:
    """Return a statement with its optional filters decided by which arguments are given.

    `($1::text is null or P)` becomes `($1::text is not null and (P))` when the first is given, and
    `$1::text is null` when not; `($1::text is not null or P)` the other way round. It says the same
    as before for these arguments, but whatever their values a plan can use the indexes of `P`.
    """
    return _narrowed(statement, tuple(one is None for one in arguments))


@lru_cache(maxsize=512)
def _narrowed(statement: str, left_out: tuple[bool, ...]) -> str:
    place = 0
    while found := _OPTION.search(statement, place):
        end = _closing(statement, found.start())
        whole, (value, number, holds) = statement[found.end() : end], found.groups()
        given = not left_out[int(number) - 1]
        said = f"{value} is not null" if given else f"{value} is null"
        kept = said if given is bool(holds) else f"({said} and ({whole}))"
        statement = f"{statement[: found.start()]}{kept}{statement[end + 1 :]}"
        place = found.start() + 1
    return statement


def _closing(statement: str, opening: int) -> int:
    """Return the place of the parenthesis that closes the one at `opening`."""
    depth = 0
    for place in range(opening, len(statement)):
        depth += {"(": 1, ")": -1}.get(statement[place], 0)
        if not depth:
            return place
    raise ValueError("a parenthesis is not closed")
