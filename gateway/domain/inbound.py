"""Inbound calls: somebody on call rings us up and hears what is open for them (CONTRACT section 6).

The call gets an attempt of its own for each message, so that the script of our own calls reads them
out; it holds no round, and nobody is kept from being reached because of it.
"""

from datetime import datetime, timedelta

from gateway.domain.attempts import INBOUND, UNSURE_AFTER, Attempt, AttemptState
from gateway.domain.draft import Draft
from gateway.domain.events import Called
from gateway.domain.guesses import barred
from gateway.domain.history import Outcome
from gateway.domain.jobs import Job
from gateway.domain.masking import mask_address
from gateway.domain.script import over, speech
from gateway.domain.speech import Speech, Tell
from gateway.domain.wording import voice

# Nobody listens for as long as this; whoever does may call again.
_LASTS = timedelta(hours=1)
# No round has this number: whoever called us has had no turn by that.
_NO_ROUND = 0


def has_ended(begun: datetime, now: datetime) -> bool:
    """Tell whether a call to us must be over by now; the carrier does not say when it is."""
    return now - begun >= _LASTS


def called(draft: Draft, event: Called) -> Speech:
    """Put a call to us on record and greet the caller; a repeated webhook changes nothing."""
    known = next((one for one in draft.state.attempts if one.id == event.attempt), None)
    if known is not None:
        return speech(draft, known) if known.open else over(draft.state, known)
    job = _open_job(draft)
    if draft.message.closed or job is None:
        return Tell(voice.inbound_none())
    if _unproven(draft, event.contact):
        return Tell(voice.inbound_protected())
    if _protected(draft) and barred(event.guesses):
        return Tell(voice.inbound_barred())
    attempt = Attempt(
        event.attempt,
        job.key,
        job.id,
        _NO_ROUND,
        "",
        event.contact,
        event.phone,
        INBOUND,
        INBOUND,
        draft.now,
        draft.after(UNSURE_AFTER),
        state=AttemptState.ANSWERED,
        answered_at=draft.now,
        stage_at=draft.now,
        sender=event.ours,
        sid=event.sid,
        rides=event.rides,
    )
    draft.keep(attempt)
    if event.rides:
        draft.rides = ((attempt.id, event.rides),)
    _note(draft, attempt)
    return speech(draft, attempt)


def _unproven(draft: Draft, who: str) -> bool:
    """Tell whether nothing but a number, which can be forged, speaks for a caller (`phi`)."""
    account = draft.state.account
    contact = account.contacts.get(who) if account else None
    return _protected(draft) and (contact is None or contact.pin is None)


def _protected(draft: Draft) -> bool:
    return draft.state.account is not None and draft.state.account.phi


def _open_job(draft: Draft) -> Job | None:
    """Return the newest job that still looks for somebody."""
    jobs = [job for job in draft.state.jobs if job.request is None and not job.state.terminal]
    return jobs[-1] if jobs else None


def _note(draft: Draft, attempt: Attempt) -> None:
    name = draft.state.contact_name(attempt.contact)
    draft.actor = f"contact:{attempt.contact}"
    draft.note(
        "inbound.call",
        f"{name} called us.",
        Outcome.INFO,
        attempt=attempt,
        contact=attempt.contact,
        address=mask_address(attempt.address),
        method="call",
        source=INBOUND,
    )
    draft.actor = "gateway"
