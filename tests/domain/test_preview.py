"""Who would be reached differently, and when: intervals that a walk by quarter hours confirms."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from gateway.domain.flags import Flags
from gateway.domain.messages import Priority
from gateway.domain.moves import Kind, Move, moves
from gateway.domain.outlook import Known, candidates
from gateway.domain.preview import AHEAD
from tests.kit.desk import NOON, northside

STEP = timedelta(minutes=15)
URGENT = Kind(Priority.URGENT)
NIGHTS = "Mon-Sun 17:00-08:00"


def account(document: dict[str, Any]) -> Account:
    return compile_account(document_from(document, "x"))


def changed(**changes: object) -> dict[str, Any]:
    return {**deepcopy(northside()), **changes}


def on_duty(*shifts: dict[str, Any], **keys: object) -> dict[str, Any]:
    return changed(schedules=[{"name": "OnCall", "shifts": list(shifts), **keys}])


def differences(old: dict[str, Any] | None, new: dict[str, Any]) -> list[Move]:
    before = account(old) if old else None
    return list(moves(before, account(new), NOON, NOON + AHEAD, Known()))


def said(found: list[Move]) -> list[str]:
    """Write moves as `day hour - day hour: people > people`, in New York's time."""
    return [
        f"{_local(one.start)} - {_local(one.end)}: "
        + " > ".join(" ".join(f"{p.contact}/{p.method}" for p in who) for who in (one.was, one.now))
        for one in found
    ]


def _local(at: datetime) -> str:
    return f"{at.astimezone(account(northside()).zone):%d %H:%M}"


OVERRIDE = {"start": "2026-02-07T00:00", "end": "2026-02-08T00:00", "replace": "ann", "with": "cho"}


def test_an_override_moves_its_hours_and_no_others() -> None:
    new = deepcopy(northside())
    new["schedules"][0]["overrides"] = [OVERRIDE]  # type: ignore[index]
    assert said(differences(northside(), new)) == [
        "07 00:00 - 07 08:00: ann/call bob/call cho/call > cho/call bob/call",
        "07 17:00 - 08 00:00: ann/call bob/call cho/call > cho/call bob/call",
    ]


def test_an_unchanged_document_moves_nobody() -> None:
    assert differences(northside(), northside()) == []


def test_a_change_of_people_in_a_rotation_moves_whom_it_says() -> None:
    turns = {"every": "1w", "handoff": "Mon 08:00", "from": "2026-01-05", "role": "oncall"}
    old = on_duty({"rotate": ["ann", "bob"], **turns})
    until = {"rotate": ["ann", "bob"], **turns, "until": "2026-02-09T08:00"}
    new = on_duty(until, {"rotate": ["bob", "cho"], **turns, "from": "2026-02-09"})
    assert said(differences(old, new)) == ["16 08:00 - 16 18:00: ann/call cho/call > cho/call"]


def test_one_who_is_away_or_has_no_address_is_not_reached() -> None:
    away = {"contact": "ann", "start": "2026-02-03T20:00", "end": "2026-02-03T22:00"}
    assert said(differences(northside(), changed(unavailable=[away]))) == [
        "03 20:00 - 03 22:00: ann/call bob/call cho/call > bob/call cho/call"
    ]
    lost = changed()
    lost["contacts"]["cho"] = {"name": "Cho Cole", "email": "cho@northside.example"}
    days = said(differences(northside(), lost))
    assert days[1] == "03 08:00 - 03 17:00: cho/call > "


def test_a_new_number_is_another_way_and_a_new_name_is_none() -> None:
    renamed = changed()
    renamed["contacts"]["bob"]["name"] = "Bob Bellamy"
    assert differences(northside(), renamed) == []
    renumbered = changed()
    renumbered["contacts"]["bob"]["phone"] = "+12025550177"
    assert differences(northside(), renumbered)[0].now[1].address == "+12025550177"


def test_flags_against_phones_hold_for_both_documents() -> None:
    old = on_duty({"contact": "ann", "weekly": NIGHTS, "status": "sms"})
    new = on_duty({"contact": "ann", "weekly": NIGHTS, "status": "call"})
    flags = {"+12025550101": Flags(opted_out=True)}
    found = list(moves(account(old), account(new), NOON, NOON + AHEAD, Known(flags)))
    assert said(found)[0] == "02 18:00 - 03 08:00: cho/call > ann/call cho/call"


def test_protocols_and_quiet_hours_move_only_messages_of_their_kind() -> None:
    protocols = [{"name": "urgent", "when": {"priority": ["urgent"]}, "permanent": "when_blank"}]
    found = differences(northside(), changed(protocols=protocols))
    assert {one.kinds for one in found} == {(URGENT,)}
    quiet = changed()
    quiet["contacts"]["ann"]["quiet"] = "21:00-07:00"
    found = differences(northside(), quiet)
    assert {one.kinds for one in found} == {(Kind(Priority.ROUTINE),)}
    assert said(found)[0] == "02 21:00 - 03 07:00: ann/call bob/call cho/call > bob/call cho/call"


def test_a_form_with_a_protocol_of_its_own_is_a_kind_of_its_own() -> None:
    steps = [{"reach": "contact:cho", "by": "sms"}]
    protocols = [{"name": "leak", "when": {"form": ["leak"]}, "steps": steps}]
    found = differences(northside(), changed(protocols=protocols))
    assert {one.kinds for one in found} == {tuple(Kind(each, "leak") for each in Priority)}
    assert said(found)[0].endswith("> cho/sms")


def test_a_person_who_must_be_reached_by_a_person_is_reached_otherwise() -> None:
    new = changed()
    new["contacts"]["ann"]["requires_human"] = True
    assert "> ann/person bob/call" in said(differences(northside(), new))[0]


def test_a_new_account_is_reached_from_nobody_on() -> None:
    days = said(differences(None, northside()))
    assert days[:2] == [
        "02 18:00 - 03 08:00:  > ann/call bob/call cho/call",
        "03 08:00 - 03 17:00:  > cho/call",
    ]


def test_nobody_is_moved_while_a_special_stands_in_or_holds() -> None:
    new = on_duty({"contact": "cho", "weekly": NIGHTS})
    for effect in ({"replace": "bob"}, {"hold": True}):
        special = {"text": "x", "start": "2026-02-03", "end": "2026-02-16T18:00", "effect": effect}
        old = {**northside(), "specials": [special]}
        days = said(differences(old, new | {"specials": [special]}))
        assert [one.split(": ")[0] for one in days] == ["02 18:00 - 03 00:00"]


def test_a_special_of_the_document_moves_its_own_time() -> None:
    special = {"text": "x", "start": "2026-02-03T20:00", "end": "2026-02-03T22:00"}
    held = changed(specials=[special | {"effect": {"hold": True}}])
    assert said(differences(northside(), held)) == [
        "03 20:00 - 03 22:00: ann/call bob/call cho/call > "
    ]
    assert differences(northside(), changed(specials=[special])) == []


def test_a_renamed_schedule_moves_nobody() -> None:
    new = deepcopy(northside())
    new["schedules"][0]["name"] = "Nights"  # type: ignore[index]
    assert differences(northside(), new) == []


def test_messages_of_a_schedule_that_goes_are_followed_to_the_one_they_select_then() -> None:
    west = {"name": "West", "match": {"location": "West"}, "shifts": [{"contact": "cho"}]}
    rest = {"name": "OnCall", "shifts": [{"contact": "ann"}]}
    found = differences(changed(schedules=[rest, west]), changed(schedules=[rest]))
    assert [(one.schedule, one.was[0].contact, one.now[0].contact) for one in found] == [
        ("West", "cho", "ann")
    ]
    gone = differences(changed(schedules=[west, rest]), changed(schedules=[]))
    assert {(one.schedule, one.now[0].contact) for one in gone} == {("OnCall", "cho")}


OFFICE = {"hours": "Mon-Fri 08:00-17:00", "holidays": {"also": ["2026-03-10"]}}
BY_HOURS = [
    {"name": "day", "when": {"hours": "office"}, "steps": [{"reach": "contact:cho"}]},
    {"name": "night", "steps": [{"reach": "oncall"}, {"reach": "backup", "by": "sms"}]},
]
ALWAYS = [{"contact": "ann"}, {"contact": "bob", "role": "backup"}]
TURNS = {"rotate": ["bob", "cho"], "every": "12h", "handoff": "02:30", "from": "2026-03-01"}
CASES = {
    "office hours and a holiday": (
        on_duty(*ALWAYS),
        on_duty(*ALWAYS) | {"office": OFFICE, "protocols": BY_HOURS},
    ),
    "a rotation over the spring night": (on_duty(*ALWAYS), on_duty(TURNS, *ALWAYS)),
    "a temporary schedule": (
        on_duty(TURNS),
        on_duty(
            TURNS,
            temporary=[
                {"start": "2026-03-07T00:00", "end": "2026-03-09T02:30", "shifts": ALWAYS},
            ],
        ),
    ),
    "weekly absences": (
        on_duty(*ALWAYS),
        on_duty(*ALWAYS) | {"unavailable": [{"contact": "ann", "weekly": "Sun 01:30-02:30"}]},
    ),
    "another zone": (on_duty(TURNS), on_duty(TURNS) | {"timezone": "Australia/Lord_Howe"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_intervals_are_those_that_a_walk_by_quarter_hours_finds(case: str) -> None:
    old, new = (account(each) for each in CASES[case])
    start = datetime(2026, 3, 2, tzinfo=UTC)
    found = [one for one in moves(old, new, start, start + AHEAD, Known()) if URGENT in one.kinds]
    assert found
    for at in _walk(start):
        was, now = _people(old, at), _people(new, at)
        covering = [one for one in found if one.start <= at < one.end]
        assert bool(covering) == (was != now), at
        for one in covering:
            assert ([p.contact for p in one.was], [p.contact for p in one.now]) == (was, now)


def _walk(start: datetime) -> Iterator[datetime]:
    return (start + STEP * number for number in range(AHEAD // STEP))


def _people(of: Account, at: datetime) -> list[str]:
    """Return who would be reached, as `who` shows it."""
    protocol = of.protocol_for("urgent", None, at)
    lines = candidates(of, protocol, of.roster("OnCall", at), Known())
    return [one.contact for one in lines if one.skipped is None]
