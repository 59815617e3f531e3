"""Named SQL, kept in a `.sql` file beside its user and read once.

Each query starts with `-- name: its_name`, then comment lines that describe it, then the statement.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_NAME = re.compile(r"^-- name: ([a-z_][a-z0-9_]*)[ \t]*$", re.MULTILINE)


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
