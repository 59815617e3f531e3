"""A round's record is held against its document, also one that an earlier version wrote."""

from typing import Any

import orjson

from gateway.domain.retrace import retrace
from tests.kit.street import compiled, protocol, roster, shift, street

BY_STEPS = roster(shift("ann"), shift("bob", "backup")) | protocol(permanent="when_blank")


def retraced(contacts: str | None = None) -> tuple[list[str], str]:
    """Return what `why` finds wrong with a first round, and how it explains who is on call.

    With `contacts` the record names those.
    """
    account = compiled(**BY_STEPS)
    one = street(account)
    one.reach()
    items: list[dict[str, Any]] = [orjson.loads(item.body) for item in one.items]
    resolved = next(item for item in items if item["kind"] == "oncall.resolved")
    if contacts is not None:
        resolved["data"]["contacts"] = contacts
    _, first = retrace(one.state(), items, {1: account})
    words = next(step.because for step in first.steps if step.item is resolved)
    return first.mismatches, words


def test_who_is_on_call_is_explained_by_the_turns_of_the_round() -> None:
    found, words = retraced()
    line = "weekly Mon-Sun 00:00-24:00"
    assert (found, words) == ([], f"ann (oncall, call: {line}); bob (backup, call: {line})")


def test_a_record_that_names_the_whole_roster_is_an_older_one() -> None:
    found, _ = retraced("ann, bob, cho")
    assert found == []


def test_a_record_that_names_others_is_flagged() -> None:
    found, _ = retraced("bob, ann")
    assert found == ["on call should be ann, bob, not bob, ann"]
