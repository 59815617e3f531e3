"""What leaves the house in a rehearsal, as its JSON lines tell it (contract, section 8)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.cli.rehearsing import json_lines
from gateway.rehearsal.run import Outcome, rehearse
from gateway.rehearsal.scenario import read_scenarios

ANN, BOB = "+12025550101", "+12025550102"
ITEM = {
    *("seq", "at", "account", "ucn", "job", "attempt", "actor", "kind", "outcome", "text"),
    *("data", "prev_hash", "hash"),
}
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
HEAD = """
name: what leaves
start: 2026-02-02T17:59:00-05:00
until: 2026-02-02T18:40:00-05:00
accounts:
  - account: "7001"
    name: Northside HVAC
    timezone: America/New_York
    phi: %s
    contacts:
      ann: {name: Ann Ames, phone: "+12025550101", email: ann@northside.example}
      bob: {name: Bob Bell, phone: "+12025550102"}
    permanent: [{contact: ann, status: %s}, {contact: bob, status: call}]
    protocols: [{name: all, steps: [{reach: permanent, wait: 2m}]}]
"""
MESSAGE = (
    '{at: "18:00:00", message: {account: "7001", ucn: "49400001", priority: urgent, '
    'text: "No heat", caller: {name: Cal, phone: "+12025550155"}, fields: {address: 1 Main St}, '
    'taken_by: "agent:1204"}}'
)


async def told(
    database: str, people: str, *events: str, status: str = "sms", phi: str = "false"
) -> Outcome:
    """Play one message at 18:00:00 and these events, with people scripted so."""
    rows = "\n".join(f"  - {one}" for one in (MESSAGE, *events))
    text = f"{HEAD % (phi, status)}people: {people}\nevents:\n{rows}\n"
    (scenario,) = read_scenarios(text, "test")
    return await rehearse(scenario, database)


def left(outcome: Outcome, kind: str) -> list[Mapping[str, Any]]:
    return [one for one in outcome.left if one["type"] == kind]


def bodies(outcome: Outcome) -> Sequence[str]:
    return [one["body"] for one in left(outcome, "text")]


def code_in(body: str) -> str:
    found = re.search(r"Reply (\d{2,4}) to accept, \1 NO to pass\.$", body)
    assert found, body
    return found[1]


@pytest.mark.parametrize("status", ["sms", "call", "email"])
async def test_every_line_has_the_keys_of_the_contract(database: str, status: str) -> None:
    people = f'{{"{ANN}": {{calls: [{{busy: true}}]}}}}'
    outcome = await told(database, people, status=status)
    lines = [*json_lines("file", outcome)]
    keys = {
        "call": {"type", "at", "to", "ended_at", "outcome"},
        "text": {"type", "at", "to", "body"},
        "email": {"type", "at", "to", "subject", "body"},
        "alert": {"type", "at", "sink", "text"},
    }
    for line in lines:
        if line["type"] == "history":
            assert {*line} - {"type", "content"} == ITEM
        elif line["type"] in keys:
            assert {*line} == keys[str(line["type"])]
        if "at" in line:
            assert STAMP.fullmatch(str(line["at"]))
    kinds = ["history", *keys, "scenario"]
    order = [kinds.index(str(line["type"])) for line in lines]
    assert order == sorted(order)


async def test_addresses_that_left_are_unmasked_and_those_in_the_history_are_not(
    database: str,
) -> None:
    outcome = await told(database, "{}")
    assert {one["to"] for one in left(outcome, "text")} == {ANN}
    assert {one["to"] for one in left(outcome, "call")} == {BOB}
    said = [item["data"] | {"text": item["text"]} for item in outcome.items]
    assert "+12025550" not in str(said)


async def test_a_text_carries_the_message_and_ends_with_its_code(database: str) -> None:
    outcome = await told(database, "{}")
    first, again = bodies(outcome)[:2]
    assert "No heat" in first
    assert "1 Main St" in first
    assert code_in(first) == code_in(again)


async def test_a_text_of_protected_details_carries_a_link_and_none_of_them(database: str) -> None:
    outcome = await told(database, "{}", phi="true")
    for body in bodies(outcome):
        assert "/m/" in body
        assert not re.search("heat|Main|Cal|5550155", body)
        assert code_in(body)


async def test_a_late_accept_is_told_who_has_it_and_since_when(database: str) -> None:
    accepts = '{answer_after: 10s, keys: [{after: 1s, press: "1"}, {after: 9s, press: "1"}]}'
    outcome = await told(
        database,
        f'{{"{BOB}": {{calls: [{accepts}]}}}}',
        f'{{at: "18:05:00", text: {{from: "{ANN}", body: "ok"}}}}',
        f'{{at: "18:06:00", text: {{from: "{ANN}", body: "pass"}}}}',
    )
    late, passed = bodies(outcome)[1:]
    assert "Bob Bell" in late
    assert "6:02" in late
    assert "Bob Bell" in passed


async def test_a_repeated_accept_is_told_that_it_is_theirs(database: str) -> None:
    again = f'{{at: "18:05:00", text: {{from: "{ANN}", body: "ok"}}}}'
    people = f'{{"{ANN}": {{texts: [{{reply_after: 5s, reply: "{{code}}"}}]}}}}'
    outcome = await told(database, people, again)
    assert "is yours" in bodies(outcome)[1]
    assert "already yours" in bodies(outcome)[2]


async def test_an_accept_by_code_is_answered_with_the_link(database: str) -> None:
    people = f'{{"{ANN}": {{texts: [{{reply_after: 5s, reply: "{{code}} OK"}}, {{}}]}}}}'
    outcome = await told(database, people, phi="true")
    assert "/m/" in bodies(outcome)[1]
    assert any("has not opened" in one["text"] for one in left(outcome, "alert"))


async def test_who_says_stop_and_who_is_unknown_get_no_answer(database: str) -> None:
    outcome = await told(
        database,
        "{}",
        f'{{at: "18:01:00", text: {{from: "{ANN}", body: "stop"}}}}',
        '{at: "18:01:30", text: {from: "+12025550177", body: "hello"}}',
        '{at: "18:01:40", text: {from: "+12025550177", body: "START"}}',
    )
    assert len(bodies(outcome)) == 1


async def test_a_wrong_code_accepts_nothing_and_is_told_the_open_ones(database: str) -> None:
    outcome = await told(
        database, "{}", f'{{at: "18:01:00", text: {{from: "{ANN}", body: "9876 ok"}}}}'
    )
    sent, told_back = bodies(outcome)[:2]
    assert code_in(sent) in told_back
    assert not any(item["kind"] == "message.delivered" for item in outcome.items)


async def test_a_call_tells_when_it_ended_and_how(database: str) -> None:
    people = f'{{"{ANN}": {{calls: [{{busy: true}}]}}, "{BOB}": {{calls: [{{no_answer: true}}]}}}}'
    outcome = await told(database, people, status="call")
    first, second = left(outcome, "call")[:2]
    assert (first["to"], first["outcome"], first["ended_at"]) == (ANN, "busy", first["at"])
    assert (second["to"], second["outcome"]) == (BOB, "no_answer")
    assert second["ended_at"] == "2026-02-02T23:00:25.000000Z"
