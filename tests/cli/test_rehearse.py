"""`rehearse`: what holds, what does not, and what cannot be read."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import NIGHT, UCN, Dispatchd


def test_a_scenario_that_holds_prints_its_history_and_what_left(dispatchd: Dispatchd) -> None:
    ran = dispatchd("rehearse", NIGHT, "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (0, "")
    history = [line for line in lines if line["type"] == "history"]
    assert [line["seq"] for line in history] == list(range(1, len(history) + 1))
    assert {line["ucn"] for line in history} == {UCN}
    calls = [line for line in lines if line["type"] == "call"]
    assert [(call["to"], call["outcome"]) for call in calls] == [
        ("+12025550101", "no_answer"),
        ("+12025550102", "voicemail"),
        ("+12025550101", "answered"),
    ]
    assert calls[0]["at"] == "2026-02-02T23:00:00.000000Z"
    assert lines[-1] == {
        "type": "scenario",
        "file": str(NIGHT),
        "name": "a night at Northside, nobody answers at first",
        "ok": True,
        "faults": [],
    }


def test_an_expectation_that_fails_is_a_line_on_stderr_and_exit_1(
    dispatchd: Dispatchd, tmp_path: Path
) -> None:
    text = NIGHT.read_text(encoding="utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace("evidence: key_press, to: ann", "evidence: key_press, to: bob"))
    ran = dispatchd("rehearse", NIGHT, bad, "--verbose")
    assert ran.code == 1
    name = "a night at Northside, nobody answers at first"
    assert ran.err == f"{bad}: {name}: {UCN}: final to is ann, expected bob\n"
    assert "18:15:18" in ran.out, "the timeline is in the account's own time"
    assert "1 of 2 scenarios hold" in ran.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("ring: 25s", "rings: 25s"), ":18: protocols[0].rings: unknown key; did you mean ring?"),
        (('"18:00:00", message', '"25:00:00", message'), ":27: events[0].at: "),
        (("start: 2026-02-02T17:59:00-05:00", "start: soon"), ":3: start: "),
        (
            ("start: 2026-02-02T17:59:00-05:00", "start: 2027-02-02T17:59:00-05:00"),
            ":4: until: must not be before the start",
        ),
        (('"18:00:00 dial.started', '"25:00 dial.started'), ":31: expect.history."),
        (('"18:00:00 dial.started ann"', "dial.started"), ":31: expect.history."),
        (('{"dial.started": 3}', '{"": 3}'), ":40: expect.count."),
        (
            ("expect:", "settings: {CALLS_PER_SECOND: 0}\nexpect:"),
            ":28: settings.CALLS_PER_SECOND:",
        ),
        (("urgent, text", "urgnt, text"), ":27: events[0].message.priority: should be 'emergency'"),
        (("expect:", "  - {at: 18:01, carrier: {}}\nexpect:"), ":28: events[1].carrier: needs"),
        (
            ("expect:", '  - {at: 18:01, api: {as: {name: a, role: b}, call: "GET /"}}\nexpect:'),
            ":28: events[1].api.as.role: ",
        ),
    ],
)
def test_a_file_with_a_fault_names_line_and_field(
    dispatchd: Dispatchd, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(NIGHT.read_text(encoding="utf-8").replace(*change))
    ran = dispatchd("rehearse", bad)
    assert ran.code == 2
    assert ran.err.startswith(f"{bad}{words}")
    assert ran.err.count("\n") == 1


def test_what_is_expected_of_nobody_holds_with_a_remark(
    dispatchd: Dispatchd, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.yaml"
    text = NIGHT.read_text(encoding="utf-8")
    odd.write_text(text.replace('["limit.reached"]', '["limit.reached", "dial.started zed"]'))
    ran = dispatchd("rehearse", odd)
    place = f"{odd}:38: expect.never.{UCN}[1]"
    assert ran.err == f"{place}: 'dial.started zed': no account has a contact zed\n"
    assert ran.code == 0


def test_a_file_that_is_not_there_is_said(dispatchd: Dispatchd) -> None:
    ran = dispatchd("rehearse", "/nowhere/x.yaml")
    assert (ran.code, ran.err) == (2, "/nowhere/x.yaml: No such file or directory\n")


def test_a_rehearsal_minds_no_setting_of_the_outside(
    dispatchd: Dispatchd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("DISPATCHD_CARRIER", "twilio")
    monkeypatch.setenv("DISPATCHD_HTTP_PORT", "abc")
    monkeypatch.setenv("DISPATCHD_REQUIRE_CODING", "maybe")
    monkeypatch.setenv("DISPATCHD_CALLS_PER_SECOND", "-1")
    assert dispatchd("rehearse", NIGHT).code == 0
