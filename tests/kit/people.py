"""People at work in tests: a message in some state, a deed done to it, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson
import pytest

from gateway.domain.attempts import Attempt, AttemptState
from gateway.domain.deeds import Deed, Person, RefusedError
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.jobs import Job, JobState, Round
from gateway.domain.people import Done, do
from gateway.domain.state import State
from tests.kit.desk import NOON, Dice, document, later, taken

DAN, DEB = Person("D-31", "dispatcher"), Person("D-32", "dispatcher")
LEA, AMY = Person("L-7", "lead"), Person("1204", "agent")
JOB = taken().jobs[0].id


def fresh(
    *, attempts: Sequence[Attempt] = (), doc: AccountDocument | None = None, **job: object
) -> State:
    """Return a message just taken, its job changed as named."""
    new = taken()
    jobs = tuple(one._replace(**job) for one in new.jobs)
    account = compile_account(doc or document())
    return State(new.message, new.content, jobs, tuple(attempts), account, 1, "https://x.example")


def waiting(*, method: str = "sms", **changes: object) -> State:
    """Return a message whose first round, begun at NOON, waits for Ann."""
    attempt = Attempt(
        id=UUID(int=7),
        key=taken().message.key,
        job=JOB,
        round=1,
        slot="0.0.ann",
        contact="ann",
        address="+12025550101",
        method=method,
        source="shift",
        started_at=NOON,
        check_at=later(seconds=20),
        state=AttemptState.SENT,
        holds_until=later(minutes=15) if method == "sms" else None,
    )
    begun = Round(1, NOON, open=True, schedule="OnCall", document=1, walked=("0.0.ann",))
    text = {"state": JobState.WAITING_REPLY, "cue_at": later(minutes=15)}
    call = {"state": JobState.ATTEMPTING, "cue_at": None}
    due = later(minutes=15) if method == "sms" else later(seconds=20)
    where = text if method == "sms" else call
    given = {"round": begun, "due_at": due, "next_at": due, **where, **changes}
    return fresh(attempts=[attempt], **given)


def after(state: State, done: Done) -> State:
    """Return the state once a deed is written."""
    attempts = {one.id: one for one in (*state.attempts, *done.change.attempts)}
    return state._replace(message=done.message, jobs=done.jobs, attempts=tuple(attempts.values()))


def deed(state: State, what: Deed, who: Person = DAN, at: datetime = NOON) -> Done:
    """Have somebody do something at an instant."""
    return do(state, what, who, at, Dice())


def job_of(done: Done) -> Job:
    """Return the only job afterwards."""
    (job,) = done.jobs
    return job


def told(done: Done) -> list[str]:
    """Return the kinds of the history items it wrote."""
    return [item.kind for item in done.change.items]


def facts(done: Done, kind: str) -> dict[str, object]:
    """Return the data and actor of the one item of a kind."""
    (item,) = (orjson.loads(one.body) for one in done.change.items if one.kind == kind)
    return {**item["data"], "actor": item["actor"]}


def refusal(state: State, what: Deed, who: Person = DAN, at: datetime = NOON) -> str:
    """Have somebody try it, and return the code with which it is refused."""
    with pytest.raises(RefusedError) as refused:
        do(state, what, who, at, Dice())
    return refused.value.code
