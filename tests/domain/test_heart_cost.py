"""What a decision costs is counted in calls, which no busy machine changes."""

import sys
from collections.abc import Callable
from random import Random
from types import FrameType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.chance import SeededChance
from gateway.domain.dispatch import next_step
from gateway.domain.jobs import Job, JobState, Round
from gateway.domain.sharing import Planned, Rules, share
from tests.bench.heart import NOON, after, fresh, plan, unanswered
from tests.kit.street import changed

CHANCE = SeededChance(1)


def calls(work: Callable[[], object]) -> int:
    """Count the calls of Python functions while something is done that was done before."""
    counted = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    for _ in range(3):
        work()
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize(("method", "most"), [("sms", 123), ("call", 102)])
def test_a_first_attempt_is_decided_in_few_calls(method: str, most: int) -> None:
    (state,) = fresh(method, many=1)
    assert calls(lambda: next_step(state, state.jobs[0].id, NOON, CHANCE)) <= most


def test_the_next_person_after_a_call_costs_no_more_than_the_first() -> None:
    (first,) = fresh("call", many=1)
    (second,) = after(after([first], plan), unanswered)
    assert calls(lambda: plan(second, NOON)) <= calls(lambda: plan(first, NOON))


def test_who_shares_with_nobody_is_looked_at_by_the_phone_alone() -> None:
    states = fresh("sms", many=20)
    planned = [Planned(one, one.jobs[0].id, plan(one, NOON)) for one in states]
    rules = Rules(across=True, fits=lambda _body, _tail: True)
    assert calls(lambda: share(planned, NOON, CHANCE, rules)) <= 10


@given(st.integers(0, 2**32))
def test_an_id_is_a_random_one_as_the_standard_has_it(seed: int) -> None:
    raw = Random(seed).randbytes(16)  # noqa: S311 - it must repeat
    assert SeededChance(seed).uuid() == UUID(bytes=raw, version=4)


def test_a_copy_of_a_row_has_the_new_fields_and_all_others() -> None:
    (state,) = fresh(many=1)
    job = state.jobs[0]
    copy = job._replace(state=JobState.HELD, reason="no_schedule", round=Round(number=2))
    asked = {"state": JobState.HELD, "reason": "no_schedule", "round": Round(number=2)}
    assert copy._asdict() == job._asdict() | asked
    assert isinstance(copy, Job)


def test_a_field_that_is_not_there_cannot_be_replaced() -> None:
    (state,) = fresh(many=1)
    with pytest.raises(KeyError):
        changed(state.jobs[0], sate=JobState.HELD)
