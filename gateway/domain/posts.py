"""Web posts: what is put on a message's record as one is checked, sent, and seen to (S3-55…58).

Each takes a draft and the delivery as it is, and returns the delivery as it is then. Facts name the
post, a field, a character and its place, never a value: those are erasable words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from gateway.domain.change import ErrandKind
from gateway.domain.charset import charset
from gateway.domain.deeds import RefusedError
from gateway.domain.deliveries import (
    BLOCKED,
    DROPPED,
    FAILED,
    INTENDED,
    SENT,
    UNSURE,
    WAITING,
    Delivery,
    refuse_disregarded,
)
from gateway.domain.delivery_rules import PostRule
from gateway.domain.draft import Draft
from gateway.domain.history import Outcome, stamp
from gateway.domain.jobs import REMIND_EVERY
from gateway.domain.posted import Fault, Told, faults, suggested, values
from gateway.domain.state import State
from gateway.domain.wording import alerts

_STILL: Final = {BLOCKED: "post_blocked", FAILED: "post_failed", UNSURE: "post_failed"}


class Answered(NamedTuple):
    """What came of a post on the wire: sent, failed or unsure, and why.

    `again`: it may be sent again by itself, after `after` seconds where the client said so;
    `answer` are the client's words.
    """

    state: str
    reason: str | None = None
    status: int | None = None
    again: bool = False
    after: float | None = None
    answer: str | None = None


def filled(
    state: State | None, one: Delivery, rule: PostRule, said: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the client's fields with their values; `said` are those a person approved.

    RefusedError where the words of the message were erased, or nothing of it is to go out any more.
    """
    if state is not None:
        refuse_disregarded(state.message)
    if said is None or state is None or state.content is None or state.account is None:
        raise RefusedError("message_erased", "the words of the message were erased")
    told = Told(state.message, state.content, state.account.name, one.kind)
    found = values(rule.fields, told)
    return {field: said.get(field, value) for field, value in found.items()}


def amiss(fields: Mapping[str, str], rule: PostRule) -> tuple[Fault, ...]:
    """Return the characters of a post that its client does not take."""
    return faults(fields, charset(rule.allow))


def block(draft: Draft, one: Delivery, found: Sequence[Fault]) -> Delivery:
    """Keep a post back until a person approves it: nothing is folded by itself (S3-55)."""
    _request_first(draft, one)
    first = found[0]
    names = list(dict.fromkeys(fault.field for fault in found))
    email = any(fault.email_changed for fault in found)
    draft.note(
        "post.blocked",
        f"The web post is blocked: {first.codepoint} in the field {first.field}.",
        Outcome.FAILURE,
        words=orjson.dumps(list(found)).decode(),
        **_facts(one),
        field=first.field,
        character=first.character,
        codepoint=first.codepoint,
        index=first.index,
        fields=",".join(names),
        characters=len(found),
        email_changed=email,
    )
    due = stamp(draft.after(REMIND_EVERY))
    words = "A person is to look at the web post."
    draft.note("review.opened", words, post=str(one.id), reason="post_blocked", due_at=due)
    _alert(draft, "post_blocked", alerts.post_blocked(_about(draft), one.kind, names))
    return one._replace(state=BLOCKED, reason="characters")


def begin(draft: Draft, one: Delivery) -> Delivery:
    """Put the intent on record; the wire is touched after it is committed."""
    refuse_disregarded(draft.message)
    _request_first(draft, one)
    after = one._replace(state=INTENDED, tries=one.tries + 1, streak=one.streak + 1)
    words = f"Posting the {one.kind} to the client."
    draft.note("post.sent", words, Outcome.INITIATED, **_facts(after), attempt_no=after.tries)
    return after


def settle(draft: Draft, one: Delivery, came: Answered, *, again: bool, due: str) -> Delivery:
    """Record what came of a post; `again`: it will be sent again, at `due` (S3-56)."""
    after = one._replace(state=came.state, reason=came.reason, status=came.status)
    facts: dict[str, Any] = {**_facts(one), "attempt_no": one.tries}
    facts |= {"status": came.status} if came.status is not None else {}
    if came.state == SENT:
        words = f"The client has taken the {one.kind}."
        draft.note("post.accepted", words, Outcome.SUCCESS, **facts)
        return after
    words = "The client did not take the web post."
    if came.state == UNSURE:
        words = "Whether the client has the web post is not known."
    facts |= {"reason": came.reason} | ({"due_at": due} if again else {})
    draft.note("post.failed", words, Outcome.FAILURE, words=came.answer or None, **facts)
    if again:
        return after._replace(state=WAITING)
    draft.note(
        "review.opened",
        "A person is to look at the web post.",
        post=str(one.id),
        reason="post_failed",
        due_at=stamp(draft.after(REMIND_EVERY)),
    )
    _alert(draft, "post_failed", alerts.post_failed(_about(draft), one.kind, came.reason or ""))
    return after


def drop(draft: Draft, one: Delivery, why: str) -> Delivery:
    """End a post that cannot be sent any more."""
    words = "The web post is not sent."
    draft.note("post.failed", words, Outcome.FAILURE, **_facts(one), reason=why)
    return one._replace(state=DROPPED, reason=why)


def remind(draft: Draft, one: Delivery) -> Delivery:
    """Tell a lead that a post still waits for a person."""
    refuse_disregarded(draft.message)
    line = alerts.post_waits(_about(draft), one.kind, draft.now - one.created_at)
    draft.alert_lead(None, _STILL[one.state], line)
    return one


def post_again(draft: Draft, one: Delivery, rule: PostRule, said: Mapping[str, str]) -> Delivery:
    """Have a post sent with the values that a person approved: a new attempt (S3-56).

    `said` are all that differ from the message's own. RefusedError: `still_blocked` where a client
    would not take them, `unknown_field` where the post has no such field.
    """
    for field in said:
        if field not in rule.fields:
            raise RefusedError("unknown_field", f"the post has no field {field!r}")
    found = amiss(filled(draft.state, one, rule, said), rule)
    if found:
        first = found[0]
        place = f"{first.codepoint} at {first.index} in the field {first.field}"
        raise RefusedError("still_blocked", f"the client does not take {place}")
    reason = "approved" if one.state == BLOCKED else "retry"
    words = orjson.dumps(dict(said)).decode() if said else None
    text = "A person has the web post sent."
    draft.note("post.requested", text, Outcome.SUCCESS, words=words, **_facts(one), reason=reason)
    seq = draft.last_seq if said else None
    return one._replace(state=WAITING, streak=0, words=seq, reason=None, status=None)


def approved(
    state: State, one: Delivery, rule: PostRule, before: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Return the values a person approves: those `given`, for all other fields the suggestions.

    `before` are those approved earlier.
    """
    own = filled(state, one, rule, {})
    wished = {**own, **before, **given}
    better = {**suggested(wished, charset(rule.allow)), **given}
    return {field: value for field, value in better.items() if value != own.get(field)}


def dismiss(draft: Draft, one: Delivery, note: str) -> Delivery:
    """End a post that a person has dealt with in another way."""
    text = "The web post is dismissed."
    draft.note("post.failed", text, words=note, **_facts(one), reason="dismissed")
    return one._replace(state=DROPPED, reason="dismissed")


def _request_first(draft: Draft, one: Delivery) -> None:
    """A post is requested by what happened to the message, once; later by people."""
    if one.version == 0:
        words = f"The {one.kind} is to be posted to the client."
        draft.note("post.requested", words, **_facts(one), reason=one.occasion)


def _facts(one: Delivery) -> dict[str, Any]:
    return {"post": str(one.id), "delivery": one.name, "kind": one.kind, "method": "post"}


def _alert(draft: Draft, reason: str, line: str) -> None:
    draft.note("dispatch.alerted", line, Outcome.INITIATED, reason=reason)
    draft.errand(ErrandKind.ALERT, sink="dispatch", reason=reason, text=line)


def _about(draft: Draft) -> alerts.About:
    return alerts.About(draft.message.key.account, draft.message.key.ucn)
