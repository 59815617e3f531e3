"""What leaves in the stories of hand-offs: mails, each once, and alerts."""

from pathlib import Path
from typing import Any

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

HERE = Path(__file__).parent


async def left(database: str, name: str) -> list[dict[str, Any]]:
    """Play one of the stories beside this file and return what left."""
    path = HERE / f"{name}.yaml"
    (scenario,) = read_scenarios(path.read_text(encoding="utf-8"), path.name)
    outcome = await rehearse(scenario, database)
    assert outcome.faults == ()
    return list(outcome.left)


async def test_the_product_team_gets_one_mail_with_the_last_note_and_the_customer_two(
    database: str,
) -> None:
    """S0-07, S0-11, S0-13, S0-15: asked for twice each; the note of two that was the last then."""
    mails = [one for one in await left(database, "handoff-step-by-step") if one["type"] == "email"]
    product, update, closing = mails
    assert product["to"] == "product@dispatch.example"
    assert product["body"].startswith("Second: it fails for every file since 8:40.\n")
    assert not [word for word in ("First", "Third") if word in product["body"]]
    assert "https://dispatch.example/handoffs/" in product["body"]
    assert [mail["to"] for mail in (update, closing)] == ["dana@allstate.example"] * 2
    assert "has been handed to our product team" in update["body"]
    assert "We close our ticket" in closing["body"]


async def test_a_lead_hears_of_silence_and_nobody_is_written_to_again(database: str) -> None:
    """S0-14: every three hours for a day, through a crash, until the product team confirms."""
    silence = await left(database, "handoff-reminder")
    reminders = [one for one in silence if one["type"] == "alert"]
    assert {one["sink"] for one in reminders} == {"lead"}
    assert len(reminders) == 7
    assert "has not confirmed the mail for 3 hours" in reminders[0]["text"]
    assert [one["to"] for one in silence if one["type"] == "email"] == [
        "product@dispatch.example",
        "dana@allstate.example",
    ]


async def test_the_incident_sink_hears_of_incidents_and_the_product_team_of_none(
    database: str,
) -> None:
    """S0-03: told from the start, and once it turns out."""
    incidents = await left(database, "handoff-major-incident")
    assert [one["sink"] for one in incidents if one["type"] == "alert"] == ["incident"] * 2
    assert [one["to"] for one in incidents if one["type"] == "email"] == ["dana@allstate.example"]
