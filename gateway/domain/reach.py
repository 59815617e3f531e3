"""Reaching somebody: from a turn in the round to an attempt that is ready for the wire."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from gateway.domain import receipts
from gateway.domain.accounts import Account
from gateway.domain.aside import Proof
from gateway.domain.attempts import (
    CALL_CHECK,
    SPEAK_FOR,
    TEXT_CHECK,
    UNSURE_AFTER,
    WIRE_LASTS,
    Attempt,
)
from gateway.domain.change import CallOut, CodeClaim, Link, MailOut, TextOut
from gateway.domain.content import Content
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import Job, JobState, Round
from gateway.domain.lint import classes
from gateway.domain.months import attempt_id
from gateway.domain.protocols import SECOND, Protocol
from gateway.domain.turns import Slot
from gateway.domain.wording import mail, text

# A taken phone is free again at the latest this long after its call's own limits: longer than a
# clock is ever set ahead at a time, or that would put a second call on a phone still in use if
# nobody was there to see it (who is, keeps it for CALL_LASTS anew).
CALL_GRACE = timedelta(minutes=6)
# No phone is in use for longer than this: the longest that a call may ring, and all of the rest.
CALL_LASTS = timedelta(minutes=10) + SPEAK_FOR + CALL_GRACE
_CODES_TRIED = 40
_LEAST_VALID, _MOST_VALID = 300, 36_000
# For each number of digits the first code and how many there are.
_CODES = ((10, 90), (100, 900), (1000, 9000))
_NO_CODES: frozenset[str] = frozenset()
_CALL_IS_OVER = SPEAK_FOR + CALL_GRACE
_SPEAK_SECONDS = SPEAK_FOR // SECOND
STARTS = {
    "call": ("dial.started", "Calling"),
    "sms": ("sms.sent", "Texting"),
    "secure": ("secure.sent", "Sending a secure message to"),
    "email": ("email.sent", "E-mailing"),
}
_INITIATED = Outcome.INITIATED
_ATTEMPTING, _WAITING_REPLY = JobState.ATTEMPTING, JobState.WAITING_REPLY


def begin_attempt(draft: Draft, job: Job, slot: Slot, protocol: Protocol) -> None:
    """Write the intent to reach one person and what the wire shall do about it."""
    attempt = Attempt(
        attempt_id(draft.chance, job.key, draft.now),
        job.key,
        job.id,
        job.round.number,
        slot.id,
        slot.contact,
        slot.address or "",
        slot.method,
        slot.line.source,
        draft.now,
        draft.after(UNSURE_AFTER),
    )
    if draft.state.rides:
        attempt = _riding(draft, attempt)
    _note_start(draft, attempt, slot, job)
    walk = job.round._replace(walked=(*job.round.walked, slot.id))
    if attempt.is_call:
        _place(draft, attempt, protocol)
        draft.keep(attempt)
        _look_in(draft, job, walk, draft.after(CALL_CHECK))
    else:
        _write(draft, (job, walk), attempt, protocol, slot.wait)
    draft.sent = True


def _riding(draft: Draft, attempt: Attempt) -> Attempt:
    """Have another message's attempt carry this one too, or go alone again (S3-67)."""
    draft.rides = ((attempt.id, draft.state.rides),)
    return attempt._replace(rides=draft.state.rides)


def _look_in(draft: Draft, job: Job, walk: Round, at: datetime) -> None:
    """Have the job planned again at that instant, whatever else happens."""
    draft.keep(job._replace(state=_ATTEMPTING, cue_at=None, next_at=at, round=walk))


def _note_start(draft: Draft, attempt: Attempt, slot: Slot, job: Job) -> None:
    name = draft.state.contact_name(attempt.contact)
    kind, verb = STARTS[attempt.method]
    facts: dict[str, Fact] = {
        "address": slot.shown,
        "contact": attempt.contact,
        "method": attempt.method,
        "reason": slot.line.reason,
        "schedule": job.round.schedule,
        "source": attempt.source,
        **draft.newer(job),
    }
    proof = draft.message.aside.proof
    if proof is not None and not draft.message.sent:
        facts |= reviewed(proof)
    if attempt.rides:
        facts["shares"] = str(attempt.rides)
    draft.note_facts(kind, f"{verb} {name}.", _INITIATED, facts, attempt)


def reviewed(proof: Proof) -> dict[str, Fact]:
    """Say with the first attempt what was found in the message, and who reviewed it (S3-38)."""
    facts: dict[str, Fact] = {"lint": classes(proof.found), "review": proof.id}
    return {**facts, "reviewed_by": proof.by} if proof.by else facts


def _place(draft: Draft, attempt: Attempt, protocol: Protocol) -> None:
    if attempt.rides:
        return
    draft.call_until = draft.now + protocol.ring + _CALL_IS_OVER
    draft.wire = CallOut(
        attempt=attempt.id,
        to=attempt.address,
        ring=protocol.ring // SECOND,
        limit=_SPEAK_SECONDS,
        machine=protocol.voicemail == "leave",
        deadline=draft.after(WIRE_LASTS),
    )


def _write(
    draft: Draft,
    begun: tuple[Job, Round],
    attempt: Attempt,
    protocol: Protocol,
    wait: timedelta | None,
) -> None:
    """A text or e-mail: it may hold the round for a reply (CONTRACT section 4, `wait`)."""
    job, walk = begun
    if attempt.method != "email" and wait is None:
        wait = protocol.cue
    holds = draft.now + wait if wait else None
    code = _compose(draft, job, attempt, wait or protocol.cue)
    draft.keep(attempt._replace(holds_until=holds, code=code))
    if holds is None:
        _look_in(draft, job, walk, draft.now)
        return
    asked = draft.after(TEXT_CHECK) if isinstance(draft.wire, TextOut) else holds
    draft.note_cue(job, holds, "reply")
    draft.keep(
        job._replace(
            state=_WAITING_REPLY, cue_at=holds, due_at=holds, next_at=min(asked, holds), round=walk
        )
    )


def _compose(draft: Draft, job: Job, attempt: Attempt, wait: timedelta) -> str | None:
    """Write the words of an attempt and return its reply code.

    Only an intent allocates its code and its link.
    """
    state, account = draft.state, draft.state.account
    if account is None or state.content is None:
        return attempt.code
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
        return attempt.code
    code = _code(draft, attempt)
    if attempt.rides:
        return code
    body, tail = _paged(account, priority, state.content, code, url)
    validity = min(max(wait // SECOND, _LEAST_VALID), _MOST_VALID)
    draft.wire = TextOut(attempt.id, attempt.address, body, tail, validity, deadline)
    return code


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
    taken = draft.state.taken_codes.get(phone, _NO_CODES)
    code = _draw(draft, taken)
    draft.code = CodeClaim(phone, code, attempt.contact)
    return code


def _draw(draft: Draft, taken: AbstractSet[str]) -> str:
    """Draw 2 to 4 digits; more of them as the phone has more messages open (CONTRACT section 6)."""
    for first, many in _CODES:
        if len(taken) * 2 >= many:
            continue
        for _ in range(_CODES_TRIED):
            code = str(first + draft.chance.below(many))
            if code not in taken:
                return code
    return next(str(code) for code in range(10, 10000) if str(code) not in taken)


def send_again(draft: Draft, job: Job, attempt: Attempt, protocol: Protocol) -> None:
    """Put an attempt the carrier definitely did not take on the wire once more."""
    attempt = attempt.again(draft.now)
    if attempt.rides or draft.state.rides:
        attempt = _riding(draft, attempt)
    draft.keep(job._replace(next_at=attempt.holds_until or draft.after(CALL_CHECK)))
    if attempt.is_call:
        _place(draft, attempt, protocol)
    else:
        left = (attempt.holds_until or draft.now) - draft.now
        attempt = attempt._replace(code=_compose(draft, job, attempt, left))
    draft.keep(attempt)
