"""The carrier's status words and ours: the one table of them."""

from types import MappingProxyType
from typing import Final

UNKNOWN: Final = "unknown"
"""A word the carrier did not use when this was written; never a reason to act."""

CALLS: Final = MappingProxyType(
    {
        "queued": "queued",
        "initiated": "queued",
        "ringing": "ringing",
        "in-progress": "answered",
        "answered": "answered",
        "completed": "completed",
        "busy": "busy",
        "no-answer": "no_answer",
        "failed": "failed",
        "canceled": "canceled",
    }
)

TEXTS: Final = MappingProxyType(
    {
        "accepted": "queued",
        "scheduled": "queued",
        "queued": "queued",
        "sending": "sending",
        "sent": "sent",
        "partially_delivered": "sent",
        "delivered": "delivered",
        "undelivered": "undelivered",
        "failed": "failed",
        "canceled": "canceled",
        "read": "read",
    }
)

_UNREACHABLE = "480"
"""SIP "temporarily unavailable": the carrier calls it failed, but nobody was there to answer."""


def call_word(status: str | None, sip: str | None = None) -> str:
    """Return our word for a CallStatus; `sip` is the callback's SipResponseCode."""
    if status == "failed" and sip == _UNREACHABLE:
        return "no_answer"
    return CALLS.get(status or "", UNKNOWN)


def text_word(status: str | None) -> str:
    """Return our word for a MessageStatus."""
    return TEXTS.get(status or "", UNKNOWN)


def answered_by(verdict: str | None) -> str:
    """Return human, machine, fax or unknown for an AnsweredBy; it never accepts anything."""
    match (verdict or "").partition("_")[0]:
        case "human" | "machine" | "fax" as word:
            return word
        case _:
            return UNKNOWN
