"""Senders: which numbers are used while lines are open, and which are tried again."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.breakers import Breaker, Line
from gateway.domain.messages import Priority
from gateway.domain.senders import Sender, back_at, lines_of, most_urgent, to_try, usable
from tests.kit.desk import NOON, later

ONE, TWO, THREE = "+15005550006", "+15005550007", "+15005550008"
BOTH = (Sender(ONE, "main"), Sender(TWO, "main"), Sender(THREE, "second"))
OPEN = Breaker(opened_at=NOON, retry_at=later(seconds=5))


def down(*places: str) -> dict[Line, Breaker]:
    """Return these lines of calls as open."""
    return {Line("call", place): OPEN for place in places}


def test_the_first_carriers_numbers_are_used_while_one_of_them_is_sound() -> None:
    assert usable("call", BOTH, {}) == (ONE, TWO)
    assert usable("call", BOTH, down(ONE)) == (TWO,)


def test_the_second_carrier_takes_over_when_the_first_is_in_trouble() -> None:
    assert usable("call", BOTH, down("main")) == (THREE,)
    assert usable("call", BOTH, down(ONE, TWO)) == (THREE,)
    assert usable("call", BOTH, {}, busy=[Line("call", "main")]) == (THREE,)


def test_trouble_with_calls_is_no_trouble_with_texts() -> None:
    assert usable("text", BOTH, down("main", THREE)) == (ONE, TWO)


def test_a_number_alone_has_one_breaker_and_several_have_one_more_together() -> None:
    assert lines_of("call", THREE, BOTH) == (Line("call", THREE),)
    assert lines_of("call", ONE, BOTH) == (Line("call", ONE), Line("call", "main"))
    assert lines_of("text", "+19995550100", BOTH) == (Line("text", "+19995550100"),)


def test_a_carrier_in_trouble_is_tried_by_one_number_and_not_before_its_time() -> None:
    known = down("main", THREE)
    assert to_try("call", BOTH, known, NOON) == ((), ())
    assert to_try("call", BOTH, known, later(seconds=5)) == ((ONE, THREE), ())


def test_a_carrier_that_answered_a_ping_is_probed_and_one_that_did_not_is_not() -> None:
    known = down("main", THREE)
    known[Line("call", "main")] = OPEN._replace(answers=True)
    assert to_try("call", BOTH, known, later(seconds=5)) == ((THREE,), (ONE,))


def test_one_bad_number_does_not_keep_its_carrier_shut() -> None:
    known = down(ONE, "main")
    assert to_try("call", BOTH, known, later(seconds=5)) == ((TWO,), ())
    known = dict.fromkeys(known, OPEN._replace(answers=True))
    assert to_try("call", BOTH, known, later(seconds=5)) == ((), (TWO,))
    known = {Line("call", ONE): OPEN}
    assert to_try("call", BOTH, known, later(seconds=5)) == ((ONE,), ())


def test_no_emergency_tries_a_number_while_another_is_sound_and_routine_goes_first() -> None:
    known = down("main")
    assert most_urgent("call", ONE, BOTH, known, later(seconds=5)) is Priority.ROUTINE
    assert most_urgent("call", ONE, BOTH, known, later(minutes=5)) is Priority.ROUTINE
    assert most_urgent("call", ONE, BOTH, known, later(minutes=6)) is Priority.URGENT
    assert most_urgent("call", THREE, BOTH, known, later(minutes=6)) is None


def test_without_another_way_an_emergency_tries_what_nobody_else_came_to_try() -> None:
    known = down("main", THREE)
    assert most_urgent("call", ONE, BOTH, known, later(seconds=5)) is Priority.URGENT
    assert most_urgent("call", ONE, BOTH, known, later(seconds=15)) is Priority.EMERGENCY


def test_without_any_sound_number_it_is_known_when_to_look_again() -> None:
    assert back_at("call", BOTH, down("main"), NOON) is None
    assert back_at("call", BOTH, down("main", THREE), NOON) == later(seconds=5)


@given(st.sets(st.sampled_from([ONE, TWO, THREE, "main"])), st.integers(0, 10))
def test_numbers_are_used_or_waited_for_never_neither(open_: set[str], seconds: int) -> None:
    known, now = down(*open_), later(seconds=seconds)
    sound, at = usable("call", BOTH, known), back_at("call", BOTH, known, now)
    assert bool(sound) == (at is None)
    ping, probe = to_try("call", BOTH, known, now)
    assert not {*sound} & {*ping, *probe}
    assert sound or at is None or at > now or ping
