"""A compiled account answers: who, which schedule, which protocol, and is the office open."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts import Account
from gateway.domain.document_files import read_documents
from gateway.domain.documents import compile_account, document_from
from gateway.domain.protocols import DEFAULT_PROTOCOL
from tests.domain.documents import FULL, least, staffed


def account(**keys: object) -> Account:
    return compile_account(document_from(staffed(**keys), "x"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}-05:00")


def lines(of: Account, at: str, schedule: str = "OnCall") -> list[str]:
    roster = of.roster(schedule, local(at))
    return [f"{each.contact} {each.status} {each.skipped or each.source}" for each in roster.lines]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (
            "2026-02-02T18:00",
            ["ann call unavailable", "bob sms shift", "cho call permanent", "bob email permanent"],
        ),
        ("2026-02-03T12:30", ["cho call permanent", "bob email unavailable"]),
        (
            "2026-02-07T18:00",
            [
                "ann call overridden",
                "bob call override",
                "ann secure overridden",
                "bob secure override",
                "cho call permanent",
                "bob email permanent",
            ],
        ),
        (
            "2026-02-08T12:00",
            [
                "ann secure shift",
                "cho sms override",
                "cho call permanent",
                "bob email permanent",
            ],
        ),
        (
            "2026-02-09T18:00",
            ["ann call overridden", "cho call permanent", "bob email permanent"],
        ),
        (
            "2026-02-11T23:59",
            [
                "ann call overridden",
                "bob call override",
                "cho call permanent",
                "bob email permanent",
            ],
        ),
        ("2026-12-25T12:00", ["bob call temporary", "cho call permanent", "bob email permanent"]),
        (
            "2026-03-02T11:59",
            ["cho email shift", "cho call permanent", "bob email permanent"],
        ),
        ("2026-03-02T12:00", ["cho call permanent", "bob email permanent"]),
    ],
)
def test_the_roster_follows_shifts_absences_overrides_and_temporary_schedules(
    at: str, expected: list[str]
) -> None:
    assert lines(compile_account(read_documents(FULL, "full.yaml")[0]), at) == expected


def test_a_rotation_ends_where_the_next_line_begins_even_in_a_doubled_hour() -> None:
    rota = {"every": "1d", "handoff": "01:30", "weekly": "Mon-Sun"}
    shifts = [
        {**rota, "rotate": ["ann"], "from": "2026-10-01", "until": "2026-11-01T01:30"},
        {**rota, "rotate": ["bob"], "from": "2026-11-01T01:30"},
    ]
    of = account(schedules=[{"name": "OnCall", "shifts": shifts}])
    duty = {
        minute: [line.contact for line in of.roster("OnCall", at).lines]
        for minute in range(0, 180, 10)
        for at in [datetime(2026, 11, 1, 4 + minute // 60, minute % 60, tzinfo=UTC)]
    }
    assert {minute for minute, people in duty.items() if people == ["ann"]} == set(range(0, 90, 10))
    assert all(people == ["bob"] for minute, people in duty.items() if minute >= 90)


def test_schedule_names_do_not_depend_on_case_and_unknown_ones_are_errors() -> None:
    of = account(schedules=[{"name": "OnCall"}])
    assert of.roster("oncall", local("2026-02-02T18:00")).schedule == "OnCall"
    with pytest.raises(KeyError):
        of.roster("West", local("2026-02-02T18:00"))


def test_an_only_schedule_is_the_default_whatever_the_message_says() -> None:
    of = account(schedules=[{"name": "OnCall", "match": {"location": "West"}}])
    assert of.schedule_for({"location": "East"}, None) == "OnCall"


def test_no_schedules_at_all_leave_the_permanent_list() -> None:
    of = account(permanent=[{"contact": "cho"}])
    assert of.schedule_for({}, None) == ""
    assert lines(of, "2026-02-02T18:00", "") == ["cho call permanent"]
    assert [line.contact for line in of.permanent] == ["cho"]


OFFICES = [
    {"name": "OnCall"},
    {"name": "West", "match": {"location": "West"}},
    {"name": "Dr. Ames", "match": {"doctor": "Ames", "location": "West"}},
]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "OnCall"),
        ({"location": "East"}, "OnCall"),
        ({"location": " west "}, "West"),
        ({"doctor": "Ames"}, "OnCall"),
        ({"doctor": "Ames", "location": "West"}, None),
    ],
)
def test_a_match_wins_over_none_and_two_matches_are_never_guessed(
    fields: dict[str, str], expected: str | None
) -> None:
    assert account(schedules=OFFICES).schedule_for(fields, None) == expected


def test_several_schedules_without_a_match_are_never_guessed() -> None:
    of = account(schedules=[{"name": "West"}, {"name": "East"}])
    assert of.schedule_for({"location": "West"}, None) is None


@pytest.mark.parametrize(
    ("form", "fields", "expected"),
    [
        ("visit", {"location": "east"}, "East"),
        ("visit", {"location": "Downtown"}, "West"),
        ("visit", {"location": "Mars"}, None),
        ("visit", {}, None),
        ("other", {"location": "east"}, None),
        ("unknown", {"location": "east"}, None),
        (None, {"location": "east"}, None),
    ],
)
def test_a_form_may_name_the_field_that_selects_the_schedule(
    form: str | None, fields: dict[str, str], expected: str | None
) -> None:
    of = account(
        schedules=[
            {"name": "West", "match": {"location": "Downtown", "vip": "no"}},
            {"name": "East", "match": {"vip": "yes"}},
        ],
        forms={"visit": {"schedule_field": "location"}, "other": {}},
    )
    assert of.schedule_for(fields, form) == expected


WITH_OFFICE: dict[str, Any] = {
    "office": {"hours": "Mon-Fri 08:00-17:00", "holidays": "US", "phone": "+12025550199"},
    "protocols": [
        {"name": "day", "when": {"hours": "office", "priority": ["urgent"]}},
        {"name": "form", "when": {"form": ["hvac"], "priority": []}},
        {"name": "night", "when": {"hours": "after", "priority": ["urgent", "emergency"]}},
    ],
}


@pytest.mark.parametrize(
    ("priority", "form", "at", "expected"),
    [
        ("urgent", None, "2026-02-02T12:00", "day"),
        ("urgent", "hvac", "2026-02-02T18:00", "form"),
        ("urgent", None, "2026-02-02T18:00", "night"),
        ("urgent", None, "2026-02-16T12:00", "night"),  # Presidents' Day
        ("emergency", None, "2026-02-02T12:00", "default"),
        ("routine", "hvac", "2026-02-02T12:00", "form"),
        ("routine", None, "2026-02-02T12:00", "default"),
    ],
)
def test_the_first_protocol_whose_when_matches_governs(
    priority: str, form: str | None, at: str, expected: str
) -> None:
    assert account(**WITH_OFFICE).protocol_for(priority, form, local(at)).name == expected


def test_without_office_hours_it_is_always_after() -> None:
    for keys in ({}, {"office": {"phone": "+12025550199"}}):
        of = account(protocols=WITH_OFFICE["protocols"], **keys)
        noon = local("2026-02-02T12:00")
        assert of.protocol_for("urgent", None, noon).name == "night"
        assert not of.office_open(noon)
        assert of.next_opening(noon) is None


def test_without_a_message_the_first_protocol_whose_hours_fit_is_shown() -> None:
    of = account(**WITH_OFFICE)
    assert of.protocol_at(local("2026-02-02T12:00")).name == "day"
    assert of.protocol_at(local("2026-02-02T18:00")).name == "form"
    assert account().protocol_at(local("2026-02-02T18:00")) == DEFAULT_PROTOCOL


def test_the_office_opens_next_on_the_next_working_day() -> None:
    of = account(**WITH_OFFICE)
    assert of.next_opening(local("2026-02-13T17:00")) == local("2026-02-17T08:00")
    assert of.local_date(datetime(2026, 2, 3, 4, 59, tzinfo=UTC)) == date(2026, 2, 2)


def test_an_office_that_names_no_holidays_keeps_its_hours_on_them() -> None:
    of = account(office={"hours": "Mon-Fri 08:00-17:00"})
    assert of.office_open(local("2026-12-25T12:00"))
    assert not of.office_open(local("2026-12-25T17:00"))


def test_each_status_has_its_address() -> None:
    of = compile_account(read_documents(FULL, "full.yaml")[0])
    ann, bob = of.contacts["ann"], of.contacts["bob"]
    addresses = [ann.address(status) for status in ("call", "sms", "secure", "email")]
    assert addresses == ["+12025550101", "+12025550111", "+12025550111", "ann@northside.example"]
    assert [bob.address(each) for each in ("sms", "secure", "email")] == [
        "+12025550102",
        "+12025550102",
        None,
    ]
    with pytest.raises(ValueError, match="'fax' is not call, sms, secure or email"):
        bob.address("fax")


def test_a_secure_message_goes_by_mail_to_who_has_no_phone() -> None:
    of = compile_account(document_from(least(contacts={"ann": {"email": "a@b.example"}}), "x"))
    assert of.contacts["ann"].address("secure") == "a@b.example"
    assert of.contacts["ann"].name == "ann"


def test_the_office_has_an_address_too() -> None:
    office = account(**WITH_OFFICE).office
    assert office
    assert (office.address("call"), office.address("email")) == ("+12025550199", None)


def test_quiet_hours_are_local() -> None:
    of = compile_account(read_documents(FULL, "full.yaml")[0])
    assert of.quiet("ann", local("2026-02-02T21:00"))
    assert not of.quiet("ann", local("2026-02-02T07:00"))
    assert not of.quiet("bob", local("2026-02-02T23:00"))


@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_roster_can_be_asked_for_at_any_instant(at: datetime) -> None:
    roster = compile_account(FULL_DOCUMENT).roster("OnCall", at)
    roles = [line.role for line in roster.lines]
    assert roles == sorted(roles, key=["oncall", "backup", "permanent"].index)
    assert roster.blank == all(
        line.role == "permanent" or line.skipped == "overridden" for line in roster.lines
    )


(FULL_DOCUMENT,) = read_documents(FULL, "full.yaml")
