"""What a message like another waits for is known without a plan, for some seconds."""

from dataclasses import replace

from gateway.daemon.habits import LASTS, Habits
from gateway.daemon.lineup import Caller
from gateway.domain.messages import Priority
from gateway.domain.state import State
from gateway.store.jobs import Claimed
from tests.bench.heart import NOON, fresh

CALLS = Caller("call", "+12025550101", Priority.URGENT, returning=False)


def claimed(state: State, **changes: object) -> Claimed:
    """Claim a state's job; `changes` replace parts of the job."""
    job = state.jobs[0]._replace(**changes)  # type: ignore[arg-type] # parts of it
    return Claimed(job, state.message, state.content, 1, whole=True)


def noted() -> tuple[Habits, State]:
    (state,) = fresh("call", many=1)
    habits = Habits()
    habits.note(claimed(state), state, CALLS, NOON)
    return habits, state


def test_the_next_message_of_that_kind_waits_for_the_same_phone() -> None:
    habits, state = noted()
    assert habits.caller(claimed(state), NOON) == CALLS


def test_it_is_forgotten_after_some_seconds() -> None:
    habits, state = noted()
    assert habits.caller(claimed(state), NOON + LASTS) is None


def test_only_a_plan_can_tell_of_another_document_or_priority_or_person() -> None:
    habits, state = noted()
    assert habits.caller(claimed(state)._replace(document=2), NOON) is None
    assert habits.caller(claimed(state, priority=Priority.ROUTINE), NOON) is None
    assert habits.caller(claimed(state, target=("bob", "asked")), NOON) is None


def test_only_a_plan_can_tell_of_what_was_tried_or_had_to_wait() -> None:
    habits, state = noted()
    assert habits.caller(claimed(state)._replace(whole=False), NOON) is None
    assert habits.caller(claimed(state, next_at=NOON + LASTS), NOON) is None
    assert habits.caller(claimed(state, source="forced_failed"), NOON) is None


def test_an_emergency_is_always_planned() -> None:
    (state,) = fresh("call", many=1)
    habits, one = Habits(), claimed(state, priority=Priority.EMERGENCY)
    habits.note(one, state, CALLS._replace(priority=Priority.EMERGENCY), NOON)
    assert habits.caller(one, NOON) is None


def test_where_fields_choose_the_schedule_they_must_be_alike() -> None:
    (state,) = fresh("call", many=1)
    assert state.account is not None
    assert state.content is not None
    ((name, schedule),) = state.account.schedules.items()
    several = replace(state.account, schedules={name: schedule, "Other": schedule})
    west = replace(state.content, fields={"location": "West"})
    east = replace(state.content, fields={"location": "East"})
    one, habits = claimed(state)._replace(content=west), Habits()
    habits.note(one, state._replace(account=several, content=west), CALLS, NOON)
    assert habits.caller(one, NOON) == CALLS
    assert habits.caller(one._replace(content=east), NOON) is None
