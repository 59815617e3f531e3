"""The kinds of history items there are (CONTRACT section 7), for what a scenario expects."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

# Of a message's history, by family; those of the contract and what was added to them.
_FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message": "taken edited delivered canceled",
        "job": "created claimed completed held parked resumed exhausted closed_leftover canceled",
        "oncall": "resolved",
        "schedule": "blank selected",
        "protocol": "selected",
        "contact": "skipped",
        "dial": "started answered no_answer busy failed voicemail hung_up no_confirm canceled "
        "adopted lost",
        "vm": "left",
        "relay": "accepted declined",
        "sms": "sent carrier_delivered undelivered failed reply timeout help_sent opt_out opt_in "
        "adopted lost",
        "secure": "sent prefetch read timeout",
        "email": "sent accepted failed timeout lost",
        "cue": "set canceled",
        "gap": "detected",
        "limit": "reached",
        "lead": "alerted",
        "dispatch": "alerted",
        "special": "applied expired approved rejected posted untold",
        "specials": "posted",
        "review": "opened closed",
        "park": "created claimed released closed",
        "resend": "requested",
        "annotation": "added",
        "field": "edited",
        "post": "blocked requested sent accepted failed",
        "hold": "set",
        "target": "override",
        "endpoint": "suspended restored",
        "am_review": "flagged",
        "inbound": "call read_out",
    }
)
KINDS: Final = frozenset(
    f"{family}.{word}" for family, words in _FAMILIES.items() for word in words.split()
)
# Whatever happens to a case, hand-off or field job is a kind of its family.
_MATTERS: Final = ("case.", "handoff.", "fieldjob.")


def unknown_kind(kind: str) -> str | None:
    """Say that there is no such kind, and which was perhaps meant; None when there is."""
    if kind in KINDS or kind.startswith(_MATTERS):
        return None
    close = get_close_matches(kind, sorted(KINDS), n=1)
    return f"there is no kind {kind}" + (f"; did you mean {close[0]}?" if close else "")
