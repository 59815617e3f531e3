"""What daemons are told: of a duty, or since when something is due."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.following import LONG_AGO
from gateway.store.wake import News, news_of, words_for
from tests.kit.desk import NOON, later


@pytest.mark.parametrize("told", ["", "x", "nan", "1e400", "-1e99"])
def test_what_an_earlier_release_tells_may_be_due_since_ever(told: str) -> None:
    assert news_of(told) == News(duty=False, since=LONG_AGO)


def test_a_duty_is_of_no_job() -> None:
    assert news_of("duty") == News(duty=True, since=None)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - made aware below
def test_an_instant_is_told_to_the_microsecond(at: datetime) -> None:
    at = at.replace(tzinfo=UTC)
    assert news_of(words_for([at]) or "") == News(duty=False, since=at)


def test_the_earliest_instant_is_told_and_nothing_where_nothing_is_due() -> None:
    words = words_for([later(seconds=3), None, NOON])
    assert words is not None
    assert news_of(words).since == NOON
    assert words_for([None]) is None
