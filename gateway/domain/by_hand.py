"""By hand: what people relay, deliver, cancel and note themselves."""

from typing import Any

from gateway.domain import keeping
from gateway.domain.attempts import Attempt
from gateway.domain.change import ErrandKind
from gateway.domain.closing import deliver, stop_everything
from gateway.domain.deeds import Annotate, DeliverBy, Person, RefusedError, Report
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome, stamp
from gateway.domain.jobs import Job, JobState, next_round_at
from gateway.domain.messages import Message, MessageState
from gateway.domain.protocols import DEFAULT_PROTOCOL, Protocol
from gateway.domain.rounds import hold

# What people may always deliver by, whatever the protocol says (CONTRACT section 4).
ALWAYS = frozenset({"human", "check_in"})


def refuse_closed(message: Message) -> None:
    """Refuse what is done to a delivered or canceled message: it needs nobody any more."""
    if message.state is MessageState.DELIVERED:
        to = f" to {message.delivered_to}" if message.delivered_to else ""
        raise RefusedError("already_delivered", f"the message was delivered{to} before")
    if message.state is MessageState.CANCELED:
        raise RefusedError("message_canceled", "the message was canceled")


def refuse_stranger(draft: Draft, contact: str) -> None:
    """Refuse a name that is none of the account's contacts."""
    account = draft.state.account
    if account is None or contact not in account.contacts:
        raise RefusedError("unknown_contact", f"the account has no contact {contact!r}")


def let_go(draft: Draft, job: Job) -> None:
    """Wait no longer for replies; their codes stay good, and calls go on to their end."""
    for attempt in draft.attempts_of(job.id):
        if attempt.open and not (attempt.is_call or attempt.is_inbound):
            draft.keep(attempt.over("canceled"))


def report(draft: Draft, job: Job, deed: Report) -> None:
    """Record a person's own call: relayed delivers, not relayed comes back at the cue (S3-76)."""
    refuse_stranger(draft, deed.contact)
    name = draft.state.contact_name(deed.contact)
    _note_words(draft, deed.note, job)
    who, job_id = deed.contact, job.id
    if deed.relayed:
        words = f"Relayed to {name} by a person."
        facts: dict[str, Any] = {"contact": who, "source": "person", "evidence": "human"}
        draft.note("relay.accepted", words, Outcome.SUCCESS, job=job_id, **facts)
        deliver(draft, "human", who, None)
        return
    words = f"Not relayed to {name}; a person tried."
    facts = {"contact": who, "source": "person", "reason": "not_relayed"}
    if job.state is JobState.CLAIMED and (waiting := keeping.put_back(draft, job)):
        facts["state"] = waiting.state.value  # it waits again as before it was claimed
    draft.note("relay.declined", words, Outcome.FAILURE, job=job_id, **facts)
    let_go(draft, job)
    if not keeping.given_back(draft, draft.job(job.id)):
        _back_at_cue(draft, draft.job(job.id))


def _back_at_cue(draft: Draft, job: Job) -> None:
    cue = _governing(draft, job).cue
    due = next_round_at(job.round.at or draft.now, cue, draft.now)
    kept = job.reason if job.reason == "requires_human" else None
    job = job._replace(owner=None, reason=kept, target=None, waits_for=None)
    job = job._replace(round=job.round._replace(open=False, paced=False, wished=False))
    draft.set_cue(draft.cancel_cue(job, "not_relayed"), due, "not_relayed", JobState.PENDING)


def _governing(draft: Draft, job: Job) -> Protocol:
    """Return the protocol of the job's round, else the one that governs now."""
    account = draft.state.account
    if account is None:
        return DEFAULT_PROTOCOL
    named = (one for one in account.protocols if one.name == job.round.protocol)
    message = draft.message
    now = account.protocol_for(message.priority.word, message.form, draft.now)
    return next(named, now)


def cancel_job(draft: Draft, job: Job) -> None:
    """End a job and what it has under way; the message stays as it is."""
    for attempt in draft.attempts_of(job.id):
        if attempt.open:
            cancel_attempt(draft, attempt)
    current = draft.cancel_cue(draft.job(job.id), "canceled")
    draft.note("job.canceled", "The job is canceled.", Outcome.SUCCESS, job=job.id)
    draft.keep(current.ended(JobState.CANCELED))


def cancel_attempt(draft: Draft, attempt: Attempt) -> None:
    """End an open attempt; a call is hung up."""
    if attempt.is_call:
        words = f"The call to {draft.state.contact_name(attempt.contact)} is canceled."
        draft.note("dial.canceled", words, attempt=attempt, contact=attempt.contact)
        draft.errand(ErrandKind.HANG_UP, attempt)
    draft.keep(attempt.over("canceled"))


def deliver_by(draft: Draft, deed: DeliverBy, person: Person) -> None:
    """Deliver by hand; past the limit only a lead does (S3-37, S3-51)."""
    refuse_closed(draft.message)
    jobs = [job for job in draft.state.jobs if not job.state.terminal]
    for job in jobs:
        keeping.refuse_past_limit(job, person)
    if deed.to is not None:
        refuse_stranger(draft, deed.to)
    taken = ALWAYS.union(*(_governing(draft, job).evidence for job in jobs))
    if deed.evidence not in taken:
        words = f"{deed.evidence!r} is no evidence here; there is {', '.join(sorted(taken))}"
        raise RefusedError("bad_evidence", words)
    _note_words(draft, deed.note)
    deliver(draft, deed.evidence, deed.to, None)


def annotate(draft: Draft, deed: Annotate, person: Person) -> None:
    """Add an annotation; its directive, if it has one, stops or holds the message (S3-44)."""
    if deed.directive is not None:
        refuse_closed(draft.message)
        for job in draft.state.jobs:
            keeping.refuse_past_limit(job, person)
    _note_words(draft, deed.text, directive=deed.directive)
    if deed.directive == "disregard":
        _disregard(draft)
    elif deed.directive == "hold_for_office":
        _hold_for_office(draft)


def _note_words(
    draft: Draft, words: str | None, job: Job | None = None, *, directive: str | None = None
) -> None:
    """Put a person's own words on record, erasable and for inside only (S3-34)."""
    if not words:
        return
    facts: dict[str, Any] = {"directive": directive} if directive else {}
    of = job.id if job else None
    draft.note("annotation.added", "Annotation added.", job=of, words=words, **facts)
    noted = draft.message.aside._replace(annotated=True)
    draft.message = draft.message._replace(aside=noted)


def _disregard(draft: Draft) -> None:
    draft.message = draft.message._replace(state=MessageState.CANCELED)
    words = "The message is to be disregarded."
    draft.note("message.canceled", words, Outcome.SUCCESS, reason="disregard")
    stop_everything(draft, JobState.CANCELED, "disregard")


def _hold_for_office(draft: Draft) -> None:
    """Dial nobody until the office opens; without an office a lead decides (S3-44).

    It stands until then, whatever single rounds people ask for meanwhile.
    """
    account = draft.state.account
    opening = account.next_opening(draft.now) if account else None
    aside = draft.message.aside._replace(office_until=opening)
    draft.message = draft.message._replace(aside=aside)
    for one in draft.state.jobs:
        if one.state.terminal or one.request is not None:
            continue
        for attempt in draft.attempts_of(one.id):
            if attempt.open:
                cancel_attempt(draft, attempt)
        job = draft.cancel_cue(draft.job(one.id), "hold_for_office")
        job = job._replace(owner=None, target=None, waits_for=None)
        job = job._replace(round=job.round._replace(open=False, paced=False, wished=False))
        facts: dict[str, Any] = {"due_at": stamp(opening)} if opening else {}
        until = f" until it opens at {stamp(opening)}" if opening else "; a lead decides when"
        words = f"Held for the office{until}."
        draft.note("hold.set", words, job=job.id, reason="hold_for_office", **facts)
        if opening is None:
            _for_a_lead(draft, job)
        else:
            held = job._replace(state=JobState.HELD, reason=keeping.OFFICE_OPEN)
            draft.keep(held._replace(due_at=opening, next_at=opening))


def _for_a_lead(draft: Draft, job: Job) -> None:
    actor, draft.actor = draft.actor, "gateway"
    hold(draft, job, "hold_for_office", "The message waits for an office that has no hours.")
    draft.actor = actor
