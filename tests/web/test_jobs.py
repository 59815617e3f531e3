"""Jobs over HTTP: the dispatch list, and people who work the jobs of the gateway."""

import asyncio
from uuid import UUID

import pytest

from gateway.store import accounts
from gateway.store.pool import Pool
from tests.kit.api import Api, serving
from tests.kit.desk import NOON, document, later


async def _list(api: Api, query: str = "") -> list[dict[str, object]]:
    answer = await api.ask("dispatcher", f"GET /v1/jobs{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()
    return found


async def test_the_list_is_in_order_of_urgency_and_then_of_waiting(api: Api) -> None:
    await api.take("1", priority="routine")
    await api.take("2")
    await api.take("3", priority="emergency")
    api.clock.set(later(minutes=2))
    await api.take("4")
    assert [job["ucn"] for job in await _list(api)] == ["3", "2", "4", "1"]


async def test_the_list_falls_into_three_classes(api: Api) -> None:
    await api.take("1")
    api.clock.set(later(minutes=6))
    await api.take("2")
    forced = {"contact": "ann", "relayed": False, "at": "2026-02-02T23:05:00Z"}
    await api.take("3", forced=forced)
    classes = {job["ucn"]: job["class"] for job in await _list(api)}
    assert classes == {"1": "past_due", "2": "due_now", "3": "later"}
    for ucn, name in classes.items():
        assert [job["ucn"] for job in await _list(api, f"?class={name}")] == [ucn]


async def test_the_list_is_filtered_by_account_and_state(api: Api) -> None:
    await api.take("1")
    job = await api.job("2", account="7002")
    await api.ask("dispatcher", f"POST /v1/jobs/{job}/cancel")
    assert [one["ucn"] for one in await _list(api)] == ["1"]
    assert [one["ucn"] for one in await _list(api, "?state=canceled")] == ["2"]
    assert await _list(api, "?account=7002") == []


async def test_a_listed_job_shows_who_is_next_how_and_why_and_its_last_items(api: Api) -> None:
    people = {"ann": {"name": "Ann Ames", "phone": "+12025550101", "notes": "Ring twice."}}
    doc = document(contacts=people, schedules=[], permanent=[{"contact": "ann"}])
    async with api.pool.acquire() as conn:
        await accounts.put(conn, doc, "lead:L-7", NOON)
    await api.take("1")
    (job,) = await _list(api)
    assert job["under_way"] is None
    assert job["next"] == {
        "contact": "ann",
        "name": "Ann Ames",
        "method": "call",
        "address": "+12025550101",
        "source": "permanent",
        "reason": "permanent list, place 1",
        "notes": "Ring twice.",
        "requires_human": False,
    }
    kinds = [item["kind"] for item in job["history"]]  # type: ignore[attr-defined]
    assert kinds == ["job.created", "message.taken"]


async def test_of_many_claimers_exactly_one_wins(api: Api) -> None:
    job = await api.job()
    claims = [api.ask(f"dispatcher:D-{n}", f"POST /v1/jobs/{job}/claim") for n in range(6)]
    answers = await asyncio.gather(*claims)
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"claimed"}
    assert (await api.kinds()).count("job.claimed") == 1


async def test_a_target_and_a_claim_at_once_leave_one_owner_or_none(api: Api) -> None:
    job = await api.job()
    body = {"contact": "cho", "reason": "x"}
    claim, target = await asyncio.gather(
        api.ask("dispatcher:D-1", f"POST /v1/jobs/{job}/claim"),
        api.ask("dispatcher:D-2", f"POST /v1/jobs/{job}/target", body),
    )
    (shown,) = await _list(api)
    won = claim.status_code, target.status_code
    assert won in {(200, 409), (200, 200)}
    assert shown["owner"] == "dispatcher:D-1"


async def test_a_person_works_a_job_from_claim_to_outcome(api: Api) -> None:
    job = await api.job()

    async def do(what: str, body: object = None) -> dict[str, object]:
        answer = await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/{what}", body)
        assert answer.status_code == 200, answer.text
        done: dict[str, object] = answer.json()
        return done

    assert (await do("claim"))["state"] == "claimed"
    assert (await do("release"))["state"] == "pending"
    cued = await do("cue", {"minutes": 30, "directed_by": "L-7"})
    assert cued["due_at"] == "2026-02-02T23:30:00.000000Z"
    assert (await do("resume"))["due_at"] == "2026-02-02T23:00:00.000000Z"
    assert (await do("target", {"contact": "cho", "reason": "asked"}))["target"] is not None
    assert (await do("schedule", {"name": "oncall"}))["reason"] == "schedule_named"
    missed = await do("outcome", {"relayed": False, "contact": "ann", "note": "Voicemail."})
    assert missed["due_at"] == "2026-02-02T23:15:00.000000Z"
    assert (await do("outcome", {"relayed": True, "contact": "bob"}))["state"] == "completed"
    verdict = await api.ask("agent", "GET /v1/messages/49000001/history/verify")
    assert verdict.json()["ok"]


REFUSED = {
    "an unknown contact": ("target", {"contact": "zoe", "reason": "x"}, 404, "unknown_contact"),
    "an unknown schedule": ("schedule", {"name": "North"}, 404, "unknown_schedule"),
    "a cue of nobody's direction": ("cue", {"minutes": 5}, 403, "lead_needed"),
    "a cue in no time": ("cue", {"minutes": 0, "directed_by": "L"}, 422, "invalid"),
    "a job nobody claimed": ("release", None, 409, "not_claimed"),
    "a stranger's outcome": (
        "outcome",
        {"relayed": True, "contact": "zoe"},
        404,
        "unknown_contact",
    ),
    "an unknown field": ("target", {"contact": "cho", "reason": "x", "y": 1}, 422, "invalid"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
async def test_what_cannot_be_done_is_refused_with_its_code(api: Api, case: str) -> None:
    what, body, status, code = REFUSED[case]
    job = await api.job()
    answer = await api.ask("dispatcher", f"POST /v1/jobs/{job}/{what}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await api.kinds() == ["message.taken", "job.created"]


async def test_a_job_that_has_ended_is_a_conflict(api: Api) -> None:
    job = await api.job()
    await api.ask("dispatcher", f"POST /v1/jobs/{job}/cancel")
    answer = await api.ask("lead", f"POST /v1/jobs/{job}/claim")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_ended")


@pytest.mark.parametrize(("job", "status"), [(str(UUID(int=1)), 404), ("none", 422)])
async def test_an_unknown_job_is_not_found(api: Api, job: str, status: int) -> None:
    answer = await api.ask("lead", f"POST /v1/jobs/{job}/claim")
    assert answer.status_code == status


async def test_where_coding_is_required_an_uncoded_dispatcher_claims_nothing(pool: Pool) -> None:
    async with serving(pool, require_coding=True) as api:
        job = await api.job()
        claim = f"POST /v1/jobs/{job}/claim"
        refused = await api.ask("dispatcher:D-31", claim)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_coded")
        coded = await api.ask("wfm:W-1", "PUT /v1/sessions/D-31", {"coded": True})
        assert coded.json()["changed_by"] == "wfm:W-1"
        assert (await api.ask("dispatcher:D-31", claim)).status_code == 200
        await api.ask("lead", "PUT /v1/sessions/D-31", {"coded": False})
        assert (await api.ask("dispatcher:D-31", claim)).status_code == 403
        assert (await api.ask("lead:L-7", f"POST /v1/jobs/{job}/resume")).status_code == 200
