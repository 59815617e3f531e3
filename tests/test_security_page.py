"""Every claim of docs/security.md names a test, and that test exists."""

import ast
import re
from pathlib import Path

from tests.test_house import TOP, functions

PAGE = TOP / "docs/security.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_test_that_the_page_names_exists() -> None:
    named = _NAMED.findall(PAGE.read_text(encoding="utf-8"))
    known: dict[str, set[str]] = {}
    for path, _ in named:
        if path not in known:
            assert (TOP / path).exists(), path
            known[path] = {one.name for one in functions(Path(TOP / path))}
    assert [f"{path}::{name}" for path, name in named if name not in known[path]] == []
    assert len(named) > 40


def test_every_threat_names_a_test() -> None:
    text = PAGE.read_text(encoding="utf-8")
    threats = text.partition("## Threats")[2].partition("## Left")[0].split("\n\n**")[1:]
    assert len(threats) > 10
    assert [one[:40] for one in threats if not _NAMED.search(one)] == []


def test_the_script_needs_nothing_but_the_standard_library() -> None:
    script = (TOP / "deploy/verify_history.py").read_text(encoding="utf-8")
    imported = {
        ast.unparse(node).split()[1]
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"hashlib", "json", "sys", "pathlib"}
