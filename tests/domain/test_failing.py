"""A lead is told once of a phone that fails, however long it does; again when it worked since."""

from collections.abc import Iterator
from datetime import timedelta

from gateway.domain.failing import LOOKED_BACK, Failing, Flagged, news, remembered
from tests.kit.desk import later

DAY = timedelta(days=1)


def flagged(first: float, last: float, *, soon: bool = True) -> Flagged:
    """Return Ann, whose calls failed once a day from one day to another."""
    since, until = later(days=max(first, last - LOOKED_BACK / DAY)), later(days=last)
    failing = Failing("+12025550101", True, 3, since, until)
    return Flagged("ann", failing, until + DAY / 2 if soon else None)


def told_of(*mornings: Flagged | None) -> Iterator[bool]:
    """Tell for each morning whether a lead hears something."""
    told: dict[str, str] = {}
    for one in mornings:
        found = () if one is None else (one,)
        yield bool(news(found, told))
        told = remembered(found, told)


def test_a_phone_that_fails_every_day_is_told_once_however_long() -> None:
    days = [flagged(0, day) for day in range(2, 70)]
    assert list(told_of(*days)) == [True, *[False] * 67]


def test_a_phone_that_worked_in_between_is_told_again() -> None:
    assert list(told_of(flagged(0, 2), None, flagged(4, 6))) == [True, False, True]
    # It worked and failed anew between two mornings.
    assert list(told_of(flagged(0, 2), flagged(2.2, 2.8), flagged(2.2, 3.8))) == [True, True, False]


def test_what_begins_while_nobody_is_on_call_is_told_before_the_shift() -> None:
    away = flagged(0, 2, soon=False)
    assert list(told_of(away, away, flagged(0, 3))) == [False, False, True]
    anew = flagged(3, 5, soon=False)
    assert list(told_of(flagged(0, 2), anew, flagged(3, 6))) == [True, False, True]
