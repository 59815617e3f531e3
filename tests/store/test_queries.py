"""Named SQL is found by its name, and slips are told early."""

from pathlib import Path

import pytest

from gateway.store import queries
from gateway.store.queries import load, narrowed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(queries, "FOLDER", tmp_path)
    load.cache_clear()
    return tmp_path


def test_a_query_is_reached_by_attribute_and_by_name(folder: Path) -> None:
    (folder / "beds.sql").write_text(
        "-- on the file\n\n-- name: make\n-- Make one.\nselect 1\n\n-- name: sell\nselect 2\n"
    )
    beds = load("beds")
    assert list(beds) == ["make", "sell"]
    assert beds.make == beds["make"] == "-- Make one.\nselect 1"
    assert beds.sell == "select 2"


def test_a_misspelt_query_is_named_with_its_file(folder: Path) -> None:
    (folder / "chairs.sql").write_text("-- name: make\nselect 1\n")
    with pytest.raises(AttributeError, match=r"chairs\.sql has no query named mkae"):
        _ = load("chairs").mkae


@pytest.mark.parametrize(
    "text",
    ["-- name: a\nselect 1\n-- name: a\nselect 2\n", "-- name: a\n-- Only words.\n"],
    ids=["twice", "empty"],
)
def test_a_doubled_name_or_a_missing_statement_is_refused(folder: Path, text: str) -> None:
    (folder / "lamps.sql").write_text(text)
    with pytest.raises(ValueError, match=r"lamps\.sql: a name stands twice"):
        load("lamps")


def test_a_filter_that_is_given_stands_alone_and_one_that_is_not_falls_away() -> None:
    statement = "where ($1::text is null or a = $1) and ($2::text[] is null or f(b, $2)) limit $3"
    assert narrowed(statement, ("x", None, 3)) == (
        "where ($1::text is not null and (a = $1)) and $2::text[] is null limit $3"
    )
    assert narrowed(statement, (None, ["y"], 3)) == (
        "where $1::text is null and ($2::text[] is not null and (f(b, $2))) limit $3"
    )


def test_what_holds_unless_something_is_given_falls_away_with_it() -> None:
    statement = "where ($1::boolean is not null or state <> 'delivered')"
    assert narrowed(statement, (True,)) == "where $1::boolean is not null"
    assert narrowed(statement, (None,)) == "where ($1::boolean is null and (state <> 'delivered'))"


def test_a_filter_that_does_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="is not closed"):
        narrowed("where ($1::text is null or a = $1", ("x",))
