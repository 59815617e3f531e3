"""An account at the desk: fetched whole, dropped again, its jobs counted and told apart."""

from gateway.store import accounts
from tests.kit.api import Api
from tests.kit.desk import NOON, document, later

SPECIAL = {"text": "Ask for Zoe.", "start": "2026-02-02", "end": "2026-02-03"}


async def test_an_account_is_fetched_whole(api: Api) -> None:
    """S3-27, S3-29, S3-70: messages with annotations, jobs, specials and the count, in one read."""
    await api.take("1")
    await api.take("2")
    await api.take("3", account="7002")
    await api.ask("agent", "POST /v1/messages/1/annotations", {"text": "Voicemail is full."})
    await api.ask("agent", "POST /v1/accounts/7001/specials", SPECIAL)
    await api.ask("dispatcher", "POST /v1/messages/2/deliver", {"evidence": "check_in"})
    desk = (await api.ask("dispatcher", "GET /v1/accounts/7001/desk")).json()
    assert (desk["account"], desk["name"]) == ("7001", "Northside HVAC")
    assert desk["pending_dispatches"] == 1
    (message,) = desk["messages"]
    assert (message["ucn"], message["has_pending_job"]) == ("1", True)
    assert [note["text"] for note in message["annotations"]] == ["Voicemail is full."]
    assert [(job["ucn"], job["class"], job["next"]["contact"]) for job in desk["jobs"]] == [
        ("1", "due_now", "ann")
    ]
    assert [special["text"] for special in desk["specials"]] == ["Ask for Zoe."]
    assert (await api.ask("dispatcher", "GET /v1/accounts/9999/desk")).status_code == 404


async def test_accounts_say_how_many_jobs_are_pending(api: Api) -> None:
    """S3-29: and how many of them are due or past due."""
    await api.take("1")
    api.clock.set(later(minutes=6))
    await api.take("2")
    await api.take("3", account="7002")
    found = (await api.ask("agent", "GET /v1/desk")).json()
    assert [(one["account"], one["pending_dispatches"]) for one in found] == [
        ("7001", 2),
        ("7002", 1),
    ]
    assert (found[0]["due_now"], found[0]["past_due"]) == (1, 1)


async def test_dropping_an_account_gives_back_what_one_has_claimed_of_it(api: Api) -> None:
    """S3-28, S3-63: others' claims and other accounts stay as they are."""
    mine, theirs, other = await api.job("1"), await api.job("2"), await api.job("3", account="7002")
    for who, job in (("D-31", mine), ("D-32", theirs), ("D-31", other)):
        await api.ask(f"dispatcher:{who}", f"POST /v1/jobs/{job}/claim")
    dropped = await api.ask("dispatcher:D-31", "POST /v1/accounts/7001/drop")
    assert dropped.json() == {"account": "7001", "released": [mine]}
    states = {
        job["id"]: job["state"] for job in (await api.ask("dispatcher", "GET /v1/jobs")).json()
    }
    assert states == {mine: "pending", theirs: "claimed", other: "claimed"}


async def test_a_job_shows_whom_it_reaches_how_and_what_happened_last(api: Api) -> None:
    """S3-25, S3-62, S3-64, S3-71: the last five items, notes, and its class."""
    notes = {"ann": {"name": "Ann Ames", "phone": "+12025550101", "notes": "Ring twice."}}
    doc = document(contacts=notes, schedules=[], permanent=[{"contact": "ann"}])
    async with api.pool.acquire() as conn:
        await accounts.put(conn, doc, "lead:L-7", NOON)
    job = await api.job()
    for number in range(4):
        await api.ask("agent", "POST /v1/messages/49000001/annotations", {"text": str(number)})
    shown = (await api.ask("agent", f"GET /v1/jobs/{job}")).json()
    assert (shown["class"], shown["ucn"]) == ("due_now", "49000001")
    reached = shown["next"]
    assert (reached["name"], reached["method"], reached["source"], reached["notes"]) == (
        *("Ann Ames", "call", "permanent", "Ring twice."),
    )
    kinds = [item["kind"] for item in shown["history"]]
    assert kinds == [*["annotation.added"] * 4, "job.created"]
    unknown = "00000000-0000-0000-0000-000000000001"
    assert (await api.ask("agent", f"GET /v1/jobs/{unknown}")).status_code == 404


async def test_a_job_can_be_annotated_where_it_is_worked(api: Api) -> None:
    """S3-68: by whoever works it, as part of what they report."""
    job = await api.job()
    body = {"relayed": False, "contact": "ann", "note": "Mailbox full."}
    await api.ask("dispatcher", f"POST /v1/jobs/{job}/outcome", body)
    items = (await api.ask("agent", "GET /v1/messages/49000001/history")).json()
    (note,) = [item for item in items if item["kind"] == "annotation.added"]
    assert (note["content"], note["job"]) == ("Mailbox full.", job)


async def test_what_a_delivery_left_behind_is_listed_until_it_is_closed(api: Api) -> None:
    """S3-29, S3-30: it counts as pending; nobody resumes it, whoever closes it ends it."""
    await api.take("1")
    job = await api.job("2")
    async with api.pool.acquire() as conn:
        await conn.execute(
            "update messages set state = 'delivered', delivered_at = $1 where ucn = '2'",
            later(minutes=1),
        )
    api.clock.set(later(minutes=2))
    left = (await api.ask("dispatcher", "GET /v1/jobs?leftover=true")).json()
    assert [one["id"] for one in left] == [job]
    pending = await api.ask("agent", "GET /v1/messages?pending_job=true")
    assert {one["ucn"] for one in pending.json()} == {"1", "2"}
    resumed = await api.ask("dispatcher", f"POST /v1/jobs/{job}/resume")
    assert resumed.json()["code"] == "already_delivered"
    assert (await api.ask("dispatcher", f"POST /v1/jobs/{job}/cancel")).status_code == 200
    assert (await api.ask("dispatcher", "GET /v1/jobs?leftover=true")).json() == []


async def test_a_job_without_its_message_is_ended_by_a_lead_alone(api: Api) -> None:
    """S3-33."""
    job = await api.job()
    async with api.pool.acquire() as conn:
        for table in ("history", "message_words", "messages"):
            await conn.execute(f"alter table {table} disable trigger user")
            await conn.execute(f"delete from {table}")  # noqa: S608 - a table of ours
    claim = await api.ask("dispatcher", f"POST /v1/jobs/{job}/claim")
    assert (claim.status_code, claim.json()["code"]) == (409, "message_missing")
    assert (await api.ask("dispatcher", f"POST /v1/jobs/{job}/cancel")).status_code == 409
    assert len((await api.ask("dispatcher", "GET /v1/jobs")).json()) == 1
    ended = await api.ask("lead", f"POST /v1/jobs/{job}/cancel")
    assert (ended.status_code, ended.json()["state"]) == (200, "canceled")
    again = await api.ask("lead", f"POST /v1/jobs/{job}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")


async def work(api: Api, kind: str) -> list[tuple[str, str]]:
    found = (await api.ask("agent", f"GET /v1/work?kind={kind}")).json()
    assert {one["kind"] for one in found} <= {kind.partition("&")[0]}
    return [(one["ucn"], one["reason"]) for one in found]


async def test_dispatch_review_and_call_back_work_have_a_list_each(api: Api) -> None:
    """S3-05: a park for the skill Callback is to be called back."""
    await api.take("1")
    await api.take("2")
    await api.take("3")
    await api.park("2", parked=True, claimed=False)
    await api.park("3", parked=False)
    callback = {"skill": "callback", "text": "Call the client."}
    await api.ask("agent", "POST /v1/messages/3/park", callback)
    await api.ask("agent", "POST /v1/accounts/7001/specials", SPECIAL)
    assert await work(api, "dispatch") == [("1", "pending"), ("2", "parked")]
    assert await work(api, "callback") == [("3", "parked")]
    assert await work(api, "review") == [(None, "special")]
    assert await work(api, "callback&limit=1") == [("3", "parked")]
    assert await work(api, "dispatch&limit=2") == [("1", "pending"), ("2", "parked")]


async def test_each_value_that_holds_for_an_account_says_where_it_comes_from(api: Api) -> None:
    """S3-93: the document, or a default; the protocol that governs now is marked."""
    own = {"name": "day", "when": {"hours": "office"}, "cue": "10m", "steps": [{"reach": "office"}]}
    doc = document(
        office={"hours": "Mon-Fri 08:00-17:00", "phone": "+12025550199"}, protocols=[own]
    )
    async with api.pool.acquire() as conn:
        await accounts.put(conn, doc, "lead:L-7", NOON)
    path = "GET /v1/accounts/7001/effective"
    found = (await api.ask("dispatcher", f"{path}?at=2026-02-02T15:00:00Z")).json()
    day, default = found["protocols"]
    assert (day["name"], day["governs"], default["governs"]) == ("day", True, False)
    assert day["values"]["cue"] == {"value": "10m", "origin": "document"}
    assert day["values"]["limit"] == {"value": "2h", "origin": "default"}
    assert day["values"]["steps"]["origin"] == "document"
    assert default["values"]["cue"] == {"value": "15m", "origin": "default"}
    assert default["values"]["evidence"]["value"] == [
        *("key_press", "reply_code", "read_receipt", "human"),
    ]
    assert found["values"]["phi"] == {"value": False, "origin": "default"}
    night = (await api.ask("dispatcher", path)).json()
    assert [one["governs"] for one in night["protocols"]] == [False, True]
    assert (await api.ask("dispatcher", "GET /v1/accounts/9999/effective")).status_code == 404


async def test_there_is_no_call_for_feedback(api: Api) -> None:
    """S3-69: the manual's button does not work, so nothing is built for it."""
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    assert [path for path in paths if "feedback" in path] == []
