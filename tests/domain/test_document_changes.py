"""What differs between two documents is said by paths, with old and new values and no PIN."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.document_changes import edits_between
from gateway.domain.document_files import read_documents
from gateway.domain.documents import AccountDocument, document_from
from tests.domain.documents import FULL, least, staffed

SHIFTS = [{"contact": who, "weekly": "Mon-Sun 17:00-08:00"} for who in ("ann", "bob", "cho")]


def document(**keys: object) -> AccountDocument:
    return document_from(staffed(**keys), "x")


def said(old: AccountDocument | None, new: AccountDocument) -> list[tuple[object, ...]]:
    return [(one.change, one.path, one.was, one.now) for one in edits_between(old, new)]


def onduty(*shifts: dict[str, Any], name: str = "OnCall") -> AccountDocument:
    return document(schedules=[{"name": name, "shifts": list(shifts)}])


def test_the_same_document_differs_in_nothing() -> None:
    (full,) = read_documents(FULL, "x")
    assert edits_between(full, full) == ()


def test_a_value_that_changes_has_its_path_and_both_values() -> None:
    old = document(protocols=[{"name": "urgent", "ring": "25s"}])
    new = document(protocols=[{"name": "urgent", "ring": "40s", "cue": "10m"}])
    assert said(old, new) == [
        ("added", "protocols[0].cue", None, "10m"),
        ("changed", "protocols[0].ring", "25s", "40s"),
    ]


def test_what_is_put_in_front_of_a_list_leaves_the_rest_alone() -> None:
    assert said(onduty(*SHIFTS[1:]), onduty(*SHIFTS)) == [
        ("added", "schedules[0].shifts[0]", None, SHIFTS[0])
    ]
    assert said(onduty(*SHIFTS), onduty(*SHIFTS[:1])) == [
        ("removed", "schedules[0].shifts[1]", SHIFTS[1], None),
        ("removed", "schedules[0].shifts[2]", SHIFTS[2], None),
    ]


def test_named_parts_are_compared_with_their_namesakes() -> None:
    one, two = {"name": "one", "cue": "5m"}, {"name": "two", "cue": "6m"}
    old, new = document(protocols=[one]), document(protocols=[two, {**one, "cue": "7m"}])
    assert said(old, new) == [
        ("added", "protocols[0]", None, two),
        ("changed", "protocols[1].cue", "5m", "7m"),
    ]


def test_people_of_a_rotation_are_shown_whole() -> None:
    turns = {"rotate": ["ann", "bob"], "every": "1w", "handoff": "Mon 08:00", "from": "2026-01-05"}
    assert said(onduty(turns), onduty(turns | {"rotate": ["ann", "cho"]})) == [
        ("changed", "schedules[0].shifts[0].rotate", ["ann", "bob"], ["ann", "cho"])
    ]


def test_no_pin_is_shown_whatever_becomes_of_it() -> None:
    def with_pin(pin: str | None) -> AccountDocument:
        return document_from(least(contacts={"ann": {"pin": pin} if pin else {}}), "x")

    path = "contacts.ann.pin"
    assert said(with_pin("4711"), with_pin("9999")) == [
        ("changed", path, "****", "**** (another one)")
    ]
    assert said(with_pin(None), with_pin("9999")) == [("added", path, None, "****")]
    assert said(with_pin("4711"), with_pin(None)) == [("removed", path, "****", None)]
    assert said(with_pin("4711"), with_pin("4711")) == []


def test_a_new_account_is_shown_piece_by_piece() -> None:
    (full,) = read_documents(FULL, "x")
    edits = edits_between(None, full)
    assert {one.change for one in edits} == {"added"}
    paths = [one.path for one in edits]
    assert {"account", "contacts.bob", "schedules[0].temporary[0].shifts[0]"} <= set(paths)
    assert "4711" not in str(edits)


_PARTS = st.lists(st.sampled_from(SHIFTS), max_size=4)


@settings(deadline=None, max_examples=60)
@given(had=_PARTS, has=_PARTS)
def test_there_is_a_difference_exactly_when_documents_differ(
    had: list[dict[str, Any]], has: list[dict[str, Any]]
) -> None:
    old, new = onduty(*had), onduty(*has)
    assert bool(edits_between(old, new)) == (had != has)
    assert len(edits_between(old, new)) <= len(had) + len(has)


@pytest.mark.parametrize("name", ["", "OnCall"])
def test_a_schedule_that_goes_is_shown_as_removed(name: str) -> None:
    new = onduty(*SHIFTS, name=name) if name else document()
    changes = {one.change for one in edits_between(onduty(*SHIFTS, name="West"), new)}
    assert changes == ({"changed"} if name else {"removed"})
