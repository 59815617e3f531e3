"""Rounds: how one begins (what governs it, who is on call) and how it ends without delivery."""

from datetime import datetime, timedelta

from gateway.domain.accounts import Account
from gateway.domain.change import ErrandKind
from gateway.domain.choosing import unfit
from gateway.domain.draft import Draft
from gateway.domain.heeding import heeded, roster_for
from gateway.domain.history import Fact, Outcome, stamp
from gateway.domain.jobs import REMIND_EVERY, Job, JobState, Round, next_round_at
from gateway.domain.keeping import BY_PERSON, OFFICE_OPEN
from gateway.domain.lint import missing_delivery_field
from gateway.domain.protocols import SECOND, Protocol
from gateway.domain.walk import slots, turns_of
from gateway.domain.wording import alerts, phrases
from schedules.roster import Roster

# A round that begins this share of a cue late was a gap in the dispatch (S3-50: 1.5 cues).
GAP_SHARE = 0.5
# Why a job goes by the schedule its round names: a person named it, for every round to come.
NAMED = "schedule_named"
# The next in the rotation must be contacted by a person (S3-71).
NEEDS_PERSON = "requires_human"
_INFO = Outcome.INFO


def about(job: Job) -> alerts.About:
    """Name a job for an alert: account number and UCN (S3-51)."""
    return alerts.About(job.key.account, job.key.ucn)


def hold(draft: Draft, job: Job, reason: str, words: str, told: str | None = None) -> None:
    """Put a job into a lead's hands; it reminds every 15 minutes until somebody claims it.

    `told` is what a lead is alerted with, where the reason alone would not be clear.
    """
    draft.note("job.held", words, Outcome.FAILURE, job=job.id, reason=reason)
    draft.alert_lead(job.id, reason, alerts.held(about(job), told or reason))
    ended = job.round._replace(open=False, paced=False)
    again = draft.after(REMIND_EVERY)
    draft.keep(
        job._replace(
            state=JobState.HELD,
            reason=reason,
            round=ended,
            due_at=draft.now,
            next_at=again,
            cue_at=None,
        )
    )


def remind(draft: Draft, job: Job) -> None:
    """Alert a lead again about a job that still waits for a person."""
    waited = draft.now - (job.due_at or draft.now)
    line = alerts.still_waiting(about(job), job.state.value, waited)
    reason = job.reason if job.state is JobState.HELD else None
    draft.alert_lead(job.id, reason or job.state.value, line)
    draft.keep(job._replace(next_at=draft.after(REMIND_EVERY)))


def _schedule(draft: Draft, job: Job, account: Account) -> str | None:
    """Return the schedule to go by; None when the job is held for want of one (S3-89)."""
    chosen = job.round.schedule
    if (job.round.open or job.reason == NAMED) and chosen.casefold() in account.names:
        return chosen
    fields = draft.state.content.fields if draft.state.content else {}
    schedule = account.schedule_for(fields, draft.message.form)
    if schedule is None:
        words = _why_none(draft, account)
        hold(draft, job, "no_schedule", words, told=words[0].lower() + words[1:-1])
    return schedule


def _why_none(draft: Draft, account: Account) -> str:
    """Say why no schedule is chosen: mostly the field that would select it is missing (S3-12)."""
    content, form = draft.state.content, draft.message.form
    field = missing_delivery_field(content, form, account) if content else None
    if field is None:
        return unfit(account, content.fields if content else {}, form)
    return f"The field {field}, which selects the schedule, is missing."


def go_on_with(draft: Draft, job: Job, account: Account) -> Roster | None:
    """Return whom an open round goes on with; its schedule is chosen anew if the document lost it.

    None when the job is held instead.
    """
    schedule = _schedule(draft, job, account)
    if schedule is None or heeded(draft, job, account) is None:
        return None
    return roster_for(account, job, schedule, draft.now, draft.state.specials)


def begin_round(draft: Draft, job: Job, account: Account) -> tuple[Protocol, Roster] | None:
    """Open the next round; None when the job is held instead."""
    message = draft.message
    schedule = _schedule(draft, job, account)
    if schedule is None:
        return None
    job = _account_for_time(draft, job)
    draft.note_facts("job.claimed", "The job is due.", _INFO, {"round": job.round.number + 1}, job)
    heeding = heeded(draft, job, account)
    if heeding is None:
        return None
    job = heeding
    protocol = account.protocol_for(message.priority.word, message.form, draft.now)
    if _waits_for_opening(draft, job, account, protocol):
        return None
    begun = Round(
        number=job.round.number + 1,
        at=draft.now,
        open=True,
        protocol=protocol.name,
        schedule=schedule,
        document=draft.state.document,
        cue_seconds=protocol.cue // SECOND,
        walked=_carried(job, protocol),
        special=job.round.special,
    )
    reason = NAMED if job.reason == NAMED else None
    job = job._replace(cue_at=None, reason=reason, round=begun)
    draft.keep(job)
    return _resolve(draft, job, account, protocol)


def _carried(job: Job, protocol: Protocol) -> tuple[str, ...]:
    """With one person per cue, the walk goes on where the last round left it."""
    one_per_cue = protocol.rotation == "one_per_cue" and protocol.name == job.round.protocol
    # Whoever only a person may contact has had that person's turn.
    goes_on = one_per_cue or job.reason == NEEDS_PERSON
    return job.round.walked if goes_on and not job.target else ()


def _resolve(
    draft: Draft, job: Job, account: Account, protocol: Protocol
) -> tuple[Protocol, Roster] | None:
    version, schedule = draft.state.document, job.round.schedule
    words = f"The protocol {protocol.name} governs this round."
    governs: dict[str, Fact] = {"document": version, "protocol": protocol.name}
    draft.note_facts("protocol.selected", words, _INFO, governs, job)
    if len(account.schedules) > 1:
        words = f"The schedule {schedule} fits the message."
        draft.note("schedule.selected", words, job=job.id, schedule=schedule)
    roster = roster_for(account, job, schedule, draft.now, draft.state.specials)
    if roster.blank and not _say_blank(draft, job, (account, protocol, roster)):
        return None
    people = turns_of(account, protocol, roster).people
    words = f"On call: {people or 'nobody'}."
    listed: dict[str, Fact] = {"contacts": people, "document": version, "schedule": schedule}
    draft.note_facts("oncall.resolved", words, _INFO, listed, job)
    return protocol, roster


def _say_blank(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> bool:
    """Put a blank schedule on record; a lead hears of it once per account and local day."""
    words = "Nobody is scheduled at this instant."
    draft.note("schedule.blank", words, job=job.id, schedule=job.round.schedule)
    account = governed[0]
    if next(slots(*governed, job), None) is None:
        hold(draft, job, "blank", "Nobody is scheduled and the permanent list is empty.")
        return False
    if not draft.state.blank_told:
        day = account.local_date(draft.now)
        draft.blank_day = day
        line = alerts.blank_schedule(about(job), job.round.schedule, day)
        draft.alert_lead(job.id, "blank", line)
    return True


def _account_for_time(draft: Draft, job: Job) -> Job:
    """Add the time since the last round to the active clock, or report it as a gap (S3-49, 50)."""
    last = job.round
    if last.at is None or job.due_at is None or not last.paced:
        return job
    if draft.now - job.due_at > timedelta(seconds=last.cue_seconds * GAP_SHARE):
        report_gap(draft, job, int((draft.now - last.at).total_seconds()))
        return job
    passed = int((draft.now - last.at).total_seconds()) - last.idle_seconds
    return job._replace(active_seconds=job.active_seconds + max(0, passed))


def report_gap(draft: Draft, job: Job, seconds: int) -> None:
    """Put a gap on record and tell the dispatchers (S3-50)."""
    words = f"No attempt was made for {seconds // 60} minutes."
    draft.note("gap.detected", words, Outcome.FAILURE, job=job.id, seconds=seconds)
    draft.open_case("gap", job.id)
    line = alerts.gap(about(job), timedelta(seconds=seconds))
    draft.note("dispatch.alerted", line, Outcome.INITIATED, job=job.id, reason="gap")
    draft.errand(ErrandKind.ALERT, sink="dispatch", reason="gap", text=line)


def _waits_for_opening(draft: Draft, job: Job, account: Account, protocol: Protocol) -> bool:
    """Hold a job until the office opens: as a directive has it, or its protocol.

    A directive stands until then, but for a round that a person asked for (S3-43, S3-44); a
    protocol's hold is one before the first round.
    """
    directed = draft.message.aside.office_until
    if directed is not None and draft.now < directed and not job.round.wished:
        _hold_until(draft, job, directed, "hold_for_office")
        return True
    begun = job.round.number or job.target or job.reason == BY_PERSON
    if protocol.hold != OFFICE_OPEN or begun or account.office_open(draft.now):
        return False
    opening = account.next_opening(draft.now)
    if opening is None:
        hold(draft, job, OFFICE_OPEN, "The message waits for the office, which never opens.")
    else:
        _hold_until(draft, job, opening, OFFICE_OPEN)
    return True


def _hold_until(draft: Draft, job: Job, opening: datetime, why: str) -> None:
    """Hold a job until the office opens; what passes meanwhile is no gap (S3-50)."""
    words = f"Held until the office opens at {stamp(opening)}."
    draft.note("hold.set", words, job=job.id, due_at=stamp(opening), reason=why)
    draft.note("job.held", words, job=job.id, due_at=stamp(opening), reason=OFFICE_OPEN)
    paused = job.round._replace(paced=False)
    draft.keep(
        job._replace(
            state=JobState.HELD,
            reason=OFFICE_OPEN,
            due_at=opening,
            next_at=opening,
            cue_at=None,
            round=paused,
        )
    )


def end_round(draft: Draft, job: Job, protocol: Protocol, *, more: bool = False) -> None:
    """Close a round that delivered nothing: the limit, or exhaustion, and the next cue."""
    tried = any(a.round == job.round.number for a in draft.attempts_of(job.id))
    at = job.round.at or draft.now
    walked = job.round.walked if more else ()
    job = job._replace(target=None, round=job.round._replace(open=False, paced=True, walked=walked))
    if timedelta(seconds=job.active_seconds) >= protocol.limit:
        _reach_limit(draft, job)
        return
    due = next_round_at(at, protocol.cue, draft.now)
    state = JobState.PENDING
    if not tried:
        state = JobState.EXHAUSTED
        words = "Nobody could be tried in this round."
        draft.note("job.exhausted", words, Outcome.FAILURE, job=job.id, round=job.round.number)
        draft.open_case("exhausted", job.id)
        draft.alert_lead(job.id, "exhausted", alerts.exhausted(about(job), _local(draft, due)))
    draft.set_cue(job, due, "next_round", state)


def _reach_limit(draft: Draft, job: Job) -> None:
    minutes = job.active_seconds // 60
    words = f"Active dispatch reached its limit after {minutes} minutes."
    facts: dict[str, Fact] = {"active_minutes": minutes, **draft.newer(job)}
    draft.note_facts("limit.reached", words, Outcome.FAILURE, facts, job)
    draft.open_case("limit_reached", job.id)
    active = timedelta(seconds=job.active_seconds)
    draft.alert_lead(job.id, "limit", alerts.limit_reached(about(job), active))
    again = draft.after(REMIND_EVERY)
    draft.keep(
        job._replace(state=JobState.LIMIT_REACHED, due_at=draft.now, next_at=again, cue_at=None)
    )


def _local(draft: Draft, at: datetime) -> str:
    """Say an instant in the account's own time, for people."""
    account = draft.state.account
    return phrases.moment(at, account.zone) if account else stamp(at)
