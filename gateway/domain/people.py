"""People: what a person's deed makes of a message and its jobs. Pure, like `absorb`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from gateway.domain import by_hand, keeping, parks, proofs, resends
from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.deeds import (
    Aim,
    Annotate,
    AnswerReview,
    CancelJob,
    Claim,
    ClaimPark,
    ClosePark,
    DecideReview,
    Deed,
    DeliverBy,
    EditMessage,
    JobDeed,
    NameSchedule,
    ParkMessage,
    Person,
    RefusedError,
    Release,
    ReleasePark,
    Report,
    Resend,
    Resume,
    SetCue,
)
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome, stamp
from gateway.domain.jobs import Job, JobState, Target
from gateway.domain.messages import Message, MessageState
from gateway.domain.state import State


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed writes, how message and jobs stand afterwards, and the message as it was."""

    change: Change
    message: Message
    jobs: tuple[Job, ...]
    before: Message


def do(state: State, deed: Deed, person: Person, now: datetime, chance: Chance) -> Done:
    """Do a person's deed; RefusedError says by its code why it cannot be done."""
    draft = Draft(state, now, chance)
    draft.actor = person.actor
    keeping.renew(draft, person)
    parks.renew(draft, person)
    match deed:
        case DeliverBy():
            by_hand.deliver_by(draft, deed, person)
        case Annotate():
            by_hand.annotate(draft, deed, person)
        case ParkMessage() | ClaimPark() | ReleasePark() | ClosePark():
            parks.do(draft, deed, person)
        case Resend():
            resends.ask(draft, deed, person)
        case EditMessage() | DecideReview():
            proofs.do(draft, deed)
        case AnswerReview():
            resends.answer(draft, deed)
        case _:
            _work(draft, deed, person)
    jobs = tuple(draft.job(job.id) for job in state.jobs)
    change = draft.sealed()
    jobs += change.opened
    return Done(change, change.message or state.message, jobs, state.message)


def _work(  # noqa: C901, PLR0912 - one arm a deed
    draft: Draft, deed: JobDeed, person: Person
) -> None:
    job = _workable(draft, deed, person)
    match deed:
        case Claim():
            keeping.claim(draft, job, person)
        case Release():
            _release(draft, job)
        case Resume():
            _resume(draft, job)
        case SetCue():
            _set_cue(draft, job, deed, person)
        case Aim():
            _aim(draft, job, deed)
        case NameSchedule():
            _name_schedule(draft, job, deed)
        case Report():
            by_hand.report(draft, job, deed)
        case CancelJob():
            by_hand.cancel_job(draft, job)
        case _:
            assert_never(deed)


def _workable(draft: Draft, deed: JobDeed, person: Person) -> Job:
    """Return the job if this person may do anything to it now."""
    job = draft.job(deed.job)
    if job.state.terminal:
        raise RefusedError("job_ended", f"the job is {job.state.value.replace('_', ' ')}")
    if job.request is not None and not isinstance(deed, CancelJob):
        raise RefusedError("is_resend", "a resend goes by itself")
    if not isinstance(deed, CancelJob):
        by_hand.refuse_closed(draft.message)
    alone = isinstance(deed, Claim) or not person.leads
    if alone and keeping.kept_by_other(job, person, draft.now):
        raise RefusedError("claimed", f"{job.owner} works the job")
    if alone:
        parks.refuse_kept(draft, job, person)
    if draft.message.state is MessageState.OPEN:
        keeping.refuse_past_limit(job, person)
    return job


def _release(draft: Draft, job: Job) -> None:
    if job.state is not JobState.CLAIMED:
        raise RefusedError("not_claimed", "nobody has claimed the job")
    waiting = keeping.put_back(draft, job)
    state = (waiting.state if waiting else JobState.PENDING).value
    draft.note("job.resumed", "The job is released.", job=job.id, reason="released", state=state)
    if not keeping.given_back(draft, job):
        _due(draft, job, "released")


def _resume(draft: Draft, job: Job) -> None:
    draft.note("job.resumed", "The job goes on.", job=job.id, reason="resumed")
    by_hand.let_go(draft, job)
    _due(draft, draft.job(job.id), "resumed")
    _wish(draft, draft.job(job.id))


def _wish(draft: Draft, job: Job) -> None:
    """Where no round is open, the one that begins next is a person's wish: that one begins."""
    if not job.round.open:
        draft.keep(job._replace(round=job.round._replace(wished=True)))


def _due(draft: Draft, job: Job, why: str) -> None:
    """Have a job planned at once and nobody's any more."""
    draft.make_due(job.id, why)
    due = draft.job(job.id)
    kept = {"schedule_named", "requires_human"}
    reason = job.reason if job.reason in kept else "by_person"
    draft.keep(due._replace(owner=None, reason=reason))


def _next_round(draft: Draft, job: Job, why: str) -> None:
    """Leave the round where it stands and have a new one begin at once."""
    by_hand.let_go(draft, job)
    _due(draft, draft.job(job.id), why)
    due = draft.job(job.id)
    _wish(draft, due._replace(round=due.round._replace(open=False)))


def _set_cue(draft: Draft, job: Job, deed: SetCue, person: Person) -> None:
    if not person.leads and not deed.directed_by:
        raise RefusedError("lead_needed", "a cue is set at a lead's direction: name the lead")
    by_hand.let_go(draft, job)
    job = draft.cancel_cue(draft.job(job.id), "cue_set")
    due = draft.after(timedelta(minutes=deed.minutes))
    words = f"Back at {stamp(due)}, as {person.name} set it."
    draft.note(
        "cue.set",
        words,
        Outcome.SUCCESS,
        job=job.id,
        due_at=stamp(due),
        reason="by_person",
        minutes=deed.minutes,
        directed_by=deed.directed_by,
    )
    job = job.due_now(due)._replace(cue_at=due, owner=None, reason=None, target=None)
    _wish(draft, job._replace(round=job.round._replace(open=False, paced=False)))


def _aim(draft: Draft, job: Job, deed: Aim) -> None:
    by_hand.refuse_stranger(draft, deed.contact)
    words = f"Next is {draft.state.contact_name(deed.contact)}, out of turn."
    draft.note("target.override", words, job=job.id, contact=deed.contact, reason=deed.reason)
    _next_round(draft, job, "target")
    draft.keep(draft.job(job.id)._replace(target=Target(deed.contact, deed.reason)))


def _name_schedule(draft: Draft, job: Job, deed: NameSchedule) -> None:
    account = draft.state.account
    name = next(_schedules(account, deed.name), None) if account else None
    if name is None:
        raise RefusedError("unknown_schedule", f"there is no schedule {deed.name!r}")
    words = f"The schedule {name} is named for the message."
    draft.note("schedule.selected", words, job=job.id, schedule=name, reason="by_person")
    _next_round(draft, job, "schedule_named")
    due = draft.job(job.id)
    draft.keep(due._replace(reason="schedule_named", round=due.round._replace(schedule=name)))


def _schedules(account: Account, wanted: str) -> Iterator[str]:
    """Give the schedule of that name; case does not tell names apart."""
    folded = wanted.strip().casefold()
    return (name for name in account.schedules if name.casefold() == folded)
