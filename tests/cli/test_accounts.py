"""`load`, `dump` and `who`: documents in, documents out, and who they put on call."""

import json
from pathlib import Path

from tests.cli.conftest import Dispatchd

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"
ALL = sorted(EXAMPLES.glob("*.yaml"))
NORTHSIDE = EXAMPLES / "northside.yaml"
QUIET_BOB = '{name: Bob Bell, quiet: "21:00-07:00",'


def test_what_dump_prints_load_takes_unchanged(here: Dispatchd, tmp_path: Path) -> None:
    loaded = here("load", *ALL)
    assert (loaded.code, loaded.err) == (0, "")
    assert "7001  Northside HVAC: version 1\n" in loaded.out
    dumped = tmp_path / "all.yaml"
    dumped.write_text(here("dump").out)
    again = here("load", dumped)
    assert [line.rpartition(": ")[2] for line in again.out.splitlines()] == ["unchanged"] * len(ALL)
    assert here("dump").out == dumped.read_text()
    assert here("load", dumped, "--diff").out == "nothing would change\n"


def test_pins_leave_by_no_door_and_survive_a_round_trip(here: Dispatchd, tmp_path: Path) -> None:
    here("load", *ALL)
    dump = here("dump", "7003").out
    assert "4711" not in dump
    changed = tmp_path / "changed.yaml"
    changed.write_text((EXAMPLES / "riverside.yaml").read_text().replace("4711", "9999"))
    shown = here("load", changed, "--diff").out
    assert "9999" not in shown
    assert "(another one)" in shown


def test_nothing_is_loaded_when_one_document_is_wrong(here: Dispatchd, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(NORTHSIDE.read_text().replace("contact: ann, role", "contact: amy, role"))
    ran = here("load", EXAMPLES / "lakeside.yaml", wrong)
    assert ran.code == 2
    assert ran.err.startswith(f"{wrong}:16: schedules[0].shifts[0].contact: ")
    assert here("dump").out == ""


def test_an_account_in_two_files_is_refused(here: Dispatchd, tmp_path: Path) -> None:
    twin = tmp_path / "twin.yaml"
    twin.write_text(NORTHSIDE.read_text())
    ran = here("load", NORTHSIDE, twin)
    assert ran.code == 2
    assert f"account 7001 stands in {NORTHSIDE} already" in ran.err


def test_who_names_each_persons_rule_and_why_somebody_is_passed_over(here: Dispatchd) -> None:
    here("load", NORTHSIDE)
    ran = here("who", "7001", "--at", "2026-02-03T18:00", "--json")
    answer = json.loads(ran.out)
    assert answer["schedule"] == "OnCall"
    assert [(one["contact"], one["role"], one.get("skipped")) for one in answer["roster"]] == [
        ("ann", "oncall", "unavailable"),
        ("bob", "backup", None),
        ("cho", "permanent", None),
    ]
    assert answer["roster"][1]["reason"] == "weekly Mon-Sun 17:00-08:00"
    words = here("who", "7001", "--at", "2026-02-03T18:00").out
    assert "surgery" in words
    assert "+1******0102" in words
    assert "+12025550102" not in words


def test_who_asks_what_a_message_selects(here: Dispatchd, tmp_path: Path) -> None:
    here("load", EXAMPLES / "lakeside.yaml")
    message = tmp_path / "message.yaml"
    message.write_text("{priority: urgent, form: maintenance, fields: {location: South}}")
    answer = json.loads(here("who", "7002", "--message", message, "--json").out)
    assert (answer["schedule"], answer["roster"][0]["contact"]) == ("South", "dot")
    message.write_text("{priority: urgent, form: maintenance, fields: {location: East}}")
    assert "held for a lead" in here("who", "7002", "--message", message).out


def test_who_passes_over_a_quiet_person_for_a_routine_message_only(
    here: Dispatchd, tmp_path: Path
) -> None:
    quiet = tmp_path / "quiet.yaml"
    quiet.write_text(NORTHSIDE.read_text().replace("{name: Bob Bell,", QUIET_BOB))
    assert here("load", quiet).code == 0
    message = tmp_path / "message.yaml"
    for priority, skipped in [("routine", "quiet"), ("urgent", None)]:
        message.write_text(f"priority: {priority}")
        asked = ("who", "7001", "--at", "2026-02-03T22:00", "--message", message, "--json")
        roster = json.loads(here(*asked).out)["roster"]
        assert [one.get("skipped") for one in roster if one["contact"] == "bob"] == [skipped]


def test_who_shows_the_turns_that_the_steps_give(here: Dispatchd, tmp_path: Path) -> None:
    file = tmp_path / "northside.yaml"
    steps = "steps: [{reach: office}, {reach: permanent, by: sms}, {reach: backup}]"
    rules = f"protocols: [{{name: all, {steps}}}]\n"
    file.write_text(NORTHSIDE.read_text().split("protocols:")[0] + rules)
    assert here("load", file).code == 0
    told = here("who", "7001", "--at", "2026-02-03T18:00").out.splitlines()[4:]
    assert [line.split()[:2] for line in told] == [["1", "office"], ["2", "cho"], ["3", "bob"]]
    assert "+1******0199  office: the office is a step of the protocol" in told[0]
    assert "permanent  sms" in told[1]


def test_who_says_so_when_an_override_changes_nothing(here: Dispatchd, tmp_path: Path) -> None:
    file = tmp_path / "northside.yaml"
    shifts = "    shifts:\n"
    override = "{start: 2026-02-03T17:00, end: 2026-02-04T08:00, replace: cho, with: bob}"
    text = NORTHSIDE.read_text()
    assert shifts in text
    file.write_text(text.replace(shifts, f"    overrides: [{override}]\n{shifts}"))
    assert here("load", file).code == 0
    asked = ("who", "7001", "--at", "2026-02-03T18:00")
    words = "bob replaces cho; cho is not on call then, so nothing changes"
    assert f"Note: override 2026-02-03 17:00 to 2026-02-04 08:00: {words}.\n" in here(*asked).out
    (remark,) = json.loads(here(*asked, "--json").out)["remarks"]
    assert remark.endswith(words)


def test_questions_without_an_answer_are_one_line(here: Dispatchd) -> None:
    here("load", *ALL)
    for words, said in [
        (("who", "9"), "there is no account 9"),
        (("dump", "9", "7001"), "there is no account 9"),
        (("who", "7002"), "the account has several schedules (North, South): name one with "),
        (("who", "7001", "--at", "noon"), "--at: write an instant as 2026-02-02T18:00"),
        (("who", "7001", "--at", "9999-12-31T23:59:59"), "--at: '9999-12-31T23:59:59' is not betw"),
        (
            ("who", "7001", "--at", "0001-01-01T00:00:00+00:00"),
            "--at: '0001-01-01T00:00:00+00:00' is",
        ),
        (("who", "7001", "--schedule", "x"), "--schedule: there is no 'x'; there are OnCall"),
    ]:
        ran = here(*words)
        assert ran.code == 2
        assert ran.err.startswith(said)
        assert ran.err.count("\n") == 1
