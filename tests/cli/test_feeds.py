"""`feeds`: calendars from outside are read when they are asked for, and shown as they stand."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from adapters.ical.shapes import Event
from adapters.ical.writing import Sheet, write
from gateway.clock import SystemClock
from tests.cli.conftest import Dispatchd
from tests.kit.desk import northside


@pytest.fixture
def fed(here: Dispatchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dispatchd:
    """Run commands where account 7001 is fed from a file in which Ann and a stranger stand."""
    monkeypatch.setenv("DISPATCHD_DATA_DIR", str(tmp_path))
    now = SystemClock().now()
    ends = now, now + timedelta(days=2)
    events = [Event(f"{name}@x", *ends, name) for name in ("Ann Ames", "Zoe")]
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "north.ics").write_bytes(write(Sheet("x", now, events)))
    schedule = {"name": "OnCall", "feed": {"file": "north.ics"}}
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text(yaml.safe_dump(northside(schedules=[schedule])), encoding="utf-8")
    assert here("load", accounts).code == 0
    return here


def test_a_feed_is_read_and_its_people_are_on_call(fed: Dispatchd, tmp_path: Path) -> None:
    assert "not read yet" in fed("feeds", "list").out
    ran = fed("feeds", "refresh")
    assert ran.code == 0
    assert ran.out.startswith("7001  OnCall: shifts to come 1, version 2\n")
    assert "'Zoe': means nobody of the account" in ran.out
    assert "ann" in fed("who", "7001").out
    shown = fed("feeds", "list", "7001").out
    assert "file:north.ics" in shown
    assert "ok" in shown
    assert "'Zoe'" in shown
    again = fed("load", tmp_path / "accounts.yaml")
    assert again.out == "7001  Northside HVAC: unchanged\n"
    assert fed("load", "--diff", tmp_path / "accounts.yaml").out == "nothing would change\n"


def test_a_dump_with_what_was_fed_loads_as_it_is(fed: Dispatchd, tmp_path: Path) -> None:
    fed("feeds", "refresh")
    dumped = tmp_path / "dump.yaml"
    dumped.write_text(fed("dump").out, encoding="utf-8")
    assert fed("load", dumped).out == "7001  Northside HVAC: unchanged\n"


def test_a_feed_that_cannot_be_read_fails_in_words(fed: Dispatchd, tmp_path: Path) -> None:
    fed("feeds", "refresh")
    (tmp_path / "feeds" / "north.ics").unlink()
    ran = fed("feeds", "refresh", "7001")
    assert ran.code == 1
    assert "7001  OnCall: the file cannot be read: No such file or directory\n" in ran.out
    (shown,) = json.loads(fed("feeds", "list", "--json").out)
    assert (shown["state"], shown["ahead"], shown["from"]) == ("failing", 1, "file:north.ics")
    assert shown["fault"] == "the file cannot be read: No such file or directory"
    assert "ann" in fed("who", "7001").out


def test_an_unknown_account_is_a_mistake(fed: Dispatchd) -> None:
    for command in ("list", "refresh"):
        ran = fed("feeds", command, "7999")
        assert (ran.code, ran.err) == (2, "there is no account 7999\n")
