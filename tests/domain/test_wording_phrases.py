"""Pieces of speech: moments, durations, shortening."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.wording import phrases

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 2, 2, 23, 4, tzinfo=UTC), "6:04 PM EST, Mon Feb 2"),
        (datetime(2026, 2, 3, 5, 0, tzinfo=UTC), "12:00 AM EST, Tue Feb 3"),
        (datetime(2026, 7, 4, 16, 30, tzinfo=UTC), "12:30 PM EDT, Sat Jul 4"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "1:30 AM EDT, Sun Nov 1"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "1:30 AM EST, Sun Nov 1"),
    ],
)
def test_a_moment_is_local_and_tells_both_hours_of_a_fall_night_apart(
    at: datetime, said: str
) -> None:
    assert phrases.moment(at, NEW_YORK) == said


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (45, "45 min"), (120, "2 h"), (135, "2 h 15 min")]
)
def test_durations_are_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert phrases.span(timedelta(minutes=minutes)) == said


@given(st.text(), st.integers(min_value=3, max_value=400))
def test_shortened_words_fit_and_short_ones_stay(words: str, most: int) -> None:
    short = phrases.shortened(words, most)
    assert len(short) <= most
    assert short == words or short.endswith("...")


def test_words_are_cut_between_words_where_that_is_possible() -> None:
    assert phrases.shortened("No heat since Sunday", 15) == "No heat..."


def test_the_keys_of_forms_become_labels() -> None:
    assert phrases.label("callback_number") == "Callback number"


def test_words_are_joined_as_people_do() -> None:
    assert phrases.listed([]) == ""
    assert phrases.listed(["41"]) == "41"
    assert phrases.listed(["41", "42"]) == "41 and 42"
    assert phrases.listed(["41", "42", "43"], "or") == "41, 42 or 43"


def test_an_unknown_priority_is_just_a_message() -> None:
    assert phrases.a_message("someday") == "a message"


@given(st.text())
def test_one_line_is_one_line(words: str) -> None:
    assert len(phrases.one_line(words).splitlines()) <= 1
