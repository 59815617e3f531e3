"""What is wrong with shifts, rotations, overrides and temporary schedules is said in words."""

from typing import Any

import pytest

from gateway.domain.documents import document_from
from tests.domain.documents import fault, least, staffed


def shift(**keys: object) -> dict[str, Any]:
    return staffed(schedules=[{"name": "OnCall", "shifts": [keys]}])


def override(*overrides: dict[str, Any]) -> dict[str, Any]:
    day = {"start": "2026-02-07T00:00", "end": "2026-02-08T00:00"}
    changes = [{**day, **each} for each in overrides]
    return staffed(schedules=[{"name": "OnCall", "overrides": changes}])


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({}, ": needs either contact or rotate"),
        ({"contact": "ann", "rotate": ["ann"]}, ": needs either contact or rotate"),
        ({"contact": "ann", "every": "1w"}, ": every and handoff belong to a rotation"),
        ({"contact": "ann", "start": "2026-02-02T17:00"}, ": start and end belong together"),
        ({"contact": "ann", "weekly": "17-8"}, ".weekly: '17-8' is not a weekly window"),
        ({"contact": "ann", "role": "boss"}, ".role: must be 'oncall' or 'backup'"),
        (
            {"contact": "ann", "status": "fax"},
            ".status: must be 'call', 'sms', 'secure' or 'email'",
        ),
        (
            {"contact": "ann", "start": "2026-02-02T17:00", "end": "2026-02-02T17:00"},
            ": the end is not after the start",
        ),
        (
            {"contact": "ann", "from": "2026-02-02", "until": "2026-02-02"},
            ": until is not after the start",
        ),
        (
            {
                "contact": "ann",
                "from": "2026-02-02",
                "start": "2026-02-02T00:00",
                "end": "2026-02-03T00:00",
            },
            ": has both start and from",
        ),
        ({"rotate": []}, ".rotate: "),
        ({"rotate": ["ann"], "every": "1w"}, ": a rotation needs every, handoff and from"),
        (
            {"rotate": ["ann"], "every": "1w", "handoff": "08:00", "from": "2026-01-05"},
            ": '08:00' is not a handoff for turns in w; write it as Mon HH:MM",
        ),
        ({"rotate": ["ann"], "every": "90m"}, ".every: '90m' is not a turn"),
        (
            {"rotate": ["ann"], "start": "2026-02-02T17:00", "end": "2026-02-03T17:00"},
            ": a rotation has from and until, not start and end",
        ),
        (
            {
                "rotate": ["ann"],
                "every": "1d",
                "handoff": "08:00",
                "from": "2026-01-05",
                "until": "2026-01-04",
            },
            ": until is not after from",
        ),
    ],
)
def test_a_faulty_shift_says_what_is_wrong(keys: dict[str, Any], sentence: str) -> None:
    assert fault(shift(**keys)).startswith(f"schedules[0].shifts[0]{sentence}")


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("2026-02-02", "must be a local time such as 2026-02-02T17:30"),
        ("2026-02-02T17:30Z", "must be a local time such as 2026-02-02T17:30 (without an offset"),
        ("2026-02-02T17:30-05:00", "must be a local time such as 2026-02-02T17:30 (without an"),
        ("2026-02-02T25:00", "2026-02-02T25:00 is not a time: there is no 25:00 on a clock"),
        ("2026-02-02T24:01", "2026-02-02T24:01 is not a time"),
        ("2026-02-02T12:60", "2026-02-02T12:60 is not a time"),
        ("2026-02-29T12:00", "there is no 2026-02-29 in the calendar"),
        ("1969-12-31T12:00", "1969-12-31 is not between 1970 and 2199"),
        (20260202, "must be a local time such as 2026-02-02T17:30"),
    ],
)
def test_a_time_that_cannot_be_is_refused(start: object, sentence: str) -> None:
    words = fault(shift(contact="ann", start=start, end="2027-01-01T00:00"))
    assert words.startswith(f"schedules[0].shifts[0].start: {sentence}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "needs exactly one of replace, add, remove and swap"),
        ({"add": "ann", "remove": "bob"}, "needs exactly one of"),
        ({"replace": "ann"}, "replace and with belong together"),
        ({"remove": "ann", "with": "bob"}, "replace and with belong together"),
        ({"remove": "ann", "role": "backup"}, "role and status are for add"),
        ({"replace": "ann", "with": "ann"}, "names one person twice"),
        ({"swap": ["bob", "bob"]}, "names one person twice"),
        ({"add": "ann", "end": "2026-02-06T00:00"}, "the end is not after the start"),
    ],
)
def test_a_faulty_override_says_what_is_wrong(change: dict[str, Any], words: str) -> None:
    assert fault(override(change)).startswith(f"schedules[0].overrides[0]: {words}")


def test_two_overrides_that_touch_one_person_in_one_span_are_an_error() -> None:
    both = override({"replace": "ann", "with": "bob"}, {"add": "bob"})
    assert fault(both) == (
        "schedules[0].overrides[1]: touches bob in a span in which overrides[0] does so too"
    )
    later = {"add": "bob", "start": "2026-02-08T00:00", "end": "2026-02-09T00:00"}
    document_from(override({"replace": "ann", "with": "bob"}, later), "x")


def test_temporary_schedules_do_not_overlap() -> None:
    spans = [("2026-12-24T00:00", "2026-12-27T00:00"), ("2026-12-26T00:00", "2026-12-28T00:00")]
    temporary = [{"start": start, "end": end, "shifts": []} for start, end in spans]
    schedule = {"name": "OnCall", "temporary": temporary}
    assert fault(least(schedules=[schedule])) == (
        "schedules[0].temporary[1]: overlaps temporary[0] (2026-12-24 00:00 to 2026-12-27 00:00)"
    )
    temporary[0]["end"] = temporary[1]["start"]
    document_from(least(schedules=[schedule]), "x")
    temporary[0]["end"] = "2026-12-23T00:00"
    words = fault(least(schedules=[schedule]))
    assert words == "schedules[0].temporary[0]: the end is not after the start"
