"""Detours: how somebody is reached while no number of ours may be used in a channel.

A call becomes a text and a text a call where the person has a number for it and the client takes
such an answer for delivery; who cannot be reached at all keeps their turn for when they can.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.accounts import Account
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import Job, JobState
from gateway.domain.masking import mask_address
from gateway.domain.messages import Priority
from gateway.domain.protocols import Protocol
from gateway.domain.state import State
from gateway.domain.turns import Slot
from gateway.domain.walk import OFFICE, why_skipped

CALL, TEXT = "call", "text"
REASON = "carrier_down"
STAND_IN = timedelta(minutes=2)
_LOOK = timedelta(minutes=1)
_WORDS = {CALL: "no call can be placed now", TEXT: "no text can be sent now"}


def channel_of(method: str, address: str | None) -> str | None:
    """Return the channel that a method uses: call, text, or None for e-mail."""
    if address is None or "@" in address:
        return None
    return CALL if method == "call" else TEXT


def shut(state: State, slot: Slot) -> str | None:
    """Return the channel of a turn if it cannot be used now."""
    channel = channel_of(slot.method, slot.address)
    return channel if channel in state.shut else None


def detour(state: State, job: Job, slot: Slot, protocol: Protocol, now: datetime) -> Slot | None:
    """Return the turn by the other channel; None where that does not reach or deliver.

    A text that stands in for a call holds the round no longer than `STAND_IN`.
    """
    channel = channel_of(slot.method, slot.address)
    other, proof = ("sms", "reply_code") if channel == CALL else ("call", "key_press")
    account = state.account
    to = _address(account, slot, other) if account else None
    if to is None or proof not in protocol.evidence or channel_of(other, to) in state.shut:
        return None
    reason = f"{slot.line.reason}; {_WORDS[channel or CALL]}"
    line = replace(slot.line, reason=reason)
    wait = min(slot.wait or STAND_IN, STAND_IN, protocol.cue) if other == "sms" else slot.wait
    shown = mask_address(to)
    turn = replace(slot, line=line, method=other, wait=wait, address=to, shown=shown)
    return turn if why_skipped(state, job, turn, now) is None else None


def _address(account: Account, slot: Slot, method: str) -> str | None:
    """Return where a contact is reached; an office's line takes no texts."""
    contact = account.contacts.get(slot.contact)
    return contact.address(method) if contact and slot.line.role != OFFICE else None


def note_passed(draft: Draft, job: Job, slot: Slot, channel: str) -> None:
    """Put on record that somebody's turn has to wait, and why."""
    name = draft.state.contact_name(slot.contact)
    words = f"{name} is passed over for now: {_WORDS[channel]}."
    facts: dict[str, Fact] = {"contact": slot.contact, "reason": REASON, **draft.newer(job)}
    facts["source"] = slot.line.source
    draft.note_facts("contact.skipped", words, Outcome.INFO, facts, job)


def wait(draft: Draft, job: Job, passed: Sequence[tuple[Slot, str]]) -> bool:
    """Have the job wait for the first channel; False when it has waited for a whole cue already.

    A wait is put on record once, for each who is passed over, however often the job looks: its end
    is told to it, and the next look is for the worst. An emergency looks as soon as it might try
    the channel itself.
    """
    channel = passed[0][1]
    end = (job.round.at or draft.now) + timedelta(seconds=job.round.cue_seconds)
    if draft.now >= end:
        return False
    if draft.state.job(job.id).waits_for != channel:
        for slot, shut_for in passed:
            note_passed(draft, job, slot, shut_for)
    until = draft.state.shut[channel]
    if job.priority is not Priority.EMERGENCY:
        until = max(until, draft.after(_LOOK))
    at = min(until, end)
    draft.keep(job._replace(waits_for=channel, next_at=at, state=JobState.PENDING))
    return True
