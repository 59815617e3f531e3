"""Closing: the one transaction that ends everything, and how one attempt ends by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.change import ErrandKind
from gateway.domain.deliveries import asked_for
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import FOR_A_PERSON, Job, JobState
from gateway.domain.keeping import in_hand
from gateway.domain.messages import MessageState
from gateway.domain.protocols import DEFAULT_PROTOCOL

_BY_PHONE: Final = frozenset({"key_press", "reply_code"})
END_HEARD_BY: Final = timedelta(minutes=1)
"""The last words on a call and the carrier's word of its end take less than this."""


def deliver(draft: Draft, evidence: str, contact: str | None, attempt: Attempt | None) -> None:
    """Mark the message delivered and stop everything else about it (S3-19, S3-20, S3-75)."""
    name = draft.state.contact_name(contact) if contact else "the client"
    draft.message = draft.message._replace(
        state=MessageState.DELIVERED,
        evidence=evidence,
        delivered_to=contact,
        delivered_at=draft.now,
    )
    words = f"Delivered to {name}; evidence: {evidence.replace('_', ' ')}."
    facts: dict[str, Fact] = {"contact": contact} if contact else {}
    if attempt is not None:
        facts |= _judged_by(draft, draft.job(attempt.job))
    draft.note_facts(
        "message.delivered", words, Outcome.SUCCESS, {"evidence": evidence, **facts}, attempt
    )
    draft.deliveries = asked_for(draft.state.account, draft.message, "delivered", draft.now)
    if contact is not None and evidence in _BY_PHONE:
        _open_field_job(draft, contact)
    stop_everything(draft, JobState.COMPLETED, "delivered", keep=attempt)


def _open_field_job(draft: Draft, contact: str) -> None:
    """Have a field job opened for who accepted, where the message's form says so (S1-03)."""
    account, form = draft.state.account, draft.message.form
    rules = account.forms.get(form) if account is not None and form else None
    if rules is not None and rules.field_job is not None:
        draft.errand(ErrandKind.FIELD_JOB, contact=contact)


def _judged_by(draft: Draft, job: Job) -> Mapping[str, Fact]:
    """Name the document whose protocol took the evidence, where no round has named it before."""
    if job.request is not None and draft.state.document:
        return {"document": draft.state.document}
    return draft.newer(job)


def stop_everything(draft: Draft, state: JobState, why: str, keep: Attempt | None = None) -> None:
    """End every job and every open attempt of the message; `keep` is the one that succeeded."""
    for job in draft.state.jobs:
        if draft.job(job.id).state.terminal or job.request is not None:
            continue  # a resend always sends (S3-16)
        _stop_attempts(draft, job, keep)
        current = draft.cancel_cue(draft.job(job.id), why)
        word = "completed" if state is JobState.COMPLETED else "canceled"
        draft.note(f"job.{word}", f"The job is {word}.", Outcome.SUCCESS, job=job.id)
        draft.keep(current.ended(state))


def _stop_attempts(draft: Draft, job: Job, keep: Attempt | None) -> None:
    for attempt in draft.attempts_of(job.id):
        if not attempt.open or (keep and attempt.id == keep.id):
            continue
        if attempt.is_call:
            name = draft.state.contact_name(attempt.contact)
            words = f"The call to {name} is canceled."
            draft.note("dial.canceled", words, attempt=attempt, contact=attempt.contact)
            draft.errand(ErrandKind.HANG_UP, attempt)
        draft.keep(attempt.over("canceled"))


def end_attempt(draft: Draft, attempt: Attempt, outcome: str) -> None:
    """End one attempt without delivery; the job goes on to the next person at once.

    Unless a person decides when it does: the end of an attempt takes nothing out of their hands.
    """
    was_holding = attempt.open and (attempt.is_call or attempt.holds_until is not None)
    draft.keep(attempt.over(outcome))
    job = draft.job(attempt.job)
    if was_holding and not in_hand(job) and not job.state.terminal and not draft.message.closed:
        draft.make_due(job.id, outcome)


def hear_its_end(draft: Draft, attempt_id: UUID) -> None:
    """See to it that the end of a call is heard of on which all has been said.

    Until then it has the phone. The carrier tells of it in a moment; should that get lost, the call
    is hung up, which shows that it is over.
    """
    before, attempt = draft.state.attempt(attempt_id), draft.attempt(attempt_id)
    decided = before.outcome is None and attempt.outcome is not None
    if decided and attempt.ended_at is None and attempt.is_call and not attempt.is_inbound:
        draft.errand(ErrandKind.HANG_UP, attempt, draft.now + END_HEARD_BY)


def look_in(draft: Draft, job: Job, at: datetime) -> None:
    """Have a job planned at `at` for an attempt's sake, unless a person has it in hand."""
    if job.state not in FOR_A_PERSON and job.state is not JobState.CLAIMED:
        draft.keep(job._replace(next_at=at))


def counts(draft: Draft, attempt: Attempt, evidence: str) -> bool:
    """Tell whether the governing protocol takes this evidence for delivery (S3-11, A7)."""
    account, job = draft.state.account, draft.job(attempt.job)
    name = job.round.protocol
    if account is not None and job.request is not None:
        message = draft.message
        name = account.protocol_for(message.priority.word, message.form, draft.now).name
    protocols = account.protocols if account else ()
    governing = next((p for p in protocols if p.name == name), DEFAULT_PROTOCOL)
    return evidence in governing.evidence
