"""Texts and links: what a reply, an opt-out or an opened link means for one message."""

from dataclasses import replace
from datetime import timedelta

from gateway.domain.attempts import PASSES, Attempt
from gateway.domain.change import ErrandKind, PhoneFlag
from gateway.domain.closing import counts, deliver, end_attempt
from gateway.domain.draft import Draft
from gateway.domain.events import LinkFetched, LinkOpened, LinkUnopened, Replied
from gateway.domain.history import Outcome
from gateway.domain.protocols import DEFAULT_PROTOCOL
from gateway.domain.reach import new_link
from gateway.domain.replies import Accept, AcceptAll, OptIn, OptOut, Pass
from gateway.domain.rounds import about
from gateway.domain.state import State
from gateway.domain.wording import alerts

# A preview fetches a link a few times; more than this says nothing new.
_PREFETCHES_KEPT = 5


def replied(draft: Draft, event: Replied) -> None:
    """Record a text from somebody on call and do what it says, where it says something."""
    latest = _latest(draft, event.phone)
    if not (event.kept or changes(draft.state, event)):
        return
    if latest is not None and latest.contact != event.contact:
        # Two people may share a phone: the one who was texted last answers.
        event = replace(event, contact=latest.contact)
    match event.said:
        case OptOut(word):
            _opted_out(draft, event, word)
        case OptIn():
            words = f"{_name(draft, event)} takes texts again."
            draft.note(
                "sms.opt_in", words, attempt=_latest(draft, event.phone), contact=event.contact
            )
        case Accept() | AcceptAll():
            _note_reply(draft, event)
            _accept(draft, event)
        case Pass():
            _note_reply(draft, event)
            _pass(draft, event)
        case _:
            _note_reply(draft, event)
    if event.helped:
        words = f"{_name(draft, event)} was told how to reply."
        draft.note(
            "sms.help_sent", words, attempt=_latest(draft, event.phone), contact=event.contact
        )


def _name(draft: Draft, event: Replied) -> str:
    return draft.state.contact_name(event.contact)


def changes(state: State, event: Replied) -> bool:
    """Tell whether a reply changes anything; a late one, or one said before, does not."""
    latest = latest_text(state, event.phone)
    match event.said:
        case OptOut() | OptIn():
            return True
        case Accept() | AcceptAll():
            return not state.message.closed and latest is not None and by_code(state, event.phone)
        case Pass():
            return not (state.message.closed or latest is None or latest.outcome in PASSES)
        case _:
            return False


def latest_text(state: State, phone: str) -> Attempt | None:
    """Return the newest text to that phone, an open one before all others."""
    texts = [a for a in state.attempts if _is_text(a, phone)]
    return max(texts, key=lambda a: (a.open, a.started_at), default=None)


def _latest(draft: Draft, phone: str) -> Attempt | None:
    return latest_text(draft.state, phone)


def _is_text(attempt: Attempt, phone: str) -> bool:
    """Tell whether it was a text to that phone which wants a reply; a resend wants none."""
    spoken = attempt.is_call or attempt.is_inbound
    return attempt.address == phone and not spoken and attempt.source != "resend"


def _note_reply(draft: Draft, event: Replied) -> None:
    attempt = _latest(draft, event.phone)
    draft.actor = f"contact:{event.contact}"
    code = attempt.code if attempt else None
    draft.note(
        "sms.reply",
        f"{_name(draft, event)} replied by text.",
        attempt=attempt,
        words=event.words,
        contact=event.contact,
        code=code,
    )
    draft.actor = "gateway"


def by_code(state: State, phone: str) -> bool:
    """Tell whether a reply code from that phone delivers the message."""
    latest = latest_text(state, phone)
    if latest is None or state.account is None:
        return True
    job = state.job(latest.job)
    named = [p for p in state.account.protocols if p.name == job.round.protocol]
    return "reply_code" in (named[0] if named else DEFAULT_PROTOCOL).evidence


def _accept(draft: Draft, event: Replied) -> None:
    attempt = _latest(draft, event.phone)
    if draft.message.closed or attempt is None or not counts(draft, attempt, "reply_code"):
        return
    draft.actor = f"contact:{event.contact}"
    words = f"{_name(draft, event)} accepted by reply code."
    draft.note(
        "relay.accepted",
        words,
        Outcome.SUCCESS,
        attempt=attempt,
        contact=event.contact,
        evidence="reply_code",
    )
    draft.actor = "gateway"
    draft.keep(attempt.over("accepted"))
    deliver(draft, "reply_code", event.contact, attempt)
    if draft.state.account and draft.state.account.phi:
        _enclose(draft, attempt)


def _enclose(draft: Draft, attempt: Attempt) -> None:
    """The details wait behind a link; a lead hears when nobody opens it (CONTRACT section 6)."""
    draft.url = new_link(draft, attempt)
    cue = timedelta(seconds=draft.job(attempt.job).round.cue_seconds)
    draft.errand(ErrandKind.LINK_CHECK, attempt, at=draft.after(cue))


def link_unopened(draft: Draft, event: LinkUnopened) -> None:
    """An accepted message whose details nobody has read after a cue."""
    attempt = draft.attempt(event.attempt)
    job = draft.job(attempt.job)
    waited = timedelta(seconds=job.round.cue_seconds)
    name = draft.state.contact_name(attempt.contact)
    who = alerts.Reached(name, attempt.address)
    draft.alert_lead(job.id, "link_unopened", alerts.link_unopened(about(job), who, waited))


def _pass(draft: Draft, event: Replied) -> None:
    attempt = _latest(draft, event.phone)
    if attempt is None or not changes(draft.state, event):
        return
    draft.actor = f"contact:{event.contact}"
    words = f"{_name(draft, event)} cannot take it."
    draft.note("relay.declined", words, attempt=attempt, contact=event.contact)
    draft.actor = "gateway"
    end_attempt(draft, attempt, "declined")
    # Also after the wait for it: whoever passed is not asked again in that round, nor passes twice.
    draft.keep(draft.attempt(attempt.id)._replace(outcome="declined"))


def _opted_out(draft: Draft, event: Replied, word: str) -> None:
    """STOP: no more texts to that number; a lead hears of it, the next person is tried (A11)."""
    attempt = _latest(draft, event.phone)
    name = _name(draft, event)
    draft.actor = f"contact:{event.contact}"
    words = f"{name} opted out of texts."
    draft.note("sms.opt_out", words, attempt=attempt, contact=event.contact)
    draft.actor = "gateway"
    suspend_texts(draft, attempt, event.contact, word)


def suspend_texts(draft: Draft, attempt: Attempt | None, contact: str, word: str) -> None:
    """Stop texts to an opted-out number, alert a lead and go on to the next person."""
    if attempt is None:
        return
    name = draft.state.contact_name(contact)
    words = f"Texts to {name} are suspended."
    draft.note(
        "endpoint.suspended",
        words,
        Outcome.SUCCESS,
        attempt=attempt,
        contact=contact,
        reason="opted_out",
    )
    job = draft.job(attempt.job)
    line = alerts.opted_out(about(job), alerts.Reached(name, attempt.address), word)
    draft.alert_lead(job.id, "opted_out", line)
    draft.flags.append(PhoneFlag(attempt.address, opted_out=True))
    end_attempt(draft, attempt, "opted_out")


def link_fetched(draft: Draft, event: LinkFetched) -> None:
    """A page was fetched; previews do that too, so it counts as nothing (CONTRACT section 6)."""
    attempt = draft.attempt(event.attempt)
    if attempt.prefetches >= _PREFETCHES_KEPT:
        return
    words = "The secure link was fetched; nobody has opened it by that."
    draft.note("secure.prefetch", words, attempt=attempt, contact=attempt.contact)
    draft.keep(attempt._replace(prefetches=attempt.prefetches + 1))


def link_opened(draft: Draft, event: LinkOpened) -> None:
    """The Open button: the read receipt, which delivers and stops all else (S3-19, S3-20)."""
    attempt = draft.attempt(event.attempt)
    draft.actor = f"contact:{attempt.contact}"
    name = draft.state.contact_name(attempt.contact)
    words = f"{name} opened the secure message."
    draft.note("secure.read", words, Outcome.SUCCESS, attempt=attempt, contact=attempt.contact)
    draft.actor = "gateway"
    account = draft.state.account
    known = account is not None and attempt.contact in account.contacts
    wanted = known or draft.job(attempt.job).request is None
    if wanted and not draft.message.closed and counts(draft, attempt, "read_receipt"):
        draft.keep(attempt.over("read"))
        deliver(draft, "read_receipt", attempt.contact, attempt)
