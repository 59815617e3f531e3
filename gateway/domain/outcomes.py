"""Outcomes: what the carrier and the mail server say became of an attempt."""

from datetime import timedelta

from gateway.domain.attempts import (
    DOUBT_LOOK,
    FIRST_LOOK,
    LOST_AFTER,
    MACHINE,
    REFUSED,
    Attempt,
    AttemptState,
)
from gateway.domain.closing import counts, deliver, end_attempt, look_in
from gateway.domain.draft import Draft
from gateway.domain.events import (
    AlertFailed,
    AlertReached,
    Doubt,
    MailAccepted,
    NotFound,
    Progress,
    Refusal,
)
from gateway.domain.history import Outcome
from gateway.domain.jobs import JobState
from gateway.domain.letters import suspend_texts
from gateway.domain.rounds import about
from gateway.domain.script import pick_up
from gateway.domain.wording import alerts

# A refused attempt goes out again within this long; after that the next person has their turn.
TRY_FOR = timedelta(seconds=30)
_MOST_PATIENT = 15.0
OPT_OUT_CODE = 21610
_FAMILY = {"call": "dial", "sms": "sms", "secure": "sms", "email": "email"}
_WORDS = {
    "busy": "The line of {} was busy.",
    "no_answer": "{} did not answer.",
    "failed": "The call to {} failed.",
    "canceled": "The call to {} was canceled.",
    "hung_up": "{} hung up without accepting.",
}
_CALL_FINAL = frozenset({"busy", "no_answer", "failed", "canceled", "completed"})
_RISES = {
    "queued": AttemptState.SENT,
    "sending": AttemptState.SENT,
    "sent": AttemptState.SENT,
    "ringing": AttemptState.RINGING,
    "answered": AttemptState.ANSWERED,
    "delivered": AttemptState.ARRIVED,
    "read": AttemptState.ARRIVED,
}


def refused(draft: Draft, event: Refusal) -> None:
    """A definite no: again a little later where that is safe, else the next person at once."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open:
        _free(draft, attempt)
        return
    wait = min(event.after or 2.0 ** min(attempt.tries, 3), _MOST_PATIENT)
    retry_at = draft.after(timedelta(seconds=wait))
    wanted = not draft.message.closed or draft.job(attempt.job).request is not None
    if event.again and retry_at - attempt.started_at <= TRY_FOR and wanted:
        _free(draft, attempt, ended=False)
        draft.keep(attempt._replace(state=AttemptState.DEFERRED, check_at=retry_at))
        look_in(draft, draft.job(attempt.job), retry_at)
        return
    _fail(draft, attempt, event.code, event.words)
    ended = draft.attempt(attempt.id)
    if event.number and ended.outcome == "failed":
        draft.keep(ended._replace(outcome=REFUSED))
    if event.ours:
        job = draft.job(attempt.job)
        line = alerts.carrier_refuses(about(job), event.code, event.words)
        draft.alert_lead(job.id, "carrier_refuses", line)


def _fail(draft: Draft, attempt: Attempt, code: int | None, words: str) -> None:
    """Put a failure on record, free the phone and go on."""
    name = draft.state.contact_name(attempt.contact)
    kind = f"{_FAMILY[attempt.method]}.failed"
    draft.note(
        kind,
        f"Reaching {name} by {attempt.method} failed.",
        Outcome.FAILURE,
        attempt=attempt,
        contact=attempt.contact,
        code=str(code) if code is not None else None,
        reason=words,
    )
    _free(draft, attempt)
    if code == OPT_OUT_CODE:
        suspend_texts(draft, attempt, attempt.contact, "STOP")
        return
    end_attempt(draft, draft.attempt(attempt.id), "failed")


def _free(draft: Draft, attempt: Attempt, *, ended: bool = True) -> None:
    """Let go of the callee's phone; those who wait for it are woken by the store."""
    if attempt.is_call:
        draft.freed.append(attempt.id)
    if ended and attempt.ended_at is None:
        draft.keep(attempt._replace(ended_at=draft.now))


def doubted(draft: Draft, event: Doubt) -> None:
    """It may have happened: look it up soon, never send it blindly again (TWILIO section 4)."""
    attempt = draft.attempt(event.attempt)
    if not attempt.on_the_wire:
        return
    soon = draft.after(DOUBT_LOOK)
    # A look that is still to come must not seem to have been, if the clock was set ahead meanwhile.
    first = min(soon, attempt.asked_at + FIRST_LOOK)
    draft.keep(attempt._replace(state=AttemptState.UNSURE, check_at=first))
    job = draft.job(attempt.job)
    if not job.state.terminal:
        look_in(draft, job, soon)


def not_found(draft: Draft, event: NotFound) -> None:
    """The carrier knows nothing of it; after two looks it counts as lost.

    One that nobody waits for any more lets go of its phone. A request that was made again since the
    carrier was asked may be on its way.
    """
    attempt = draft.attempt(event.attempt)
    if draft.now - attempt.asked_at < LOST_AFTER:
        return
    if not attempt.open and attempt.sid is None:
        _free(draft, attempt)
    if not attempt.on_the_wire or not attempt.open:
        return
    name = draft.state.contact_name(attempt.contact)
    kind = f"{_FAMILY[attempt.method]}.lost"
    words = f"The attempt to reach {name} never got to the carrier."
    draft.note(kind, words, Outcome.FAILURE, attempt=attempt, contact=attempt.contact)
    _free(draft, attempt)
    end_attempt(draft, draft.attempt(attempt.id), "lost")


def mail_accepted(draft: Draft, event: MailAccepted) -> None:
    """The mail server took it; that delivers only where the client's protocol says so (A7).

    A secure message's mail is but its link: sent is never read (CONTRACT section 6).
    """
    attempt = draft.attempt(event.attempt)._replace(sid=event.sid)
    attempt = attempt.risen(AttemptState.SENT)
    draft.keep(attempt)
    name = draft.state.contact_name(attempt.contact)
    words = f"The mail server took the e-mail to {name}."
    draft.note("email.accepted", words, Outcome.SUCCESS, attempt=attempt, contact=attempt.contact)
    shown = attempt.method == "email" and attempt.open and not draft.message.closed
    if shown and counts(draft, attempt, "email_accepted"):
        draft.keep(attempt.over("accepted"))
        deliver(draft, "email_accepted", attempt.contact, attempt)
    elif attempt.holds_until is None:
        draft.keep(draft.attempt(attempt.id).over("sent"))


def progressed(draft: Draft, event: Progress) -> None:
    """A status word: ranks never go down, finals stick, an unsure attempt is adopted.

    What is told of another call or text means nothing: a look-up that was under way when the
    carrier told us the SID may have found that one (webhooks are refused before).
    """
    attempt = draft.attempt(event.attempt)
    if attempt.sid and event.sid and attempt.sid != event.sid:
        return
    attempt = _adopt(draft, attempt, event.sid)
    if event.status in _RISES:
        draft.keep(attempt.risen(_RISES[event.status]))
    attempt = draft.attempt(attempt.id)
    if attempt.is_call:
        _call_progressed(draft, attempt, event)
    else:
        _text_progressed(draft, attempt, event)


def _adopt(draft: Draft, attempt: Attempt, sid: str | None) -> Attempt:
    """Learn the SID; an attempt nobody was sure of is thereby found again."""
    if sid is None or attempt.sid is not None:
        return attempt
    doubtful = attempt.state is AttemptState.UNSURE or draft.now >= attempt.check_at
    if attempt.open and doubtful:
        kind = f"{_FAMILY[attempt.method]}.adopted"
        words = "The carrier has it after all."
        draft.note(kind, words, Outcome.SUCCESS, attempt=attempt, contact=attempt.contact)
    attempt = attempt._replace(sid=sid).risen(AttemptState.SENT)
    draft.keep(attempt)
    return attempt


def _call_progressed(draft: Draft, attempt: Attempt, event: Progress) -> None:
    if event.status == "answered" and attempt.open and not draft.message.closed:
        pick_up(draft, attempt, event.sid)
    if event.status not in _CALL_FINAL:
        return
    if attempt.ended_at is None:
        _free(draft, attempt)
        attempt = draft.attempt(attempt.id)
    if attempt.open and not (attempt.stage == MACHINE and event.status == "completed"):
        _call_over(draft, attempt, event)


def _call_over(draft: Draft, attempt: Attempt, event: Progress) -> None:
    outcome = "hung_up" if event.status == "completed" else event.status
    name = draft.state.contact_name(attempt.contact)
    draft.note(
        f"dial.{outcome}",
        _WORDS[outcome].format(name),
        Outcome.FAILURE,
        attempt=attempt,
        contact=attempt.contact,
        code=event.code,
    )
    end_attempt(draft, attempt, outcome)


def _text_progressed(draft: Draft, attempt: Attempt, event: Progress) -> None:
    name = draft.state.contact_name(attempt.contact)
    who = attempt.contact
    if event.status == "delivered" and attempt.ended_at is None:
        words = f"The carrier says the text is on the phone of {name}; that is no receipt."
        draft.note("sms.carrier_delivered", words, Outcome.SUCCESS, attempt=attempt, contact=who)
        draft.keep(attempt._replace(ended_at=draft.now))
        _ask_no_more(draft, attempt)
    elif event.status in {"undelivered", "failed"} and attempt.ended_at is None:
        words = f"The text to {name} was not delivered."
        code = event.code
        kind = f"sms.{event.status}"
        draft.note(kind, words, Outcome.FAILURE, attempt=attempt, code=code, contact=who)
        draft.keep(attempt._replace(ended_at=draft.now))
        if code == str(OPT_OUT_CODE):
            suspend_texts(draft, draft.attempt(attempt.id), attempt.contact, "STOP")
        else:
            end_attempt(draft, draft.attempt(attempt.id), event.status)


def _ask_no_more(draft: Draft, attempt: Attempt) -> None:
    """Nothing is left to ask of a text: its job need not be looked at before the wait is over."""
    job, until = draft.job(attempt.job), attempt.holds_until
    if attempt.open and until is not None and job.state is JobState.WAITING_REPLY:
        draft.keep(job._replace(next_at=until))


def alert_failed(draft: Draft, event: AlertFailed) -> None:
    """An alert reached nobody, and the record says so (CONTRACT section 3)."""
    words = f"The alert to {event.sink} reached nobody."
    draft.note(_told(event.sink), words, Outcome.FAILURE, reason=event.reason)


def alert_reached(draft: Draft, event: AlertReached) -> None:
    """An alert that had reached nobody was taken after all."""
    words = f"The alert to {event.sink} was taken after all."
    draft.note(_told(event.sink), words, Outcome.SUCCESS, reason=event.reason)


def _told(sink: str) -> str:
    return "dispatch.alerted" if sink == "dispatch" else "lead.alerted"
