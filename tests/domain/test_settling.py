"""What is not heard of is asked after so and so often, whatever the clock says meanwhile."""

import pytest

from tests.kit.street import looks, street


def looks_made(*, placed: bool, step: int = 0) -> tuple[int, int]:
    """Ask after a call, in vain, until it is given up; tell how often, and how many seconds later.

    The clock is set ahead by `step` minutes after the first and after the second time.
    """
    one = street()
    first = (one.reach() if placed else one.step().begun[0]).id
    jumps = {1, 2} if step else set()
    seconds = 0
    while one.attempts[first].open:
        one.wind(seconds=1)
        seconds += 1
        if one.due:
            one.step()
        if (made := len(looks(one.changes))) in jumps:
            jumps.remove(made)
            one.wind(minutes=step)
    return len(looks(one.changes)), seconds


@pytest.mark.parametrize(("placed", "least"), [(False, 40), (True, 5 * 60)])
def test_a_clock_that_is_set_ahead_makes_nobody_give_up_sooner(placed: bool, least: int) -> None:
    often, _ = looks_made(placed=placed)
    as_often, seconds = looks_made(placed=placed, step=5)
    assert as_often == often >= 3
    assert seconds >= least
