"""`load --diff`: fields, people and open messages that a document would change."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.preview import lines_of
from gateway.domain.document_changes import edits_between
from gateway.domain.document_files import read_documents
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.outlook import Known
from gateway.domain.preview import Ground, compare
from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios
from tests.cli.conftest import Dispatchd

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"
NORTHSIDE = EXAMPLES / "northside.yaml"
START = datetime(2026, 2, 2, 23, 0, tzinfo=UTC)  # Monday 18:00 in New York
TEXT = """\
account: "7001"
name: Northside HVAC
timezone: America/New_York
contacts:
  ann: {name: Ann Ames, phone: "+12025550101"}
  bob: {name: Bob Bell, phone: "+12025550102"}
schedules:
  - name: OnCall
    shifts: [{contact: ann, weekly: "Mon-Sun 17:00-08:00"}]
    overrides: []
"""
OVERRIDE = """overrides:
      - {start: 2026-02-07T17:00, end: 2026-02-08T08:00, replace: ann, with: bob}
"""


def document(text: str) -> AccountDocument:
    (found,) = read_documents(text, "x")
    return found


def lines(old: str | None, new: str, start: datetime = START) -> list[str]:
    """Return what `load --diff` says of a document's change, seen from an instant."""
    had, has = (document(old) if old else None), document(new)
    before, after = (compile_account(had) if had else None), compile_account(has)
    ground = Ground(before, after, 3 if old else None, edits_between(had, has), (), Known(), start)
    return list(lines_of(compare(ground)))


def test_who_is_reached_differently_is_said_with_local_times_names_and_ways() -> None:
    sms = TEXT.replace("[{contact: ann,", "[{contact: ann, status: call,")
    changed = sms.replace("overrides: []\n", OVERRIDE).replace("bob}", "bob}\n", 1)
    assert lines(TEXT, changed)[-2:] == [
        "  reached differently until Mon 16 Feb 18:00:",
        "    Sat 7 Feb 17:00 – Sun 8 Feb 08:00, OnCall: Ann Ames (call) → Bob Bell (call)",  # noqa: RUF001 - the dash of a span
    ]


def test_another_way_another_number_and_nobody_are_told_apart() -> None:
    start = START - timedelta(hours=9)
    texted = TEXT.replace("{contact: ann,", "{contact: ann, status: sms,")
    assert ": Ann Ames (call) → Ann Ames (text)" in lines(TEXT, texted, start)[-1]
    other = TEXT.replace("0101", "0177")
    assert "Ann Ames (call +1******0101) → Ann Ames (call +1******0177)" in lines(TEXT, other)[-1]
    nobody = TEXT.replace("contacts:", "unavailable: [{contact: ann, weekly: Mon-Sun}]\ncontacts:")
    assert lines(TEXT, nobody)[-1].endswith(": Ann Ames (call) → nobody")


def test_what_goes_on_as_before_is_not_said_again() -> None:
    listed = TEXT + "permanent: [{contact: bob}]\n"
    changed = listed.replace("{contact: ann, weekly", "{contact: ann, status: email, weekly")
    assert lines(listed, changed)[-1].endswith(
        ": Ann Ames (call), Bob Bell (call) → Bob Bell (call)"
    )
    texted = listed.replace("{contact: ann, weekly", "{contact: ann, status: sms, weekly")
    assert lines(listed, texted)[-1].endswith(": Ann Ames (call) → Ann Ames (text), then as before")


def test_kinds_of_messages_are_named_where_not_all_are_moved() -> None:
    quiet = TEXT.replace('0101"', '0101", quiet: "21:00-07:00"')
    assert "Mon 2 Feb 21:00" in lines(TEXT, quiet)[3]
    assert ", OnCall (routine messages): Ann Ames (call) → nobody" in lines(TEXT, quiet)[3]
    form = TEXT + "protocols: [{name: l, when: {form: [leak]}, steps: [{reach: 'contact:bob'}]}]\n"
    assert ", OnCall (all messages, form leak): Ann" in lines(TEXT, form)[-1]
    one = form.replace("form: [leak]", "form: [leak], priority: [urgent, routine]")
    assert "(urgent and routine messages, form leak)" in lines(TEXT, one)[-1]
    urgent = form.replace("form: [leak]", "priority: [urgent]")
    assert ", OnCall (urgent messages): Ann" in lines(TEXT, urgent)[-1]
    spared = TEXT + (
        "protocols: [{name: k, when: {form: [leak]}}, {name: l, steps: [{reach: 'contact:bob'}]}]\n"
    )
    assert "(all messages, any other form)" in lines(TEXT, spared)[-1]


def test_an_hour_that_comes_twice_has_its_zone_by_it() -> None:
    autumn = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
    away = "unavailable: [{contact: ann, start: 2026-11-01T00:00, end: 2026-11-01T01:30}]\n"
    (line,) = [one for one in lines(TEXT, TEXT + away, autumn) if "→ nobody" in one]
    assert "Sun 1 Nov 00:00 – Sun 1 Nov 01:30 EST, OnCall" in line  # noqa: RUF001 - the same


def test_a_new_account_shows_all_of_it() -> None:
    shown = lines(None, TEXT)
    assert shown[0] == "7001  Northside HVAC: a new account"
    assert "  + contacts.ann: {name: Ann Ames, phone: '+12025550101'}" in shown
    assert shown[-1].endswith("nobody → Ann Ames (call)")


def test_fields_are_shown_with_their_place_and_nothing_is_applied(
    here: Dispatchd, tmp_path: Path
) -> None:
    here("load", NORTHSIDE)
    changed = tmp_path / "changed.yaml"
    changed.write_text(NORTHSIDE.read_text().replace("ring: 30s", "ring: 40s"))
    shown = here("load", changed, EXAMPLES / "lakeside.yaml", "--diff")
    assert (shown.code, shown.err) == (0, "")
    assert "7001  Northside HVAC: version 1\n  ~ protocols[0].ring: 30s → 40s\n" in shown.out
    assert "  nobody would be reached differently in the next 14 days\n" in shown.out
    assert "7002  Lakeside Property: a new account" in shown.out
    assert "ring: 40s" not in here("dump").out


def test_as_json_it_is_what_the_api_answers(here: Dispatchd, tmp_path: Path) -> None:
    here("load", NORTHSIDE)
    changed = tmp_path / "changed.yaml"
    changed.write_text(NORTHSIDE.read_text().replace("ring: 30s", "ring: 40s"))
    (told,) = json.loads(here("load", changed, "--diff", "--json").out)
    assert (told["account"], told["version"], told["changed"]) == ("7001", 1, True)
    assert told["changes"] == [
        {"path": "protocols[0].ring", "change": "changed", "was": "30s", "now": "40s"}
    ]
    assert (told["reached"], told["messages"]) == ([], [])
    loaded = json.loads(here("load", changed, "--json").out)
    assert loaded == [{"account": "7001", "name": "Northside HVAC", "version": 2, "changed": True}]


def test_an_unchanged_account_beside_a_changed_one_is_said_to_be(
    here: Dispatchd, tmp_path: Path
) -> None:
    here("load", NORTHSIDE, EXAMPLES / "lakeside.yaml")
    changed = tmp_path / "changed.yaml"
    changed.write_text(NORTHSIDE.read_text().replace("ring: 30s", "ring: 40s"))
    shown = here("load", changed, EXAMPLES / "lakeside.yaml", "--diff").out
    assert "7002  Lakeside Property: nothing changes\n" in shown


def test_a_bad_file_is_bad_for_a_diff_too(here: Dispatchd, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(NORTHSIDE.read_text().replace("contact: ann, role", "contact: amy, role"))
    ran = here("load", wrong, "--diff", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{wrong}:16: schedules[0].shifts[0].contact: ")


SCENARIO = """
name: nobody answers
start: 2026-02-02T17:59:00-05:00
until: 2026-02-02T18:02:00-05:00
accounts:
  - account: "7001"
    name: Northside HVAC
    timezone: America/New_York
    contacts: {ann: {phone: "+12025550101"}, bob: {phone: "+12025550102"}}
    schedules: [{name: OnCall, shifts: [{contact: ann}]}]
events:
  - {at: "18:00:00", message: {account: "7001", ucn: "49000001", priority: urgent,
     text: "No heat", taken_by: "agent:1204"}}
"""


@pytest.mark.parametrize(("person", "affected"), [("bob", True), ("ann", False)])
def test_open_messages_that_would_be_affected_are_named(
    here: Dispatchd, database: str, tmp_path: Path, person: str, *, affected: bool
) -> None:
    (scenario,) = read_scenarios(SCENARIO, "x")
    assert asyncio.run(rehearse(scenario, database)).faults == ()
    dumped = here("dump", "7001").out
    changed = tmp_path / "changed.yaml"
    renamed = dumped.replace("contact: ann", f"contact: {person}").replace("HVAC", "Heating")
    changed.write_text(renamed)
    shown = here("load", changed, "--diff").out
    line = "  open message 49000001 would be affected: reached\n"
    assert (line in shown) == affected


def test_the_past_may_be_changed_from_the_command_line(here: Dispatchd, tmp_path: Path) -> None:
    file = tmp_path / "past.yaml"
    file.write_text(TEXT.replace("overrides: []\n", OVERRIDE.replace("2026", "2020")))
    assert here("load", file).code == 0
    file.write_text(TEXT)
    assert "version 2" in here("load", file).out


def test_kinds_that_differ_only_in_who_follows_share_a_line() -> None:
    blank = "protocols: [{name: u, when: {priority: [urgent]}, permanent: when_blank}]\n"
    listed = TEXT + "permanent: [{contact: bob}]\n" + blank
    texted = listed.replace("{contact: ann, weekly", "{contact: ann, status: sms, weekly")
    assert lines(listed, texted)[-1].endswith(", OnCall: Ann Ames (call) → Ann Ames (text)")
