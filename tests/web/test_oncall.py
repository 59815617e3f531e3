"""Who is on call over HTTP: every source and every word for those who are passed over."""

from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.kit.api import Api
from tests.kit.desk import NOON, northside

PUT = "PUT /v1/accounts/7001"
ONCALL = "GET /v1/accounts/7001/oncall"
NIGHT = {"weekly": "Mon-Sun 17:00-08:00"}
TONIGHT = {"start": "2026-02-02T17:00", "end": "2026-02-03T08:00"}
Line = tuple[str, str, str | None, str]


async def _put(api: Api, **changes: Any) -> None:  # noqa: ANN401 - JSON
    answer = await api.ask("lead", PUT, {**deepcopy(northside()), **changes})
    assert answer.status_code == 200, answer.text


async def _lines(api: Api, query: str = "") -> list[Line]:
    answer = await api.ask("agent", ONCALL + query)
    assert answer.status_code == 200, answer.text
    return [
        (line["contact"], line["source"], line.get("skipped"), line["reason"])
        for line in answer.json()["roster"]
    ]


def _schedule(*shifts: dict[str, Any], **keys: object) -> list[dict[str, Any]]:
    return [{"name": "OnCall", "shifts": list(shifts), **keys}]


async def test_a_shift_and_the_permanent_list_say_which_line_they_are(api: Api) -> None:
    assert await _lines(api) == [
        ("ann", "shift", None, "weekly Mon-Sun 17:00-08:00"),
        ("bob", "shift", None, "weekly Mon-Sun 17:00-08:00"),
        ("cho", "permanent", None, "permanent list, place 1"),
    ]


async def test_whoever_is_overridden_stands_before_the_one_who_took_their_place(api: Api) -> None:
    override = {**TONIGHT, "replace": "ann", "with": "cho"}
    await _put(api, schedules=_schedule({"contact": "ann", **NIGHT}, overrides=[override]))
    words = "override 2026-02-02 17:00 to 2026-02-03 08:00: cho replaces ann"
    assert await _lines(api) == [
        ("ann", "shift", "overridden", words),
        ("cho", "override", None, words),
        ("cho", "permanent", "duplicate", "they have their turn earlier"),
    ]


async def test_a_removed_person_is_shown_and_an_added_one_comes_last(api: Api) -> None:
    overrides = [{**TONIGHT, "remove": "bob"}, {**TONIGHT, "add": "cho", "status": "sms"}]
    ann, bob = {"contact": "ann", **NIGHT}, {"contact": "bob", **NIGHT}
    await _put(api, schedules=_schedule(ann, bob, overrides=overrides), permanent=[])
    assert [line[:3] for line in await _lines(api)] == [
        ("ann", "shift", None),
        ("bob", "shift", "overridden"),
        ("cho", "override", None),
    ]


async def test_an_override_that_changes_nothing_says_so(api: Api) -> None:
    replace = {**TONIGHT, "replace": "cho", "with": "bob"}
    ann = {"contact": "ann", **NIGHT}
    await _put(api, schedules=_schedule(ann, overrides=[replace]), permanent=[])
    answer = (await api.ask("agent", ONCALL)).json()
    assert [line["contact"] for line in answer["roster"]] == ["ann"]
    words = "override 2026-02-02 17:00 to 2026-02-03 08:00: bob replaces cho"
    assert answer["remarks"] == [f"{words}; cho is not on call then, so nothing changes"]
    later = (await api.ask("agent", f"{ONCALL}?at=2026-02-04T23:00:00Z")).json()
    assert "remarks" not in later
    temporary = [{**TONIGHT, "shifts": [{"contact": "cho"}]}]
    await _put(api, schedules=_schedule(ann, overrides=[replace], temporary=temporary))
    answer = (await api.ask("agent", ONCALL)).json()
    assert answer["remarks"] == [f"{words}; a temporary schedule stands in for it"]


async def test_a_temporary_schedule_says_that_it_stands_in(api: Api) -> None:
    temporary = [{**TONIGHT, "shifts": [{"contact": "cho"}]}]
    schedules = _schedule({"contact": "ann", **NIGHT}, temporary=temporary)
    await _put(api, schedules=schedules, permanent=[])
    words = "temporary 2026-02-02 17:00 to 2026-02-03 08:00"
    assert await _lines(api) == [("cho", "temporary", None, words)]


async def test_a_rotation_says_whose_turn_it_is(api: Api) -> None:
    turns = {"rotate": ["ann", "bob"], "every": "1w", "handoff": "Mon 08:00", "from": "2026-01-05"}
    await _put(api, schedules=_schedule(turns), permanent=[])
    words = "rotation of ann, bob every 1w, turn of ann"
    assert await _lines(api) == [("ann", "shift", None, words)]


async def test_the_office_and_a_named_contact_are_steps_of_the_protocol(api: Api) -> None:
    steps = [{"reach": "office"}, {"reach": "contact:cho"}, {"reach": "oncall"}]
    office = {"phone": "+12025550199"}
    await _put(api, office=office, protocols=[{"name": "p", "steps": steps}], permanent=[])
    assert await _lines(api) == [
        ("office", "office", None, "the office is a step of the protocol"),
        ("cho", "target", None, "named by the protocol"),
        ("ann", "shift", None, "weekly Mon-Sun 17:00-08:00"),
    ]


async def test_whom_no_step_reaches_is_not_on_call(api: Api) -> None:
    await _put(api, protocols=[{"name": "p", "steps": [{"reach": "contact:cho"}]}])
    assert await _lines(api) == [("cho", "target", None, "named by the protocol")]


async def test_a_special_stands_before_those_it_overrides_and_may_be_away_itself(api: Api) -> None:
    special = {
        "text": "x",
        "start": "2026-02-02",
        "end": "2026-02-03",
        "effect": {"replace": "dee"},
    }
    contacts = deepcopy(northside())["contacts"]
    contacts["dee"] = {"name": "Dee Dole", "phone": "+12025550104"}  # type: ignore[index]
    await _put(api, contacts=contacts, specials=[special])
    lines = await _lines(api)
    who = lines[0][3].removeprefix("special ").split(" ")[0]
    words = f"special {who} until 2026-02-03 00:00"
    assert lines == [
        ("dee", "special", None, words),
        ("ann", "shift", "overridden", f"overridden by {words}"),
        ("bob", "shift", "overridden", f"overridden by {words}"),
        ("cho", "permanent", None, "permanent list, place 1"),
    ]
    away = [{"contact": "dee", **TONIGHT}]
    await _put(api, contacts=contacts, specials=[special], unavailable=away)
    assert (await _lines(api))[0] == (
        *("dee", "special", "unavailable"),
        "unavailable until 2026-02-03 08:00",
    )


async def test_whom_a_person_named_for_a_job_goes_before_a_special(api: Api) -> None:
    special = {
        "text": "x",
        "start": "2026-02-02",
        "end": "2026-02-03",
        "effect": {"replace": "bob"},
    }
    await _put(api, specials=[special])
    job = await api.job()
    named = {"contact": "cho", "reason": "asked for by the client"}
    answer = await api.ask("dispatcher:D-31", f"POST /v1/jobs/{job}/target", named)
    assert answer.status_code == 200, answer.text
    (listed,) = (await api.ask("agent", "GET /v1/jobs")).json()
    assert (listed["next"]["contact"], listed["next"]["source"]) == ("cho", "target")
    assert (await _lines(api))[0][:2] == ("bob", "special")


async def test_absence_and_inactivity_are_told_with_their_reasons(api: Api) -> None:
    contacts = deepcopy(northside())["contacts"]
    contacts["bob"]["active"] = False  # type: ignore[index]
    await _put(api, contacts=contacts, unavailable=[{"contact": "ann", **TONIGHT, "reason": "ill"}])
    assert (await _lines(api))[:2] == [
        ("ann", "shift", "unavailable", "unavailable until 2026-02-03 08:00: ill"),
        ("bob", "shift", "inactive", "bob is marked inactive"),
    ]


async def test_opted_out_and_suspended_numbers_and_missing_ones_are_told_apart(api: Api) -> None:
    contacts = deepcopy(northside())["contacts"]
    contacts["dee"] = {"email": "dee@northside.example"}  # type: ignore[index]
    shifts = [{"contact": who, "status": "sms", **NIGHT} for who in ("ann", "bob", "dee")]
    await _put(api, contacts=contacts, schedules=_schedule(*shifts))
    await api.pool.execute(
        "insert into phones (phone, opted_out_at, suspended_at, suspended_for) values"
        " ('+12025550101', $1, null, null), ('+12025550112', null, $1, 'wrong person')",
        NOON,
    )
    assert [line[2:] for line in await _lines(api)] == [
        ("opted_out", "the number opted out of texts"),
        ("no_address", "the number is suspended: wrong person"),
        ("no_address", "they have no address for sms"),
        (None, "permanent list, place 1"),
    ]


async def test_quiet_hours_hold_for_routine_messages_only(api: Api) -> None:
    contacts = deepcopy(northside())["contacts"]
    contacts["ann"]["quiet"] = "17:30-07:00"  # type: ignore[index]
    await _put(api, contacts=contacts)
    for query, skipped in [
        ("", None),
        ("?priority=urgent", None),
        ("?priority=emergency", None),
        ("?priority=routine", "quiet"),
        ("?priority=routine&at=2026-02-02T17:15:00-05:00", None),
    ]:
        assert (await _lines(api, query))[0][:3] == ("ann", "shift", skipped), query


async def test_a_phone_over_its_limit_is_passed_over_but_for_emergencies(api: Api) -> None:
    contacts = deepcopy(northside())["contacts"]
    contacts["ann"]["phone_limit"] = {"calls": 2, "per": "1h"}  # type: ignore[index]
    await _put(api, contacts=contacts)
    job = await api.job()
    for minutes in (50, 20):
        await _called(api, job, minutes)
    for query, skipped in [
        ("", "rate_limited"),
        ("?priority=routine", "rate_limited"),
        ("?priority=emergency", None),
        ("?at=2026-02-02T17:30:00-05:00", None),
        ("?at=2026-02-02T18:15:00-05:00", None),
    ]:
        assert (await _lines(api, query))[0][:3] == ("ann", "shift", skipped), query


async def _called(api: Api, job: str, minutes: int) -> None:
    """Put a call to Ann on record, so many minutes ago."""
    at = NOON - timedelta(minutes=minutes)
    await api.pool.execute(
        "insert into attempts (account, month, ucn, id, job, round, slot, contact, address, method,"
        " source, started_at, check_at, state, stage, step, tries, begun) values ('7001',"
        " '2026-02-01', '49000001', gen_random_uuid(), $1, 1, '0.0.ann', 'ann', '+12025550101',"
        " 'call', 'shift', $2, $2, 'ended', '', 0, 1, '2026-02-01')",
        UUID(job),
        at,
    )


async def test_without_a_message_the_first_protocol_whose_hours_fit_governs(api: Api) -> None:
    protocols = [
        {"name": "day", "when": {"hours": "office"}},
        {"name": "emergency", "when": {"priority": ["emergency"]}},
        {"name": "leak", "when": {"form": ["leak"]}},
        {"name": "rest"},
    ]
    await _put(api, protocols=protocols, office={"hours": "Mon-Fri 08:00-17:00"})
    for query, name in [
        ("", "emergency"),
        ("?at=2026-02-03T12:00:00-05:00", "day"),
        ("?priority=routine", "rest"),
        ("?form=leak", "leak"),
        ("?priority=emergency&form=leak", "emergency"),
    ]:
        assert (await api.ask("agent", ONCALL + query)).json()["protocol"] == name, query
