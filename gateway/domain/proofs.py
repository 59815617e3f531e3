"""Proofreading: a message corrected before it left, its review decided (S3-12, S3-35, S3-38)."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.domain import by_hand
from gateway.domain.aside import Finding, Proof
from gateway.domain.attempts import Attempt, AttemptState
from gateway.domain.content import Content
from gateway.domain.deeds import Amendment, EditMessage, ProofDeed, RefusedError
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome
from gateway.domain.jobs import TO_REVIEW
from gateway.domain.lint import classes, look_over
from gateway.domain.state import State
from gateway.domain.taking import review_opened, words_of

APPROVED: Final = "approved"
FIXED: Final = "fixed"
WAIVED: Final = "waived"
# A field's name that may be said: it names a field, and is no detail.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
# What became of an attempt that the carrier never had.
_NEVER_LEFT: Final = frozenset({"lost"})


def do(draft: Draft, deed: ProofDeed) -> None:
    """Do an edit, or decide a review; RefusedError says why it cannot be."""
    if isinstance(deed, EditMessage):
        edit(draft, deed)
        return
    proof = draft.message.aside.proof
    if proof is None or proof.id != deed.review:
        raise RefusedError("unknown_review", f"the message has no review {deed.review}")
    if not proof.open:
        raise RefusedError("review_closed", f"the review is {proof.state}, by {proof.by}")
    if deed.edit is not None:
        edit(draft, deed.edit, closes=False)
    _close(draft, proof, deed.verdict, deed.note)


def already_sent(state: State) -> bool:
    """Tell whether any attempt may have reached a carrier; unsure counts as reached (S3-35)."""
    if not state.attempts:
        return state.message.sent
    return not all(_stayed(one) for one in state.attempts)


def _stayed(one: Attempt) -> bool:
    return one.state is AttemptState.DEFERRED or (one.outcome in _NEVER_LEFT and one.sid is None)


def edit(draft: Draft, deed: EditMessage, *, closes: bool = True) -> None:
    """Put corrected words in place; nothing is sent, and no job becomes due by it (S3-35).

    An open review of which nothing is left is closed as fixed, where `closes` says so.
    """
    if already_sent(draft.state):
        raise RefusedError("already_sent", "an attempt reached a carrier: it cannot be edited")
    by_hand.refuse_closed(draft.message)
    before = draft.state.content
    if before is None:
        raise RefusedError("message_erased", "the words of the message were erased")
    after = amended(before, deed.amendment)
    form = deed.amendment.form or draft.message.form
    if after == before and form == draft.message.form:
        return
    draft.content = after
    draft.message = draft.message._replace(form=form)
    _note(draft, before, after)
    _look_again(draft, deed, closes=closes)


def amended(content: Content, amendment: Amendment) -> Content:
    """Return a message's details as an edit leaves them."""
    fields = {**content.fields, **amendment.fields}
    return Content(
        content.text if amendment.text is None else amendment.text,
        amendment.caller_name or content.caller_name,
        amendment.caller_phone or content.caller_phone,
        {key: value for key, value in fields.items() if value is not None},
    )


def _note(draft: Draft, before: Content, after: Content) -> None:
    """Put an edit on record: the whole as it is now, and each field with what it was; erasable."""
    parts = [
        *(["text"] if before.text != after.text else []),
        *(["caller"] if _caller(before) != _caller(after) else []),
        *(["fields"] if before.fields != after.fields else []),
        *(["form"] if draft.message.form != draft.state.message.form else []),
    ]
    what = ", ".join(parts)
    facts: dict[str, Any] = {"form": draft.message.form} if "form" in parts else {}
    words = f"Message edited: {what}."
    all_of_it = words_of(after)
    draft.note("message.edited", words, Outcome.SUCCESS, words=all_of_it, edited=what, **facts)
    for key in sorted(before.fields.keys() | after.fields.keys()):
        was, now = before.fields.get(key), after.fields.get(key)
        if was != now:
            name = key if _PLAIN_NAME.fullmatch(key) else "other"
            said = orjson.dumps({"field": key, "now": now, "was": was}).decode()
            words = f"Field edited: {name}."
            draft.note("field.edited", words, Outcome.SUCCESS, words=said, field=name)


def _caller(content: Content) -> tuple[str | None, str | None]:
    return content.caller_name, content.caller_phone


def _look_again(draft: Draft, deed: EditMessage, *, closes: bool) -> None:
    """Look over the corrected words: a review follows what is found now."""
    account = draft.state.account
    if account is None or draft.content is None:
        return
    found = look_over(draft.content, draft.message.form, account, deed.unknown)
    proof = draft.message.aside.proof
    if proof is not None and proof.open:
        _keep(draft, proof._replace(found=found))
        if closes and not found:
            _close(draft, proof, FIXED)
    elif found:
        _open(draft, found)


def _open(draft: Draft, found: tuple[Finding, ...]) -> None:
    proof = Proof(str(draft.chance.uuid()), draft.last_seq + 1, draft.now, found)
    note = review_opened(proof)
    draft.note_facts(note.kind, note.text, note.outcome, note.facts, None)
    _keep(draft, proof)
    for one in draft.state.jobs:
        job = draft.job(one.id)
        if not job.state.terminal and job.request is None and job.reason is None:
            draft.keep(job._replace(reason=TO_REVIEW))


def _close(draft: Draft, proof: Proof, verdict: str, note: str | None = None) -> None:
    now = draft.message.aside.proof or proof
    facts: Mapping[str, Any] = {"review": proof.id, "reason": verdict, "lint": classes(now.found)}
    said = f"The review is closed: {verdict}."
    draft.note("review.closed", said, Outcome.SUCCESS, words=note or None, **facts)
    _keep(draft, now._replace(state=verdict, by=draft.actor, decided_at=draft.now))


def _keep(draft: Draft, proof: Proof) -> None:
    aside = draft.message.aside._replace(proof=proof)
    draft.message = draft.message._replace(aside=aside)
