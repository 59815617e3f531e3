"""A history alone tells how message and jobs stand, and whatever stands otherwise is named."""

import orjson
import pytest

from gateway.domain.aside import NOTHING_ASIDE
from gateway.domain.change import Change
from gateway.domain.deeds import (
    Amendment,
    Claim,
    DecideReview,
    DeliverBy,
    EditMessage,
    Person,
    Release,
    SetCue,
)
from gateway.domain.dispatch import next_step
from gateway.domain.history import stamp
from gateway.domain.jobs import MESSAGE_MISSING, JobState
from gateway.domain.messages import MessageState
from gateway.domain.people import do
from gateway.domain.replay import differences, replay
from gateway.domain.replayed import Item
from gateway.domain.state import State
from tests.kit.desk import NOON, Dice, later, taken
from tests.kit.street import compiled, roster, shift

LEAD, DISPATCHER = Person("L-7", "lead"), Person("D-31", "dispatcher")


class Told:
    """A message that is decided about, with the items that its history holds by then."""

    def __init__(self) -> None:
        """Take the example message at NOON."""
        first = taken()
        account = compiled(**roster(shift("ann"), shift("bob", role="backup")))
        self.state = State(first.message, first.content, first.jobs, (), account, 1, "https://x")
        self.items: list[Item] = [orjson.loads(item.body) for item in first.items]

    def write(self, change: Change) -> None:
        """Do what the store does with a change."""
        jobs = {job.id: job for job in change.jobs}
        self.items += [orjson.loads(item.body) for item in change.items]
        self.state = self.state._replace(
            message=change.message or self.state.message,
            jobs=tuple(jobs.get(job.id, job) for job in self.state.jobs),
            attempts=(*self.state.attempts, *change.begun),
        )

    def plan(self, minutes: float = 0) -> None:
        """Have the engine look at the job."""
        job = self.state.jobs[0].id
        self.write(next_step(self.state, job, later(minutes=minutes), Dice()))

    def deed(self, deed: object, person: Person, minutes: float = 0) -> None:
        """Have a person do something."""
        now = later(minutes=minutes)
        self.write(do(self.state, deed, person, now, Dice()).change)  # type: ignore[arg-type]

    @property
    def differs(self) -> list[str]:
        """What stands otherwise than the items say."""
        return differences(self.items, self.state.message, self.state.jobs)


def test_a_night_can_be_told_from_its_items_at_every_step() -> None:
    told = Told()
    job = told.state.jobs[0].id
    assert told.differs == []
    told.plan()
    assert told.differs == []
    assert replay(told.items).jobs[str(job)].state == "attempting"
    told.deed(Claim(job), DISPATCHER, 1)
    assert told.differs == []
    told.deed(SetCue(job, 20, "L-7"), DISPATCHER, 2)
    assert told.differs == []
    assert replay(told.items).jobs[str(job)].cue_at == later(minutes=22)
    told.deed(DeliverBy("check_in", "ann", None), DISPATCHER, 3)
    assert told.differs == []
    again = replay(told.items)
    assert (again.state, again.evidence, again.delivered_to) == ("delivered", "check_in", "ann")
    assert again.delivered_at == later(minutes=3)


def test_a_claim_that_lapses_or_is_released_at_the_limit_says_what_waits_again() -> None:
    told = Told()
    job = told.state.jobs[0]
    limit = job._replace(state=JobState.LIMIT_REACHED, due_at=NOON, next_at=later(minutes=15))
    told.state = told.state._replace(jobs=(limit,))
    told.items.append(told.items[-1] | {"kind": "limit.reached", "data": {"active_minutes": 120}})
    told.deed(Claim(job.id), LEAD, 1)
    told.deed(Release(job.id), LEAD, 2)
    assert told.items[-1]["data"]["state"] == "limit_reached"
    assert told.differs == []
    told.deed(Claim(job.id), LEAD, 3)
    told.plan(9)
    assert (told.items[-1]["kind"], told.items[-1]["data"]["reason"]) == (
        "job.resumed",
        "claim_lapsed",
    )
    assert told.state.jobs[0].state is JobState.LIMIT_REACHED
    assert told.differs == []


def test_active_time_is_counted_from_the_rounds_on_record() -> None:
    """S3-49: from the start of a round to the start of the next; S3-50: a gap counts nothing."""
    told = Told()
    job = str(told.state.jobs[0].id)
    rounds = [(0, None), (15, None), (60, 2700), (75, None)]
    for number, (minutes, gap) in enumerate(rounds, start=1):
        at = {"at": stamp(later(minutes=minutes)), "job": job, "attempt": None}
        if gap:
            told.items.append({**at, "kind": "gap.detected", "data": {"seconds": gap}})
        told.items.append({**at, "kind": "job.claimed", "data": {"round": number}})
        told.items.append({**at, "kind": "protocol.selected", "data": {}})
        due = {"due_at": stamp(later(minutes=minutes + 15)), "reason": "next_round"}
        told.items.append({**at, "kind": "cue.set", "data": due})
    found = replay(told.items).jobs[job]
    assert (found.round, found.active_seconds, found.state) == (4, 30 * 60, "pending")
    assert found.cue_at == later(minutes=90)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("state", JobState.HELD, "state of job {} is held, not attempting as the history says"),
        ("active_seconds", 60, "active_seconds of job {} is 60, not 0 as the history says"),
        ("source", "retry", "source of job {} is retry, not new as the history says"),
    ],
)
def test_a_job_that_stands_otherwise_is_named(field: str, value: object, words: str) -> None:
    told = Told()
    told.plan()
    job = told.state.jobs[0]._replace(**{field: value})  # type: ignore[arg-type]
    assert differences(told.items, told.state.message, [job]) == [words.format(job.id)]


def test_a_message_or_a_job_of_which_the_history_says_nothing_is_named() -> None:
    told = Told()
    closed = told.state.message._replace(state=MessageState.DELIVERED)
    (words,) = differences(told.items, closed, told.state.jobs)
    assert words == "state of the message is delivered, not open as the history says"
    assert differences([], told.state.message, told.state.jobs) != []


def test_a_job_that_the_history_created_and_nobody_stores_is_named() -> None:
    told = Told()
    told.plan()
    (job,) = told.state.jobs
    (words,) = differences(told.items, told.state.message, [])
    assert words == f"job {job.id} is not there, though the history says so"


def test_a_job_that_waited_for_its_message_off_the_record_follows_from_the_record() -> None:
    """S3-33: a message that is not there has no history; once it is there, all is on record."""
    told = Told()
    (job,) = told.state.jobs
    lost = job._replace(state=JobState.HELD, reason=MESSAGE_MISSING, cue_at=None)
    told.state = told.state._replace(jobs=(lost._replace(next_at=later(minutes=15)),))
    assert told.differs == []
    told.plan(15)
    assert [item["data"].get("reason") for item in told.items if item["kind"] == "job.resumed"] == [
        "message_found"
    ]
    assert told.items[-1]["kind"] == "dial.started"
    assert told.differs == []
    assert replay(told.items).jobs[str(job.id)].active_seconds == 0


def test_a_review_and_what_became_of_it_follow_from_the_record() -> None:
    """S3-12, S3-38: who decided it, when, and how."""
    told = Told()
    misspelt = EditMessage(Amendment(text="No haet"), lambda words: {"haet"} & set(words))
    told.deed(misspelt, DISPATCHER, 1)
    proof = told.state.message.aside.proof
    assert proof is not None
    assert (replay(told.items).review, replay(told.items).verdict) == (proof.id, "open")
    assert told.differs == []
    told.deed(DecideReview(proof.id, "waived"), LEAD, 2)
    found = replay(told.items)
    assert (found.verdict, found.reviewed_by) == ("waived", "lead:L-7")
    assert found.reviewed_at == later(minutes=2)
    assert told.differs == []
    silent = told.state.message._replace(aside=NOTHING_ASIDE)
    assert len(differences(told.items, silent, told.state.jobs)) == 4
