"""The heart: what should happen next for a due job, and why. No I/O, no clock."""

from datetime import datetime, timedelta
from uuid import UUID

from gateway.domain import resends
from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.draft import Draft
from gateway.domain.heeding import stays_held
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import FOR_A_PERSON, MESSAGE_FOUND, MESSAGE_MISSING, Job, JobState
from gateway.domain.keeping import ENDS_BY_ITSELF, at_limit, lapsed, note_lapse
from gateway.domain.messages import Priority
from gateway.domain.rounds import (
    GAP_SHARE,
    begin_round,
    go_on_with,
    hold,
    remind,
    report_gap,
)
from gateway.domain.settling import governing, settle
from gateway.domain.state import State
from gateway.domain.taking_turns import next_turn

_INFO = Outcome.INFO
_NOBODY: frozenset[tuple[str, str]] = frozenset()
_CLAIMED, _HELD, _EMERGENCY = JobState.CLAIMED, JobState.HELD, Priority.EMERGENCY


def next_step(state: State, job_id: UUID, now: datetime, chance: Chance) -> Change:
    """Decide the next step of a due job: an attempt, a look, a wait, a hold or an end.

    `state` is everything known, `now` an aware instant; the same input gives the same change.
    """
    draft = Draft(state, now, chance)
    draft.document = state.document
    job = draft.job(job_id)
    if not _in_hands(job, now):  # else a person took it while it was about to be planned
        _step(draft, job)
    return draft.sealed()


def _step(draft: Draft, job: Job) -> None:
    account = draft.state.account
    if job.state.terminal:
        draft.keep(job._replace(next_at=None))
    elif job.request is not None:
        resends.step(draft, job, job.request)
    elif draft.message.closed and _is_leftover(draft, job):
        _close_leftover(draft, job)
    elif _waits_for_a_person(job):
        remind(draft, job)
    elif account is None or draft.state.content is None:
        _hold_for_want(draft, job, account)
    elif job.state is _HELD and job.reason == MESSAGE_MISSING:
        _go_on(draft, _found_again(draft, job), account)
    elif not (stays_held(draft, job, account) or lapsed(draft, job)):
        _go_on(draft, job, account)


def _hold_for_want(draft: Draft, job: Job, account: Account | None) -> None:
    """Without an account there is nobody to reach, without words nothing to tell (S3-33).

    A job past its limit is a lead's all the same.
    """
    if at_limit(job) and lapsed(draft, job):
        return
    if account is None:
        hold(draft, job, "account_missing", "The account of this message does not exist.")
    else:
        hold(draft, job, MESSAGE_MISSING, "The words of this message are missing.")


def _found_again(draft: Draft, job: Job) -> Job:
    """The message was not there, and is there again: nothing else holds the job (S3-33)."""
    words, state = "The message is there again: its dispatch goes on.", _nobodys(draft, job)
    facts: dict[str, Fact] = {"reason": MESSAGE_FOUND, "state": state.value}
    draft.note_facts("job.resumed", words, _INFO, facts, job)
    walk = job.round._replace(open=False, paced=False)
    job = job._replace(state=state, reason=None, round=walk)
    draft.keep(job)
    return job


def _in_hands(job: Job, now: datetime) -> bool:
    """Tell whether a person has the job: nothing is due of it, whoever was about to plan it."""
    lasting = job.next_at is None or job.next_at > now
    return lasting and job.state in {JobState.CLAIMED, JobState.PARKED}


def _waits_for_a_person(job: Job) -> bool:
    """Tell whether nothing but a person has the job go on, whatever is missing besides."""
    passing = job.state is _HELD and (job.reason in ENDS_BY_ITSELF or job.reason == MESSAGE_MISSING)
    return job.state in FOR_A_PERSON and not passing


def _is_leftover(draft: Draft, job: Job) -> bool:
    """Tell whether a job of a closed message is older than its delivery; a younger one runs."""
    delivered = draft.message.delivered_at
    return delivered is None or job.created_at <= delivered


def _close_leftover(draft: Draft, job: Job) -> None:
    """A job older than the delivery is a leftover and dials nobody (S3-30)."""
    draft.note("job.closed_leftover", "The message is already closed.", job=job.id)
    draft.keep(job.ended(JobState.CLOSED_LEFTOVER))


def _go_on(draft: Draft, job: Job, account: Account) -> None:
    if job.waits_for is not None or job.state is _CLAIMED:
        job = _let_go(draft, job)
    job = _report_gap(draft, job)
    for attempt in draft.attempts_of(job.id):
        if attempt.open:
            if not settle(draft, job, attempt, account):
                return
            job = draft.job(job.id)
    if _early(job, draft.now):
        draft.keep(job._replace(next_at=job.cue_at))
        return
    if job.round.open:
        roster = go_on_with(draft, job, account)
        governed = (governing(draft, job, account), roster) if roster else None
    else:
        governed = begin_round(draft, job, account)
    if governed is not None:
        next_turn(draft, draft.job(job.id), (account, *governed))


def _let_go(draft: Draft, job: Job) -> Job:
    """The job is nobody's, and due again: a claim that has come here has lapsed."""
    state = _nobodys(draft, job)
    if job.state is _CLAIMED:
        note_lapse(draft, job, state)
        if not job.round.open:
            job = draft.cancel_cue(job, "claim_lapsed")
    job = job._replace(waits_for=None, owner=None, state=state)
    draft.keep(job)
    return job


def _nobodys(draft: Draft, job: Job) -> JobState:
    """Return the state of a job that nobody claims, by what is open of it."""
    calling = any(a.open and a.is_call for a in draft.attempts_of(job.id))
    return JobState.ATTEMPTING if calling else JobState.PENDING


def _report_gap(draft: Draft, job: Job) -> Job:
    """A round that was to go on long ago stood still: a gap, which is no active time (S3-50).

    It was to go on after it began, though a clock that was set back and set right says otherwise:
    a round has no more gaps than time, or the active clock would go back.
    """
    walk, now = job.round, draft.now
    if not walk.open:
        return job
    first = (walk.at or now) + timedelta(seconds=walk.idle_seconds)
    late = now - max(job.next_at or now, first)
    if late > timedelta(seconds=walk.cue_seconds * GAP_SHARE):
        seconds = int(late.total_seconds())
        report_gap(draft, job, seconds)
        job = job._replace(round=walk._replace(idle_seconds=walk.idle_seconds + seconds))
        draft.keep(job)
    return job


def _early(job: Job, now: datetime) -> bool:
    """Tell whether only an attempt that held nothing brought the job here, before its cue."""
    between = not job.round.open and job.state is not _CLAIMED
    return between and job.cue_at is not None and now < job.cue_at
