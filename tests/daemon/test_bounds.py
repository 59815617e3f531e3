"""The bounds of claims: whatever becomes due, and however, lies where somebody looks next."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.daemon.bounds import HOT, Bounds, Look
from gateway.domain.jobs import Job, JobState
from gateway.domain.messages import Priority
from gateway.store.following import EVER, LONG_AGO
from gateway.store.jobs import Claimed
from tests.kit.desk import NOON, later
from tests.kit.shelf import key_of

MOMENT = timedelta(seconds=0.1)
SPANS = st.integers(0, 30).map(lambda n: timedelta(seconds=n / 20))


def claimed(priority: Priority, at: datetime) -> Claimed:
    """Return a job as a claim finds it."""
    job = Job(uuid4(), key_of("1"), priority, "new", JobState.PENDING, NOON, at, at)
    return Claimed(job, None, None, None, whole=False)


def begins(bounds: Bounds, now: datetime) -> list[datetime]:
    """Return where a claim of now would begin; nobody has begun one."""
    return list(deepcopy(bounds).look(now).since)


@dataclass
class Due:
    """A job of the model: whether somebody has locked it, or its writer has yet to tell of it."""

    priority: Priority
    at: datetime
    locked: bool = False
    untold: bool = False


class Claims(RuleBasedStateMachine):
    """Claims side by side, jobs that are put back, locks, and a clock that is set back."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.bounds = NOON, Bounds()
        self.free: dict[UUID, Due] = {}
        self.under_way: list[tuple[Look, int, list[Claimed]]] = []

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.now += span / 10

    @rule(span=SPANS)
    def the_clock_is_set_back(self, span: timedelta) -> None:
        self.now -= span / 3

    @rule(priority=st.sampled_from(Priority), ago=SPANS, at_once=st.booleans())
    def a_job_becomes_due(self, priority: Priority, ago: timedelta, at_once: bool) -> None:
        one = Due(priority, self.now - ago, untold=True)
        self.free[uuid4()] = one
        if at_once:
            self.all_is_told()

    @rule()
    def all_is_told(self) -> None:
        for one in self.free.values():
            if one.untold:
                one.untold = False
                self.bounds.lower(one.at)

    @rule(place=st.integers(0, 3))
    def somebody_locks_a_job_or_lets_go(self, place: int) -> None:
        for one in list(self.free.values())[place : place + 1]:
            one.locked = not one.locked

    @rule(most=st.integers(1, 3))
    def a_claim_begins(self, most: int) -> None:
        look = self.bounds.look(self.now)
        found = list(self._found(look, most))
        self.under_way.append((look, most, [claimed(*self._taken(one)) for one in found]))

    def _found(self, look: Look, most: int) -> Iterator[UUID]:
        """Choose as the statement does: each class by its due times, a tenth kept for the next."""
        left = most
        for priority in Priority:
            due = [
                one
                for one, job in self.free.items()
                if job.priority is priority
                and not job.locked
                and look.since[priority] <= job.at <= look.now
            ]
            some = sorted(due, key=lambda one: self.free[one].at)[: max(left, (most + 9) // 10)]
            left -= len(some)
            yield from some

    def _taken(self, one: UUID) -> tuple[Priority, datetime]:
        job = self.free.pop(one)
        return job.priority, job.at

    @precondition(lambda self: self.under_way)
    @rule(last=st.booleans())
    def a_claim_ends(self, last: bool) -> None:
        self.bounds.looked(*self.under_way.pop(-1 if last else 0))

    @precondition(lambda self: not self.under_way)
    @rule()
    def it_is_checked_what_is_left(self) -> None:
        since = self.bounds.unchecked
        seen = [job.at for job in self.free.values() if job.at >= since[job.priority]]
        self.bounds.checked(min(seen, default=None))
        for job in self.free.values():
            assert job.untold or begins(self.bounds, self.now)[job.priority] <= job.at

    @precondition(lambda self: not self.under_way)
    @rule(most=st.integers(1, 9))
    def a_whole_turn(self, most: int) -> None:
        self.a_claim_begins(most)
        self.a_claim_ends(last=True)
        self.it_is_checked_what_is_left()

    @rule()
    def a_sweep_looks_at_everything(self) -> None:
        self.bounds.forget()
        assert begins(self.bounds, self.now) < list(EVER)

    @invariant()
    def what_is_left_lies_where_the_next_check_looks(self) -> None:
        for job in self.free.values():
            assert job.untold or self.bounds.unchecked[job.priority] <= job.at


Claims.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestClaims = Claims.TestCase


def test_a_claim_begins_where_the_last_one_ended_and_looks_far_back_once_a_second() -> None:
    bounds = Bounds()
    assert max(begins(bounds, NOON)) < LONG_AGO
    bounds.looked(bounds.look(NOON), 2, [])
    bounds.checked(later(seconds=9))
    assert min(bounds.unchecked) > NOON - MOMENT
    soon, late = later(seconds=0.9), later(seconds=1)
    assert all(NOON - MOMENT < one <= NOON for one in begins(bounds, soon))
    assert all(late - HOT - MOMENT < one <= late - HOT for one in begins(bounds, late))


def test_a_class_of_which_there_may_be_more_begins_with_the_first_that_was_found() -> None:
    """S3-10: of four places, one is kept for each lesser class."""
    bounds = Bounds()
    bounds.looked(bounds.look(NOON), 4, [])
    found = [
        *(claimed(Priority.URGENT, later(seconds=n / 10)) for n in range(4)),
        claimed(Priority.ROUTINE, later(seconds=0.4)),
    ]
    now = later(seconds=0.5)
    bounds.looked(bounds.look(now), 4, found)
    starts = begins(bounds, now)
    assert starts == [at - (now - starts[0]) for at in (now, NOON, later(seconds=0.4))]


def test_what_is_told_while_a_claim_is_under_way_is_not_taken_for_claimed() -> None:
    """It may have been committed after the claim began."""
    bounds = Bounds()
    look = bounds.look(NOON)
    bounds.lower(later(seconds=-0.5))
    bounds.looked(look, 2, [])
    assert max(begins(bounds, NOON)) <= later(seconds=-0.5)


def test_what_a_claim_passed_over_is_claimed_next_and_checked_until_it_is() -> None:
    bounds = Bounds()
    bounds.looked(bounds.look(NOON), 2, [])
    for tenth in range(1, 5):
        bounds.checked(NOON)
        now = later(seconds=tenth / 10)
        assert max(begins(bounds, now)) <= NOON
        bounds.looked(bounds.look(now), 2, [])
        assert max(bounds.unchecked) <= NOON


def test_a_clock_that_is_set_back_takes_the_bounds_along() -> None:
    bounds = Bounds()
    bounds.looked(bounds.look(NOON), 2, [])
    for back in (later(seconds=-0.5), later(minutes=-5)):
        assert max(begins(bounds, back)) <= back


def test_nothing_due_at_all_is_as_good_as_a_claim() -> None:
    bounds = Bounds()
    bounds.look(NOON)
    bounds.none_due(NOON)
    assert min(bounds.unchecked) > NOON - MOMENT
