"""Circuit breakers: when a line opens, who tries it again, and what closes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.breakers import (
    CLOSED,
    LEAST,
    PROBE_LASTS,
    STREAK,
    WINDOW,
    Breaker,
    Heard,
    free_at,
    hear,
    probe,
)
from tests.kit.desk import NOON, later

SECOND = timedelta(seconds=1)


def told(showed: Sequence[bool], each: timedelta = SECOND, start: datetime = NOON) -> Breaker:
    """Return a breaker after requests that were fine or not, one after the other."""
    breaker = CLOSED
    for n, fine in enumerate(showed):
        at = start + each * n
        breaker = hear(breaker, Heard(at, fine), at)
    return breaker


def opened(after: float | None = None) -> Breaker:
    """Return a breaker that opened at NOON; the carrier may have asked to wait."""
    breaker = told([False] * (STREAK - 1), each=timedelta())
    return hear(breaker, Heard(NOON, fine=False, after=after), NOON)


def tried(breaker: Breaker, at: datetime) -> Breaker:
    """Return it with a probe under way."""
    probed = probe(breaker, at)
    assert probed is not None
    return probed


def test_failures_in_a_row_open_a_line_and_a_success_between_keeps_it_closed() -> None:
    assert not told([False] * (STREAK - 1)).open
    assert told([False] * STREAK).open
    assert not told([False] * (STREAK - 1) + [True] + [False] * (STREAK - 1)).open


def test_failures_that_are_half_of_all_open_a_line_without_a_row() -> None:
    assert told([False, True] * LEAST).open
    assert not told([False, True, True] * LEAST).open


def test_what_failed_a_window_ago_counts_no_more() -> None:
    assert not told([False, True] * LEAST, each=WINDOW / 4).open


def test_nothing_is_remembered_of_a_line_that_works_again() -> None:
    breaker = told([False, False])
    assert hear(breaker, Heard(NOON, fine=True), later(minutes=2)) == CLOSED


def test_an_open_line_is_tried_by_one_probe_only() -> None:
    breaker = opened()
    assert probe(breaker, later(seconds=4)) is None
    breaker = tried(breaker, later(seconds=5))
    assert probe(breaker, later(seconds=6)) is None


def test_a_probe_that_works_closes_the_line() -> None:
    breaker = tried(opened(), later(seconds=5))
    assert hear(breaker, Heard(later(seconds=5), fine=True), later(seconds=6)) == CLOSED


def test_a_ping_that_is_answered_lets_one_probe_out_at_once() -> None:
    pinged = tried(opened(), later(seconds=5))
    ping = Heard(later(seconds=5), fine=True, ping=True)
    answered = hear(pinged, ping, later(seconds=6))
    assert answered.open
    assert answered.answers
    assert probe(answered, later(seconds=6)) is not None


def test_a_ping_in_vain_and_a_probe_in_vain_ask_for_another_ping() -> None:
    for ping in (True, False):
        answered = opened()._replace(answers=not ping)
        begun = tried(answered, later(seconds=5))
        failed = hear(begun, Heard(later(seconds=5), fine=False, ping=ping), later(seconds=6))
        assert (failed.answers, failed.times) == (False, 1)


def pauses(*pings: bool) -> list[float]:
    """Return the pauses before each of these, pings or probes, all of them in vain."""
    breaker, now, found = opened(), NOON, []
    for ping in pings:
        at = free_at(breaker, now)
        assert at is not None
        found.append((at - now).total_seconds())
        now = at
        breaker = hear(tried(breaker, now), Heard(now, fine=False, ping=ping), now)
    return found


def test_each_probe_in_vain_makes_the_pause_longer_up_to_a_minute() -> None:
    assert pauses(*[False] * 7) == [5, 10, 15, 30, 60, 60, 60]


def test_pings_in_vain_go_on_every_quarter_of_a_minute_whatever_probes_came_to() -> None:
    assert pauses(*[True] * 5) == [5, 10, 15, 15, 15]
    assert pauses(*[True] * 9, False, False)[-2:] == [15, 30]
    assert pauses(*[False] * 5, True, True, False, False)[-4:] == [60, 15, 15, 60]


def test_the_carriers_own_wish_to_be_left_alone_is_kept() -> None:
    assert free_at(opened(after=90), NOON) == later(seconds=90)
    assert free_at(opened(after=86_400), NOON) == later(minutes=5)


def test_what_began_before_the_probe_neither_closes_nor_prolongs() -> None:
    breaker = tried(opened(), later(seconds=5))
    for fine in (True, False):
        assert hear(breaker, Heard(NOON, fine), later(seconds=6)) == breaker


def test_what_was_promised_before_the_clock_was_set_back_is_void() -> None:
    back = later(minutes=-5)
    assert free_at(opened(after=300), back) == back
    begun = tried(opened(), later(seconds=5))
    assert probe(begun, later(seconds=6)) is None
    assert tried(begun, later(seconds=2)).probed_at == later(seconds=2)
    again = hear(begun, Heard(later(seconds=5), fine=False), later(seconds=6))
    assert free_at(again, later(seconds=1)) == later(seconds=1)


def test_a_probe_whose_process_died_is_made_by_another() -> None:
    breaker = tried(opened(), later(seconds=5))
    again = later(seconds=5) + PROBE_LASTS
    assert tried(breaker, again).probed_at == again


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.booleans()), max_size=60))
def test_whatever_is_heard_a_line_is_either_sound_or_has_an_instant_to_be_tried_at(
    heard: list[tuple[bool, int, bool]],
) -> None:
    breaker, now, opens = CLOSED, NOON, 0
    for fine, pause, try_it in heard:
        now += timedelta(seconds=pause)
        breaker = (probe(breaker, now) or breaker) if try_it else breaker
        before = breaker
        breaker = hear(breaker, Heard(now, fine), now)
        opens += breaker.open and not before.open
        at = free_at(breaker, now)
        assert (at is not None) == breaker.open
        assert at is None or at <= now + timedelta(minutes=5)
        # It closes by a probe that works, and by nothing else.
        if before.open and not breaker.open:
            assert fine
            assert before.probed_at is not None
    faults = sum(not fine for fine, _, _ in heard)
    assert opens <= faults / STREAK


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 60))
def test_of_any_requests_at_one_instant_one_may_probe(wishes: list[bool], seconds: int) -> None:
    breaker, now, granted = opened(), later(seconds=seconds), 0
    for _ in wishes:
        probed = probe(breaker, now)
        granted += probed is not None
        breaker = probed or breaker
    assert granted <= 1
