"""The heart: what should happen next for a due job, and why. No I/O, no clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gateway.domain import detours, resends
from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.draft import Draft
from gateway.domain.heeding import stays_held
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import FOR_A_PERSON, MESSAGE_FOUND, MESSAGE_MISSING, Job, JobState
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
from gateway.domain.walk import had_a_turn, slots, why_skipped
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
    elif account is None or draft.state.content is None:
        _hold_for_want(draft, job, account)
    elif job.state is _HELD and job.reason == MESSAGE_MISSING:
        _go_on(draft, _found_again(draft, job), account)
    elif job.state in FOR_A_PERSON and not _held_for_a_while(job):
        remind(draft, job)
    elif not (stays_held(draft, job, account) or lapsed(draft, job)):
        _go_on(draft, job, account)


def _hold_for_want(draft: Draft, job: Job, account: Account | None) -> None:
    """Without an account there is nobody to reach, without words nothing to tell (S3-33)."""
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
    passed: list[tuple[Slot, str | None]] = []
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
        turn = _way(draft, job, slot, (protocol, passed))
        if turn is None:
            continue
        if not _needs_person(draft, job, turn, account):
            _note_passed(draft, job, passed)
            _turn(draft, job, turn, protocol)
        return True
    return _wait(draft, job, passed)


def _way(
    draft: Draft, job: Job, slot: Slot, so_far: tuple[Protocol, list[tuple[Slot, str | None]]]
) -> Slot | None:
    """Return a turn as it can be taken now; one that has to wait is passed over, not used up."""
    protocol, passed = so_far
    channel = detours.shut(draft.state, slot)
    turn = detours.detour(draft.state, job, slot, protocol, draft.now) if channel else slot
    if turn is None or _taken(draft, job, turn):
        passed.append((slot, channel) if turn is None else (turn, None))
        return None
    return turn


def _note_passed(draft: Draft, job: Job, passed: Sequence[tuple[Slot, str | None]]) -> None:
    for slot, channel in passed:
        if channel is not None:
            detours.note_passed(draft, job, slot, channel)


def _wait(draft: Draft, job: Job, passed: Sequence[tuple[Slot, str | None]]) -> bool:
    """Wait for the first phone that is in use, or else for a channel; False for neither."""
    phone = next((slot.address for slot, channel in passed if channel is None), None)
    if phone is not None:
        _wait_for_phone(draft, job, phone)
        return True
    return any(detours.wait(draft, job, slot, channel or "") for slot, channel in passed[:1])


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
