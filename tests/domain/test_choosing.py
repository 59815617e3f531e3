"""Why no schedule is found for a message is said by fields and schedules, never by its details."""

from typing import Any

import pytest

from gateway.domain.accounts import Account
from gateway.domain.choosing import unfit
from gateway.domain.documents import compile_account, document_from
from tests.domain.test_rounds import locations, street
from tests.kit.desk import northside

FORMS = {"ticket": {"schedule_field": "location"}}
WEST, EAST = ({"name": name, "match": {"location": name}} for name in ("West", "East"))
AMES = {"name": "Dr. Ames", "match": {"doctor": "Ames", "location": "West"}}


def account(*schedules: dict[str, Any]) -> Account:
    return compile_account(document_from(northside(schedules=[*schedules], forms=FORMS), "x"))


@pytest.mark.parametrize(
    ("form", "fields", "words"),
    [
        ("ticket", {"location": "Mars"}, "No schedule fits the message's location."),
        ("ticket", {"location": " "}, "No schedule fits the message: it has no location."),
        (None, {"location": "Mars"}, "No schedule fits the message's location or doctor."),
        (None, {}, "No schedule fits the message: it has no location or doctor."),
        (
            None,
            {"location": "west", "doctor": "ames"},
            "More than one schedule fits the message: West, Dr. Ames.",
        ),
    ],
)
def test_what_is_missing_is_named(form: str | None, fields: dict[str, str], words: str) -> None:
    of = account(WEST, EAST, AMES)
    assert of.schedule_for(fields, form) is None
    assert unfit(of, fields, form) == words


def test_several_schedules_without_a_match_are_named() -> None:
    of = account({"name": "Day"}, {"name": "Night"})
    assert unfit(of, {}, None) == "More than one schedule fits the message: Day, Night."


def test_of_several_that_the_forms_field_names_the_one_whose_whole_match_fits_is_gone_by() -> None:
    of = account(WEST | {"name": "Westside"}, EAST, AMES)
    assert of.schedule_for({"location": "West", "doctor": "Jones"}, "ticket") == "Westside"
    assert of.schedule_for({"location": "West", "doctor": "Ames"}, "ticket") is None
    assert account(WEST, EAST, AMES).schedule_for({"location": "West"}, "ticket") == "West"


def test_a_field_that_fits_nothing_leaves_the_message_to_the_schedule_without_a_match() -> None:
    of = account({"name": "OnCall"}, WEST, EAST)
    assert of.schedule_for({"location": "Mars"}, "ticket") == "OnCall"
    assert account(WEST).schedule_for({"location": "Mars"}, "ticket") == "West"


def test_a_lead_is_told_why_and_no_detail_of_the_message() -> None:
    of = compile_account(document_from(northside(**locations("West", "East")), "x"))
    one = street(of, fields={"location": "Mars"})
    one.go()
    (held,) = one.told("job.held")
    assert held["text"] == "No schedule fits the message's location."
    (alert,) = one.told("lead.alerted")
    assert "job held: no schedule fits the message's location; please help" in alert["text"]
