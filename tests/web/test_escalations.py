"""Market escalations over HTTP: saved by the market's table, answered, counted; tables changed."""

from typing import Any
from uuid import UUID

from tests.kit.api import Api
from tests.kit.desk import NOON
from tests.kit.escalations import DAY, QUOTA, body, job

BEHIND = "Tech Left Behind Items"
TECH_NOTES = {
    "reason_for_request": "ladder",
    "contact_number": "+12025550142",
    "tech_id": 77,
    "name_of_support_person": "Sam",
}


async def save(api: Api, *jobs: str, **changes: object) -> dict[str, Any]:
    answer = await api.ask("agent", "POST /v1/cases", body(*jobs, **changes))
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def refused(api: Api, *jobs: str, **changes: object) -> str:
    answer = await api.ask("agent", "POST /v1/cases", body(*jobs, **changes))
    assert answer.status_code == 422, answer.text
    return str(answer.json()["code"])


async def test_an_agent_says_the_script_and_saves(api: Api) -> None:
    """S2-01, S2-13, S2-23, S2-24, S2-25, S2-30: a draft starts no clock, the save does."""
    one, reason = await job(api), QUOTA.replace(" ", "%20")
    said = (await api.ask("agent", f"GET /v1/markets/texas/script?case_reason={reason}")).json()
    assert said["offer"]["text"].startswith("We have many open appointments beginning with Tuesday")
    assert said["notes"][0] == {"key": "best_contact_number", "label": "Best contact number"}
    draft = await api.ask("agent", "POST /v1/escalations/check", body(one))
    assert (draft.status_code, draft.json()["status"]) == (200, "draft")
    assert (await api.ask("agent", "GET /v1/cases")).json() == []
    case = await save(api, one, destination_queue="Mine", record_type="Non Technical")
    fixed = {
        "type": "market_escalation",
        "status": "open",
        "record_type": "Non Technical",
        "reason": "Work Order Inquiry/Escalation",
        "reason_detail": "Work Order Update/Change",
        "case_reason": QUOTA,
        "destination_queue": "Dispatch TX Quota Escalations",
        "owner": "Dispatch TX Quota Escalations",
        "pickup_at": "2026-02-02T23:00:00.000000Z",
        "contact_due": "2026-02-02T23:30:00.000000Z",
    }
    assert {key: case[key] for key in fixed} == fixed
    told = await api.ask("agent", f"GET /v1/advice/{case['escalation']['advice']}")
    assert told.json() == said["advice"]
    item = (await api.ask("agent", f"GET /v1/cases/{case['id']}/history")).json()[0]
    assert item["content"].startswith("Best contact number: +12025550142\n")
    assert "+12025550142" not in str(item["data"])


async def test_dispatch_answers_and_the_report_counts(api: Api) -> None:
    """S2-22, S2-26: who is declined is not called; quota escalations count by agent and market."""
    one = await job(api)
    no = f"/v1/cases/{(await save(api, one))['id']}"
    yes = await save(api, one, case_reason="Quota Escalations/Specific Time Frame Needed")
    answers = [
        await api.ask("agent", f"POST {no}/contacted"),
        await api.ask("dispatcher", f"POST {no}/decision", {"accommodated": False, "note": "x"}),
        await api.ask("dispatcher", f"POST {no}/decision", {"accommodated": True}),
        await api.ask("lead", f"POST /v1/cases/{yes['id']}/decision", {"accommodated": True}),
        await api.ask("agent", f"POST /v1/cases/{yes['id']}/contacted"),
    ]
    said = [one.json() for one in answers]
    assert [one.get("code") for one in said] == [None, None, "case_closed", None, None]
    assert [one.get("close_reason") for one in said] == [None, "declined", None, None, "contacted"]
    history = (await api.ask("agent", f"GET /v1/cases/{yes['id']}/history")).json()
    assert [item["kind"] for item in history] == ["case.created", "case.decided", "case.contacted"]
    span = "start=2026-02-02T00:00:00Z&end=2026-02-03T00:00:00Z"
    report = (await api.ask("lead", f"GET /v1/escalations/counts?{span}")).json()
    columns = ("market", "agent", "saved", "accommodated", "declined", "missed")
    assert [tuple(row[column] for column in columns) for row in report] == [
        ("TX", "agent:1204", 1, 0, 1, 0),
        ("TX", "agent:1204", 1, 1, 0, 0),
    ]
    metrics = (await api.ask(None, "GET /metrics")).text
    assert 'quota_escalations_total{agent="agent:1204",market="TX"} 2.0' in metrics


GO_BACK = {"case_reason": "Tech Go Back Request", "notes": TECH_NOTES}
REPEAT = {
    "case_reason": "Business Unresolved/Repeat Issue",
    "notes": {**TECH_NOTES, "time_frame": "noon"},
}
COMBINE = {
    "case_reason": "Combine Multiple Work Orders",
    "notes": {**TECH_NOTES, "contact_name": "Cy", "hours": "8-5"},
}
REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("", {}, "no_work_order"),
    ("nothing", {}, "unknown_field_job"),
    ("canceled", {}, "no_appointment"),
    ("planned", REPEAT, "no_tech_visit"),
    ("yesterday", {"market": "FL", **GO_BACK}, "not_completed_today"),
    ("yesterday", GO_BACK, "tx_no_tgb_after_3pm"),
    ("planned", COMBINE, "one_work_order"),
    ("planned canceled", COMBINE, "several_customers"),
    ("planned", {"market": "Narnia"}, "unknown_market"),
    ("planned", {"requested_date": "2026-02-08"}, "sunday_not_accommodated"),
    # One second before midnight, Sunday in California.
    ("planned", {"market": "CA", "requested_date": "2026-02-09T07:59:59Z"}, "no_sunday_quota"),
    ("planned", {"customer_advised": False}, "customer_not_advised"),
    ("planned", {"reason_detail": "Work Order Follow Up"}, "wrong_reason_detail"),
    ("planned", {"notes": {}}, "missing_notes"),
    ("planned", {"justification": " "}, "invalid"),
    ("planned", {"case_reason": "Quota"}, "invalid"),
]


async def test_what_must_be_there_is_looked_up_in_field_jobs(api: Api) -> None:
    """S2-09, S2-10, S2-11, S2-12, S2-14, S2-15, S2-18, S2-19, S2-27, S2-29: each by its code."""
    jobs = {
        "planned": await job(api),
        "canceled": await job(api, canceled_in=1),
        "yesterday": await job(api, started_at=NOON - DAY, completed_at=NOON - DAY),
        "nothing": str(UUID(int=5)),
    }
    for names, changes, code in REFUSED:
        assert await refused(api, *(jobs[one] for one in names.split()), **changes) == code
    assert (await api.ask("agent", "GET /v1/cases")).json() == []
    async with api.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from advice_texts") == 0


async def test_a_technician_is_texted_and_el_paso_keeps_its_clocks(api: Api) -> None:
    """S2-07, S2-28, S2-31: by the number in the account's document, or the one that is given."""
    known = await job(api, "9 Mesa St, El Paso, TX 79901", started_at=NOON - DAY)
    left = {"case_reason": BEHIND, "notes": TECH_NOTES}
    case = await save(api, known, **left)
    assert case["escalation"]["zone"] == "America/Denver"
    assert (
        case["contact_due"] == case["escalation"]["dispatch_due"] == "2026-02-03T16:00:00.000000Z"
    )
    stranger = await job(api, technician="T-9")
    unknown = await save(api, stranger, **left)
    assert unknown["escalation"]["zone"] == "America/Chicago"
    given = await save(api, stranger, technician_phone="+12025550199", **left)
    async with api.pool.acquire() as conn:
        rows = await conn.fetch("select matter, recipient from letters order by recipient")
        alarms = await conn.fetch("select payload from errands where kind = 'alert'")
    assert [(str(row["matter"]), row["recipient"]) for row in rows] == [
        (case["id"], "+12025550101"),
        (given["id"], "+12025550199"),
    ]
    assert [(row["payload"]["sink"], row["payload"]["matter"]) for row in alarms] == [
        ("dispatch", unknown["id"])
    ]


async def test_an_operator_changes_a_market_and_what_was_said_stays_known(api: Api) -> None:
    """S2-16, S2-20, S2-23: in force at once, by versions; a text just read out still counts."""
    one = await job(api)
    shipped = (await api.ask("agent", "GET /v1/markets/TX")).json()
    assert (shipped["version"], shipped["table"]["timezone"]) == (0, "America/Chicago")
    old = (await save(api, one))["escalation"]["advice"]
    other = {**shipped["table"], "business": "Mon-Fri 09:00-17:00", "pickup": None}
    other["advice"] = {**other["advice"], "quota": "Dispatch will consider it."}
    for _ in range(2):
        put = await api.ask("lead:L-7", "PUT /v1/markets/TX", other)
        assert put.status_code == 200, put.text
        assert (put.json()["version"], put.json()["changed_by"]) == (1, "lead:L-7")
    case = await save(api, one)
    assert case["contact_due"] == "2026-02-03T15:00:00.000000Z"
    assert (case["escalation"]["table"], case["escalation"]["advice"] != old) == (1, True)
    assert (await save(api, one, advice_version=old))["escalation"]["advice"] == old
    assert await refused(api, one, advice_version="quota-000000000000") == "unknown_advice"
    assert (await api.ask("agent", "GET /v1/markets/TX?version=0")).json() == shipped
    assert (await api.ask("agent", "GET /v1/markets/TX?version=9")).status_code == 404
    elsewhere = {"market": "XX", "name": "Elsewhere", "timezone": "Europe/London"}
    assert (await api.ask("lead", "PUT /v1/markets/XX", elsewhere)).json()["version"] == 1
    assert len((await api.ask("agent", "GET /v1/markets")).json()) == 52
    for changes, code in [
        ({"market": "YY"}, 409),
        ({"timezone": "Mars/Olympus"}, 422),
        ({"business": "Mon-Fri 25:00-26:00"}, 422),
        ({"holidays": "US-ZZ"}, 422),
        ({"unknown": 1}, 422),
    ]:
        answer = await api.ask("lead", "PUT /v1/markets/XX", {**elsewhere, **changes})
        assert answer.status_code == code, answer.text


async def test_a_repeat_under_one_key_saves_one_case(api: Api) -> None:
    """S2-13, S2-26: and is counted once."""
    one, key = await job(api), {"Idempotency-Key": "k1"}
    ids = {
        (await api.ask("agent", "POST /v1/cases", body(one), headers=key)).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1
    assert len((await api.ask("agent", "GET /v1/cases?type=market_escalation")).json()) == 1
