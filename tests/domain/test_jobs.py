"""A job's own arithmetic: the grid of its rounds, and what becoming due or ending leaves."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.jobs import OPEN_STATES, JobState, Round, next_round_at
from gateway.domain.keeping import source_of
from tests.kit.desk import NOON, later
from tests.kit.street import street

SPANS = st.timedeltas(timedelta(), timedelta(days=400))
CUES = st.integers(1, 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(SPANS, CUES)
def test_the_next_round_is_on_the_grid_of_the_first_and_never_more_than_a_cue_away(
    passed: timedelta, cue: timedelta
) -> None:
    now = NOON + passed
    due = next_round_at(NOON, cue, now)
    assert (due - NOON) % cue == timedelta()
    assert due >= max(now, NOON + cue)
    assert due < max(now, NOON) + cue or due == NOON + cue


@given(st.integers(0, 200), st.timedeltas(timedelta(microseconds=1), timedelta(minutes=15)))
def test_rounds_of_a_quarter_of_an_hour_stay_on_the_quarter(quarters: int, into: timedelta) -> None:
    now = later(minutes=15 * quarters) + into
    assert next_round_at(NOON, timedelta(minutes=15), now) == later(minutes=15 * (quarters + 1))


def test_a_job_that_becomes_due_waits_for_no_phone() -> None:
    job = street().job._replace(waits_for="+12025550101", state=JobState.WAITING_REPLY)
    due = job.due_now(later(minutes=1))
    assert (due.waits_for, due.state) == (None, JobState.PENDING)
    assert due.due_at == due.next_at == later(minutes=1)


def test_a_job_that_has_ended_is_never_due_and_nobodys() -> None:
    job = street().job._replace(owner="dispatcher:D-31", cue_at=NOON)
    ended = job.ended(JobState.CANCELED)
    assert (ended.next_at, ended.due_at, ended.cue_at, ended.owner) == (None, None, None, None)


def test_three_states_are_the_end_of_a_job() -> None:
    assert {state for state in JobState if state.terminal} == set(JobState) - set(OPEN_STATES)
    assert len(OPEN_STATES) == 8


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("new", {}),
        ("new", {"round": Round(1, NOON, open=True)}),
        ("scheduled", {"cue_at": NOON}),
        ("scheduled", {"state": JobState.HELD, "reason": "office_open"}),
        ("retry", {"round": Round(1, NOON), "cue_at": NOON}),
        ("retry", {"round": Round(2, NOON, open=True)}),
        ("forced_failed", {"source": "forced_failed", "round": Round(2, NOON)}),
        ("resend", {"source": "resend"}),
    ],
)
def test_a_job_says_where_it_comes_from(source: str, changes: dict[str, Any]) -> None:
    """S3-02: new, scheduled, a retry, a forced dial that failed, or a resend."""
    assert source_of(street().job._replace(source="new")._replace(**changes)) == source
