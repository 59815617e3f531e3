"""What has ended is told by the zone of the document in force, to the very instant."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.domain.documents import AccountDocument, document_from
from gateway.domain.past import PastError, keep_past
from tests.domain.documents import staffed

SPAN = {"start": "2026-10-31T20:00", "end": "2026-11-01T01:30"}  # 01:30 comes twice that night
FIRST_PASS = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
SECOND_PASS = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def document(*overrides: dict[str, Any], name: str = "OnCall") -> AccountDocument:
    schedule = {"name": name, "overrides": [{**SPAN, **each} for each in overrides]}
    return document_from(staffed(schedules=[schedule]), "x")


def test_a_span_that_ends_in_a_doubled_hour_ends_with_its_last_occurrence() -> None:
    had, has = document({"remove": "ann"}), document({"remove": "bob"})
    keep_past(had, has, FIRST_PASS)
    with pytest.raises(PastError) as caught:
        keep_past(had, has, SECOND_PASS)
    assert caught.value.problems[0].field == "schedules[0].overrides[0]"


@pytest.mark.parametrize(
    ("override", "called"),
    [
        ({"replace": "ann", "with": "bob"}, "(replace ann with bob)"),
        ({"swap": ["ann", "bob"]}, "(swap ann and bob)"),
        ({"add": "ann", "role": "backup"}, "(add ann)"),
        ({"remove": "ann"}, "(remove ann)"),
    ],
)
def test_the_words_tell_which_override_it_is(override: dict[str, Any], called: str) -> None:
    with pytest.raises(PastError, match=r"\(") as caught:
        keep_past(document(override), document(), SECOND_PASS)
    assert called in str(caught.value)


def test_an_order_of_its_own_or_another_case_of_the_name_changes_nothing() -> None:
    one, two = {"remove": "ann"}, {"add": "bob", "role": "backup"}
    keep_past(document(one, two), document(two, one, name="ONCALL"), SECOND_PASS)


def test_an_account_that_is_new_has_no_past() -> None:
    keep_past(None, document({"remove": "ann"}), SECOND_PASS)
