"""Who waits for a sending number has a turn: by urgency, in order, those for one phone together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.daemon.lineup import FARTHEST, Caller, Lineup, asking
from gateway.domain.change import Change
from gateway.domain.jobs import Job
from gateway.domain.messages import Priority
from gateway.store.claims import Rates
from gateway.store.jobs import Claimed
from tests.bench.heart import NOON as PLANNED_AT
from tests.bench.heart import fresh, plan
from tests.kit.desk import NOON, later
from tests.kit.shelf import slow

# Ten numbers with a call a second each: a turn every tenth of a second.
TEN = slow(1.0, *(f"+1500555{n:04}" for n in range(10)))
EMERGENCY, URGENT, ROUTINE = Priority


def caller(
    phone: int, priority: Priority = URGENT, channel: str = "call", *, returning: bool = False
) -> Caller:
    return Caller(channel, f"+1202{phone:07}", priority, returning)


def turns(lineup: Lineup, *callers: Caller) -> list[float]:
    """Give turns at NOON, and tell them in seconds from then on."""
    given = [lineup.turn(one, TEN, NOON, NOON) for one in callers]
    return [round((at - NOON).total_seconds(), 3) for at in given]


def planned(*messages: tuple[int, Priority], put_off: bool = False) -> list[tuple[Claimed, Change]]:
    """Plan calls of the bench's accounts for messages of these priorities."""
    states = fresh("call", many=1 + max(n for n, _ in messages))
    found = []
    for number, priority in messages:
        state = states[number]
        job: Job = state.jobs[0]._replace(priority=priority)
        if put_off:
            job = job._replace(next_at=PLANNED_AT + timedelta(seconds=1))
        one = Claimed(job, state.message, state.content, 1, whole=True)
        found.append((one, plan(state, PLANNED_AT)))
    return found


def test_turns_come_as_fast_as_numbers_do() -> None:
    assert turns(Lineup(), *map(caller, range(4))) == [0.1, 0.2, 0.3, 0.4]


def test_nobody_has_a_turn_before_a_number_is_free() -> None:
    lineup = Lineup()
    free_at = later(seconds=1)
    given = [lineup.turn(caller(n), TEN, free_at, NOON) for n in range(11)]
    assert given == [free_at] * 10 + [later(seconds=1.1)]


def test_five_who_wait_for_one_phone_have_one_turn() -> None:
    lineup = Lineup()
    assert turns(lineup, *[caller(1)] * 6, caller(2)) == [0.1] * 5 + [0.2, 0.3]


def test_a_routine_message_goes_along_with_an_urgent_one_for_the_same_phone() -> None:
    assert turns(Lineup(), caller(1), caller(2), caller(2, ROUTINE)) == [0.1, 0.2, 0.2]


def test_what_is_more_urgent_does_not_go_along_later_than_it_could_alone() -> None:
    lineup = Lineup()
    *_, last = turns(lineup, *(caller(n, ROUTINE) for n in range(20)))
    (alone,) = turns(lineup, caller(19, URGENT))
    assert alone < last


def test_a_tenth_is_kept_for_what_is_less_urgent() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(30)))
    routine = turns(lineup, *(caller(100 + n, ROUTINE) for n in range(5)))
    assert routine == [0.1, 1.1, 2.1, 3.0, 3.1]


def test_urgent_turns_leave_that_tenth() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(30)), *(caller(100 + n, ROUTINE) for n in range(5)))
    before = turns(lineup, caller(50))[0]
    (after,) = turns(lineup, caller(51))
    assert after - before == pytest.approx(0.1, abs=0.02)


def test_texts_do_not_wait_for_calls() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(30)))
    assert turns(lineup, caller(31, channel="text")) == [0.1]


def test_without_anybody_waiting_all_may_try() -> None:
    batch = planned((0, ROUTINE), (1, URGENT))
    assert Lineup().part(batch, TEN, NOON) == (batch, [])


def test_who_comes_while_others_wait_goes_behind_them_and_what_is_more_urgent_may_try() -> None:
    lineup = Lineup()
    turns(lineup, *(caller(100 + n, URGENT) for n in range(10)))
    batch = planned((0, EMERGENCY), (1, URGENT), (2, ROUTINE))
    ready, behind = lineup.part(batch, TEN, NOON)
    assert ready == batch[:1]
    assert [one for one, _, _ in behind] == batch[1:]
    assert [at for _, _, at in behind] == [later(seconds=1.1), later(seconds=0.1)]


def test_who_has_waited_may_try_though_others_wait() -> None:
    lineup = Lineup()
    turns(lineup, *(caller(100 + n) for n in range(10)))
    batch = planned((0, URGENT), put_off=True)
    assert lineup.part(batch, TEN, NOON) == (batch, [])


def test_who_shares_a_call_with_somebody_who_has_waited_tries_as_well() -> None:
    lineup = Lineup()
    turns(lineup, *(caller(100 + n) for n in range(10)))
    (leader,) = planned((0, URGENT), put_off=True)
    (rider,) = planned((1, ROUTINE))
    shares = leader[1].begun[0].id
    party = [
        (leader[0], leader[1]._replace(shares=shares)),
        (rider[0], rider[1]._replace(shares=shares, wire=None)),
    ]
    assert lineup.part(party, TEN, NOON) == (party, [])
    first, second = asking(party)
    assert first is not None
    assert second is not None
    assert (second.phone, second.priority) == (first.phone, URGENT)


def test_a_party_that_is_less_urgent_tries_whole_or_not_at_all() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(100, 190)))
    batch = planned((0, ROUTINE), (1, ROUTINE), put_off=True)
    shares = batch[0][1].begun[0].id
    leader, rider = ((one, change._replace(shares=shares)) for one, change in batch)
    party = [leader, (rider[0], rider[1]._replace(wire=None))]
    tries = [len(lineup.part(party, TEN, later(seconds=n / 10))[0]) for n in range(11)]
    assert tries == [2, *[0] * 9, 2]


def test_a_channel_that_is_out_of_order_is_no_line() -> None:
    lineup = Lineup()
    turns(lineup, *(caller(100 + n) for n in range(10)))
    batch = planned((0, URGENT))
    broken = Rates(TEN.numbers, TEN.per_second, back={"call": later(seconds=1)})
    assert lineup.part(batch, broken, NOON) == (batch, [])


def test_numbers_are_idle_when_few_were_taken_in_a_second_and_nobody_was_refused() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(90)))
    assert [lineup.idle(TEN, later(seconds=n)) for n in (0, 0.5, 1, 1.5)] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("granted", "refused"), [(10, 0), (0, 1)])
def test_numbers_are_not_idle_while_they_are_taken_or_somebody_is_refused(
    granted: int, refused: int
) -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(90)))
    assert not lineup.idle(TEN, NOON)
    lineup.granted, lineup.refused = granted, refused
    assert not lineup.idle(TEN, later(seconds=1))
    assert lineup.idle(TEN, later(seconds=2))


def test_who_is_less_urgent_leaves_their_turn_to_the_urgent_but_for_every_tenth() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(90)))
    routine = caller(200, ROUTINE, returning=True)
    asked = [not lineup.behind(routine, TEN, later(seconds=n / 10)) for n in range(20)]
    assert [n for n, tries in enumerate(asked) if tries] == [0, 10]


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    lineup = Lineup()
    turns(lineup, *map(caller, range(90)))
    assert lineup.waiting(later(seconds=1))
    assert lineup.waiting(later(seconds=0.5))
    assert not lineup.waiting(later(minutes=-5))


CALLERS = st.lists(
    st.builds(
        Caller,
        st.just("call"),
        st.integers(1, 40).map(str),
        st.sampled_from(Priority),
        st.booleans(),
    ),
    max_size=200,
)


@given(CALLERS, st.integers(0, 30))
def test_every_turn_is_once_a_number_is_free_and_within_reach(
    callers: list[Caller], free_in: int
) -> None:
    lineup, free_at = Lineup(), later(seconds=free_in)
    told = [lineup.turn(one, TEN, free_at, NOON) for one in callers]
    assert all(free_at <= at <= NOON + FARTHEST for at in told)


@given(st.integers(1, 400))
def test_one_line_has_as_many_turns_a_second_as_there_are_numbers(many: int) -> None:
    told = turns(Lineup(), *map(caller, range(many)))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(many / 10)
