"""Parks: a message set aside for a person, its jobs paused until that person lets them go on.

Whoever parks has annotated the message since the last park (S3-13). A park is claimed by one
dispatcher at a time (S3-36); one that nobody claims alerts a lead every 15 minutes (S3-14).
"""

from datetime import datetime, timedelta
from typing import assert_never

from gateway.domain import by_hand, keeping
from gateway.domain.aside import Park
from gateway.domain.attempts import AttemptState
from gateway.domain.change import ErrandKind
from gateway.domain.deeds import (
    ClaimPark,
    ClosePark,
    ParkDeed,
    ParkMessage,
    Person,
    RefusedError,
    ReleasePark,
)
from gateway.domain.draft import Draft
from gateway.domain.events import ParkWaits
from gateway.domain.history import Outcome, stamp
from gateway.domain.jobs import CLAIM_LASTS, REMIND_EVERY, Job, JobState, next_round_at
from gateway.domain.wording import alerts


def do(draft: Draft, deed: ParkDeed, person: Person) -> None:
    """Do what a person does to a park; RefusedError says why it cannot be done."""
    match deed:
        case ParkMessage():
            _park(draft, deed, person)
        case ClaimPark():
            _claim(draft, _standing(draft), person)
        case ReleasePark():
            _end(draft, _kept(draft, person), "released")
        case ClosePark():
            _end(draft, _kept(draft, person), "closed")
        case _:
            assert_never(deed)


def _park(draft: Draft, deed: ParkMessage, person: Person) -> None:
    aside = draft.message.aside
    if not aside.annotated:
        words = "annotate the message first: nobody has since it was taken or last parked"
        raise RefusedError("not_annotated", words)
    if aside.park is not None:
        raise RefusedError("already_parked", f"the message is parked for {aside.park.skill}")
    words = f"Parked for {deed.skill}."
    draft.note("park.created", words, Outcome.SUCCESS, words=deed.text, skill=deed.skill)
    seq = draft.last_seq
    jobs = [job for job in draft.state.jobs if _pausable(draft.job(job.id))]
    held = tuple(str(job.id) for job in jobs if _held_for_a_person(draft.job(job.id)))
    for job in jobs:
        _pause(draft, draft.job(job.id))
    park = Park(seq, deed.skill, person.actor, draft.now, held)
    _keep(draft, park, annotated=False)
    _watch(draft, park, draft.after(REMIND_EVERY))


def _pausable(job: Job) -> bool:
    """Every open job but a resend: that always sends (S3-16)."""
    return not job.state.terminal and job.request is None


def _held_for_a_person(job: Job) -> bool:
    return job.state is JobState.HELD and job.reason not in keeping.ENDS_BY_ITSELF


def _pause(draft: Draft, job: Job) -> None:
    """Stop a job where it stands: what rings goes on ringing, nothing new begins (S3-13).

    The instant it was to come back at stays, for a park that is closed.
    """
    by_hand.let_go(draft, job)
    for attempt in draft.attempts_of(job.id):
        if attempt.open and attempt.state is AttemptState.DEFERRED:
            by_hand.cancel_attempt(draft, attempt)
    job = draft.cancel_cue(draft.job(job.id), "parked")
    draft.note("job.parked", "The job is parked with its message.", job=job.id)
    reason = keeping.AT_LIMIT if keeping.at_limit(job) else job.reason
    paused = job.round._replace(open=False, paced=False)
    job = job._replace(reason=reason, owner=None, waits_for=None, round=paused)
    draft.keep(job._replace(state=JobState.PARKED, next_at=None))


def _standing(draft: Draft) -> Park:
    park = draft.message.aside.park
    if park is None:
        raise RefusedError("not_parked", "the message is not parked")
    return park


def _kept(draft: Draft, person: Person) -> Park:
    """Return the park if this person may end it: their own, or any for a lead."""
    park = _standing(draft)
    owner = park.owner_at(draft.now)
    if person.leads or owner == person.actor:
        return park
    if owner is None:
        raise RefusedError("not_claimed", "claim the parked message first")
    raise RefusedError("claimed", f"{owner} works the parked message")


def _claim(draft: Draft, park: Park, person: Person) -> None:
    """Claim a park or renew one's claim; of several who try, one has it (S3-14, S3-36)."""
    owner = park.owner_at(draft.now)
    if owner not in {None, person.actor}:
        raise RefusedError("claimed", f"{owner} works the parked message")
    if owner is None:
        words = f"{person.name} works the parked message."
        draft.note("park.claimed", words, Outcome.SUCCESS, skill=park.skill)
    _keep(draft, park._replace(owner=person.actor, until=draft.after(CLAIM_LASTS)))
    _show_owner(draft, person.actor)


def renew(draft: Draft, person: Person) -> None:
    """Any call of its owner on the message renews the claim on its park."""
    park = draft.message.aside.park
    if park is not None and park.owner_at(draft.now) == person.actor:
        _keep(draft, park._replace(until=draft.after(CLAIM_LASTS)))


def refuse_kept(draft: Draft, job: Job, person: Person) -> None:
    """Refuse what is done to a parked job while somebody else works the parked message."""
    park = draft.message.aside.park
    owner = park.owner_at(draft.now) if park is not None else None
    if job.state is JobState.PARKED and owner not in {None, person.actor}:
        raise RefusedError("claimed", f"{owner} works the parked message")


def _end(draft: Draft, park: Park, how: str) -> None:
    """End a park: released, its jobs are due at once; closed, they go on in their own time."""
    word = {
        "released": "The parked message goes on.",
        "closed": "The parked message is dealt with.",
    }
    draft.note(f"park.{how}", word[how], Outcome.SUCCESS, skill=park.skill)
    draft.message = draft.message._replace(aside=draft.message.aside._replace(park=None))
    for one in draft.state.jobs:
        job = draft.job(one.id)
        if job.state is JobState.PARKED:
            held = str(job.id) in park.held
            _go_on(draft, job, f"park_{how}", held=held)


def _go_on(draft: Draft, job: Job, why: str, *, held: bool) -> None:
    """Have a parked job go on; what waited for a lead, an opening or a person waits for it still.

    Neither does a park take a job past its limit, nor does it open an office.
    """
    job = job._replace(owner=None)
    if held:
        again = draft.after(REMIND_EVERY)
        job = job._replace(state=JobState.HELD, due_at=draft.now, next_at=again)
    elif (waiting := keeping.put_back(draft, job)) is not None:
        job = waiting
    else:
        due = draft.now if why == "park_released" else _own_time(job, draft.now)
        reason = None if job.reason in keeping.ENDS_BY_ITSELF else job.reason
        job = job.due_now(due)._replace(reason=reason)
        if due > draft.now:
            job = job._replace(cue_at=due)
    state, due_at = job.state.value, stamp(job.next_at or draft.now)
    words = "The job goes on." if state == "pending" else "The job waits again as before."
    draft.note("job.resumed", words, job=job.id, reason=why, state=state, due_at=due_at)
    draft.keep(job)


def _own_time(job: Job, now: datetime) -> datetime:
    """Return when a job goes on by its own course: as it was promised, else at its next cue."""
    if job.due_at is not None and job.due_at > now:
        return job.due_at
    if job.round.at is None:
        return now
    return next_round_at(job.round.at, timedelta(seconds=job.round.cue_seconds), now)


def waited(draft: Draft, event: ParkWaits) -> None:
    """Alert a lead if nobody has the park, and look again; over is over (S3-14)."""
    park = draft.message.aside.park
    if park is None or park.seq != event.seq:
        return
    if park.until is not None and park.owner_at(draft.now) is not None:
        _watch(draft, park, park.until)
        return
    if park.owner is not None:
        _keep(draft, park._replace(owner=None, until=None))
        _show_owner(draft, None)
    about = alerts.About(draft.message.key.account, draft.message.key.ucn)
    line = alerts.parked(about, park.skill, draft.now - park.at)
    draft.alert_lead(None, "parked", line)
    _watch(draft, park, draft.after(REMIND_EVERY))


def _watch(draft: Draft, park: Park, at: datetime) -> None:
    draft.errand(ErrandKind.PARK_CHECK, at=at, seq=str(park.seq))


def _keep(draft: Draft, park: Park, *, annotated: bool | None = None) -> None:
    aside = draft.message.aside._replace(park=park)
    if annotated is not None:
        aside = aside._replace(annotated=annotated)
    draft.message = draft.message._replace(aside=aside)


def _show_owner(draft: Draft, owner: str | None) -> None:
    """Let the dispatch list name who works the jobs of the park."""
    for one in draft.state.jobs:
        job = draft.job(one.id)
        if job.state is JobState.PARKED:
            draft.keep(job._replace(owner=owner))
