"""Sessions over HTTP: coding, call states, breaks, and what nobody coded was refused."""

import asyncio

import pytest

from gateway.store import accounts
from gateway.store.pool import Pool
from tests.kit.api import Api, serving
from tests.kit.desk import NOON, document


async def alerts(api: Api) -> list[str]:
    """Return what the dispatchers were told."""
    async with api.pool.acquire() as conn:
        rows = await conn.fetch("select payload from errands where kind = 'alert' order by next_at")
    return [row["payload"]["text"] for row in rows if row["payload"]["sink"] == "dispatch"]


async def code(api: Api, *names: str) -> None:
    for name in names:
        assert (
            await api.ask("wfm:W-1", f"PUT /v1/sessions/{name}", {"coded": True})
        ).status_code == 200


async def held(api: Api) -> None:
    """Have a job wait for a person."""
    nobody = document("7003", contacts={}, schedules=[], permanent=[])
    async with api.pool.acquire() as conn:
        await accounts.put(conn, nobody, "lead:L-7", NOON)
        await api.take("49000009", account="7003")
        await conn.execute("update jobs set state = 'held', reason = 'blank'")


async def test_who_is_coded_is_in_disp_and_no_longer_when_that_is_taken_back(api: Api) -> None:
    """S3-03, S3-04."""
    await code(api, "D-31")
    (session,) = (await api.ask("lead", "GET /v1/sessions")).json()
    assert (session["coded"], session["call_state"], session["changed_by"]) == (
        *(True, "DISP", "wfm:W-1"),
    )
    after = await api.ask("wfm:W-1", "PUT /v1/sessions/D-31", {"coded": False})
    assert (after.json()["coded"], after.json()["call_state"]) == (False, "ZERO")


@pytest.mark.parametrize("state", ["TALK", "RING"])
async def test_a_live_call_to_who_is_coded_is_told_of(api: Api, state: str) -> None:
    """S3-04: to anybody else it is what they are there for."""
    call = "POST /v1/sessions/D-31/call-state"
    idle = await api.ask("wfm:W-1", call, {"state": state})
    assert (idle.json()["warning"], await alerts(api)) == (None, [])
    await code(api, "D-31")
    live = await api.ask("dispatcher:D-31", call, {"state": state})
    assert (live.json()["warning"], live.json()["call_state"]) == ("live_call", state)
    assert await alerts(api) == [
        f"D-31 is coded for dispatch, and a live call came to them ({state})."
    ]


async def test_people_speak_for_themselves_and_wfm_for_everybody(api: Api) -> None:
    for call, body in (("call-state", {"state": "ZERO"}), ("break", {"at": None})):
        path = f"POST /v1/sessions/D-31/{call}"
        assert (await api.ask("dispatcher:D-32", path, body)).status_code == 403
        for who in ("dispatcher:D-31", "wfm:W-1", "lead:L-7"):
            assert (await api.ask(who, path, body)).status_code == 200


async def ask_break(api: Api, at: str) -> dict[str, object]:
    answer = await api.ask("dispatcher:D-31", "POST /v1/sessions/D-31/break", {"at": at})
    return {"status": answer.status_code, **answer.json()}


async def test_a_break_without_notice_is_refused_while_jobs_wait_and_nobody_covers(
    api: Api,
) -> None:
    """S3-06: whoever else is coded covers it; five minutes are enough to find somebody."""
    await code(api, "D-31")
    await held(api)
    refused = await ask_break(api, "2026-02-02T23:04:59Z")
    assert (refused["status"], refused["code"]) == (409, "break_too_soon")
    (text,) = await alerts(api)
    assert "D-31 asks for a break at 2026-02-02T23:04:59" in text
    assert "1 job waits for a person" in text
    granted = await ask_break(api, "2026-02-02T23:05:00Z")
    assert (granted["decision"], granted["covered"]) == ("granted", False)
    assert granted["break_at"] == "2026-02-02T23:05:00.000000Z"
    await code(api, "D-32")
    covered = await ask_break(api, "2026-02-02T23:01:00Z")
    assert (covered["decision"], covered["covered"]) == ("granted", True)
    assert len(await alerts(api)) == 2


async def test_a_break_without_notice_is_flagged_while_nothing_waits(api: Api) -> None:
    """S3-06."""
    await code(api, "D-31")
    flagged = await ask_break(api, "2026-02-02T23:01:00Z")
    assert (flagged["decision"], flagged["covered"]) == ("flagged", False)
    back = await api.ask("wfm:W-1", "PUT /v1/sessions/D-31", {"coded": True})
    assert back.json()["break_at"] is None


async def test_the_last_one_to_leave_the_floor_is_told_of_while_jobs_wait(api: Api) -> None:
    """S3-06: by whatever way they leave it."""
    await code(api, "D-31")
    await code(api, "D-32")
    await held(api)
    await api.ask("wfm:W-1", "PUT /v1/sessions/D-32", {"coded": False})
    assert await alerts(api) == []
    await api.ask("wfm:W-1", "POST /v1/sessions/D-31/call-state", {"state": "ZERO"})
    (told,) = await alerts(api)
    assert "D-31" in told
    assert "1 job waits" in told


async def test_two_who_leave_at_once_are_told_of_once(api: Api) -> None:
    """Neither takes the other for somebody who stays."""
    await code(api, "D-31", "D-32")
    await held(api)
    uncoded = api.ask("wfm:W-1", "PUT /v1/sessions/D-32", {"coded": False})
    on_call = api.ask("wfm:W-1", "POST /v1/sessions/D-31/call-state", {"state": "ZERO"})
    await asyncio.gather(uncoded, on_call)
    assert len(await alerts(api)) == 1


async def test_who_loses_their_coding_still_gives_back_and_reports(pool: Pool) -> None:
    """S3-07 refuses the claim; what was claimed before is finished."""
    async with serving(pool, require_coding=True) as api:
        await code(api, "D-31")
        job = await api.job()
        await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/claim")
        await api.ask("wfm:W-1", "PUT /v1/sessions/D-31", {"coded": False})
        heard = {"relayed": False, "contact": "ann"}
        said = await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/outcome", heard)
        assert said.status_code == 200, said.text
        await api.ask("lead:L-7", f"POST /v1/jobs/{job}/claim")
        said = await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/outcome", heard)
        assert (said.status_code, said.json()["code"]) == (403, "not_coded")


async def test_a_claim_of_somebody_nobody_coded_is_kept_beside_the_history(pool: Pool) -> None:
    """S3-07: 403, and a row of its own; the message's history has nothing of it."""
    async with serving(pool, require_coding=True) as api:
        job = await api.job()
        before = await api.kinds()
        refused = await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/claim")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_coded")
        assert await api.kinds() == before
        (row,) = (await api.ask("wfm:W-1", "GET /v1/refusals")).json()
        assert row == {
            "at": "2026-02-02T23:00:00.000000Z",
            "actor": "dispatcher:D-31",
            "deed": "claim",
            "code": "not_coded",
            "account": "7001",
            "ucn": "49000001",
            "job": job,
        }
