"""What leaves a rehearsal besides messages: notices of shifts, alerts of uncovered hours."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

ANN, BOB = "+12025550101", "+12025550102"
STORY = """
name: a night
start: 2026-02-02T12:00:00-05:00
until: 2026-02-04T12:00:00-05:00
accounts:
  - account: "7001"
    name: Northside HVAC
    timezone: America/New_York
    contacts:
      ann: {name: Ann Ames, phone: "+12025550101"}
      bob: {name: Bob Bell, phone: "+12025550102"}
    schedules:
      - name: OnCall
        shifts:
          - {contact: ann, weekly: "Mon-Sun 08:00-17:00"}
          - {contact: bob, weekly: "%s"}
    notices: %s
settings: %s
events: %s
"""
NIGHTS = "Mon-Sun 17:00-08:00"
HANDOFF = "{handoff: true}"


async def left(
    database: str, kind: str, notices: str, *events: str, settings: str = "{}", nights: str = NIGHTS
) -> Sequence[Any]:
    """Play two days and return what left of a kind, as (time, to whom or which sink, words)."""
    happening = f"[{', '.join(events)}]"
    (scenario,) = read_scenarios(STORY % (nights, notices, settings, happening), "test")
    outcome = await rehearse(scenario, database)
    assert outcome.faults == ()
    lines = [one for one in outcome.left if one["type"] == kind]
    return sorted(
        (one["at"][:16], one.get("to", one.get("sink")), one.get("body", one.get("text")))
        for one in lines
    )


async def test_each_handoff_is_told_to_both_and_nothing_else_leaves(database: str) -> None:
    texts = await left(database, "text", HANDOFF)
    assert [(at, to) for at, to, _ in texts] == [
        ("2026-02-02T22:00", ANN),
        ("2026-02-02T22:00", BOB),
        ("2026-02-03T13:00", ANN),
        ("2026-02-03T13:00", BOB),
        ("2026-02-03T22:00", ANN),
        ("2026-02-03T22:00", BOB),
        ("2026-02-04T13:00", ANN),
        ("2026-02-04T13:00", BOB),
    ]
    assert [words for _, _, words in texts[:2]] == [
        "Northside HVAC: you are no longer on call. On call now: Bob Bell.",
        "Northside HVAC: you are now on call until 8:00 AM EST, Tue Feb 3.",
    ]


async def test_a_crash_over_a_handoff_delays_its_notices_and_doubles_none(database: str) -> None:
    texts = await left(database, "text", HANDOFF, '{at: "16:59:00", crash: {for: 2h}}')
    assert [(at, to) for at, to, _ in texts[:3]] == [
        ("2026-02-02T23:59", ANN),
        ("2026-02-02T23:59", BOB),
        ("2026-02-03T13:00", ANN),
    ]


async def test_a_carrier_that_is_down_costs_at_most_a_notice_and_doubles_none(
    database: str,
) -> None:
    down = '{at: "16:59:00", carrier: {down_for: 3m}}'
    texts = await left(database, "text", HANDOFF, down)
    evening = [to for at, to, _ in texts if at < "2026-02-03T13:00"]
    assert len(set(evening)) == len(evening)


async def test_the_digest_lists_the_shifts_to_come(database: str) -> None:
    texts = await left(database, "text", '{digest: "Mon 18:00"}')
    assert [(at, to) for at, to, _ in texts] == [
        ("2026-02-02T23:00", ANN),
        ("2026-02-02T23:00", BOB),
    ]
    assert "8:00 AM EST, Tue Feb 3 to 5:00 PM EST, Tue Feb 3: on call" in texts[0][2]


async def test_without_a_word_in_the_document_nobody_is_told(database: str) -> None:
    assert await left(database, "text", "{}") == []


@pytest.mark.parametrize(("hours", "days"), [(72, "3 4 5"), (24, "3"), (0, "")])
async def test_a_lead_hears_of_uncovered_days_once(database: str, hours: int, days: str) -> None:
    alerts = await left(
        database,
        "alert",
        "{}",
        settings=f"{{COVERAGE_HOURS: {hours}}}",
        nights="Mon 17:00-24:00; Tue-Sun 00:00-08:00; Tue-Sun 17:00-23:00; Mon 00:00-08:00",
    )
    told = " ".join(words for _, _, words in alerts)
    for day in days.split():
        assert told.count(f"2026-02-0{day} (yellow) 23:00-24:00") == 1
    assert {sink for _, sink, _ in alerts} == ({"lead"} if hours else set())
