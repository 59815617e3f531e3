"""The log's lines: one form for all, numbers masked, libraries quiet."""

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway import log

NOW = datetime(2026, 2, 2, 23, tzinfo=UTC)


@pytest.fixture
def lines() -> Iterator[StringIO]:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    stream = StringIO()
    log.set_up("json", "debug", lambda: NOW, stream)
    yield stream
    root.handlers[:] = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def last(stream: StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return line


def test_a_decision_is_one_line_with_its_context(lines: StringIO) -> None:
    structlog.get_logger().info("calling", action="dial.started", ucn="49000001", attempt=1)
    assert last(lines) == {
        "event": "calling",
        "action": "dial.started",
        "ucn": "49000001",
        "attempt": 1,
        "level": "info",
        "at": "2026-02-02T23:00:00.000+00:00",
    }


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_line_is_stamped_to_the_millisecond(at: datetime) -> None:
    stream, root = StringIO(), logging.getLogger()
    before = list(root.handlers)
    try:
        log.set_up("json", "debug", lambda: at, stream)
        structlog.get_logger().info("calling")
    finally:
        root.handlers[:] = before
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
    assert last(stream)["at"] == at.isoformat(timespec="milliseconds")


@pytest.mark.parametrize(
    "value",
    [
        "+12025550101",
        "from +12025550101 to ann",
        "/2010/Calls.json?To=%2B12025550101",
        ["+12025550101"],
        {"to": ("+12025550101",)},
        ValueError("bad number +12025550101"),
        b"+12025550101",
    ],
    ids=["bare", "in words", "in a URL", "in a list", "nested", "in an error", "bytes"],
)
def test_a_phone_number_is_masked_wherever_it_stands(lines: StringIO, value: object) -> None:
    structlog.get_logger().info("+12025550101", to=value)
    assert "2025550" not in lines.getvalue()
    assert lines.getvalue().count("+1******0101") == 2


def test_a_traceback_is_masked_too(lines: StringIO) -> None:
    try:
        int("+12025550101x")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "+1******0101x" in last(lines)["exception"]


def test_libraries_write_the_same_lines(lines: StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("lost %s", "+12025550101")
    assert last(lines)["event"] == "lost +1******0101"
    assert last(lines)["logger"] == "uvicorn.error"


@pytest.mark.parametrize("name", ["twilio.http_client", "apprise", "aiohttp.access", "asyncpg"])
def test_talkative_libraries_stay_quiet_even_when_we_debug(lines: StringIO, name: str) -> None:
    logging.getLogger(name).info("POST with a body")
    assert lines.getvalue() == ""


def test_lines_below_the_level_are_not_written() -> None:
    stream = StringIO()
    log.set_up("console", "warning", lambda: NOW, stream)
    structlog.get_logger().info("small")
    structlog.get_logger().warning("great", job=7)
    assert "small" not in stream.getvalue()
    assert "job=7" in stream.getvalue()
    structlog.reset_defaults()


def test_a_number_keeps_its_country_and_its_last_four() -> None:
    assert log.mask("+12025550101") == "+1******0101"


def test_an_id_is_written_as_its_text_in_both_forms() -> None:
    job = UUID("6f1f2a9e-0000-4000-8000-000000000001")
    for form in ("json", "console"):
        stream = StringIO()
        log.set_up(form, "info", lambda: NOW, stream)  # type: ignore[arg-type] # one of the forms
        structlog.get_logger().info("decision", job=job)
        assert str(job) in stream.getvalue()
        assert "UUID" not in stream.getvalue()
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "console"])
def test_every_line_of_a_traceback_has_its_priority(
    form: log.Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        seen = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{seen.st_dev}:{seen.st_ino}")
        try:
            log.set_up(form, "debug", lambda: NOW, stream)
            int("+x")
        except ValueError:
            structlog.get_logger().exception("failed")
        finally:
            root.handlers[:] = before
            logging.captureWarnings(capture=False)
            structlog.reset_defaults()
        stream.seek(0)
        said = stream.read().splitlines()
    assert (len(said) > 1) is (form == "console")
    assert {line[:3] for line in said} == {"<3>"}


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("named", [True, False])
def test_the_journal_is_told_each_lines_priority_and_no_other_file_is(
    form: log.Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    """As `journalctl -p warning` asks for it; the journal is known by its device and number."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        seen = os.fstat(stream.fileno())
        number = seen.st_ino if named else seen.st_ino + 1
        monkeypatch.setenv("JOURNAL_STREAM", f"{seen.st_dev}:{number}")
        try:
            log.set_up(form, "debug", lambda: NOW, stream)
            structlog.get_logger().info("calling")
            structlog.get_logger().warning("no beat")
            logging.getLogger("asyncpg").error("lost")
        finally:
            root.handlers[:] = before
            logging.captureWarnings(capture=False)
            structlog.reset_defaults()
        stream.seek(0)
        starts = [line[:3] for line in stream.read().splitlines()]
    told = ["<6>", "<4>", "<3>"]
    assert (starts == told) if named else not any(start in told for start in starts)
