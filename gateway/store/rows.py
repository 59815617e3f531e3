"""Rows and what they mean: the one place where columns become domain objects and back.

Rows are read by place, which is several times faster than by name: every query that is read here
begins with a table's columns in the table's own order, which is (but for the attempts' times) the
order of the fields that they become.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from gateway.domain.attempts import Attempt, AttemptState
from gateway.domain.content import Content
from gateway.domain.jobs import Job, JobState, Request, Round, Target
from gateway.domain.messages import Key, Message, MessageState, Priority
from gateway.store.asides import aside_from
from gateway.store.pool import Record

JOB_COLUMNS: Final = 19
_JOB_REQUEST: Final = 21
_KEY_COLUMNS: Final = 3
_MESSAGE_COLUMNS: Final = 14
_ATTEMPT_COLUMNS: Final = 27
# Looking a value up is cheaper than calling its enumeration.
_PRIORITIES: Final = tuple(Priority)
_MESSAGE_STATES: Final = {one.value: one for one in MessageState}
_JOB_STATES: Final = {one.value: one for one in JobState}
_ATTEMPT_STATES: Final = {one.value: one for one in AttemptState}
_NO_ROUND: Final = Round()


@lru_cache(maxsize=64)
def instant(seconds: float | None) -> datetime | None:
    """Read an instant from seconds since 1970, exact to the microsecond.

    Those of a fresh message and its job are mostly one, and looking it up costs a quarter.
    """
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def seconds(at: datetime | None) -> float | None:
    """Write an instant as seconds since 1970."""
    return at.timestamp() if at is not None else None


def key_of(row: Record) -> Key:
    """Read the message's key from any row that carries it."""
    return Key(row["account"], row["month"], row["ucn"])


def message_from(row: Record) -> Message:
    """Read a message."""
    key = Key(*row[:_KEY_COLUMNS])
    message = message_of(key, row[_KEY_COLUMNS:_MESSAGE_COLUMNS])
    aside = row.get("aside")
    return message._replace(aside=aside_from(aside)) if aside else message


def message_of(key: Key, columns: Sequence[Any]) -> Message:
    """Read a message from its columns after the key."""
    priority, form, by, at, state, *rest = columns
    return Message(key, _PRIORITIES[priority], form, by, at, _MESSAGE_STATES[state], *rest)


def content_from(words: Mapping[str, Any] | None) -> Content | None:
    """Read a message's details; None where they were erased or never stood."""
    if words is None:
        return None
    caller = words.get("caller") or {}
    return Content(
        text=words.get("text", ""),
        caller_name=caller.get("name"),
        caller_phone=caller.get("phone"),
        fields=words.get("fields") or {},
    )


def content_to(content: Content) -> dict[str, Any]:
    """Write a message's details for their column."""
    caller = {"name": content.caller_name, "phone": content.caller_phone}
    return {"text": content.text, "caller": caller, "fields": dict(content.fields)}


def round_from(row: Mapping[str, Any] | None) -> Round:
    """Read a job's round; none yet gives an empty one."""
    if not row:
        return _NO_ROUND
    at = row["at"]
    return Round(
        number=row["number"],
        at=datetime.fromisoformat(at) if at else None,
        open=row["open"],
        protocol=row["protocol"],
        schedule=row["schedule"],
        document=row["document"],
        cue_seconds=row["cue_seconds"],
        paced=row["paced"],
        walked=tuple(row["walked"]),
        idle_seconds=row.get("idle_seconds", 0),
        special=row.get("special", ""),
        wished=row.get("wished", False),
    )


def round_to(job: Job) -> dict[str, Any] | None:
    """Write a job's round for its column."""
    one = job.round
    if not one.number and not one.schedule and one.paced and not one.wished:
        return None
    return {
        "number": one.number,
        "at": one.at,
        "open": one.open,
        "protocol": one.protocol,
        "schedule": one.schedule,
        "document": one.document,
        "cue_seconds": one.cue_seconds,
        "paced": one.paced,
        "walked": one.walked,
        "idle_seconds": one.idle_seconds,
        **({"special": one.special} if one.special else {}),
        **({"wished": True} if one.wished else {}),
    }


def request_to(job: Job) -> dict[str, str] | None:
    """Write what a resend is to send for its column."""
    return job.request._asdict() if job.request else None


def job_from(row: Record) -> Job:
    """Read a job."""
    return job_of(row[:JOB_COLUMNS], row.get("request"))


def job_in(columns: Sequence[Any]) -> Job:
    """Read a job from all columns of its table, which have no names here."""
    return job_of(columns[:JOB_COLUMNS], columns[_JOB_REQUEST])


def job_of(columns: Sequence[Any], request: Mapping[str, str] | None = None) -> Job:
    """Read a job from its columns; the lease is none of its business."""
    id_, account, month, ucn, priority, source, state, *columns = columns
    *plain, target, active, round_, version, fence = columns
    named = Target(target["contact"], target["reason"]) if target else None
    asked = Request(**request) if request else None
    begun = id_, Key(account, month, ucn), _PRIORITIES[priority], source, _JOB_STATES[state]
    return Job._make((*begun, *plain, named, active, round_from(round_), version, fence, asked))


def target_to(job: Job) -> dict[str, str] | None:
    """Write a job's target for its column."""
    return {"contact": job.target.contact, "reason": job.target.reason} if job.target else None


def attempt_from(row: Sequence[Any]) -> Attempt:
    """Read an attempt; one that is intended and has a SID has been sent (`note_placed`)."""
    id_, account, month, ucn, *columns = row[:_ATTEMPT_COLUMNS]
    *plain, state, stage, step, tries, started_at, check_at = columns[:13]
    *middle, sid, code, prefetches, rides = columns[13:]
    stands = _ATTEMPT_STATES[state]
    if sid is not None and stands is AttemptState.INTENDED:
        stands = AttemptState.SENT
    moved = started_at, check_at, stands, stage, step, tries
    key = Key(account, month, ucn)
    return Attempt._make((id_, key, *plain, *moved, *middle, sid, code, prefetches, rides))
