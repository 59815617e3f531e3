"""Views of field jobs hear at once that one changed: what they see, from where they left off."""

import base64
from contextlib import aclosing
from pathlib import Path
from typing import Any

from fastapi.security import HTTPAuthorizationCredentials

from gateway.domain.deeds import Person
from gateway.store.pool import Pool
from gateway.web.events import HEARTBEAT, Ear, told
from tests.kit.api import Api, serving
from tests.kit.callers import PNG
from tests.kit.sse import events_of

CLEO = {"name": "Cleo Cain", "phone": "+12025550142"}
VISIT = {"start": "2026-02-03T10:00", "duration": "2h", "technician": "T-1"}
NEWS = ["id", "at", "account", "kind", "status", "color"]


async def job(api: Api, **changes: object) -> dict[str, Any]:
    """Open a job of Acme's, for account 7001, with a visit of T-1."""
    customer = (await api.ask("dispatcher", "POST /v1/customers", CLEO)).json()["id"]
    body = {"customer": customer, "title": "No heat", "brand": "Acme Home", "account": "7001"}
    given = {**body, "appointment": VISIT, **changes}
    opened: dict[str, Any] = (await api.ask("dispatcher", "POST /v1/field-jobs", given)).json()
    return opened


async def heard_by(api: Api, who: str, last: int = 0) -> tuple[list[dict[str, Any]], str]:
    """Return the data of all events that somebody hears from a number on, and the stream."""
    role, _, name = who.partition(":")
    token = await api.token(who)
    given = HTTPAuthorizationCredentials(scheme="Bearer", credentials=token)
    ear = Ear(api.app.state.parts, api.app.state.floor, given, Person(name, role), last)
    found = ""
    async with aclosing(told(ear)) as stream:
        await anext(stream)
        await api.app.state.floor.look()
        api.clock.set(api.clock.now() + HEARTBEAT)
        while (said := await anext(stream)) != b": here\n\n":
            found += said.decode()
    return events_of(found), found


async def test_every_view_of_a_job_hears_each_change_of_it_and_no_words(api: Api) -> None:
    """S1-19, S1-21: also the technician's own, the brand's, and whoever was away."""
    opened = await job(api)
    path = f"POST /v1/field-jobs/{opened['id']}"
    await api.ask("technician:T-1", f"{path}/notes", {"text": "Rude dog"})
    await api.ask("technician:T-1", f"{path}/actions/on_my_way", {"eta": "25m"})
    await api.ask("technician:T-1", f"{path}/actions/pause", {"reason": "part"})
    refused = await api.ask("technician:T-1", f"{path}/actions/complete")
    assert refused.status_code == 409
    for who in ("dispatcher:D-1", "lead:L-7", "agent:1204", "technician:T-1", "brand:Acme-Home"):
        events, said = await heard_by(api, who)
        assert [(one["kind"].partition(".")[2], one["status"], one["color"]) for one in events] == [
            ("created", "Scheduled", "blue"),
            *[("noted", "Scheduled", "blue")] * (who not in {"agent:1204", "brand:Acme-Home"}),
            ("on_my_way", "In Progress", "orange"),
            ("paused", "Paused", "yellow"),
        ], who
        assert all(list(one) == NEWS and one["id"] == opened["id"] for one in events)
        assert not any(word in said for word in ("Rude", "Cleo", "5550142", "heat"))
    events, said = await heard_by(api, "lead:L-7")
    middle = int(said.split("id: ")[2].partition("\n")[0])
    after, _ = await heard_by(api, "lead:L-7", middle)
    assert after == events[2:]


async def test_whose_job_it_is_not_hears_nothing_of_it(api: Api) -> None:
    """S1-27, S1-30; nor do those in the field hear what needs a person at the desk."""
    await job(api)
    await api.take(priority="emergency")
    await api.ask("agent", "POST /v1/messages/49000001/annotations", {"text": "x"})
    body = {"skill": "Dispatch", "text": "Call."}
    await api.ask("agent", "POST /v1/messages/49000001/park", body)
    assert [one["reason"] for one in (await heard_by(api, "lead:L-7"))[0][1:]] == ["parked"]
    for who in ("technician:T-9", "brand:Other", "account_manager:M-1"):
        assert await heard_by(api, who) == ([], "")
    agents, _ = await heard_by(api, "agent:1204")  # who find every job
    assert [one["kind"] for one in agents] == ["fieldjob.created"]


async def test_what_is_private_of_a_job_is_heard_of_by_those_who_read_it(
    pool: Pool, tmp_path: Path
) -> None:
    """S1-30, S1-31: notes and photos."""
    heard, added = {}, ["noted", "pictured"]
    async with serving(pool, data_dir=tmp_path) as api:
        path = f"POST /v1/field-jobs/{(await job(api))['id']}"
        for public in (True, False):
            note = {"text": "Rude dog", "public": public}
            photo = {"content": base64.b64encode(PNG).decode(), "public": public}
            for kind, body in (("notes", note), ("photos", photo)):
                added_one = await api.ask("dispatcher", f"{path}/{kind}", body)
                assert added_one.status_code == 201
        for who in ("technician:T-1", "agent:1204", "brand:Acme-Home"):
            heard[who] = [one["kind"].partition(".")[2] for one in (await heard_by(api, who))[0]]
    assert heard["technician:T-1"] == ["created", *added, *added]
    assert heard["agent:1204"] == heard["brand:Acme-Home"] == ["created", *added]


async def test_whoever_loses_a_job_hears_that_and_no_more(api: Api) -> None:
    """S1-04, S1-20: T-1's visit goes to T-2, and an offer is declined."""
    opened = await job(api)
    visit = opened["appointments"][0]["id"]
    path = f"/v1/field-jobs/{opened['id']}"
    await api.ask("dispatcher", f"PATCH {path}/appointments/{visit}", {"technician": "T-2"})
    await api.ask("dispatcher", f"POST {path}/actions/start")
    offer = await job(api, source="booking_page")
    await api.ask("technician:T-1", f"POST /v1/field-jobs/{offer['id']}/actions/decline")
    heard = {}
    for who in ("technician:T-1", "technician:T-2", "dispatcher:D-1"):
        events, _ = await heard_by(api, who)
        heard[who] = [(one["kind"].partition(".")[2], one["color"]) for one in events]
    gone = [("offered", "green"), ("declined", None)]
    assert heard["technician:T-1"] == [("created", "blue"), ("appointment_changed", None), *gone]
    assert heard["technician:T-2"] == [("appointment_changed", "blue"), ("started", "orange")]
    assert [color for _, color in heard["dispatcher:D-1"]] == [
        "blue",
        "blue",
        "orange",
        *("green", None),
    ]
