"""A dispatch job: the promise that somebody hears of a message, and when it acts next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID

from gateway.domain.messages import Key, Priority
from gateway.domain.rows import copied_often

CLAIM_LASTS = timedelta(minutes=5)
REMIND_EVERY = timedelta(minutes=15)
# Why nothing: the message's words are to be reviewed, and its first attempt says so (S3-38).
TO_REVIEW = "to_review"
# Why held: the message, or its words, are not there (S3-33).
MESSAGE_MISSING = "message_missing"
# Why resumed: they are there again.
MESSAGE_FOUND = "message_found"


class JobState(StrEnum):
    """CONTRACT section 7; the last three are terminal."""

    PENDING = "pending"
    CLAIMED = "claimed"
    ATTEMPTING = "attempting"
    WAITING_REPLY = "waiting_reply"
    HELD = "held"
    PARKED = "parked"
    LIMIT_REACHED = "limit_reached"
    EXHAUSTED = "exhausted"
    COMPLETED = "completed"
    CANCELED = "canceled"
    CLOSED_LEFTOVER = "closed_leftover"

    __hash__ = str.__hash__  # an enum's own one is written in Python

    @property
    def terminal(self) -> bool:
        """True when nothing more will ever happen to the job."""
        return self in _TERMINAL


_TERMINAL = frozenset({JobState.COMPLETED, JobState.CANCELED, JobState.CLOSED_LEFTOVER})
# Nothing but a person takes a job out of these.
FOR_A_PERSON = frozenset({JobState.HELD, JobState.PARKED, JobState.LIMIT_REACHED})
OPEN_STATES = tuple(state for state in JobState if state not in _TERMINAL)


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody a person named for this job, out of turn (S3-66)."""

    contact: str
    reason: str


class Request(NamedTuple):
    """What a person asked to have sent again (S3-15): channel, contact, address, asked by whom.

    `id` is the request's own; `contact` a key, `office`, or the address masked.
    """

    id: str
    channel: str
    contact: str
    address: str
    by: str


@copied_often
class Round(NamedTuple):
    """One walk through the rotation: what governs it and who has had a turn.

    `paced` is false when a hold, a park or a person set the next instant, so that the time until
    then is no gap (S3-50). `walked` holds the slots that are done, as `step.repeat.contact`
    (`+1` behind a contact's second line of the step, and so on). `special` is the id of the special
    that governed it last. `wished`: a person asked for the round to come, which begins although the
    message waits for the office.
    """

    number: int = 0
    at: datetime | None = None
    open: bool = False
    protocol: str = ""
    schedule: str = ""
    document: int = 0
    cue_seconds: int = 900
    paced: bool = True
    walked: tuple[str, ...] = ()
    idle_seconds: int = 0
    special: str = ""
    wished: bool = False


@copied_often
class Job(NamedTuple):
    """One job. `due_at` is what was promised, `next_at` when it may be claimed (None: not at all).

    `request` is what a resend is to send; it has no rounds. `waits_for` is a phone that is on
    another call, or a channel (call, text) for which no number of ours may be used: the end of that
    wakes the job.
    `version` counts what was written to it, `fence` how often it was claimed; both are as read.
    """

    id: UUID
    key: Key
    priority: Priority
    source: str
    state: JobState
    created_at: datetime
    due_at: datetime | None
    next_at: datetime | None
    cue_at: datetime | None = None
    reason: str | None = None
    waits_for: str | None = None
    owner: str | None = None
    target: Target | None = None
    active_seconds: int = 0
    round: Round = Round()
    version: int = 0
    fence: int = 0
    request: Request | None = None

    def due_now(self, now: datetime, state: JobState = JobState.PENDING) -> Self:
        """Return the job ready to be planned at once."""
        return self._replace(state=state, due_at=now, next_at=now, waits_for=None)

    def ended(self, state: JobState) -> Self:
        """Return the job in a terminal state, never to be claimed again."""
        return self._replace(
            state=state, next_at=None, due_at=None, cue_at=None, waits_for=None, owner=None
        )


def next_round_at(start: datetime, cue: timedelta, now: datetime) -> datetime:
    """Return one cue after the round's start, else the next whole multiple of it (CONTRACT 4)."""
    return start + cue * max(1, -((start - now) // cue))
