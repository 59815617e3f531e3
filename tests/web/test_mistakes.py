"""Mistakes: entered about the work on a message, of kinds that are rows, counted for coaching."""

from datetime import timedelta

import pytest

from tests.kit.api import Api, message
from tests.kit.desk import NOON

DETAIL = "The address was left out though the form asks for it."
MISTAKE = {
    "ucn": "49000001",
    "agent_id": "1204",
    "type": "missing_inaccurate_details",
    "detail": DETAIL,
}
ENTER = "POST /v1/mistakes"


async def test_a_mistake_names_message_agent_kind_and_detail(api: Api) -> None:
    """S3-59: the agent is looked up; S3-40: entered whether or not it was dispatched by itself."""
    await api.take()
    answer = await api.ask("dispatcher:D-31", ENTER, MISTAKE)
    assert answer.status_code == 201
    entered = answer.json()
    assert (entered["agent_id"], entered["entered_by"]) == ("agent:1204", "dispatcher:D-31")
    assert (entered["account"], entered["detail"]) == ("7001", DETAIL)
    assert (entered["type_name"], entered["was_auto_dispatched"]) == (
        "Missing/Inaccurate Details Recorded",
        False,
    )
    assert (await api.ask("lead", "GET /v1/mistakes?agent=agent:1204")).json() == [entered]
    assert "mistake" not in str(await api.kinds())


BAD = {
    "short": ({"detail": "Nineteen characters"}, 422, "invalid"),
    "blanks": ({"detail": f"{'short':<40}"}, 422, "invalid"),
    "no such kind": ({"type": "rudeness"}, 422, "invalid"),
    "no such agent": ({"agent_id": "9999"}, 404, "unknown_agent"),
    "no such message": ({"ucn": "4711"}, 404, "unknown_message"),
}


@pytest.mark.parametrize("bad", BAD, ids=list(BAD))
async def test_a_mistake_that_lacks_something_is_refused(api: Api, bad: str) -> None:
    """S3-59: UCN, agent and kind exist, and the detail has twenty characters."""
    await api.take()
    changes, status, code = BAD[bad]
    answer = await api.ask("dispatcher", ENTER, {**MISTAKE, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await api.ask("lead", "GET /v1/mistakes")).json() == []


async def test_twenty_characters_are_enough(api: Api) -> None:
    await api.take()
    answer = await api.ask("dispatcher", ENTER, {**MISTAKE, "detail": "Exactly twenty chars"})
    assert answer.status_code == 201


async def test_the_kinds_of_mistake_are_rows_that_a_lead_changes(api: Api) -> None:
    """S3-60: three stand there from the start."""
    listed = (await api.ask("dispatcher", "GET /v1/mistake-types")).json()
    assert [one["name"] for one in listed] == [
        "Grammatical/Spelling Error",
        "Missing/Inaccurate Details Recorded",
        "Wrong Form Selection",
    ]
    new = {"type": "rudeness", "name": "Rudeness"}
    assert (await api.ask("lead:L-7", "POST /v1/mistake-types", new)).status_code == 201
    await api.take()
    entered = await api.ask("dispatcher", ENTER, {**MISTAKE, "type": "rudeness"})
    assert entered.json()["type_name"] == "Rudeness"
    retired = {**new, "name": "Tone", "active": False}
    assert (await api.ask("lead", "POST /v1/mistake-types", retired)).json()["name"] == "Tone"
    refused = await api.ask("dispatcher", ENTER, {**MISTAKE, "type": "rudeness"})
    assert refused.status_code == 422
    everything = (await api.ask("lead", "GET /v1/mistake-types?unused=true")).json()
    assert len(everything) == 4
    assert len((await api.ask("lead", "GET /v1/mistake-types")).json()) == 3


async def test_agents_are_looked_up_by_part_of_their_name(api: Api) -> None:
    """S3-59: whoever took a message, or has a token."""
    await api.take("49000001", taken_by="1204")
    await api.take("49000002", taken_by="agent:1204")
    await api.take("49000003", taken_by="agent:77")
    await api.token("dispatcher:D-31")
    found = (await api.ask("dispatcher:D-31", "GET /v1/agents?q=120")).json()
    assert found == [{"agent_id": "agent:1204", "role": "agent", "name": "1204"}]
    everybody = [one["agent_id"] for one in (await api.ask("lead", "GET /v1/agents")).json()]
    assert {"agent:1204", "agent:77", "dispatcher:D-31"} <= {*everybody}
    assert everybody == sorted({*everybody})


async def test_a_dispatcher_is_as_accountable_as_the_agent(api: Api) -> None:
    """S3-42: whoever stands in the message's history may be named."""
    await api.take()
    await api.ask("dispatcher:D-31", "POST /v1/messages/49000001/annotations", {"text": "x"})
    body = {**MISTAKE, "agent_id": "dispatcher:D-31"}
    assert (await api.ask("lead", ENTER, body)).json()["agent_id"] == "dispatcher:D-31"


async def test_mistakes_are_counted_by_agent_kind_and_week(api: Api) -> None:
    """S3-92: for coaching, with the messages they were made in."""
    spelling = {**MISTAKE, "type": "grammatical_spelling_error"}
    for number, (days, body) in enumerate(
        [(0, MISTAKE), (1, MISTAKE), (1, spelling), (9, MISTAKE)]
    ):
        api.clock.set(NOON + timedelta(days=days))
        await api.take(ucn := f"4900010{number}")
        assert (await api.ask("dispatcher", ENTER, {**body, "ucn": ucn})).status_code == 201
    report = (await api.ask("lead", "GET /v1/mistakes/report")).json()
    counted = [(one["week"], one["type"], one["count"], one["ucns"]) for one in report]
    assert counted == [
        ("2026-02-02", "grammatical_spelling_error", 1, ["49000102"]),
        ("2026-02-02", "missing_inaccurate_details", 2, ["49000100", "49000101"]),
        ("2026-02-09", "missing_inaccurate_details", 1, ["49000103"]),
    ]
    assert {one["agent"] for one in report} == {"agent:1204"}
    week = "from=2026-02-02&to=2026-02-08"
    assert len((await api.ask("lead", f"GET /v1/mistakes/report?{week}")).json()) == 2
    told = await api.ask("lead", f"GET /v1/mistakes/report?{week}&format=csv")
    assert told.headers["content-type"].startswith("text/csv")
    head, first, second = told.text.splitlines()
    assert head == "agent,type,type_name,week,count,ucns"
    assert first.endswith("Grammatical/Spelling Error,2026-02-02,1,49000102")
    assert second.endswith("2026-02-02,2,49000100 49000101")


async def test_a_mistake_leads_to_the_recording_of_its_call(api: Api) -> None:
    """S3-92: what was said can be heard by whoever coaches."""
    url = "https://recordings.example/49000002"
    await api.ask("agent", "POST /v1/messages", message(ucn="49000002", recording_url=url))
    entered = await api.ask("dispatcher:D-31", ENTER, {**MISTAKE, "ucn": "49000002"})
    assert entered.json()["recording"] == "/v1/messages/49000002/recording"
    await api.take("49000003")
    without = await api.ask("dispatcher:D-31", ENTER, {**MISTAKE, "ucn": "49000003"})
    assert without.json()["recording"] is None
