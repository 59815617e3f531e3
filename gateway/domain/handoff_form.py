"""The form of a hand-off ticket: what may be filled in, put right, and until when. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from gateway.domain import handoff_mails as mails
from gateway.domain.deeds import RefusedError
from gateway.domain.handoff_facts import (
    DEV_HAND_OFF,
    OPEN,
    OUTSIDE_SUPPORT,
    PENDING,
    SUPPORT_ASSISTANCE,
    Handoff,
)
from gateway.domain.handoff_order import Step, already_resolved, own_step
from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Written, keep
from gateway.domain.wording import handoffs as words

# Fields the hand-off rests on: once the product team is written to, they stay.
_SETTLED: Final = ("status", "type", "waiting_on", "final_resolution")
# The manual's own words may be read for ever; whatever else is typed there can be erased.
_MANUAL: Final = frozenset({PENDING, SUPPORT_ASSISTANCE, OUTSIDE_SUPPORT, DEV_HAND_OFF, OPEN})
# What the caller said of themselves: a wrong address is put right, and the next mail goes there.
_OF_CALLER: Final = frozenset({"full_name", "phone", "email"})
_ENDS: Final = frozenset({"resolved", "closed", "solved"})
# Fields that only a step of their own sets, the status only where it would end the ticket.
_OWN_STEPS: Final = MappingProxyType({"product": Step.PRODUCT, "status": Step.RESOLVE})
DIVERTED: Final = Item(
    "handoff.diverted",
    "A major incident: the incident protocol governs, and nothing is handed off.",
    data=MappingProxyType({"sink": "incident", "reason": "major_incident"}),
)


def edit(ticket: Handoff, fields: Mapping[str, str], *, incident: bool = False) -> Written[Handoff]:
    """Fill in fields of the form by their names (S0-05, S0-08 to S0-10, S0-12).

    `full_name`, `phone` and `email` are the caller's; they may be put right until the end.
    `incident`: it turns out to be a major one; what was told to the incident sink stays told.
    """
    if ticket.resolved_at is not None:
        raise already_resolved()
    for name, step in _OWN_STEPS.items():
        if name in fields and (name != "status" or fields[name].strip().lower() in _ENDS):
            raise own_step(ticket, name, step)
    changed: dict[str, Any] = {
        name: new for name, new in fields.items() if _stands(ticket, name) != new
    }
    _still_free(ticket, changed, incident=incident)
    diverts = incident and not ticket.major_incident
    said = {name: new for name, new in changed.items() if name in _OF_CALLER}
    form = {name: new for name, new in changed.items() if name not in _OF_CALLER}
    after = replace(
        ticket,
        **form,
        caller=ticket.caller._replace(**said),
        major_incident=ticket.major_incident or diverts,
    )
    if after == ticket:
        return unchanged(ticket)
    moved = mails.redirected(after) if "email" in changed else mails.Redirected(after)
    items = (*_edited(changed), *((DIVERTED,) * diverts), *_redirected(moved))
    alarms = (incident_alarm(after),) if diverts else ()
    return Written(
        moved.ticket, items, after.clock, moved.letters, alarms, called_back=moved.instead_of
    )


def incident_alarm(ticket: Handoff) -> Alarm:
    """Return what tells the incident sink of a major incident (S0-03)."""
    return Alarm("incident", "major_incident", words.incident(ticket.reference, ticket.company))


def unchanged(ticket: Handoff) -> Written[Handoff]:
    """Answer that nothing is to be written; the clock goes on as it does."""
    return keep(ticket, ticket.clock)


def _still_free(ticket: Handoff, changed: Mapping[str, str], *, incident: bool) -> None:
    """Refuse to change what the hand-off rested on."""
    if not ticket.handed_off:
        return
    fixed = [one for one in _SETTLED if one in changed and getattr(ticket, one) is not None]
    if incident and not ticket.major_incident:
        fixed.append("major_incident")
    if "final_resolution" in fixed and not ticket.resolution_first:
        fixed.remove("final_resolution")
    if fixed:
        raise RefusedError("already_handed_off", f"the hand-off rests on {', '.join(fixed)}")


def _edited(changed: Mapping[str, str]) -> tuple[Item, ...]:
    """Return the item of an edit: the form's own words in the open, what people wrote apart."""
    if not changed:
        return ()
    open_ones = {name: changed[name] for name in _SETTLED if changed.get(name) in _MANUAL}
    own = [f"{name}: {value}" for name, value in changed.items() if name not in open_ones]
    facts = {"fields": ", ".join(changed), **open_ones}
    text = "Fields of the ticket were filled in."
    return (Item("handoff.edited", text, data=facts, words="\n".join(own) or None),)


def _redirected(moved: mails.Redirected) -> tuple[Item, ...]:
    text = "A mail that had not left goes to the address that was put right."
    return tuple(
        Item("handoff.redirected", text, Outcome.INITIATED, {"letter": new.name, "instead_of": old})
        for new, old in zip(moved.letters, moved.instead_of, strict=True)
    )


def _stands(ticket: Handoff, name: str) -> str | None:
    """Return what a field says now."""
    found: str | None = getattr(ticket.caller if name in _OF_CALLER else ticket, name)
    return found
