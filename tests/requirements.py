"""`python -m tests.requirements`: which test shows which rule; writes docs/requirements.md.

A test names the rules it shows by their ids, in its docstring or, for a story, in the comment at
its top (`Covers S3-22, S3-23.`); an id there that stands for several, `S3-47…51`, is not read.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TOP = Path(__file__).parent.parent
RULES = TOP / "tests" / "requirements.toml"
PAGE = TOP / "docs" / "requirements.md"
_ID = re.compile(r"\bS\d-\d\d\b")
_HEAD = """\
# The rules, and what shows each

Written by `python -m tests.requirements`, from the tests themselves; it fails when a rule has none.
"""


def rules() -> dict[str, str]:
    """Return every rule's id with the rule in a few words."""
    parts = tomllib.loads(RULES.read_text(encoding="utf-8"))
    return {f"{part}-{n}": words for part, rows in parts.items() for n, words in rows.items()}


def _in_python(path: Path) -> Iterator[tuple[str, str]]:
    """Give the ids a test file names with the test that does; the file's own hold for all of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(TOP).as_posix()
    for found in _ID.findall(ast.get_docstring(tree) or ""):
        yield found, name
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "test" in node.name:
            for found in _ID.findall(ast.get_docstring(node) or ""):
                yield found, f"{name}::{node.name}"


def _in_story(path: Path) -> Iterator[tuple[str, str]]:
    name = path.relative_to(TOP).as_posix()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            return
        for found in _ID.findall(line):
            yield found, name


def shown() -> dict[str, list[str]]:
    """Return each id that a test or story names, with those that do."""
    by_id: dict[str, list[str]] = {}
    for path in sorted((TOP / "tests").rglob("test_*.py")):
        for found, where in _in_python(path):
            by_id.setdefault(found, []).append(where)
    for path in sorted((TOP / "tests" / "stories").glob("*.yaml")):
        for found, where in _in_story(path):
            by_id.setdefault(found, []).append(where)
    return by_id


def page(known: Mapping[str, str], by_id: Mapping[str, Sequence[str]]) -> str:
    """Write the page: a line a rule, with the tests that show it."""
    lines = [_HEAD, "| id | rule | shown by |", "|---|---|---|"]
    for rule, words in known.items():
        places = dict.fromkeys(by_id.get(rule, ()))
        lines.append(f"| {rule} | {words} | {'<br>'.join(f'`{one}`' for one in places)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page, or with `--check` only compare it; exit 1 when a rule is shown by nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.requirements", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    known, by_id = rules(), shown()
    text = page(known, by_id)
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if stale and not options.check:
        PAGE.write_text(text, encoding="utf-8")
    bare = [rule for rule in known if rule not in by_id]
    for rule in bare:
        sys.stderr.write(f"{rule}: no test names it ({known[rule]})\n")
    if stale and options.check:
        sys.stderr.write("docs/requirements.md is not what the tests say: write it anew\n")
    sys.exit(1 if bare or (stale and options.check) else 0)


if __name__ == "__main__":
    main()
