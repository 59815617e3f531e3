"""What a scenario may expect, and how it is told that something is not as expected."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.rehearsal.answers import fill, includes
from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

HEAD = """
name: expectations
start: 2026-02-02T17:59:00-05:00
until: 2026-02-02T18:10:00-05:00
accounts:
  - account: "7001"
    name: Northside HVAC
    timezone: America/New_York
    contacts: {ann: {name: Ann Ames, phone: "+12025550101"}}
    permanent: [{contact: ann, status: secure}]
people: {"+12025550101": {texts: [{delivered_after: 1s}]}}
"""
TAKEN = (
    '{at: "18:00:00", message: {account: "7001", ucn: "49600001", priority: urgent, '
    'text: "No heat", taken_by: "agent:1204"}}'
)
TAPPED = '{at: "%s", link: {phone: "+12025550101", tap: true}}'


async def faults(database: str, *events: str, expect: str = "{}") -> Sequence[str]:
    rows = "\n".join(f"  - {one}" for one in events)
    (scenario,) = read_scenarios(f"{HEAD}events:\n{rows}\nexpect: {expect}\n", "test")
    return (await rehearse(scenario, database)).faults


@pytest.mark.parametrize(
    "expect",
    [
        '{history: {"49600001": ["18:00:03 secure.sent ann"]}}',
        '{history: {"49600001": ["18:00:00 secure.sent ann source=shift"]}}',
        '{history: {"49600001": ["18:00:00 secure.sent ann", "18:00:00 message.taken"]}}',
        '{history: {"49600009": ["18:00:00 message.taken"]}}',
        '{never: {"49600001": ["secure.sent ann method=secure"]}}',
        '{count: {"49600001": {"secure.sent": 2}}}',
        '{count: {"49600001": {"secure.sent bob": 1}}}',
        '{final: {"49600001": {state: delivered}}}',
        '{final: {"49600001": {to: ann}}}',
        '{final: {"49600009": {state: open}}}',
    ],
)
async def test_what_is_not_as_expected_is_one_fault(database: str, expect: str) -> None:
    assert len(await faults(database, TAKEN, expect=expect)) == 1


async def test_two_seconds_do_not_matter_and_others_may_stand_between(database: str) -> None:
    lines = ["18:00:02 message.taken", "17:59:58 secure.sent", "18:00:03 sms.carrier_delivered ann"]
    expect = (
        f'{{history: {{"49600001": {lines}}}, final: {{"49600001": {{state: open, to: null}}}}}}'
    )
    assert await faults(database, TAKEN, expect=expect) == ()


async def test_an_answer_other_than_expected_is_a_fault(database: str) -> None:
    call = 'api: {as: {name: L-7, role: lead}, call: "GET /v1/messages/49600001", %s}'
    wrong = ["status: 404", "code: not_found", "answer: {state: delivered}", "answer: {jobs: [1]}"]
    events = [f'{{at: "18:01:00", {call % one}}}' for one in wrong]
    assert len(await faults(database, TAKEN, *events)) == len(wrong)


async def test_a_second_tap_changes_nothing_and_a_link_never_sent_is_a_fault(
    database: str,
) -> None:
    twice = [TAPPED % "18:01:00", TAPPED % "18:02:00"]
    expect = '{count: {"49600001": {"message.delivered": 1, "job.completed": 1}}}'
    assert await faults(database, TAKEN, *twice, expect=expect) == ()
    (fault,) = await faults(database, TAPPED % "18:01:00")
    assert "no secure link" in fault


async def test_what_needs_us_while_we_are_down_is_a_fault_and_at_the_start_it_is_not(
    database: str,
) -> None:
    down = '{at: "17:59:30", crash: {for: %s}}'
    (fault,) = await faults(database, down % "31s", TAKEN)
    assert "the process is down" in fault
    assert await faults(database, down % "30s", TAKEN) == ()


@pytest.mark.parametrize(
    ("answer", "wanted", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2, 3], [1, 3], True),
        ([1, 2, 3], [3, 1], False),
        ([{"a": 1, "b": 1}], [{"b": 1}], True),
        ({"a": None}, {"a": None}, True),
        ([], [], True),
        ({}, [], False),
    ],
)
def test_a_subset_is_held(answer: Any, wanted: Any, holds: bool) -> None:  # noqa: ANN401
    assert includes(answer, wanted) is holds


def test_saved_answers_are_put_where_they_are_named() -> None:
    saved = {"J": {"id": "x7", "jobs": [{"n": 5}]}}
    assert fill("/v1/jobs/{J.id}/cue", saved) == "/v1/jobs/x7/cue"
    assert fill({"minutes": "{J.jobs.0.n}", "to": ["{J}"]}, saved) == {"minutes": 5, "to": ["x7"]}
    assert fill("{K.id}", saved) == "{K.id}"
