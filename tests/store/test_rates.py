"""Rates: in any second as many leave a number as its rate says, and a queue gets hardly fewer."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.store.verdicts import NoToken, Written
from tests.kit.desk import NOON
from tests.kit.shelf import OURS, slow

SECOND = timedelta(seconds=1)
# Asks of one number: so long after the one before, so late in its process, so many at once.
ASKS = st.lists(
    st.tuples(st.integers(0, 400_000), st.integers(0, 100_000), st.integers(1, 60)), max_size=80
)


def granted(per_second: float, asks: Sequence[tuple[datetime, int]]) -> list[datetime]:
    """Ask at these instants for so many tokens each; return when any was granted."""
    rates, numbers, left = slow(per_second), {OURS: NOON}, []
    for now, many in asks:
        for _ in range(many):
            verdict = rates.token("call", numbers, now)
            left += [now] if isinstance(verdict, Written) else []
    return left


def most_in_a_second(left: Sequence[datetime]) -> int:
    ordered = sorted(left)
    windows = (bisect_left(ordered, at + SECOND) - n for n, at in enumerate(ordered))
    return max(windows, default=0)


@given(st.integers(1, 400) | st.floats(0.05, 400), ASKS)
@example(3, [(333_333, 0, 1)] * 12)  # a third of a second is no instant
@example(200, [(5_000, 0, 60)] * 400)
def test_in_no_second_more_leave_a_number_than_its_rate_says(
    per_second: float, gaps: list[tuple[int, int, int]]
) -> None:
    """Whichever process asks: one whose turn began earlier may ask after one that began later."""
    now, asks = NOON, []
    for gap, late, many in gaps:
        now += timedelta(microseconds=gap)
        asks.append((now - timedelta(microseconds=late), many))
    assert most_in_a_second(granted(per_second, asks)) <= ceil(per_second)


@given(st.floats(0.05, 1), ASKS)
def test_a_rate_below_one_a_second_is_kept_from_one_to_the_next(
    per_second: float, gaps: list[tuple[int, int, int]]
) -> None:
    now, asks = NOON, []
    for gap, _, many in gaps:
        now += timedelta(microseconds=10 * gap)
        asks.append((now, many))
    left = granted(per_second, asks)
    assert all((b - a) >= SECOND / per_second for a, b in pairwise(left))


@given(st.integers(1, 400))
@example(2_000)
def test_a_queue_gets_the_whole_rate_in_the_first_second_and_nearly_that_in_each(
    per_second: int,
) -> None:
    rates, numbers, now = slow(per_second), {OURS: NOON}, NOON
    left: list[datetime] = []
    while now < NOON + 5 * SECOND:
        verdict = rates.token("call", numbers, now)
        if isinstance(verdict, NoToken):
            now = verdict.free_at
        else:
            left.append(now)
    assert sum(at < NOON + SECOND for at in left) == per_second
    assert len(left) >= 5 * per_second * 0.95


@pytest.mark.parametrize(("per_second", "late"), [(5, 4), (20, 19), (200, 40)])
def test_whoever_asks_a_little_late_each_time_loses_nothing_by_that(
    per_second: int, late: int
) -> None:
    rates, numbers, now = slow(per_second), {OURS: NOON}, NOON
    count = 0
    while now < NOON + 10 * SECOND:
        verdict = rates.token("call", numbers, now)
        if isinstance(verdict, NoToken):
            now = verdict.free_at + timedelta(milliseconds=late)
        else:
            count += 1
    assert count >= 10 * per_second * 0.95


@pytest.mark.parametrize(("per_second", "limited"), [(1e30, False), (1e9, False), (1e5, True)])
def test_more_than_one_an_instant_is_no_limit(per_second: float, limited: bool) -> None:
    assert slow(per_second).limits("call") is limited
    asks = [(NOON, 50_000)]
    assert (len(granted(per_second, asks)) == 50_000) is not limited


def test_what_may_leave_is_counted_as_it_is_granted() -> None:
    rates = slow(50)
    count, following = rates.tokens("call", {}, NOON, 200)
    assert count == len(granted(50, [(NOON, 200)])) == 3
    assert following == NOON + timedelta(microseconds=13_940)
