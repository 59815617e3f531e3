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
from gateway.domain.jobs import FOR_A_PERSON, Job, JobState
from gateway.domain.keeping import ENDS_BY_ITSELF, lapsed, note_lapse
from gateway.domain.messages import Priority
from gateway.domain.protocols import Protocol
from gateway.domain.reach import begin_attempt
from gateway.domain.rounds import (
    GAP_SHARE,
    NEEDS_PERSON,
    about,
    begin_round,
    end_round,
    go_on_with,
    hold,
    remind,
    report_gap,
)
from gateway.domain.settling import governing, settle
from gateway.domain.state import State
from gateway.domain.turns import Slot
from gateway.domain.walk import had_a_turn, pause_until, slots, why_skipped
from gateway.domain.wording import alerts
from schedules.roster import Roster

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
    elif account is None:
        hold(draft, job, "account_missing", "The account of this message does not exist.")
    elif draft.state.content is None:
        hold(draft, job, "message_missing", "The words of this message are missing.")
    elif job.state in FOR_A_PERSON and not _held_for_a_while(job):
        remind(draft, job)
    elif not (stays_held(draft, job, account) or lapsed(draft, job)):
        _go_on(draft, job, account)


def _in_hands(job: Job, now: datetime) -> bool:
    """Tell whether a person has the job: nothing is due of it, whoever was about to plan it."""
    lasting = job.next_at is None or job.next_at > now
    return lasting and job.state in {JobState.CLAIMED, JobState.PARKED}


def _held_for_a_while(job: Job) -> bool:
    return job.state is _HELD and job.reason in ENDS_BY_ITSELF


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
        _walk(draft, draft.job(job.id), (account, *governed))


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
    """A round that was to go on long ago stood still: a gap, which is no active time (S3-50)."""
    if not job.round.open:
        return job
    late = draft.now - (job.next_at or draft.now)
    if late > timedelta(seconds=job.round.cue_seconds * GAP_SHARE):
        seconds = int(late.total_seconds())
        report_gap(draft, job, seconds)
        idle = job.round.idle_seconds + seconds
        job = job._replace(round=job.round._replace(idle_seconds=idle))
        draft.keep(job)
    return job


def _early(job: Job, now: datetime) -> bool:
    """Tell whether only an attempt that held nothing brought the job here, before its cue."""
    between = not job.round.open and job.state is not _CLAIMED
    return between and job.cue_at is not None and now < job.cue_at


def _walk(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> None:
    """Give the next person their turn, or end the round.

    With one person per cue, a rotation whose rest was passed over begins again in this round.
    """
    protocol, carried = governed[1], job.round.walked
    if _take_turn(draft, job, governed):
        return
    job = draft.job(job.id)
    if protocol.rotation == "one_per_cue" and carried and not _tried(draft, job):
        fresh = tuple(slot for slot in job.round.walked if slot not in carried)
        job = job._replace(round=job.round._replace(walked=fresh))
        draft.keep(job)
        if _take_turn(draft, job, governed):
            return
    end_round(draft, draft.job(job.id), protocol)


def _take_turn(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> bool:
    """Give the next person their turn, or wait or hold for one; False when nobody is left."""
    account, protocol, roster = governed
    tried = _tried(draft, job)
    one_done = protocol.rotation == "one_per_cue" and bool(tried)
    passed_over: str | None = None
    walked = frozenset(job.round.walked)
    for slot in slots(account, protocol, roster, job):
        if slot.id in walked:
            continue
        if one_done:
            end_round(draft, job, protocol, more=True)
            return True
        skipped = _skip(draft, job, slot, tried)
        if skipped:
            job = skipped
            continue
        if _taken(draft, job, slot):
            passed_over = passed_over or slot.address
            continue
        if not _needs_person(draft, job, slot, account):
            _turn(draft, job, slot, protocol)
        return True
    if passed_over:
        _wait_for_phone(draft, job, passed_over)
        return True
    return not tried and _wait_for_pause(draft, job, governed)


def _wait_for_pause(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> bool:
    """Wait for the first phone that only rests after a call, when there is nobody else at all.

    A lead has heard of each that was passed over; a whole cue would be too long for that.
    """
    found = [
        (until, slot.id)
        for slot in slots(*governed, job)
        if (until := pause_until(draft.state, job, slot, draft.now)) is not None
    ]
    if not found:
        return False
    resting = {slot for _, slot in found}
    walked = tuple(slot for slot in job.round.walked if slot not in resting)
    job = job._replace(round=job.round._replace(walked=walked), state=JobState.PENDING)
    draft.keep(job._replace(next_at=min(found)[0]))
    return True


def _taken(draft: Draft, job: Job, slot: Slot) -> bool:
    """Tell whether an emergency passes over a phone in use; it takes the next person meanwhile."""
    in_use = slot.method == "call" and slot.address in draft.state.busy
    return in_use and job.priority is _EMERGENCY


def _turn(draft: Draft, job: Job, slot: Slot, protocol: Protocol) -> None:
    """Reach somebody now, or wait for the end of the call that has their phone."""
    if slot.address and slot.method == "call" and slot.address in draft.state.busy:
        _wait_for_phone(draft, job, slot.address)
    else:
        begin_attempt(draft, job, slot, protocol)


def _tried(draft: Draft, job: Job) -> frozenset[tuple[str, str]]:
    """Return whom this round has tried, and in which slot."""
    mine, number = draft.attempts_of(job.id), job.round.number
    return frozenset([(a.contact, a.slot) for a in mine if a.round == number]) if mine else _NOBODY


def _skip(draft: Draft, job: Job, slot: Slot, tried: frozenset[tuple[str, str]]) -> Job | None:
    """Pass over a turn that goes to nobody, and say why; None when it may be taken."""
    why = why_skipped(draft.state, job, slot, draft.now)
    if why is None and tried and had_a_turn(slot, tried):
        why = "duplicate", "they had their turn in this round"
    if why is None:
        return None
    reason, words = why
    name = draft.state.contact_name(slot.contact)
    facts: dict[str, Fact] = {"contact": slot.contact, "reason": reason, **draft.newer(job)}
    facts["source"] = slot.line.source
    draft.note_facts("contact.skipped", f"{name} is passed over: {words}.", _INFO, facts, job)
    if reason == "rate_limited":
        _alert_limit(draft, job, slot)
    job = job._replace(round=job.round._replace(walked=(*job.round.walked, slot.id)))
    draft.keep(job)
    return job


def _alert_limit(draft: Draft, job: Job, slot: Slot) -> None:
    """Nobody is passed over for a limit without a lead hearing of it (CONTRACT section 4)."""
    who = alerts.Reached(draft.state.contact_name(slot.contact), slot.address or "")
    draft.alert_lead(job.id, "rate_limited", alerts.rate_limited(about(job), who))


def _needs_person(draft: Draft, job: Job, slot: Slot, account: Account) -> bool:
    """A contact whose notes need a person is not dialed by a machine (S3-71)."""
    contact = account.contacts.get(slot.contact)
    if contact is None or not contact.requires_human:
        return False
    walked = job.round._replace(walked=(*job.round.walked, slot.id))
    words = f"{contact.name} must be contacted by a person."
    hold(draft, job._replace(round=walked), NEEDS_PERSON, words)
    return True


def _wait_for_phone(draft: Draft, job: Job, phone: str) -> None:
    """Wait for the end of the call that has the phone (one open call per phone)."""
    draft.waits_for = phone
    until = draft.state.busy[phone]
    draft.keep(job._replace(waits_for=phone, next_at=max(until, draft.now), state=JobState.PENDING))
