"""Durations as documents write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("1w", 604_800)],
)
def test_a_duration_is_a_number_with_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "1.5h", "-1s", "15 m", "1h30m", "15M", "1y"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write 90s"):
        parse_duration(text)


@given(st.integers(0, 10**8))
def test_what_is_printed_is_read_back(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


def test_the_largest_whole_unit_is_printed() -> None:
    lengths = [timedelta(weeks=2), timedelta(days=1), timedelta(minutes=90), timedelta(0)]
    assert [format_duration(each) for each in lengths] == ["2w", "1d", "90m", "0s"]
