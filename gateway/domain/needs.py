"""Needs: what a decision leaves to people, so that their sessions hear of it at once (S3-61)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from gateway.domain.change import Change, ErrandKind
from gateway.domain.jobs import Job, JobState
from gateway.domain.rounds import NEEDS_PERSON

PAST_DUE = "past_due"
PARKED = "parked"
AM_REVIEW = "am_review"
CALLBACK_SKILL = "callback"


class WorkKind(StrEnum):
    """What kind of work something is (S3-05): each reaches only those who do it (S3-03)."""

    DISPATCH = "dispatch"
    REVIEW = "review"
    CALLBACK = "callback"


class Need(NamedTuple):
    """Something needs a person: `reason` is what sessions are told, `why` the job's own code word.

    Reasons: held, requires_human, limit, exhausted, parked, past_due, special, am_review.
    """

    kind: WorkKind
    reason: str
    job: UUID | None = None
    why: str | None = None


def needs_of(change: Change) -> tuple[Need, ...]:
    """Return what a change leaves to people; nearly all changes leave nothing.

    Whatever is left to people alerts them, or watches over a park: without an errand it is nothing.
    """
    return tuple(_found(change)) if change.errands else ()


def _found(change: Change) -> Iterator[Need]:
    told = {
        (errand.payload or {}).get("reason")
        for errand in change.errands
        if errand.kind is ErrandKind.ALERT and (errand.payload or {}).get("sink") == "lead"
    }
    if told:
        yield from (need for job in change.jobs if (need := _of_job(job)))
    if PARKED in told or any(item.kind == "park.created" for item in change.items):
        yield Need(_kind_of_park(change), PARKED, next((job.id for job in change.jobs), None))
    if AM_REVIEW in told:
        yield Need(WorkKind.REVIEW, AM_REVIEW)


def _of_job(job: Job) -> Need | None:
    match job.state:
        case JobState.HELD:
            reason = NEEDS_PERSON if job.reason == NEEDS_PERSON else "held"
        case JobState.LIMIT_REACHED:
            reason = "limit"
        case JobState.EXHAUSTED:
            reason = "exhausted"
        case _:
            return None
    return Need(WorkKind.DISPATCH, reason, job.id, job.reason)


def _kind_of_park(change: Change) -> WorkKind:
    """A message parked for the skill Callback is a call back; all others are dispatch work."""
    park = change.message.aside.park if change.message else None
    return kind_of_skill(park.skill if park else "")


def kind_of_skill(skill: str) -> WorkKind:
    """Return the kind of work that a park for a skill is, whatever its case."""
    return WorkKind.CALLBACK if skill.casefold() == CALLBACK_SKILL else WorkKind.DISPATCH
