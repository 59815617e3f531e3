"""Which days ahead leave hours to nobody, in words, and which of them are news."""

from datetime import datetime, timedelta

import pytest

from gateway.domain.accounts import Account
from gateway.domain.uncovered import Ahead, news, uncovered
from tests.kit.desk import NOON
from tests.kit.street import compiled, roster, shift


def account(weekly: str, **keys: object) -> Account:
    return compiled(**{**roster({"contact": "ann", "weekly": weekly}), **keys})


def found(one: Account, hours: int = 72, now: datetime = NOON) -> dict[str, str]:
    return uncovered(one, "OnCall", now, Ahead(timedelta(hours=hours)))


def test_a_schedule_that_is_covered_has_no_such_day() -> None:
    assert found(account("Mon-Sun")) == {}


def test_each_day_is_named_with_its_color_and_gaps() -> None:
    assert found(account("Mon-Tue; Wed 08:00-12:00; Wed 13:00-20:00; Fri-Sun")) == {
        "2026-02-04": "(yellow) 00:00-08:00, 12:00-13:00, 20:00-24:00",
        "2026-02-05": "(red) all day",
    }


def test_gaps_of_today_that_are_past_do_not_count() -> None:
    assert found(account("Mon 12:00-24:00; Tue-Sun")) == {}
    assert found(account("Mon 12:00-20:00; Tue-Sun")) == {
        "2026-02-02": "(yellow) 00:00-12:00, 20:00-24:00"
    }


@pytest.mark.parametrize(("hours", "days"), [(24, 0), (29, 0), (30, 1), (72, 1)])
def test_no_further_than_it_is_told_to_look(hours: int, days: int) -> None:
    """It is 18:00 on Monday; the gap begins at 23:00 on Tuesday."""
    assert len(found(account("Mon; Tue 00:00-23:00; Wed-Sun"), hours)) == days


def test_a_night_on_which_the_clock_changes_is_as_long_as_it_is() -> None:
    spring = datetime.fromisoformat("2026-03-07T12:00:00-05:00")
    nights = account("Sat; Sun 00:00-02:00; Sun 04:00-24:00; Mon-Fri")
    assert found(nights, 24, spring) == {"2026-03-08": "(yellow) 03:00-04:00"}


def test_who_is_away_still_covers() -> None:
    away = {"contact": "ann", "weekly": "Mon-Sun"}
    assert found(account("Mon-Sun", unavailable=[away])) == {}


def test_only_what_was_not_told_or_told_otherwise_is_news() -> None:
    days = found(account("Mon-Tue; Wed 08:00-24:00; Fri-Sun"))
    assert news(days, {}) == ["2026-02-04 (yellow) 00:00-08:00", "2026-02-05 (red) all day"]
    assert news(days, days) == []
    assert news(days, {**days, "2026-02-04": "(red) all day"}) == [
        "2026-02-04 (yellow) 00:00-08:00"
    ]
    assert found(compiled(**roster(shift("ann")))) == {}
