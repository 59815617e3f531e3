"""Replaying: how a message and its jobs must stand, from nothing but its history. Pure.

Whatever the store holds otherwise was written without being put on record, or the other way round.
"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.domain.jobs import MESSAGE_MISSING, Job, JobState
from gateway.domain.messages import Message
from gateway.domain.replay_steps import OF_JOB, OF_MESSAGE
from gateway.domain.replayed import Item, JobAgain, MessageAgain

Facts = Mapping[str, tuple[object, object]]
"""What a row should hold by the history, and what it holds."""


def replay(items: Iterable[Item]) -> MessageAgain:
    """Return how a message and its jobs must stand after these items."""
    found = MessageAgain()
    for item in items:
        if (about := OF_MESSAGE.get(item["kind"])) is not None:
            about(found, item)
        if item["kind"] == "job.created":
            found.jobs[item["job"]] = JobAgain(str(item["data"].get("source")))
        job, change = found.jobs.get(item["job"] or ""), OF_JOB.get(item["kind"])
        if job is not None and change is not None:
            change(found, job, item)
    return found


def differences(items: Sequence[Item], message: Message, jobs: Sequence[Job]) -> list[str]:
    """Say, one line each, where a message and its jobs stand otherwise than their history says."""
    found = replay(items)
    lines = _compare("the message", _facts_of_message(found, message))
    for job in jobs:
        one = found.jobs.pop(str(job.id), JobAgain(""))
        if _held_off_record(job):
            one.pause("held")
            one.cue_at = None
        elif one.state == JobState.CLAIMED and job.state is JobState.LIMIT_REACHED:
            one.pause(job.state.value)  # a claim past the limit that lapsed meanwhile
        lines += _compare(f"job {job.id}", _facts_of_job(one, job))
    return [*lines, *(f"job {one} is not there, though the history says so" for one in found.jobs)]


def _facts_of_message(found: MessageAgain, mine: Message) -> Facts:
    park, proof = mine.aside.park, mine.aside.proof
    return {
        "state": (found.state, mine.state.value),
        "evidence": (found.evidence, mine.evidence),
        "delivered_to": (found.delivered_to, mine.delivered_to),
        "delivered_at": (found.delivered_at, mine.delivered_at),
        "park": (found.skill, park.skill if park else None),
        "am_review": (found.flagged, mine.aside.review is not None),
        "review": (found.review, proof.id if proof else None),
        "verdict": (found.verdict, proof.state if proof else None),
        "reviewed_by": (found.reviewed_by, proof.by if proof else None),
        "reviewed_at": (found.reviewed_at, proof.decided_at if proof else None),
    }


def _facts_of_job(one: JobAgain, job: Job) -> Facts:
    return {
        "source": (one.source, job.source),
        "state": (one.state, job.state.value),
        "cue_at": (one.cue_at, job.cue_at),
        "round": (one.round, job.round.number),
        "active_seconds": (one.active_seconds, job.active_seconds),
    }


def _held_off_record(job: Job) -> bool:
    """Tell whether a job was held while its message was not there to have a history (S3-33)."""
    return job.state is JobState.HELD and job.reason == MESSAGE_MISSING


def _compare(whose: str, facts: Facts) -> list[str]:
    return [
        f"{name} of {whose} is {stands}, not {should} as the history says"
        for name, (should, stands) in facts.items()
        if should != stands
    ]
