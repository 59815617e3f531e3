"""Rows and what they mean: the one place where columns become domain objects and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.domain.attempts import Attempt, AttemptState
from gateway.domain.content import Content
from gateway.domain.jobs import Job, JobState, Round, Target
from gateway.domain.messages import Key, Message, MessageState, Priority
from gateway.store.pool import Record


def key_of(row: Record) -> Key:
    """Read the message's key from any row that carries it."""
    return Key(row["account"], row["month"], row["ucn"])


def message_from(row: Record) -> Message:
    """Read a message."""
    return Message(
        key=key_of(row),
        priority=Priority(row["priority"]),
        form=row["form"],
        taken_by=row["taken_by"],
        taken_at=row["taken_at"],
        state=MessageState(row["state"]),
        evidence=row["evidence"],
        delivered_to=row["delivered_to"],
        delivered_at=row["delivered_at"],
        sent=row["sent"],
        head_seq=row["head_seq"],
        head_hash=row["head_hash"],
    )


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


def round_from(row: Mapping[str, Any] | None) -> Round:
    """Read a job's round; none yet gives an empty one."""
    if not row:
        return Round()
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
    )


def round_to(job: Job) -> dict[str, Any] | None:
    """Write a job's round for its column."""
    one = job.round
    if not one.number and not one.schedule and one.paced:
        return None
    return {
        "number": one.number,
        "at": one.at.isoformat() if one.at else None,
        "open": one.open,
        "protocol": one.protocol,
        "schedule": one.schedule,
        "document": one.document,
        "cue_seconds": one.cue_seconds,
        "paced": one.paced,
        "walked": list(one.walked),
        "idle_seconds": one.idle_seconds,
        **({"special": one.special} if one.special else {}),
    }


def job_from(row: Record) -> Job:
    """Read a job."""
    target = row["target"]
    return Job(
        id=row["id"],
        key=key_of(row),
        priority=Priority(row["priority"]),
        source=row["source"],
        state=JobState(row["state"]),
        created_at=row["created_at"],
        due_at=row["due_at"],
        next_at=row["next_at"],
        cue_at=row["cue_at"],
        reason=row["reason"],
        waits_for=row["waits_for"],
        owner=row["owner"],
        target=Target(target["contact"], target["reason"]) if target else None,
        active_seconds=row["active_seconds"],
        round=round_from(row["round"]),
        version=row["version"],
        fence=row["fence"],
    )


def target_to(job: Job) -> dict[str, str] | None:
    """Write a job's target for its column."""
    return {"contact": job.target.contact, "reason": job.target.reason} if job.target else None


def attempt_from(row: Record) -> Attempt:
    """Read an attempt."""
    return Attempt(
        id=row["id"],
        key=key_of(row),
        job=row["job"],
        round=row["round"],
        slot=row["slot"],
        contact=row["contact"],
        address=row["address"],
        method=row["method"],
        source=row["source"],
        started_at=row["started_at"],
        check_at=row["check_at"],
        state=AttemptState(row["state"]),
        stage=row["stage"],
        step=row["step"],
        tries=row["tries"],
        answered_at=row["answered_at"],
        stage_at=row["stage_at"],
        holds_until=row["holds_until"],
        outcome=row["outcome"],
        ended_at=row["ended_at"],
        sender=row["sender"],
        sid=row["sid"],
        code=row["code"],
        prefetches=row["prefetches"],
    )
