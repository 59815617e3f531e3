"""Messages looked over, corrected before they left, and reviewed (S3-12, S3-35, S3-38)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.domain.dispatch import next_step
from gateway.store import accounts
from gateway.store.changes import write
from gateway.store.pool import Pool
from gateway.store.rates import Rates
from gateway.store.states import States
from tests.kit.api import Api, serving
from tests.kit.desk import NOON, Dice, document

FORMS = {"hvac-service": {"kind": "hvac"}}
BAD = "The furnce is out"
CALLER = {"name": "Jo Dole", "phone": "+12025550142"}
WHOLE: dict[str, Any] = {
    "form": "hvac-service",
    "fields": {"address": "1 Main St"},
    "caller": CALLER,
}
SPECIAL = {"text": "Reach the ofice by text", "start": "2026-02-02", "end": "2026-02-09"}


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        async with pool.acquire() as conn:
            await accounts.put(conn, document(forms=FORMS), "lead:L-7", NOON)
        yield served


async def dispatched(api: Api, ucn: str = "49000001") -> None:
    """Write the first attempt's intent for a message, as the engine does."""
    async with api.pool.acquire() as conn:
        states = States("https://dispatch.example")
        key = await states.key_of_ucn(conn, ucn)
        assert key
        state = (await states.to_plan(conn, [key], NOON))[key]
        change = next_step(state, state.jobs[0].id, NOON, Dice(7))
        await write(conn, [change], NOON, Rates({"call": ["+15005550006"]}))


async def opened(api: Api, **query: str) -> list[dict[str, Any]]:
    """Return the review queue."""
    told = "&".join(f"{key}={value}" for key, value in query.items())
    found: list[dict[str, Any]] = (await api.ask("dispatcher", f"GET /v1/reviews?{told}")).json()
    return found


async def items(api: Api, kind: str) -> list[dict[str, Any]]:
    """Return a message's history items of a kind."""
    told = (await api.ask("agent", "GET /v1/messages/49000001/history")).json()
    return [item for item in told if item["kind"] == kind]


async def shown(api: Api) -> dict[str, Any]:
    """Return a message as agents see it."""
    found: dict[str, Any] = (await api.ask("agent", "GET /v1/messages/49000001")).json()
    return found


# looked over


async def test_what_is_found_opens_a_review_and_the_job_is_due_all_the_same(api: Api) -> None:
    """S3-12: it warns and never delays; S3-39: the classes are named, the words are not."""
    taken = await api.take(text=BAD, form="hvac-service")
    assert taken["jobs"][0]["due_at"] == "2026-02-02T23:00:00.000000Z"
    assert await api.kinds() == ["message.taken", "job.created", "review.opened"]
    (item,) = await items(api, "review.opened")
    assert (item["actor"], item["data"]["lint"]) == ("gateway", "SPELLING MISSING_INFO")
    assert "furnce" not in str(item)
    (review,) = await opened(api)
    assert (review["kind"], review["ucn"], review["state"]) == ("message", "49000001", "open")
    assert review["id"] == item["data"]["review"]
    found = [(one["class"], one["place"], one["words"]) for one in review["findings"]]
    assert found == [
        ("SPELLING", "text", "furnce"),
        ("MISSING_INFO", "fields.address", None),
        ("MISSING_INFO", "fields.callback_number", None),
    ]
    assert "furnace" in review["findings"][0]["suggestions"]


async def test_a_message_in_which_nothing_is_found_has_no_review(api: Api) -> None:
    await api.take(**WHOLE)
    assert await opened(api) == []
    assert (await shown(api))["review"] is None


async def test_the_first_attempt_says_what_was_found_and_who_reviewed_it(api: Api) -> None:
    """S3-38: both stand with the first attempt; S3-42: who took, reviewed and dispatched it."""
    await api.take(text=BAD, **WHOLE)
    (review,) = await opened(api)
    path = f"POST /v1/reviews/{review['id']}"
    assert (await api.ask("dispatcher:D-31", f"{path}/approve")).status_code == 200
    await dispatched(api)
    (started,) = await items(api, "dial.started")
    said = started["data"]
    assert (said["lint"], said["reviewed_by"]) == ("SPELLING", "dispatcher:D-31")
    seen = await shown(api)
    assert (seen["taken_by"], seen["reviewed_by"]) == ("agent:1204", "dispatcher:D-31")
    assert (seen["was_auto_dispatched"], seen["dispatched_by"]) == (True, ["gateway"])


async def test_a_claim_for_a_message_to_review_reads_the_review_too(api: Api) -> None:
    """S3-38: what the engine claims knows of it, and a plain message costs it nothing."""
    await api.take(text=BAD, **WHOLE)
    assert (await shown(api))["jobs"][0]["reason"] == "to_review"


async def test_who_dispatched_a_message_is_told_by_its_history(api: Api) -> None:
    """S3-40: was it dispatched automatically; a person's own call is none of that."""
    forced = {"contact": "ann", "relayed": True, "at": "2026-02-02T22:59:00Z"}
    await api.take(forced=forced, **WHOLE)
    seen = (await api.ask("agent", "GET /v1/messages?delivered=true")).json()[0]
    assert (seen["was_auto_dispatched"], seen["dispatched_by"]) == (False, ["agent:1204"])


# corrected


async def test_a_message_is_corrected_before_it_left_and_nothing_is_sent(api: Api) -> None:
    """S3-35: the edit is on record with its words, and no job moves."""
    await api.take(text=BAD, **WHOLE)
    before = (await shown(api))["jobs"]
    body = {"text": "The furnace is out", "fields": {"address": "2 Main St", "unit": "4B"}}
    answer = await api.ask("agent:1204", "PATCH /v1/messages/49000001", body)
    assert answer.status_code == 200
    seen = answer.json()
    assert (seen["text"], seen["fields"]) == (
        "The furnace is out",
        {"address": "2 Main St", "unit": "4B"},
    )
    assert seen["caller"] == CALLER
    assert (seen["review"]["state"], seen["reviewed_by"]) == ("fixed", "agent:1204")
    assert (seen["jobs"], await opened(api)) == (before, [])
    (edited,) = await items(api, "message.edited")
    assert (edited["actor"], edited["data"]["edited"]) == ("agent:1204", "text, fields")
    assert "furnace" in edited["content"]
    fields = await items(api, "field.edited")
    assert [one["data"]["field"] for one in fields] == ["address", "unit"]
    assert '"was":"1 Main St"' in fields[0]["content"]
    check = (await api.ask("agent", "GET /v1/messages/49000001/history/verify")).json()
    assert check["ok"]


async def test_what_an_edit_brings_in_is_looked_over_too(api: Api) -> None:
    await api.take(**WHOLE)
    body = {"text": BAD, "form": "hvac"}
    seen = (await api.ask("agent", "PATCH /v1/messages/49000001", body)).json()
    assert [one["class"] for one in seen["review"]["findings"]] == ["SPELLING", "PROTOCOL"]
    assert seen["form"] == "hvac"
    await dispatched(api)
    (started,) = await items(api, "dial.started")
    assert started["data"]["lint"] == "SPELLING PROTOCOL"


async def test_an_edit_that_changes_nothing_leaves_no_trace(api: Api) -> None:
    await api.take(**WHOLE)
    for body in ({}, {"fields": {"address": "1 Main St"}}, {"fields": {"unit": None}}):
        assert (await api.ask("agent", "PATCH /v1/messages/49000001", body)).status_code == 200
    assert await api.kinds() == ["message.taken", "job.created"]


async def test_once_an_attempt_reached_a_carrier_it_cannot_be_corrected(api: Api) -> None:
    """S3-35: 409 already_sent, by an edit and by a fix."""
    await api.take(text=BAD, **WHOLE)
    await dispatched(api)
    (review,) = await opened(api)
    fix = f"POST /v1/reviews/{review['id']}/fix"
    for call in ("PATCH /v1/messages/49000001", fix):
        answer = await api.ask("lead", call, {"text": "The furnace is out"})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_sent")
    assert (await api.ask("lead", fix.replace("fix", "waive"))).status_code == 200


async def test_a_message_the_agent_relayed_or_somebody_canceled_stays_as_it_is(api: Api) -> None:
    forced = {"contact": "ann", "relayed": True, "at": "2026-02-02T22:59:00Z"}
    await api.take(forced=forced)
    await api.take("49000002")
    drop = {"text": "A test.", "directive": "disregard"}
    await api.ask("agent", "POST /v1/messages/49000002/annotations", drop)
    for ucn, code in (("49000001", "already_sent"), ("49000002", "message_canceled")):
        answer = await api.ask("agent", f"PATCH /v1/messages/{ucn}", {"text": "Other words"})
        assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("body", [{"text": " "}, {"ucn": "1"}, {"fields": {"a": 1}}])
async def test_an_edit_that_makes_no_sense_is_refused(api: Api, body: object) -> None:
    await api.take()
    answer = await api.ask("agent", "PATCH /v1/messages/49000001", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_an_unknown_message_cannot_be_corrected(api: Api) -> None:
    answer = await api.ask("agent", "PATCH /v1/messages/4711", {"text": "No heat"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_message")


# reviewed


@pytest.mark.parametrize(
    ("deed", "state", "body"),
    [
        ("approve", "approved", {"note": "A brand."}),
        ("waive", "waived", None),
        ("fix", "fixed", {"text": "The furnace is out", "note": "Spelling."}),
    ],
)
async def test_a_review_ends_once_with_who_ended_it(
    api: Api, deed: str, state: str, body: object
) -> None:
    """S3-12, S3-39: approved, fixed or waived, on record with the reviewer (S3-42)."""
    await api.take(text=BAD, **WHOLE)
    (review,) = await opened(api)
    call = f"POST /v1/reviews/{review['id']}/{deed}"
    ended = (await api.ask("dispatcher:D-31", call, body)).json()
    assert (ended["state"], ended["reviewed_by"]) == (state, "dispatcher:D-31")
    (item,) = await items(api, "review.closed")
    assert (item["actor"], item["data"]["reason"]) == ("dispatcher:D-31", state)
    assert await opened(api) == []
    assert [one["id"] for one in await opened(api, state="closed")] == [review["id"]]
    again = await api.ask("lead", call, body)
    assert (again.status_code, again.json()["code"]) == (409, "review_closed")


async def test_a_fix_that_fixes_nothing_is_none(api: Api) -> None:
    await api.take(text=BAD, **WHOLE)
    (review,) = await opened(api)
    answer = await api.ask("lead", f"POST /v1/reviews/{review['id']}/fix", {"note": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_special_is_looked_over_like_a_message_in_the_same_queue(api: Api) -> None:
    """S3-77: it opens a review, in which its words are looked over."""
    posted = await api.ask("agent:1204", "POST /v1/accounts/7002/specials", SPECIAL)
    await api.take(text=BAD, **WHOLE)
    kinds = [(one["kind"], one["account"]) for one in await opened(api)]
    assert sorted(kinds) == [("message", "7001"), ("special", "7002")]
    (review,) = await opened(api, account="7002")
    assert (review["id"], review["taken_by"]) == (posted.json()["id"], "agent:1204")
    assert [one["words"] for one in review["findings"]] == ["ofice"]
    for deed, body in (("waive", None), ("fix", {"text": "No heat"})):
        refused = await api.ask("lead", f"POST /v1/reviews/{review['id']}/{deed}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "is_special")
    approved = await api.ask("dispatcher", f"POST /v1/reviews/{review['id']}/approve")
    assert approved.json()["state"] == "approved"
    special = (await api.ask("agent", "GET /v1/accounts/7002/specials?state=approved")).json()
    assert [one["id"] for one in special] == [review["id"]]


async def test_an_unknown_review_is_not_found(api: Api) -> None:
    call = "POST /v1/reviews/00000000-0000-4000-8000-000000000000/approve"
    answer = await api.ask("lead", call)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_review")
