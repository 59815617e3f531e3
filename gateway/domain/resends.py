"""Resends: a message sent again because somebody asks for it, whatever was sent before (S3-15…18).

Each is a job of its own, of source `resend`, with one attempt on the same street as every other. It
belongs to no round, wants no answer, and runs on a message that is delivered, too.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from gateway.domain import settling
from gateway.domain.aside import Review
from gateway.domain.attempts import REFUSED, UNSURE_AFTER, WIRE_LASTS, Attempt, AttemptState
from gateway.domain.change import MailOut, TextOut, Wire
from gateway.domain.deeds import AnswerReview, Person, RefusedError, Resend
from gateway.domain.draft import Draft
from gateway.domain.flags import Flags
from gateway.domain.history import Outcome, stamp
from gateway.domain.jobs import Job, JobState, Request
from gateway.domain.masking import mask_address
from gateway.domain.months import attempt_id
from gateway.domain.reach import STARTS, new_link
from gateway.domain.recipients import recipient
from gateway.domain.rounds import about
from gateway.domain.state import State
from gateway.domain.wording import alerts, mail, phrases, text

SOURCE: Final = "resend"
# A second request within this long goes to the account manager (S3-18).
AGAIN_WITHIN: Final = timedelta(days=7)
# A text the carrier took, and of which it says nothing worse in this long, counts as sent.
_TAKEN_FOR: Final = timedelta(minutes=5)
_VALID_SECONDS: Final = 14_400
_SENT: Final = frozenset({"sent", "accepted", "read"})


def asked_again(jobs: Iterable[Job], mine: Job) -> bool:
    """Tell whether another resend was asked for in the seven days before this one (S3-18)."""
    mine_id = mine.request.id if mine.request else ""
    others = (job.created_at for job in jobs if job.request and job.request.id != mine_id)
    return any(at <= mine.created_at <= at + AGAIN_WITHIN for at in others)


def ask(draft: Draft, deed: Resend, person: Person) -> None:
    """Put a request on record with its job, once per request id; RefusedError if it cannot be."""
    before = _earlier(draft.state, deed.request_id)
    if before is not None:
        _refuse_another(before, deed)
        return
    contact, address = _whom(draft, deed)
    _refuse_flagged(deed, deed.flags)
    masked = mask_address(address)
    words = f"{person.name} asks to have the message sent again by {deed.channel}."
    facts: dict[str, Any] = {"contact": contact, "address": masked, "method": deed.channel}
    request_id = deed.request_id
    draft.note("resend.requested", words, channel=deed.channel, request_id=request_id, **facts)
    job = _job(draft, Request(request_id, deed.channel, contact, address, person.actor))
    due = stamp(draft.now)
    created = "A job to send the message again."
    draft.note("job.created", created, Outcome.SUCCESS, job=job.id, source=SOURCE, due_at=due)
    draft.open(job)
    if asked_again(draft.state.jobs, job):
        _flag(draft)


def _earlier(state: State, request_id: str) -> Job | None:
    """Return the job of a request that came before under the same id (S3-16)."""
    return next((j for j in state.jobs if j.request and j.request.id == request_id), None)


def _job(draft: Draft, request: Request) -> Job:
    return Job(
        id=draft.chance.uuid(),
        key=draft.message.key,
        priority=draft.message.priority,
        source=SOURCE,
        state=JobState.PENDING,
        created_at=draft.now,
        due_at=draft.now,
        next_at=draft.now,
        request=request,
    )


def _refuse_another(before: Job, deed: Resend) -> None:
    """A repeat is answered as the first was; the same id for something else is a mistake."""
    first = before.request
    same = first and first.channel == deed.channel and deed.to in {first.contact, first.address}
    if not same:
        raise RefusedError("request_id_used", "that request id was used for another resend")


def _whom(draft: Draft, deed: Resend) -> tuple[str, str]:
    account = draft.state.account
    if account is None:
        raise RefusedError("unknown_account", "the account of the message does not exist")
    if draft.state.content is None:
        raise RefusedError("message_erased", "the words of the message were erased")
    try:
        return recipient(account, deed.channel, deed.to)
    except ValueError as fault:
        raise RefusedError("bad_recipient", str(fault)) from None


def _refuse_flagged(deed: Resend, flags: Flags | None) -> None:
    if flags and flags.suspended:
        raise RefusedError("suspended", f"the number is suspended: {flags.reason}")
    if flags and flags.opted_out:
        raise RefusedError("opted_out", f"the number of {deed.to} opted out of texts")


def _flag(draft: Draft) -> None:
    """The second request within seven days goes to the account manager, and a lead hears of it."""
    aside = draft.message.aside
    if aside.review is not None:
        return
    words = "The message was asked for again: the account manager is to look at it."
    draft.note("am_review.flagged", words, reason=SOURCE)
    draft.open_case("resend")
    flagged = aside._replace(review=Review(draft.last_seq, draft.now))
    draft.message = draft.message._replace(aside=flagged)
    key = draft.message.key
    draft.alert_lead(None, "am_review", alerts.asked_again(alerts.About(key.account, key.ucn)))


def answer(draft: Draft, deed: AnswerReview) -> None:
    """The account manager says what came of it; the message is flagged no longer."""
    if draft.message.aside.review is None:
        raise RefusedError("not_flagged", "the message is not flagged for the account manager")
    said = "The account manager has looked at it."
    draft.note("annotation.added", said, words=deed.text, reason="am_review")
    aside = draft.message.aside._replace(review=None, annotated=True)
    draft.message = draft.message._replace(aside=aside)


def step(draft: Draft, job: Job, request: Request) -> None:
    """Do what is next for a resend that is due: send, send again, look it up, or end it."""
    attempts = draft.attempts_of(job.id)
    if not attempts:
        _begin(draft, job, request)
        return
    attempt = attempts[-1]
    if _verdict(attempt) is None:
        _look_after(draft, job, request, attempt)
    heard(draft)


def _begin(draft: Draft, job: Job, request: Request) -> None:
    flags = draft.state.flags.get(request.address)
    if draft.state.account is None or draft.state.content is None:
        _fail(draft, job, request, "message_missing")
    elif flags and (flags.suspended or flags.opted_out):
        _fail(draft, job, request, "suspended" if flags.suspended else "opted_out")
    else:
        _send(draft, job, request)


def _send(draft: Draft, job: Job, request: Request) -> None:
    """Commit the intent; the wire is touched after it."""
    attempt = Attempt(
        id=attempt_id(draft.chance, job.key, draft.now),
        key=job.key,
        job=job.id,
        round=0,
        slot=SOURCE,
        contact=request.contact,
        address=request.address,
        method=request.channel,
        source=SOURCE,
        started_at=draft.now,
        check_at=draft.after(UNSURE_AFTER),
    )
    draft.note(
        STARTS[request.channel][0],
        f"Sending the message again to {draft.state.contact_name(request.contact)}.",
        Outcome.INITIATED,
        attempt=attempt,
        contact=request.contact,
        address=mask_address(request.address),
        method=request.channel,
        source=SOURCE,
        reason=f"asked for by {request.by}",
    )
    draft.wire = _wire(draft, job, attempt)
    draft.sent = True
    draft.keep(attempt, job._replace(state=JobState.ATTEMPTING, next_at=attempt.check_at))


def _wire(draft: Draft, job: Job, attempt: Attempt) -> Wire | None:
    """Write the words: the whole message, or only a link where details may not leave."""
    account, content = draft.state.account, draft.state.content
    if account is None or content is None:
        return None
    name, priority, ucn = account.name, job.priority.word, job.key.ucn
    linked = account.phi or attempt.method == "secure"
    url = new_link(draft, attempt) if linked else None
    deadline = draft.now + WIRE_LASTS
    if "@" in attempt.address:
        letter = (
            mail.linked(name, priority, ucn, url)
            if url
            else mail.details(name, priority, ucn, content)
        )
        return MailOut(attempt.id, attempt.address, letter.subject, letter.body, deadline)
    paged = text.linked_only(name, priority, url) if url else text.copy(name, priority, content)
    return TextOut(attempt.id, attempt.address, *paged, _VALID_SECONDS, deadline)


def _look_after(draft: Draft, job: Job, request: Request, attempt: Attempt) -> None:
    """See to an attempt of which it is not known yet what became of it."""
    if draft.now < attempt.check_at:
        draft.keep(job._replace(next_at=attempt.check_at))
    elif attempt.state is AttemptState.DEFERRED:
        _send_again(draft, job, request, attempt)
    elif not attempt.on_the_wire and draft.now - attempt.started_at >= _TAKEN_FOR:
        draft.keep(attempt.over("sent"))
    else:
        settling.look(draft, job, attempt)


def _send_again(draft: Draft, job: Job, request: Request, attempt: Attempt) -> None:
    """Put what was definitely not taken on the wire once more."""
    flags = draft.state.flags.get(request.address)
    if flags and (flags.suspended or flags.opted_out):
        draft.keep(attempt.over("skipped"))
        return
    again = attempt.again(draft.now)
    draft.wire = _wire(draft, job, again)
    draft.keep(again, job._replace(next_at=again.check_at))


def heard(draft: Draft) -> None:
    """End the resends of which it is known by now what became of them."""
    for one in draft.state.jobs:
        if one.request is None or draft.job(one.id).state.terminal:
            continue
        attempts = draft.attempts_of(one.id)
        verdict = _verdict(attempts[-1]) if attempts else None
        if verdict:
            _succeed(draft, draft.job(one.id), one.request, attempts[-1])
        elif verdict is False:
            _fail(draft, draft.job(one.id), one.request, _why(attempts[-1]))


def _why(attempt: Attempt) -> str:
    return "failed" if attempt.outcome in {None, REFUSED} else str(attempt.outcome)


def _verdict(attempt: Attempt) -> bool | None:
    """Tell whether the other side took it; None while that is not known.

    A mail server's acceptance is enough. A text must be on the phone, or have been replied to: the
    carrier takes numbers that no text will ever reach.
    """
    if attempt.outcome is not None:
        return attempt.outcome in _SENT
    return True if attempt.state is AttemptState.ARRIVED else None


def _succeed(draft: Draft, job: Job, request: Request, attempt: Attempt) -> None:
    """Say on the message that it was done (S3-17), and end the job."""
    draft.keep(attempt.over("sent"))
    account = draft.state.account
    when = phrases.moment(draft.now, account.zone) if account else stamp(draft.now)
    draft.note(
        "annotation.added",
        f"Sent again by {request.channel}.",
        Outcome.SUCCESS,
        attempt=attempt,
        words=f"resent via {request.channel} to {request.address} at {when}",
        contact=request.contact,
        address=mask_address(request.address),
        method=request.channel,
        source=SOURCE,
        request_id=request.id,
    )
    draft.note("job.completed", "The job is completed.", Outcome.SUCCESS, job=job.id)
    draft.keep(job.ended(JobState.COMPLETED))


def _fail(draft: Draft, job: Job, request: Request, why: str) -> None:
    """End a resend that did not come off; a lead sees to it, nothing claims it was done (S3-17)."""
    words = f"Sending the message again by {request.channel} failed."
    draft.note("job.canceled", words, Outcome.FAILURE, job=job.id, reason=why, source=SOURCE)
    line = alerts.resend_failed(about(job), request.channel, why)
    draft.alert_lead(job.id, "resend_failed", line)
    draft.keep(job.ended(JobState.CANCELED))
