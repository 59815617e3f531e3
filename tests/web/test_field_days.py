"""Field jobs in time: a clock that never stands still, the hours where a job is, the calendars."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.clock import VirtualClock
from gateway.store.matters import BusyMatterError
from gateway.store.pool import Pool
from gateway.web import fieldjob_notes
from tests.kit.api import Api, serving
from tests.kit.desk import NOON

CLEO = {"name": "Cleo Cain", "phone": "+12025550142", "address": "9 Elm St, Austin, TX 78701"}
EVENING = {"start": "2026-02-02T19:00:00-06:00", "duration": "2h", "technician": "T-1"}


class Running(VirtualClock):
    """A clock that moves on whenever it is read."""

    def now(self) -> datetime:
        self.set(super().now() + timedelta(microseconds=1))
        return super().now()


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    """Serve the API by a clock that runs."""
    async with serving(pool, Running(NOON)) as served:
        yield served


async def job(api: Api, **changes: object) -> dict[str, Any]:
    customer = (await api.ask("dispatcher", "POST /v1/customers", CLEO)).json()["id"]
    body = {"customer": customer, "title": "No heat", "appointment": EVENING, **changes}
    answer = await api.ask("dispatcher", "POST /v1/field-jobs", body)
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def test_the_survey_opens_though_time_goes_on(api: Api) -> None:
    """S1-24."""
    path = f"POST /v1/field-jobs/{(await job(api))['id']}/actions"
    assert (await api.ask("technician:T-1", f"{path}/complete")).status_code == 200
    async with api.pool.acquire() as conn:
        asked = await conn.fetchval("select body from letters where name = 'survey'")
    link = re.search(r"/s/\S+", asked)
    assert link is not None
    assert (await api.client.get(link[0])).status_code == 200
    answered = await api.client.post(link[0], data={"rating": "5"})
    assert "Thank you" in answered.text


async def test_a_job_has_the_hours_of_its_account_else_of_its_market(api: Api) -> None:
    """S0-17, S1-21, S1-31: an evening in Texas is of that day, and the text says its hour."""
    texan = await job(api, market="TX")
    zones = [(await job(api, **known))["timezone"] for known in ({"account": "7001"}, {})]
    paso = await job(api, market="TX-El Paso")
    assert [texan["timezone"], paso["timezone"]] == ["America/Chicago", "America/Denver"]
    assert zones == ["America/New_York", "UTC"]
    unheard = await job(api, market="Atlantis")
    assert unheard["timezone"] == "UTC"
    day = await api.ask("dispatcher", "GET /v1/field-jobs?technician=T-1&day=2026-02-02")
    assert texan["id"] in {one["id"] for one in day.json()}
    path = f"POST /v1/field-jobs/{texan['id']}/actions/on_my_way"
    await api.ask("technician:T-1", path, {"eta": "17:30"})
    async with api.pool.acquire() as conn:
        assert "about 5:30 PM CST" in await conn.fetchval("select body from letters")


async def test_a_reason_in_words_is_taken_and_an_illegal_pair_is_told_first(api: Api) -> None:
    """S1-10, S1-16, S1-23."""
    path = f"/v1/field-jobs/{(await job(api))['id']}"
    said = {"reason": "customer called off"}
    early = await api.ask("dispatcher", f"POST {path}/actions/pause", said)
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert (await api.ask("dispatcher", f"POST {path}/actions/cancel", said)).status_code == 200
    history = (await api.ask("lead", f"GET {path}/history")).json()
    assert (history[-1]["content"], "called off" in str(history[-1]["data"])) == (
        "customer called off",
        False,
    )
    assert (await api.ask("dispatcher", f"POST {path}/actions/reopen")).status_code == 200
    await api.ask("dispatcher", f"POST {path}/actions/start")
    wrong = await api.ask("dispatcher", f"POST {path}/actions/pause", said)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")


async def test_the_whole_day_is_on_the_calendar_and_a_plan_of_a_job_that_is_over_is_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0-17, S1-31: however many jobs there are."""
    monkeypatch.setattr("gateway.web.fieldjobs._MOST", 1)
    monkeypatch.setattr("gateway.web.technicians._MOST", 1)
    early = {**EVENING, "start": "2026-02-02T18:30:00-05:00"}
    late, first = await job(api, account="7001"), await job(api, account="7001", appointment=early)
    day = "GET /v1/field-jobs?day=2026-02-02"
    assert [one["id"] for one in (await api.ask("lead", day)).json()] == [first["id"], late["id"]]
    assert len((await api.ask("lead", f"{day}&limit=1")).json()) == 1
    path = f"POST /v1/field-jobs/{late['id']}"
    tomorrow = {**EVENING, "start": "2026-02-03T10:00"}
    await api.ask("dispatcher", f"{path}/appointments", tomorrow)
    whole = (await api.ask("technician:T-1", "GET /v1/technicians/T-1")).json()
    assert (len(whole["today"]), len(whole["upcoming"])) == (2, 1)
    await api.ask("technician:T-1", f"{path}/actions/complete")
    over = (await api.ask("technician:T-1", "GET /v1/technicians/T-1")).json()
    assert [one["appointment"]["state"] for one in over["today"]] == ["planned", "completed"]
    assert over["upcoming"] == []


async def test_an_offer_for_who_has_left_is_not_scheduled_with_them(api: Api) -> None:
    """S1-32: nor does the refusal come before that of an illegal pair."""
    path = f"/v1/field-jobs/{(await job(api, source='booking_page'))['id']}"
    assert (await api.ask("technician:T-1", f"POST {path}/actions/accept")).status_code == 200
    await api.ask("admin", "POST /v1/users/T-1/deactivate")
    add = f"POST {path}/actions/add_appointment"
    refused = await api.ask("dispatcher", add)
    assert (refused.status_code, refused.json()["code"]) == (422, "technician_inactive")
    shown = (await api.ask("dispatcher", f"GET {path}")).json()
    assert (shown["status"], shown["appointments"]) == ("Unscheduled", [])
    assert (await api.ask("dispatcher", add, {"technician": "T-2"})).status_code == 200
    again = await api.ask("dispatcher", add, {"technician": "T-1"})
    assert again.json()["code"] == "illegal_transition"


async def test_a_note_on_a_job_that_changes_too_fast_is_asked_again_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise BusyMatterError("x")

    path = f"POST /v1/field-jobs/{(await job(api))['id']}/notes"
    monkeypatch.setattr(fieldjob_notes.matters, "decide", busy)
    answer = await api.ask("dispatcher", path, {"text": "Dog"})
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "1"
