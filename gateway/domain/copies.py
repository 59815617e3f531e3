"""Copies of messages by e-mail, and what is put on record of them: no evidence, no attempt."""

from typing import Any

from gateway.domain.change import ErrandKind
from gateway.domain.deliveries import (
    DROPPED,
    INTENDED,
    SENT,
    WAITING,
    Delivery,
    refuse_disregarded,
)
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome
from gateway.domain.masking import mask_address
from gateway.domain.posts import Answered
from gateway.domain.state import State
from gateway.domain.wording import alerts, copies, phrases
from gateway.domain.wording.mail import Letter


def letter(state: State, one: Delivery) -> Letter | None:
    """Write a copy: the whole message, with phi only the fact; None where nothing is left of it."""
    account, content, message = state.account, state.content, state.message
    if account is None or content is None:
        return None
    priority, ucn = message.priority.word, message.key.ucn
    told = copies.Copied(account.name, priority, ucn, one.occasion)
    if account.phi:
        return copies.fact(told)
    to, at = message.delivered_to, message.delivered_at
    by = None
    if one.occasion == "delivered" and at is not None:
        name = state.contact_name(to) if to else "the client"
        by = f"Delivered to {name} at {phrases.moment(at, account.zone)}."
    return copies.copied(told, content, by)


def begin(draft: Draft, one: Delivery, to: str) -> Delivery:
    """Put the intent on record; the wire is touched after it is committed."""
    refuse_disregarded(draft.message)
    words = "A copy of the message is e-mailed to the client."
    draft.note("email.sent", words, Outcome.INITIATED, **_facts(one, to))
    return one._replace(state=INTENDED, tries=one.tries + 1, streak=one.streak + 1)


def settle(
    draft: Draft, one: Delivery, came: Answered, to: str, *, due: str | None = None
) -> Delivery:
    """Record what the mail server said; `due`: it goes out again then."""
    after = one._replace(state=came.state, reason=came.reason, status=came.status)
    if came.state == SENT:
        words = "The mail server took the copy."
        draft.note("email.accepted", words, Outcome.SUCCESS, **_facts(one, to))
        return after
    facts = {**_facts(one, to), "reason": came.reason} | ({"due_at": due} if due else {})
    draft.note("email.failed", "The copy was not e-mailed.", Outcome.FAILURE, **facts)
    if due:
        return after._replace(state=WAITING)
    about = alerts.About(draft.message.key.account, draft.message.key.ucn)
    line = alerts.copy_failed(about, came.reason or "")
    draft.note("dispatch.alerted", line, Outcome.INITIATED, reason="copy_failed")
    draft.errand(ErrandKind.ALERT, sink="dispatch", reason="copy_failed", text=line)
    return after


def drop(draft: Draft, one: Delivery, why: str) -> Delivery:
    """End a copy that cannot be sent any more."""
    facts = {**_facts(one, None), "reason": why}
    draft.note("email.failed", "The copy is not e-mailed.", Outcome.FAILURE, **facts)
    return one._replace(state=DROPPED, reason=why)


def _facts(one: Delivery, to: str | None) -> dict[str, Any]:
    address: dict[str, Any] = {"address": mask_address(to)} if to else {}
    return {"delivery": one.name, "method": "email", "source": one.kind, **address}
