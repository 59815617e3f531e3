"""SQL is asked by parameters only: no statement is ever put together from what came in."""

import ast
from pathlib import Path

import pytest

from gateway.store.queries import FOLDER
from tests.test_house import python_files

ASKS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "prepare", "cursor"}
# Statements that no parameter can stand in: their text is ours from end to end.
OURS = {
    "migrate.py: one.sql",  # a migration's file, shipped with the program
    "scratch.py: f'create database {name}'",  # a number we counted ourselves
    # An `Outbox`: the named queries of notices, or of letters.
    *("outbox.py: box.lock", "outbox.py: box.intend", "outbox.py: box.settle"),
    "changes.py: statement",  # of `rows_added`: named queries, each with its rows
}
# A table cannot be a parameter: the functions that make a month's take its name from the catalog
# and a date, and quote it.
MAKES_TABLES = "0024_months.sql"
# A PL/pgSQL block or a function could run text as a statement.
DYNAMIC = ("execute format(", "execute '", "execute $", "dblink(", "query_to_xml(")


def statements(path: Path) -> list[tuple[int, ast.expr]]:
    """Return the first arguments of all calls that ask the database."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args
    ]
    direct = [one for one in calls if getattr(one.func, "attr", None) in ASKS]
    lists = [one for one in calls if getattr(one.func, "id", None) == "listed"]
    return [(one.lineno, one.args[0]) for one in direct] + [
        (one.lineno, one.args[1]) for one in lists
    ]


def passed_on(path: Path) -> set[str]:
    """Return the names that stand for a named query: arguments, and loops over named queries."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.arg) and node.arg == "query":
            names.add(node.arg)
        if isinstance(node, ast.For) and "_queries." in ast.unparse(node.iter):
            names |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
        if isinstance(node, ast.Assign) and chosen(node.value):
            names |= {one.id for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)}
    return names


def chosen(value: ast.expr) -> bool:
    """Tell whether a value is a named query, one of two, one that is narrowed, or one with more."""
    match value:
        case ast.Attribute(value=ast.Name(id="_queries")):
            return True
        case ast.IfExp(body=one, orelse=other):
            return chosen(one) and chosen(other)
        case ast.Call(func=ast.Name(id="narrowed"), args=[one, _]) | ast.Tuple(elts=[one, *_]):
            return chosen(one)
    return False


def fixed(path: Path) -> tuple[set[str], set[str]]:
    """Return a module's names of `.sql` files that it loaded, and of texts that never change."""
    loaded, texts = set(), set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            texts.add(target.id)
        elif isinstance(target, ast.Name) and value and ast.unparse(value).startswith("load("):
            loaded.add(target.id)
    return loaded, texts


def named(statement: ast.expr, path: Path) -> bool:
    """Tell whether it is a query of a `.sql` file by its name, or a name that stands for one."""
    loaded, texts = fixed(path)
    if isinstance(statement, ast.Call) and ast.unparse(statement.func) == "narrowed":
        # What is not asked for falls away from a named query; the rest stays its text.
        return named(statement.args[0], path)
    if isinstance(statement, ast.Attribute):
        return ast.unparse(statement.value) in loaded
    known = texts | passed_on(path)
    return isinstance(statement, ast.Name) and statement.id in known


@pytest.mark.parametrize("path", python_files("gateway/store"), ids=lambda path: path.name)
def test_a_statement_is_a_named_query_and_what_goes_into_it_its_parameters(path: Path) -> None:
    wrong = [
        f"{path.name}:{line}: {ast.unparse(statement)}"
        for line, statement in statements(path)
        if not named(statement, path) and f"{path.name}: {ast.unparse(statement)}" not in OURS
    ]
    assert wrong == []


def test_nobody_but_the_store_speaks_sql() -> None:
    """import-linter keeps the driver there; so no other module has a connection of its own."""
    for path in python_files("gateway", "adapters", "schedules"):
        if FOLDER in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "asyncpg" not in ast.unparse(node), path


def test_no_statement_runs_text_as_a_statement() -> None:
    for path in [*FOLDER.glob("*.sql"), *python_files("migrations")[0].parent.glob("*.sql")]:
        text = path.read_text(encoding="utf-8").lower()
        found = [one for one in DYNAMIC if one in text]
        assert found == (["execute format("] if path.name == MAKES_TABLES else []), path.name


@pytest.mark.parametrize(
    "statement",
    ['conn.execute(f"delete from {table}")', 'conn.fetch("select " + x)', "conn.fetch(sql % x)"],
)
def test_the_look_finds_statements_that_are_put_together(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "any.py"
    path.write_text(statement)
    ((_, found),) = statements(path)
    assert not named(found, path)
