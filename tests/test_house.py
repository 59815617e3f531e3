"""What keeps the house in order and no other tool looks after."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.settings import example_env
from gateway.store.pool import Pool
from gateway.store.queries import FOLDER, load

TOP = Path(__file__).parent.parent
PRODUCT = ("gateway", "adapters", "schedules", "migrations")
FILE_LINES, FUNCTION_LINES, MEDIAN_LINES = 300, 40, 10
BANNED = {"manager", "service", "helper", "util", "handler", "data", "info"}
FORCED = {"handle_DATA"}  # a library calls it by this name
MARK = "-- clock measurement"
CLOCKS = re.compile(
    r"\b(now\s*\(|(clock|statement|transaction)_timestamp\b|current_(timestamp|date|time)\b"
    r"|localtime(stamp)?\b|timeofday\b)",
    re.IGNORECASE,
)
SLEEPS = re.compile(r"\b(asyncio|time|anyio)\.sleep\(\s*(?!0\s*\))")
QUERY_USE = re.compile(r"\b_?queries\.([a-z_][a-z0-9_]*)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*tops: str) -> list[Path]:
    return sorted(path for top in tops for path in (TOP / top).rglob("*.py"))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(TOP)}:{line}"


def words_of(name: str) -> set[str]:
    """Split a snake_case or CamelCase name into its words, in the singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Give the names of the file, its classes and its functions."""
    yield 1, path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function | ast.ClassDef):
            yield node.lineno, node.name


def sql_files() -> list[Path]:
    return sorted(path for top in PRODUCT for path in (TOP / top).rglob("*.sql"))


def all_queries() -> list[tuple[str, str]]:
    """Name every named query as (noun, name)."""
    nouns = sorted(path.stem for path in FOLDER.glob("*.sql"))
    return [(noun, name) for noun in nouns for name in load(noun)]


def users_of(noun: str) -> list[str]:
    """Answer the text of every module that loads that noun's queries."""
    texts = (path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py"))
    return [text for text in texts if f'load("{noun}")' in text]


def test_no_file_is_longer_than_a_reader_holds_in_mind() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in python_files(*PRODUCT, "tests")}
    assert {place(path): size for path, size in sizes.items() if size > FILE_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    found = [(path, one) for path in python_files(*PRODUCT, "tests") for one in functions(path)]
    long = [place(path, one.lineno) for path, one in found if length(one) > FUNCTION_LINES]
    assert long == []


def test_most_functions_are_short() -> None:
    lengths = [length(one) for path in python_files(*PRODUCT) for one in functions(path)]
    assert statistics.median(lengths) <= MEDIAN_LINES


def test_names_say_what_a_thing_is() -> None:
    found = [
        f"{place(path, line)} {name}"
        for path in python_files(*PRODUCT, "tests")
        for line, name in names(path)
        if name not in FORCED and not name.startswith("test_") and words_of(name) & BANNED
    ]
    assert found == []


def test_tests_do_not_sleep() -> None:
    found = [
        place(path, number)
        for path in python_files("tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if SLEEPS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("path", sql_files(), ids=lambda path: path.name)
def test_sql_takes_its_time_from_us(path: Path) -> None:
    """Only a file that is marked may read the server's clock, to measure it."""
    text = path.read_text(encoding="utf-8")
    code = re.sub(r"--[^\n]*", "", text)
    assert MARK in text or CLOCKS.findall(code) == []


@pytest.mark.parametrize(("noun", "name"), all_queries())
def test_every_named_query_is_described_and_used(noun: str, name: str) -> None:
    assert load(noun)[name].startswith("-- "), "no description under its name"
    use = re.compile(rf"\.{name}\b|[\"']{name}[\"']")
    assert any(use.search(text) for text in users_of(noun)), "nobody uses it"


def test_every_query_that_is_used_exists() -> None:
    missing = [
        f"{place(path)} {name}"
        for path in FOLDER.rglob("*.py")
        if (nouns := re.findall(r'load\("([a-z_]+)"\)', text := path.read_text(encoding="utf-8")))
        for name in QUERY_USE.findall(text)
        if not any(name in list(load(noun)) for noun in nouns)
    ]
    assert missing == []


async def test_every_named_query_fits_the_migrated_schema(pool: Pool) -> None:
    """Preparing it lets Postgres judge its tables, columns and types."""
    faults = {}
    async with pool.acquire() as conn:
        for noun, name in all_queries():
            try:
                await conn.prepare(load(noun)[name])
            except Exception as fault:  # noqa: BLE001 - each is reported below
                faults[f"{noun}.{name}"] = str(fault)
    assert faults == {}


def test_the_example_file_is_made_from_the_settings() -> None:
    assert (TOP / "deploy/example.env").read_text(encoding="utf-8") == example_env(), (
        "run `make example-env`"
    )


@pytest.mark.parametrize("path", sorted((TOP / "requirements").glob("*.txt")), ids=lambda p: p.name)
def test_the_locks_pin_everything_by_hash_and_name_no_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = re.findall(r"^[A-Za-z0-9].*(?:\n    --hash=.*)*", text, re.MULTILINE)
    assert entries
    assert [one for one in entries if "==" not in one or "--hash=sha256:" not in one] == []
    assert re.findall(r"://|--(extra-)?index|--find-links", text) == []
