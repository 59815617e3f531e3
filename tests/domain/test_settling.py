"""What is not heard of is asked after so and so often, whatever the clock says meanwhile."""

import pytest

from tests.kit.street import looks, street


def looks_made(*, placed: bool, step: int = 0) -> int:
    """Ask after a call, in vain, until it is given up; tell how often.

    The clock is set ahead by `step` minutes after the first and after the second time.
    """
    one = street()
    first = (one.reach() if placed else one.step().begun[0]).id
    jumps = {1, 2} if step else set()
    while one.attempts[first].open:
        one.wind(seconds=1)
        if one.due:
            one.step()
        if (made := len(looks(one.changes))) in jumps:
            jumps.remove(made)
            one.wind(minutes=step)
    return len(looks(one.changes))


@pytest.mark.parametrize("placed", [False, True], ids=["unsure", "placed"])
def test_a_clock_that_is_set_ahead_makes_nobody_give_up_sooner(placed: bool) -> None:
    assert looks_made(placed=placed, step=5) == looks_made(placed=placed) >= 3
