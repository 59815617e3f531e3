"""One plain sentence per kind of history item (CONTRACT section 7, S3-45, S3-46).

A pattern names facts in braces; a part in square brackets is said only where all its facts are
known. Only the facts that a pattern names are said, so details cannot slip in, and whatever looks
like a phone number or an e-mail address is masked.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.domain.masking import mask_address, mask_within
from gateway.domain.wording import phrases

# Said where a fact outside brackets is missing.
_OTHERWISE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "who": "the contact",
        "whom": "somebody",
        "schedule": "the schedule",
        "protocol": "the default protocol",
        "reason": "no reason given",
        "evidence": "no evidence named",
        "channel": "an unnamed channel",
        "due_at": "a later time",
    }
)
# Facts that are code words (`no_address`), said as words.
_CODE_WORDS: Final = frozenset({"reason", "evidence", "priority", "method", "directive", "channel"})

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message.taken": "Message taken[ with priority {priority}][ by {whom}].",
        "message.edited": "Message edited[ by {whom}].",
        "message.delivered": "Delivered[ to {who}]: {evidence}.",
        "message.canceled": "Message canceled[: {reason}].",
        "job.created": "Dispatch job created[: {reason}][, due {due_at}].",
        "job.claimed": "Dispatch job claimed by {whom}.",
        "job.completed": "Dispatch job completed[: {reason}].",
        "job.held": "Dispatch job held for a person: {reason}.",
        "job.parked": "Dispatch job parked with the message.",
        "job.resumed": "Dispatch job resumed[ by {whom}][: {reason}].",
        "job.exhausted": "Nobody is left to try in this round[: {reason}].",
        "job.closed_leftover": "Leftover dispatch job closed: the message is delivered already.",
        "job.canceled": "Dispatch job canceled[: {reason}].",
        "oncall.resolved": "On-call people resolved[ from {schedule}][: {people}].",
        "schedule.blank": "Nobody is scheduled[ in {schedule}] at this time.",
        "schedule.selected": "Schedule selected: {schedule}[, because of {reason}].",
        "protocol.selected": "Protocol selected: {protocol}.",
        "contact.skipped": "Skipped {who}[ at {address}]: {reason}.",
        "dial.started": "Calling {who}[ at {address}][ ({source})].",
        "dial.answered": "The call to {who} was answered.",
        "dial.no_answer": "{who} did not answer the call.",
        "dial.busy": "The line of {who} was busy.",
        "dial.failed": "The call to {who} failed[: {reason}][ (code {code})].",
        "dial.voicemail": "The call to {who} reached a voicemail box.",
        "dial.hung_up": "{who} hung up before accepting.",
        "dial.no_confirm": "{who} answered, but pressed no key to accept.",
        "dial.canceled": "The call to {who} was canceled[: {reason}].",
        "dial.adopted": "The call to {who} was found at the carrier and is followed on.",
        "dial.lost": "What became of the call to {who} cannot be known.",
        "vm.left": "Voicemail left for {who}, asking for a call back.",
        "relay.accepted": "{who} accepted the message[: {evidence}].",
        "relay.declined": "{who} cannot take the message[: {reason}].",
        "sms.sent": "Text sent to {who}[ at {address}].",
        "sms.carrier_delivered": "The carrier reports the text to {who} as delivered.",
        "sms.undelivered": "The text to {who} did not arrive[ (code {code})].",
        "sms.failed": "The text to {who} failed[: {reason}][ (code {code})].",
        "sms.reply": "{who} replied by text.",
        "sms.timeout": "{who} did not reply in time.",
        "sms.help_sent": "Help text sent to {who}.",
        "sms.opt_out": "{who} opted out of texts[ at {address}].",
        "sms.opt_in": "{who} opted in to texts again[ at {address}].",
        "sms.adopted": "The text to {who} was found at the carrier and is followed on.",
        "sms.lost": "What became of the text to {who} cannot be known.",
        "secure.sent": "Secure link sent to {who}[ at {address}].",
        "secure.prefetch": "The secure link was fetched, but not opened[, for {who}].",
        "secure.read": "{who} opened the secure message.",
        "secure.timeout": "{who} did not open the secure link in time.",
        "email.sent": "E-mail sent to {who}[ at {address}].",
        "email.accepted": "The mail server took the e-mail to {who}.",
        "email.failed": "The e-mail to {who} failed[: {reason}].",
        "cue.set": "Next try set for {due_at}[: {reason}].",
        "cue.canceled": "Next try canceled[: {reason}].",
        "gap.detected": "Gap without dispatch detected[: {minutes} min].",
        "limit.reached": "Active dispatch limit reached[ after {minutes} min].",
        "lead.alerted": "A lead was alerted: {reason}.",
        "dispatch.alerted": "The dispatch desk was alerted: {reason}.",
        "special.applied": "A special applies[: {effect}].",
        "special.expired": "A special has ended.",
        "special.approved": "A special was approved[ by {whom}].",
        "special.rejected": "A special was rejected[ by {whom}].",
        "specials.posted": "A special was posted to the specials channel.",
        "review.opened": "Review opened[: {reason}].",
        "review.closed": "Review closed[ by {whom}][: {reason}].",
        "park.created": "Message parked[ for {skill}][ by {whom}].",
        "park.claimed": "Parked message claimed[ by {whom}].",
        "park.released": "Parked message released[ by {whom}].",
        "park.closed": "Parked message closed[ by {whom}].",
        "resend.requested": "Resend requested by {channel}[ to {address}].",
        "annotation.added": "Annotation added[ by {whom}][, directive {directive}].",
        "field.edited": "Field edited[: {field}].",
        "post.blocked": "Web post blocked[ by field {field}].",
        "post.requested": "Web post requested.",
        "post.sent": "Web post sent.",
        "post.accepted": "Web post accepted.",
        "post.failed": "Web post failed[: {reason}].",
        "hold.set": "Dispatch on hold[ until {due_at}][: {reason}].",
        "target.override": "Target changed to {who}: {reason}.",
        "endpoint.suspended": "Number of {who} suspended[ at {address}]: {reason}.",
        "endpoint.restored": "Number of {who} restored[ at {address}].",
        "am_review.flagged": "Flagged for the account manager[: {reason}].",
        "case.created": "Case created[: {reason}].",
        "case.rejected": "Case rejected[: {reason}].",
        "case.suggested": "Case suggested[: {reason}].",
        "inbound.call": "{who} called in.",
        "inbound.read_out": "The message was read out to {who} on the call.",
    }
)
_OPTIONAL: Final = re.compile(r"\[([^\]]*)\]")
_FACT: Final = re.compile(r"\{(\w+)\}")
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")


def sentence(kind: str, facts: Mapping[str, object]) -> str:
    """Say what happened; `facts` are the item's data, None and "" meaning unknown.

    Besides the data's own keys it may carry `name` (the contact's name, said for the key in
    `contact`) and `actor` (whoever acted, `dispatcher:dan`). A kind without a sentence is said by
    its own words, because a record must never fail for want of one.
    """
    known = {name: str(value) for name, value in facts.items() if value not in {None, ""}}
    return phrases.capital("".join(_spoken(part, known) for part in _parts(kind)))


class _Part(NamedTuple):
    """A part of a sentence: words and the names of facts, in turn."""

    optional: bool
    pieces: tuple[str, ...]


@lru_cache(maxsize=256)
def _parts(kind: str) -> tuple[_Part, ...]:
    """Take a kind's pattern apart, once."""
    pattern = SENTENCES.get(kind, f"{kind.replace('.', ' ').replace('_', ' ')}.")
    parts = enumerate(_OPTIONAL.split(pattern))
    return tuple(_Part(n % 2 == 1, tuple(_FACT.split(part))) for n, part in parts if part)


def _spoken(part: _Part, known: Mapping[str, str]) -> str:
    """Say a part; nothing if it is optional and a fact is not known."""
    if len(part.pieces) == 1:
        return part.pieces[0]
    said = list(part.pieces)
    for place in range(1, len(said), 2):
        words = _fact(said[place], known)
        if not words and part.optional:
            return ""
        said[place] = words or _OTHERWISE.get(said[place], "unknown")
    return "".join(said)


def _fact(name: str, known: Mapping[str, str]) -> str:
    """Say a fact; who and whom are also known by other names."""
    if name in known:
        return _said(name, known[name])
    if name == "who":
        other = "name" if _has_words("name", known) else "contact"
        return _said(other, known[other]) if other in known else ""
    if name == "whom" and "actor" in known:
        return _said("actor", known["actor"]).rpartition(":")[2]
    return ""


def _has_words(name: str, known: Mapping[str, str]) -> bool:
    return name in known and bool(_said(name, known[name]))


@lru_cache(maxsize=4096)
def _said(name: str, value: str) -> str:
    words = phrases.one_line(value)
    if name == "address":
        return mask_address(words)
    if name in _CODE_WORDS:
        words = words.replace("_", " ")
    return mask_within(_INSTANT.sub(r"\1 \2 UTC", words))
