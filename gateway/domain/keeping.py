"""Keeping: a person's claim on a job, while it lasts and when it lapses (CONTRACT section 7)."""

from datetime import datetime

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.draft import Draft
from gateway.domain.jobs import CLAIM_LASTS, FOR_A_PERSON, REMIND_EVERY, Job, JobState

# Why a claimed job may not simply go on: it was at its limit, waits for the office, or is held by a
# special of its account.
AT_LIMIT, OFFICE_OPEN, SPECIAL = "limit_reached", "office_open", "special"
# Held until an instant that is known: nobody need do anything.
ENDS_BY_ITSELF = frozenset({OFFICE_OPEN, SPECIAL})
# A person had it go on: whatever it waited for, it waits no longer.
BY_PERSON = "by_person"
_NEW = "new"


def at_limit(job: Job) -> bool:
    """Tell whether a job waits for a lead past its limit, also while it is claimed or parked."""
    taken_there = job.state in {JobState.CLAIMED, JobState.PARKED} and job.reason == AT_LIMIT
    return job.state is JobState.LIMIT_REACHED or taken_there


def kept_by_other(job: Job, person: Person, now: datetime) -> bool:
    """Tell whether somebody else holds a claim on the job that has not lapsed."""
    lasting = job.next_at is not None and job.next_at > now
    return job.state is JobState.CLAIMED and lasting and job.owner != person.actor


def in_hand(job: Job) -> bool:
    """Tell whether a person decides when the job goes on: a claim, a hold, a cue between rounds.

    The end of an attempt must then not make it due.
    """
    cued = job.cue_at is not None and not job.round.open
    return cued or job.state is JobState.CLAIMED or job.state in FOR_A_PERSON


def claim(draft: Draft, job: Job, person: Person) -> None:
    """Claim a job or renew one's claim; a job at its limit stays a lead's."""
    if job.state is not JobState.CLAIMED or job.owner != person.actor:
        if at_limit(job):
            job = job._replace(reason=AT_LIMIT)
        words = f"{person.name} works the job."
        draft.note("job.claimed", words, job=job.id, reason="by_person")
    if not job.round.open:
        # What a person's claim takes is neither active time nor a gap (S3-49), and a round that was
        # asked for before is theirs to make: no machine makes it when the claim is over.
        job = job._replace(round=job.round._replace(paced=False, wished=False))
    draft.keep(_until(draft, job._replace(state=JobState.CLAIMED, owner=person.actor)))


def renew(draft: Draft, person: Person) -> None:
    """Any call on a message renews the person's claims on its jobs."""
    for one in draft.state.jobs:
        job = draft.job(one.id)
        if job.state is JobState.CLAIMED and job.owner == person.actor:
            draft.keep(_until(draft, job))


def _until(draft: Draft, job: Job) -> Job:
    end = draft.after(CLAIM_LASTS)
    due = job.due_at if job.reason in ENDS_BY_ITSELF else end
    return job._replace(next_at=end, due_at=due, waits_for=None)


def given_back(draft: Draft, job: Job) -> bool:
    """Put a released or lapsed claim back to where it waited; False when the job goes on at once.

    At its limit it waits for a lead again, who is reminded; held for the office or by a special,
    for the end of that.
    """
    if job.state is not JobState.CLAIMED:
        return False
    waiting = put_back(draft, job)
    if waiting is not None:
        draft.keep(waiting)
    return waiting is not None


def lapsed(draft: Draft, job: Job) -> bool:
    """Put a claim that has lapsed back to where it waited; False when the job goes on at once."""
    waiting = put_back(draft, job) if job.state is JobState.CLAIMED else None
    if waiting is not None:
        note_lapse(draft, job, waiting.state)
        draft.keep(waiting)
    return waiting is not None


def note_lapse(draft: Draft, job: Job, state: JobState) -> None:
    """Put on record that a person's claim has lapsed, and how the job stands without it."""
    words = f"The claim of {job.owner} has lapsed."
    draft.note("job.resumed", words, job=job.id, reason="claim_lapsed", state=state.value)


def put_back(draft: Draft, job: Job) -> Job | None:
    """Return a job that people had as it waited before; None for one that goes on."""
    if job.reason == AT_LIMIT:
        again = draft.after(REMIND_EVERY)
        job = job._replace(state=JobState.LIMIT_REACHED, owner=None, next_at=again)
        return job._replace(due_at=draft.now)
    if job.reason in ENDS_BY_ITSELF and job.due_at is not None and job.due_at > draft.now:
        return job._replace(state=JobState.HELD, owner=None, next_at=job.due_at)
    return None


def refuse_past_limit(job: Job, person: Person) -> None:
    """Past the limit only a lead decides (S3-51)."""
    if at_limit(job) and not person.leads:
        raise RefusedError("limit_reached", "active dispatch is at its limit: a lead decides")


def source_of(job: Job) -> str:
    """Return where a job comes from as people see it (S3-02).

    new, forced_failed, resend; a new one that waits for an instant before its first round is
    scheduled, and one whose first round reached nobody a retry.
    """
    if job.source != _NEW:
        return job.source
    walk = job.round
    if walk.number > 1 or (walk.number and not walk.open):
        return "retry"
    waits = job.cue_at is not None or job.reason in ENDS_BY_ITSELF
    return "scheduled" if waits and not walk.number else _NEW
