"""Casework over HTTP: opened by the registers, worked by owners and teams, found when stale."""

import asyncio
from typing import Any

from tests.kit.api import Api
from tests.kit.desk import later

HOMEOWNER = {
    "type": "homeowner",
    "contract": {"id": "C-1", "state": "active"},
    "contact_name": "Hal Home",
    "request_type": "Repair",
    "subtype": "Roof",
    "description": "It leaks.",
    "source": "phone",
}


async def said(api: Api, who: str, call: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
    """Make a call that is meant to go well, and return its answer."""
    answer = await api.ask(who, call, body, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def refused(api: Api, who: str, call: str, body: object) -> tuple[int, str]:
    """Make a call that is meant to be refused."""
    answer = await api.ask(who, call, body)
    return answer.status_code, answer.json()["code"]


async def opened(api: Api, **changes: object) -> str:
    """Open a case as Amy and return the path of its calls."""
    shown = await said(api, "agent:1204", "POST /v1/cases", {**HOMEOWNER, **changes})
    return f"/v1/cases/{shown['id']}"


async def test_a_case_is_opened_once_by_what_the_registers_know(api: Api) -> None:
    """S4-02, S4-06, S4-08, S4-13: the active contract, its organization, a link, no second one."""
    people = {"account_manager": "Ada Account", "sales_manager": "Saul Sales"}
    sunny = {"name": "Sunny Roofs", **people, "contacts": [{"key": "rep1", "name": "Rita Rep"}]}
    await said(api, "dispatcher", "PUT /v1/organizations/sunny", sunny)
    for id_, state in (("C-1", "active"), ("C-0", "cancelled")):
        contract = {"state": state, "homeowner": "home-1", "organization": "Sunny Roofs"}
        await said(api, "dispatcher", f"PUT /v1/contracts/{id_}", contract)
    looked_up = await said(api, "agent", "GET /v1/homeowners/home-1")
    assert [one["contract"] for one in looked_up["contracts"]] == ["C-0", "C-1"]
    assert looked_up["organization"]["account_manager"] == "Ada Account"
    body = {**HOMEOWNER, "contract": None, "homeowner": "home-1"}
    answers = [await api.ask("agent:1204", "POST /v1/cases", body) for _ in range(2)]
    shown, again = answers[0].json(), answers[1].json()
    assert (answers[0].status_code, again["code"]) == (201, "duplicate_case"), shown
    assert again["id"] == shown["id"]
    assert shown["link"].endswith(f"/v1/cases/{shown['id']}")
    assert (shown["owner"], shown["owner_team"]) == ("agent:1204", "Support")
    assert (shown["support"]["contract"], shown["support"]["sales_manager"]) == (
        "C-1",
        "Saul Sales",
    )
    ended = {**HOMEOWNER, "contract": {"id": "C-0", "state": "active"}}
    assert await refused(api, "agent", "POST /v1/cases", ended) == (409, "confirm_contract_state")
    meant = await said(api, "agent", "POST /v1/cases", {**ended, "confirm": True})
    assert meant["support"]["confirmed_by"] == "agent:AGENT"
    lost = {
        **HOMEOWNER,
        "type": "installer",
        "installer": "SUNNY roofs",
        "installer_contact": "Ned",
    }
    expected = (422, "no_installer_contact")
    assert await refused(api, "agent", "POST /v1/cases", lost) == expected


async def test_a_registered_id_is_the_same_in_capitals_and_in_small_letters(api: Api) -> None:
    """S4-02, S4-07, S4-13: as it is for who opens a second case about it."""
    ended = {"state": "cancelled", "homeowner": "Home-1"}
    await said(api, "dispatcher", "PUT /v1/contracts/C-1", ended)
    await said(api, "dispatcher", "PUT /v1/organizations/sunny", {"name": "Sunny Roofs"})
    small = {**HOMEOWNER, "contract": {"id": "c-1", "state": "active"}}
    assert await refused(api, "agent", "POST /v1/cases", small) == (409, "confirm_contract_state")
    await said(api, "dispatcher", "PUT /v1/contracts/c-1", {**ended, "state": "active"})
    (one,) = (await said(api, "agent", "GET /v1/homeowners/HOME-1"))["contracts"]
    assert one == await said(api, "agent", "GET /v1/contracts/C-1")
    assert (one["contract"], one["state"]) == ("c-1", "active")
    await said(api, "dispatcher", "PUT /v1/organizations/SUNNY", {"name": "Sunny"})
    assert (await said(api, "agent", "GET /v1/organizations/sunny"))["name"] == "Sunny"


async def test_of_two_who_open_a_case_at_once_one_does(api: Api) -> None:
    """S4-02: the other hears of it, and may open one again when it is closed."""
    asked = [api.ask(f"agent:{n}", "POST /v1/cases", HOMEOWNER) for n in range(4)]
    codes = [one.status_code for one in await asyncio.gather(*asked)]
    assert sorted(codes) == [201, 409, 409, 409]
    (case,) = await said(api, "agent", "GET /v1/cases?type=homeowner")
    path = f"/v1/cases/{case['id']}"
    await said(api, case["owner"], f"POST {path}/close", {"reason": "Solved"})
    assert (await said(api, "agent", "POST /v1/cases", HOMEOWNER))["id"] != case["id"]


async def test_what_came_back_is_closed_as_void_by_the_owner(api: Api) -> None:
    """S4-04, S4-14, S4-27: the way of an assignment, each step in the case's own history."""
    path = await opened(api)
    given = {"team": "Resolution Specialist", "reason": "Leak", "comments": "Please look."}
    assert (await said(api, "agent", f"POST {path}/assignments", given))["n"] == 1
    back = await said(api, "dispatcher", f"POST {path}/assignments/1/return", {"reason": "No."})
    assert (back["assignments"][0]["status"], back["tasks"][0]["owner"]) == (
        "returned",
        "agent:1204",
    )
    close = f"POST {path}/close"
    solved, void = {"reason": "Solved"}, {"reason": "Case Voided"}
    assert await refused(api, "agent:1204", close, solved) == (422, "must_be_case_voided")
    assert await refused(api, "lead", close, void) == (403, "not_owner")
    ended = await said(api, "agent:1204", close, void)
    assert (ended["status"], ended["close_reason"]) == ("closed", "Case Voided")
    assert await refused(api, "agent:1204", close, void) == (409, "case_closed")
    kinds = [one["kind"] for one in await said(api, "agent", f"GET {path}/history")]
    assert kinds == ["case.created", "case.assigned", "case.returned", "case.closed"]
    assert (await said(api, "agent", f"GET {path}/history/verify"))["ok"]


async def test_reviews_are_rows_that_stay_and_one_that_counts(api: Api) -> None:
    """S4-16, S4-17, S4-19, S4-20, S4-21, S4-22."""
    path = await opened(api)
    for owner in ("1204", "agent:1204", "lead:1204"):
        (mine,) = await said(api, "lead", f"GET /v1/cases?owner={owner}")
        assert (mine["owner"], mine["last_reviewed_at"]) == ("agent:1204", None)
    first = await said(api, "agent:1204", f"GET {path}/reviews/template")
    await said(api, "agent:1204", f"POST {path}/reviews", first)
    too_long = {"comments": "🏠" * 1001}
    assert await refused(api, "agent:1204", f"POST {path}/reviews", too_long) == (422, "too_long")
    expected = (403, "not_owner")
    assert await refused(api, "lead", f"POST {path}/reviews", {"comments": "Mine."}) == expected
    await said(api, "agent:1204", f"POST {path}/owner", {"owner": "lead:LEAD"})
    key = {"Idempotency-Key": "r-1"}
    assert len(await said(api, "lead", "GET /v1/cases?owner=LEAD")) == 1
    for _ in range(2):
        shown = await said(api, "lead", f"POST {path}/reviews", {"comments": "🏠" * 1000}, **key)
    row = {"subject": "Case Review", "name": None, "due_date": None, "status": "Completed"}
    assert shown["activity"].items() >= {**row, "comments": "🏠" * 1000}.items()
    assert shown["last_review"]["by"] == "lead:LEAD"
    assert shown["last_reviewed_at"] == shown["last_review"]["at"]
    rows = await said(api, "agent", f"GET {path}/activities")
    assert [(one["subject"], one["by"]) for one in rows] == [
        ("Case Review", "agent:1204"),
        ("Case Review", "lead:LEAD"),
    ]
    assert rows[0]["comments"] == first["comments"]


async def test_a_mention_reaches_whom_the_operator_says(api: Api) -> None:
    """S4-15, S4-23: tags are data; who put them last is not overrun by who read them before."""
    path = await opened(api)
    book = {"version": 0, "tags": [{"name": "Sales", "emails": ["sam@sales.example"]}]}
    put = await said(api, "lead", "PUT /v1/casebook", book)
    assert (put["version"], put["stale_days"], len(put["teams"])) == (1, 7, 13)
    assert await refused(api, "lead", "PUT /v1/casebook", book) == (409, "changed_meanwhile")
    assert await said(api, "agent", "GET /v1/casebook") == put
    shown = await said(api, "account_manager", f"POST {path}/comments", {"text": "@Sales @Ned"})
    assert (shown["mentions"], shown["unknown_mentions"]) == (["Sales"], ["Ned"])
    async with api.pool.acquire() as conn:
        letter = await conn.fetchrow("select recipient, body from letters")
    assert letter
    assert letter["recipient"] == "sam@sales.example"
    assert path in letter["body"]


async def test_a_case_nobody_reviewed_is_reported(api: Api) -> None:
    """S4-24: longest unreviewed first; a review or the end of the case takes it off."""
    old = await opened(api)
    looked_at = await opened(api, request_type="Billing")
    ended = await opened(api, request_type="Other")
    api.clock.set(later(hours=24))
    await said(api, "agent:1204", f"POST {looked_at}/reviews", {"comments": "Seen."})
    await said(api, "agent:1204", f"POST {ended}/close", {"reason": "Solved"})
    api.clock.set(later(hours=24 * 7))
    assert await said(api, "lead", "GET /v1/cases/stale") == []
    api.clock.set(later(hours=24 * 8 + 1))
    found = await said(api, "lead", "GET /v1/cases/stale")
    ids = [(f"/v1/cases/{one['id']}", one["days"]) for one in found]
    assert ids == [(old, 8), (looked_at, 7)]
    assert len(await said(api, "lead", "GET /v1/cases/stale?days=8")) == 1


async def test_what_a_case_lacks_is_named(api: Api) -> None:
    """S4-01, S4-05, S4-11, S4-26."""
    lacking: dict[str, dict[str, object]] = {
        "no_contract": {"contract": None},
        "resolved": {"resolved": True},
        "invalid": {"subtype": None},
        "no_installer_contact": {"type": "installer", "contract": None},
    }
    for code, changes in lacking.items():
        body = {**HOMEOWNER, **changes}
        assert await refused(api, "agent", "POST /v1/cases", body) == (422, code)
