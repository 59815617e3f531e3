"""Hand-off tickets: what people, the product team and the clock do to one (S0-01 to S0-16). Pure.

Every step answers what is to be written. One that was done before changes nothing, so that a
request may be repeated; one out of order is refused with what is missing. No step ends a ticket by
itself: it waits for the product team however long that takes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from gateway.domain import handoff_mails as mails
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.handoff_facts import (
    DEV_HAND_OFF,
    OPEN,
    OUTSIDE_SUPPORT,
    PENDING,
    RESOLVED,
    SUPPORT_ASSISTANCE,
    Caller,
    Handoff,
    NotReadyError,
    Rules,
)
from gateway.domain.handoff_order import Step, already_resolved, own_step, ready
from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Kind, Shown, Ways, Written, keep
from gateway.domain.wording import handoffs as words

_SOONEST: Final = timedelta(microseconds=1)
# Fields the hand-off rests on: once the product team is written to, they stay.
_SETTLED: Final = ("status", "type", "waiting_on", "final_resolution")
# The manual's own words may be read for ever; whatever else is typed there can be erased.
_MANUAL: Final = frozenset({PENDING, SUPPORT_ASSISTANCE, OUTSIDE_SUPPORT, DEV_HAND_OFF, OPEN})
# What the caller said of themselves: a wrong address is put right, and the next mail goes there.
_OF_CALLER: Final = frozenset({"full_name", "phone", "email"})
_ENDS: Final = frozenset({"resolved", "closed", "solved"})
# Fields that only a step of their own sets, the status only where it would end the ticket.
_OWN_STEPS: Final = MappingProxyType({"product": Step.PRODUCT, "status": Step.RESOLVE})
_PRODUCT_TEAM: Final = "contact:product"

_DIVERTED: Final = Item(
    "handoff.diverted",
    "A major incident: the incident protocol governs, and nothing is handed off.",
    data=MappingProxyType({"sink": "incident", "reason": "major_incident"}),
)


class Opening(NamedTuple):
    """A ticket to be opened: its id, what the caller said, and what stands on the form."""

    id: UUID
    caller: Caller
    major_incident: bool = False
    product: str | None = None


def open_ticket(opening: Opening, who: Person, rules: Rules, now: datetime) -> Written[Handoff]:
    """Open a ticket while the caller is on the line.

    The product stays empty, Accurence's manual says (S0-01): set early it would hand off a ticket
    of which nothing is known. No company's ticket may have one, for the same reason.
    """
    ticket = Handoff(
        id=opening.id,
        caller=opening.caller,
        created_by=who.actor,
        created_at=now,
        company=opening.caller.company,
        major_incident=opening.major_incident,
        resolution_first=rules.resolution_first,
        remind_hours=rules.remind_hours,
    )
    if opening.product is not None:
        raise own_step(ticket, "product", Step.PRODUCT)
    said = "\n".join(f"{name}: {value}" for name, value in opening.caller._asdict().items())
    created = Item("handoff.created", "A hand-off ticket was opened.", words=said)
    alarms = (_incident(ticket),) if ticket.major_incident else ()
    items = (created, _DIVERTED) if ticket.major_incident else (created,)
    return Written(ticket, items, alarms=alarms)


def end_call(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Say that the call is over (S0-04); only then may a note be published."""
    if ticket.call_ended_at is not None:
        return _unchanged(ticket)
    ended = Item("handoff.call_ended", "The call with the caller ended.")
    return Written(replace(ticket, call_ended_at=now), (ended,), ticket.clock)


def publish(ticket: Handoff, text: str, now: datetime) -> Written[Handoff]:
    """Publish a private note, after the call (S0-06); the last one is what the hand-off sends."""
    ready(ticket, Step.NOTE)
    ended = ticket.call_ended_at or now
    noted = replace(ticket, note=text, noted_at=max(now, ended + _SOONEST))
    item = Item("handoff.noted", "A private note was published.", words=text)
    return Written(noted, (item,), noted.clock)


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
        return _unchanged(ticket)
    alarms = (_incident(after),) if diverts else ()
    return Written(after, (*_edited(changed), *((_DIVERTED,) * diverts)), after.clock, (), alarms)


def hand_off(
    ticket: Handoff, receipt: mails.Receipt, rules: Rules, now: datetime
) -> Written[Handoff]:
    """Set the product, last of all: it sends the one mail to the product team (S0-07, S0-11).

    Asked again it sends nothing, unless the mail server has refused the mail for good.
    """
    if ticket.handed_off:
        return _unchanged(ticket)
    ready(ticket, Step.PRODUCT)
    if rules.mailbox is None:
        words = "nobody to mail it to: set DISPATCHD_HANDOFF_PRODUCT_EMAIL or DISPATCHD_MAIL_FROM"
        raise NotReadyError(("product_mailbox",), words)
    mailing, letter = mails.to_product(ticket, rules.mailbox, receipt)
    handed = replace(
        ticket,
        product="Dispatch",
        product_at=now,
        product_mail=mailing,
        ack_print=receipt.print,
        acked_at=None,
        acked_by=None,
        remind_hours=rules.remind_hours,
        remind_at=now + timedelta(hours=rules.remind_hours),
    )
    item = Item(
        "handoff.product_set",
        "The product was set, which hands the ticket to the product team.",
        Outcome.INITIATED,
        {"product": "Dispatch", "letter": letter.name},
    )
    return Written(handed, (item,), handed.clock, (letter,))


def tell_customer(ticket: Handoff) -> Written[Handoff]:
    """Write to the customer that the hand-off has begun, once (S0-13)."""
    if ticket.customer_mail is not None and ticket.customer_mail.stands:
        return _unchanged(ticket)
    ready(ticket, Step.CUSTOMER_UPDATE)
    mailing, letter, wording = mails.update(ticket)
    told = replace(ticket, customer_mail=mailing)
    facts = {"letter": letter.name, "wording": wording}
    text = "The customer is written to that the hand-off has begun."
    item = Item("handoff.customer_update", text, Outcome.INITIATED, facts)
    return Written(told, (item,), told.clock, (letter,))


def acknowledge(ticket: Handoff, who: Person, now: datetime) -> Written[Handoff]:
    """Note that the product team has confirmed the mail to somebody here (S0-14)."""
    if ticket.acked_at is not None:
        return _unchanged(ticket)
    ready(ticket, Step.ACK)
    return _acknowledged(ticket, who.actor, None, now)


def confirm(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Take the product team's own word, by the link in their mail.

    It counts whenever it comes, also before the customer was written to: they have the mail.
    """
    if ticket.acked_at is not None or ticket.resolved_at is not None or not ticket.product_mail:
        return _unchanged(ticket)
    return _acknowledged(ticket, _PRODUCT_TEAM, _PRODUCT_TEAM, now)


def close(ticket: Handoff) -> Written[Handoff]:
    """Send the closing mail (S0-15), again only where the last one may not have arrived."""
    if ticket.closing_mail is not None and ticket.closing_mail.state in {"waiting", "sent"}:
        return _unchanged(ticket)
    ready(ticket, Step.CLOSING)
    mailing, letter, wording = mails.closing(ticket)
    closing = replace(ticket, closing_mail=mailing)
    facts = {"letter": letter.name, "wording": wording}
    item = Item("handoff.closing", "The closing mail is sent.", Outcome.INITIATED, facts)
    return Written(closing, (item,), closing.clock, (letter,))


def resolve(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Set the status to Resolved, once the closing mail was accepted (S0-16)."""
    if ticket.resolved_at is not None:
        return _unchanged(ticket)
    ready(ticket, Step.RESOLVE)
    resolved = replace(ticket, status=RESOLVED, resolved_at=now)
    return Written(
        resolved, (Item("handoff.resolved", "The ticket was resolved.", Outcome.SUCCESS),)
    )


def when_due(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Remind a lead while the product team is silent, every so many hours (S0-14)."""
    if not ticket.unconfirmed or ticket.remind_at is None or now < ticket.remind_at:
        return _unchanged(ticket)
    waited = int((now - (ticket.product_at or now)) / timedelta(hours=1))
    reminded = replace(ticket, remind_at=now + timedelta(hours=ticket.remind_hours))
    lost = "has not confirmed the mail" if ticket.handed_off else "was not reached by the mail"
    text = f"The product team {lost}; a lead was reminded."
    item = Item("handoff.reminded", text, data={"hours": waited}, actor="gateway")
    alarm = Alarm("lead", "handoff_unconfirmed", _reminder(ticket, waited))
    return Written(reminded, (item,), reminded.clock, (), (alarm,))


def shown(ticket: Handoff) -> Shown:
    """Return by what a ticket is found: its state, who opened it, its company."""
    return Shown(ticket.state.value, ticket.created_by.partition(":")[2], about=(ticket.company,))


def _acknowledged(ticket: Handoff, by: str, actor: str | None, now: datetime) -> Written[Handoff]:
    acked = replace(ticket, acked_at=now, acked_by=by, remind_at=None)
    text = "The product team has confirmed the mail."
    facts = {"by": "link" if actor else "person"}
    return Written(
        acked, (Item("handoff.acknowledged", text, Outcome.SUCCESS, facts, None, actor),)
    )


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


def _reminder(ticket: Handoff, waited: int) -> str:
    if ticket.handed_off:
        return words.unconfirmed(ticket.reference, waited)
    return words.mail_failed(ticket.reference, "product team", None)


def _stands(ticket: Handoff, name: str) -> str | None:
    """Return what a field says now."""
    found: str | None = getattr(ticket.caller if name in _OF_CALLER else ticket, name)
    return found


def _incident(ticket: Handoff) -> Alarm:
    return Alarm("incident", "major_incident", words.incident(ticket.reference, ticket.company))


def _unchanged(ticket: Handoff) -> Written[Handoff]:
    return keep(ticket, ticket.clock)


def over(ticket: Handoff) -> bool:
    """Tell whether a ticket is resolved; what people said of it may be erased then."""
    return ticket.resolved_at is not None


WAYS: Final = Ways(Kind.HANDOFF, TypeAdapter(Handoff), shown, when_due, mails.when_sent, over)
