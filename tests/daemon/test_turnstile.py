"""Posts to one address go through two at a time; the others come back one after the other."""

from contextlib import ExitStack
from datetime import timedelta

from gateway.clock import VirtualClock
from gateway.daemon.turnstile import LONGEST, Turnstile
from tests.kit.desk import NOON, later

URL = "https://post.example/lead"


def test_two_go_through_and_another_address_is_another_matter() -> None:
    turnstile = Turnstile(VirtualClock(NOON))
    assert turnstile.turn(URL) is None
    with turnstile.through(URL):
        assert turnstile.turn(URL) is None
        with turnstile.through(URL):
            assert turnstile.turn(URL) == later(seconds=2.5)
            assert turnstile.turn("https://other.example") is None
        assert turnstile.turn(URL) is None


def test_turns_are_as_far_apart_as_the_client_takes() -> None:
    """Many that wait for a client that hangs come back seldom, and not all at one time."""
    clock = VirtualClock(NOON)
    turnstile = Turnstile(clock)
    with ExitStack() as stack:
        stack.enter_context(turnstile.through(URL))
        stack.enter_context(turnstile.through(URL))
        clock.set(later(seconds=20))
        turns = [turnstile.turn(URL) for _ in range(40)]
    assert turns[:3] == [later(seconds=30), later(seconds=40), later(seconds=50)]
    assert turns[-1] == clock.now() + LONGEST


def test_turns_are_close_again_once_the_client_is_quick() -> None:
    clock = VirtualClock(NOON)
    turnstile = Turnstile(clock)
    with turnstile.through(URL), turnstile.through(URL):
        clock.set(later(seconds=20))
        assert turnstile.turn(URL) == later(seconds=30)
    clock.set(later(minutes=1))
    with turnstile.through(URL):
        clock.set(clock.now() + timedelta(milliseconds=400))
    with turnstile.through(URL), turnstile.through(URL):
        assert turnstile.turn(URL) == clock.now() + timedelta(milliseconds=200)
