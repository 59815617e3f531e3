"""Rules: why an item of the history had to be, where that follows from more than a person's turn.

Like all of `why` they are read from what is on record, and by the functions that decide.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from gateway.domain.by_hand import ALWAYS
from gateway.domain.jobs import next_round_at
from gateway.domain.protocols import Protocol

Item = Mapping[str, Any]
_SAID: Final = MappingProxyType(
    {
        "schedule.blank": "no shift covers this instant, so the permanent list stands in",
        "job.exhausted": "everybody was passed over: a lead decides, and the cue stands",
        "special.applied": "a client's instruction holds now; of several the one posted last",
        "special.expired": "it has ended, was rejected, or another one governs",
        "target.override": "a person's choice goes before specials and schedules, once",
        "job.closed_leftover": "the job is older than the delivery",
        "am_review.flagged": "the second request within seven days",
        "case.created": "somebody owns what follows: one open case for a message and a cause",
        "endpoint.suspended": "not used until a lead restores it; after STOP, until START",
        "endpoint.restored": "a lead has looked at it: the next round may use it",
    }
)
_CUES: Final = MappingProxyType(
    {
        "reply": "a text holds the round until its wait is over",
        "by_person": "a lead set it, or directed it",
        "not_relayed": "a person tried in vain: the account's cue, counted from the round's start",
        "forced_failed": "the agent's own dial failed: one cue after it",
    }
)
_HELD: Final = MappingProxyType(
    {
        "no_schedule": "no schedule fits the message, or several do: it is never guessed",
        "blank": "nobody is scheduled and there is no permanent list",
        "requires_human": "the notes on the next contact ask for a person",
        "office_open": "the protocol waits for the opening before the first round",
        "hold_for_office": "a directive: nobody is reached before the office opens",
        "special": "a special holds all dispatch of the account",
        "message_missing": "there is nothing left to tell anybody",
        "account_missing": "there is no document to go by",
    }
)


def because(item: Item, protocol: Protocol) -> str:
    """Say by which rule of the protocol, or of the desk, an item had to be; empty for none."""
    facts, reason = item["data"], str(item["data"].get("reason"))
    match item["kind"]:
        case "cue.set":
            next_one = f"one cue ({_minutes(protocol.cue)}) after the round's start, or a multiple"
            return next_one if reason == "next_round" else _CUES.get(reason, "")
        case "job.held":
            return _HELD.get(reason, "")
        case "gap.detected":
            return f"more than 1.5 cues of {_minutes(protocol.cue)}: that time does not count"
        case "limit.reached":
            return f"active time has reached {_minutes(protocol.limit)}: only a lead goes on"
        case "message.delivered":
            return _why_delivered(str(facts.get("evidence")), protocol)
        case kind:
            return _SAID.get(kind, "")


def _why_delivered(evidence: str, protocol: Protocol) -> str:
    if evidence in ALWAYS:
        return "a person may always deliver"
    return f"the protocol {protocol.name} takes {evidence.replace('_', ' ')} for delivery"


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} min"


def breach(item: Item, protocol: Protocol, began: datetime) -> str | None:
    """Say how an item breaks its rule; None when it does not. `began` is the round's start."""
    facts = item["data"]
    at = datetime.fromisoformat(item["at"])
    match item["kind"], facts.get("reason"):
        case "cue.set", "next_round":
            should = next_round_at(began, protocol.cue, at)
            stands = datetime.fromisoformat(facts["due_at"])
            return None if stands == should else f"the next round is due {should:%H:%M:%S} UTC"
        case "limit.reached", _:
            short = timedelta(minutes=facts["active_minutes"] + 1) <= protocol.limit
            return "the limit was not reached yet" if short else None
        case "message.delivered", _:
            taken = ALWAYS.union(protocol.evidence)
            evidence = facts.get("evidence")
            return None if evidence in taken else f"{evidence} does not deliver"
        case _:
            return None
