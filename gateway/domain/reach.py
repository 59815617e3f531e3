"""Reaching somebody: from a turn in the round to an attempt that is ready for the wire."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from gateway.domain import receipts
from gateway.domain.accounts import Account
from gateway.domain.attempts import (
    CALL_CHECK,
    SPEAK_FOR,
    UNSURE_AFTER,
    WIRE_LASTS,
    Attempt,
    AttemptState,
)
from gateway.domain.change import CallOut, CodeClaim, Link, MailOut, TextOut
from gateway.domain.content import Content
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome
from gateway.domain.jobs import Job, JobState
from gateway.domain.masking import mask_address
from gateway.domain.protocols import Protocol
from gateway.domain.walk import Slot
from gateway.domain.wording import mail, text

# A taken phone is free again at the latest this long after its call's own limits.
CALL_GRACE = timedelta(seconds=60)
_CODES_TRIED = 40
_KINDS = {
    "call": "dial.started",
    "sms": "sms.sent",
    "secure": "secure.sent",
    "email": "email.sent",
}


def begin_attempt(draft: Draft, job: Job, slot: Slot, protocol: Protocol, address: str) -> None:
    """Write the intent to reach one person and what the wire shall do about it."""
    attempt = Attempt(
        id=draft.chance.uuid(),
        key=job.key,
        job=job.id,
        round=job.round.number,
        slot=slot.id,
        contact=slot.contact,
        address=address,
        method=slot.method,
        source=slot.line.source,
        started_at=draft.now,
        check_at=draft.after(UNSURE_AFTER),
    )
    _note_start(draft, attempt, slot, job)
    job = job._replace(round=job.round._replace(walked=(*job.round.walked, slot.id)))
    if attempt.is_call:
        _call(draft, job, attempt, protocol)
    else:
        _write(draft, job, attempt, protocol, slot.wait)
    draft.sent = True


def _note_start(draft: Draft, attempt: Attempt, slot: Slot, job: Job) -> None:
    name = draft.state.contact_name(attempt.contact)
    verb = {"call": "Calling", "sms": "Texting", "email": "E-mailing"}.get(
        attempt.method, "Sending a secure message to"
    )
    draft.note(
        _KINDS[attempt.method],
        f"{verb} {name}.",
        Outcome.INITIATED,
        attempt=attempt,
        contact=attempt.contact,
        address=mask_address(attempt.address),
        method=attempt.method,
        schedule=job.round.schedule,
        source=attempt.source,
        reason=slot.line.reason,
    )


def _call(draft: Draft, job: Job, attempt: Attempt, protocol: Protocol) -> None:
    draft.call_until = draft.now + protocol.ring + SPEAK_FOR + CALL_GRACE
    draft.wire = _call_out(attempt, protocol, draft.now)
    draft.keep(attempt)
    draft.keep(
        job._replace(state=JobState.ATTEMPTING, cue_at=None, next_at=draft.after(CALL_CHECK))
    )


def _call_out(attempt: Attempt, protocol: Protocol, now: datetime) -> CallOut:
    return CallOut(
        attempt=attempt.id,
        to=attempt.address,
        ring=int(protocol.ring.total_seconds()),
        limit=int(SPEAK_FOR.total_seconds()),
        machine=protocol.voicemail == "leave",
        deadline=now + WIRE_LASTS,
    )


def _write(
    draft: Draft, job: Job, attempt: Attempt, protocol: Protocol, wait: timedelta | None
) -> None:
    """A text or e-mail: it may hold the round for a reply (CONTRACT section 4, `wait`)."""
    if attempt.method != "email" and wait is None:
        wait = protocol.cue
    holds = draft.now + wait if wait else None
    attempt = attempt._replace(holds_until=holds)
    attempt = _compose(draft, job, attempt, wait or protocol.cue)
    draft.keep(attempt)
    if holds is None:
        draft.keep(job._replace(state=JobState.ATTEMPTING, cue_at=None, next_at=draft.now))
        return
    draft.set_cue(job, holds, "reply", JobState.WAITING_REPLY)


def _compose(draft: Draft, job: Job, attempt: Attempt, wait: timedelta) -> Attempt:
    """Write the words of an attempt; only an intent allocates its code and its link."""
    state, account = draft.state, draft.state.account
    if account is None or state.content is None:
        return attempt
    deadline = draft.now + WIRE_LASTS
    url = new_link(draft, attempt) if account.phi or attempt.method == "secure" else None
    priority = job.priority.word
    if "@" in attempt.address:
        letter = (
            mail.linked(account.name, priority, job.key.ucn, url)
            if url
            else mail.details(account.name, priority, job.key.ucn, state.content)
        )
        draft.wire = MailOut(attempt.id, attempt.address, letter.subject, letter.body, deadline)
        return attempt
    code = _code(draft, attempt)
    body, tail = _paged(account, priority, state.content, code, url)
    validity = int(max(wait, timedelta(minutes=5)).total_seconds())
    draft.wire = TextOut(attempt.id, attempt.address, body, tail, min(validity, 36000), deadline)
    return attempt._replace(code=code)


def _paged(
    account: Account, priority: str, content: Content, code: str, url: str | None
) -> text.Paged:
    if url:
        return text.linked(account.name, priority, url, code)
    return text.details(account.name, priority, content, code)


def new_link(draft: Draft, attempt: Attempt) -> str:
    """Make a secure link for an attempt; only its fingerprint is kept."""
    token = receipts.token_from(draft.chance.raw(receipts.ENTROPY_BYTES))
    draft.link = Link(
        fingerprint=receipts.fingerprint(token),
        attempt=attempt.id,
        contact=attempt.contact,
        created_at=draft.now,
        expires_at=receipts.link_expires(draft.now),
    )
    return receipts.link(draft.state.public_url, token)


def _code(draft: Draft, attempt: Attempt) -> str:
    """Keep the phone's code for this message, else draw one that is not known to be taken."""
    phone = attempt.address
    for earlier in draft.state.attempts:
        if earlier.address == phone and earlier.code:
            return earlier.code
    taken = draft.state.taken_codes.get(phone, frozenset[str]())
    code = _draw(draft, taken)
    draft.code = CodeClaim(phone, code, attempt.contact)
    return code


def _draw(draft: Draft, taken: AbstractSet[str]) -> str:
    """Draw 2 to 4 digits; more of them as the phone has more messages open (CONTRACT section 6)."""
    for digits in (2, 3, 4):
        low, high = 10 ** (digits - 1), 10**digits
        if len(taken) * 2 >= high - low:
            continue
        for _ in range(_CODES_TRIED):
            code = str(low + draft.chance.below(high - low))
            if code not in taken:
                return code
    return next(str(code) for code in range(10, 10000) if str(code) not in taken)


def send_again(draft: Draft, job: Job, attempt: Attempt, protocol: Protocol) -> None:
    """Put an attempt the carrier definitely did not take on the wire once more."""
    attempt = attempt._replace(
        state=AttemptState.INTENDED,
        tries=attempt.tries + 1,
        check_at=draft.after(UNSURE_AFTER),
    )
    draft.keep(job._replace(next_at=attempt.holds_until or draft.after(CALL_CHECK)))
    if attempt.is_call:
        draft.call_until = draft.now + protocol.ring + SPEAK_FOR + CALL_GRACE
        draft.wire = _call_out(attempt, protocol, draft.now)
    else:
        left = (attempt.holds_until or draft.now) - draft.now
        attempt = _compose(draft, job, attempt, left)
    draft.keep(attempt)
