"""Settling: what becomes of an attempt that is still open when its job is looked at again."""

from datetime import datetime, timedelta

from gateway.domain.accounts import Account
from gateway.domain.attempts import (
    CALL_CHECK,
    FIRST_LOOK,
    LOOK_AGAIN,
    TEXT_CHECK,
    UNSURE_AFTER,
    Attempt,
    AttemptState,
)
from gateway.domain.change import Look
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import Job, JobState
from gateway.domain.protocols import Protocol
from gateway.domain.reach import send_again
from gateway.domain.rounds import about
from gateway.domain.walk import TEXTS
from gateway.domain.wording import alerts

_KINDS = {"sms": "sms.timeout", "secure": "secure.timeout", "email": "email.timeout"}
_FAILED = {"call": "dial.failed", "sms": "sms.failed", "secure": "sms.failed"}
_LOST = {"call": "dial.lost", "sms": "sms.lost", "secure": "sms.lost"}
# However the carrier fares, an attempt of which nothing can be learnt holds the round no longer
# than this, and a call ends by its own limits long before that.
_UNSURE_FOR = timedelta(seconds=75)
_CALL_FOR = timedelta(minutes=8)


def governing(draft: Draft, job: Job, account: Account) -> Protocol:
    """Return the protocol chosen at the round's start; if the document lost it, choose again."""
    for protocol in account.protocols:
        if protocol.name == job.round.protocol:
            return protocol
    message = draft.message
    return account.protocol_for(message.priority.word, message.form, draft.now)


def settle(draft: Draft, job: Job, attempt: Attempt, account: Account) -> bool:
    """Look after an open attempt; True when the walk may go on past it."""
    if attempt.on_the_wire and not _holds(attempt):
        return _settle_aside(draft, job, attempt, account)
    if attempt.state is AttemptState.DEFERRED:
        return _retry(draft, job, attempt, account)
    if attempt.on_the_wire:
        return _wait_or_look(draft, job, attempt)
    if attempt.is_call:
        return _wait_or_look(draft, job, attempt)
    if attempt.holds_until and draft.now < attempt.holds_until:
        _wait_for_reply(draft, job, attempt.holds_until, _asked_after(draft, attempt))
        return False
    if attempt.holds_until:
        _time_out(draft, job, attempt)
    return True


def _holds(attempt: Attempt) -> bool:
    """Tell whether the round waits for it."""
    return attempt.holds_until is not None or attempt.is_call


def _settle_aside(draft: Draft, job: Job, attempt: Attempt, account: Account) -> bool:
    """Send again or look up what holds nothing; the job is planned on right after it."""
    if draft.now < attempt.check_at:
        return True
    if attempt.state is AttemptState.DEFERRED:
        send_again(draft, job, attempt, governing(draft, job, account))
    elif look(draft, job, attempt):
        return True
    draft.keep(draft.job(job.id)._replace(next_at=draft.now))
    return False


def _wait_for_reply(draft: Draft, job: Job, until: datetime, asked: datetime | None) -> None:
    """The job waits for a reply, whoever worked it meanwhile; at `asked` it is looked at."""
    if job.cue_at is None:
        job = draft.set_cue(job, until, "reply", JobState.WAITING_REPLY)
    next_at = min(until, asked or until)
    draft.keep(job._replace(state=JobState.WAITING_REPLY, next_at=next_at, due_at=until))


def _asked_after(draft: Draft, attempt: Attempt) -> datetime | None:
    """Ask what became of a text that the carrier is silent about, more and more seldom.

    Returns when it will be asked the next time; None when there is nothing to ask.
    """
    if not attempt.unheard:
        return None
    if draft.now < attempt.check_at:
        return attempt.check_at
    again = draft.after(max(TEXT_CHECK, draft.now - attempt.started_at))
    draft.keep(attempt._replace(check_at=again))
    draft.wire = _look_up(attempt)
    return again


def _retry(draft: Draft, job: Job, attempt: Attempt, account: Account) -> bool:
    flags = draft.state.flags.get(attempt.address)
    if flags and (flags.suspended or (flags.opted_out and attempt.method in TEXTS)):
        draft.keep(attempt.over("skipped"))
        return True
    if draft.now < attempt.check_at:
        draft.keep(job._replace(next_at=attempt.check_at))
    elif _channel(attempt) in draft.state.shut:
        _give_way(draft, job, attempt)
        return True
    else:
        send_again(draft, job, attempt, governing(draft, job, account))
    return False


def _channel(attempt: Attempt) -> str:
    return "call" if attempt.is_call else "text"


def _give_way(draft: Draft, job: Job, attempt: Attempt) -> None:
    """What the carrier did not take is not sent again while it takes nothing: go on to others.

    That was nobody's turn: it is to come when the channel can be used again.
    """
    name = draft.state.contact_name(attempt.contact)
    words = f"Reaching {name} by {attempt.method} failed."
    kind = _FAILED[attempt.method]
    facts: dict[str, Fact] = {"contact": attempt.contact, "reason": "carrier_down"}
    draft.note_facts(kind, words, Outcome.FAILURE, facts, attempt)
    walked = tuple(slot for slot in job.round.walked if slot != attempt.slot)
    job = job._replace(cue_at=None, round=job.round._replace(walked=walked))
    draft.keep(attempt._replace(ended_at=draft.now).over("failed"), job)


def _wait_or_look(draft: Draft, job: Job, attempt: Attempt) -> bool:
    if draft.now < attempt.check_at:
        draft.keep(job._replace(next_at=attempt.check_at))
        return False
    return look(draft, job, attempt)


def look(draft: Draft, job: Job, attempt: Attempt) -> bool:
    """Ask the carrier what became of an attempt nobody has heard of (TWILIO section 4).

    True when it was given up instead: nothing more will be learnt.
    """
    if "@" in attempt.address:
        _give_up(draft, job, attempt)
        return True
    # Not while the request itself may not be over: its phone would be called again.
    if not draft.state.doubtful and _long_enough(draft, attempt):
        _lose(draft, job, attempt)
        return True
    unsure = attempt.sid is None
    again = _asked_again(draft, attempt)
    if unsure and draft.state.doubtful and _holds(attempt):
        again = attempt.check_at  # this look does not count, if it finds nothing
    state = AttemptState.UNSURE if unsure else attempt.state
    draft.keep(attempt._replace(state=state, check_at=again))
    pause = LOOK_AGAIN if draft.state.doubtful else UNSURE_AFTER
    draft.keep(job._replace(next_at=draft.after(pause if unsure else CALL_CHECK)))
    if unsure and attempt.is_rider:
        # What is found of the one it rides with, it is told too.
        return False
    draft.wire = _look_up(attempt)
    return False


def _asked_again(draft: Draft, attempt: Attempt) -> datetime:
    """Return when it is asked after again.

    One look goes no further than that, however far the clock was set ahead since the last: what
    is given up was asked after as often as ever (`_long_enough`). What holds nothing is planned on
    at once: its next look gives the carrier time to answer this one.
    """
    if attempt.sid is None and not _holds(attempt):
        return draft.after(LOOK_AGAIN)
    if attempt.sid is None:
        return min(draft.after(LOOK_AGAIN), attempt.check_at + UNSURE_AFTER)
    return min(draft.after(CALL_CHECK), attempt.check_at + CALL_CHECK)


def _look_up(attempt: Attempt) -> Look:
    return Look(
        attempt=attempt.id,
        method=attempt.method,
        to=attempt.address,
        sender=attempt.sender,
        sid=attempt.sid,
        since=attempt.started_at,
        code=attempt.code,
        shared=attempt.rides is not None,
    )


def _long_enough(draft: Draft, attempt: Attempt) -> bool:
    """Tell whether it was looked up in vain for as long as it may hold the round.

    `check_at` is far from the start only when it has been looked up since; however short the wait
    is, or however far the clock was set ahead, nothing is given up before that.
    """
    unsure = attempt.state is AttemptState.UNSURE
    looked_up = unsure and attempt.check_at - attempt.asked_at > FIRST_LOOK
    if looked_up and attempt.holds_until and draft.now >= attempt.holds_until:
        return True
    limit = _UNSURE_FOR if attempt.on_the_wire else _CALL_FOR
    return attempt.check_at - attempt.asked_at >= limit


def _lose(draft: Draft, job: Job, attempt: Attempt) -> None:
    """Go on without it, and say so to a lead: it may still come to something."""
    name = draft.state.contact_name(attempt.contact)
    words = f"Nothing can be learnt of the attempt to reach {name}."
    kind = _LOST[attempt.method]
    draft.note(kind, words, Outcome.FAILURE, attempt=attempt, contact=attempt.contact)
    line = alerts.carrier_refuses(about(job), None, "an attempt could not be looked up")
    draft.alert_lead(job.id, "carrier_silent", line)
    if attempt.is_call:
        draft.freed.append(attempt.id)
    draft.keep(attempt.over("lost"), draft.job(job.id)._replace(cue_at=None))


def _give_up(draft: Draft, job: Job, attempt: Attempt) -> None:
    words = "Nobody knows whether the mail server took the e-mail."
    draft.note("email.failed", words, Outcome.FAILURE, attempt=attempt, contact=attempt.contact)
    draft.keep(attempt.over("lost"), draft.job(job.id))


def _time_out(draft: Draft, job: Job, attempt: Attempt) -> None:
    """The wait for a reply is over; the code stays good, the round goes on."""
    words = f"No answer from {draft.state.contact_name(attempt.contact)} in time."
    kind = _KINDS[attempt.method]
    if attempt.method != "email":
        draft.note(kind, words, Outcome.FAILURE, attempt=attempt, contact=attempt.contact)
    draft.keep(attempt.over("timeout"), draft.job(job.id)._replace(cue_at=None))
