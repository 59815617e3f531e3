"""Hand-off tickets: what people, the product team and the clock do to one (S0-01 to S0-16). Pure.

Every step answers what is to be written. One that was done before changes nothing, so that a
request may be repeated; one out of order is refused with what is missing. No step ends a ticket by
itself: it waits for the product team however long that takes.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from gateway.domain import handoff_mails as mails
from gateway.domain.deeds import Person, bare
from gateway.domain.handoff_facts import (
    RESOLVED,
    Caller,
    Handoff,
    NotReadyError,
    Rules,
)
from gateway.domain.handoff_form import DIVERTED, incident_alarm, unchanged
from gateway.domain.handoff_order import Step, own_step, ready
from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Kind, Shown, Ways, Written
from gateway.domain.wording import handoffs as words

_SOONEST: Final = timedelta(microseconds=1)
_PRODUCT_TEAM: Final = "contact:product"


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
    alarms = (incident_alarm(ticket),) if ticket.major_incident else ()
    items = (created, DIVERTED) if ticket.major_incident else (created,)
    return Written(ticket, items, alarms=alarms)


def end_call(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Say that the call is over (S0-04); only then may a note be published."""
    if ticket.call_ended_at is not None:
        return unchanged(ticket)
    ended = Item("handoff.call_ended", "The call with the caller ended.")
    return Written(replace(ticket, call_ended_at=now), (ended,), ticket.clock)


def publish(ticket: Handoff, text: str, now: datetime) -> Written[Handoff]:
    """Publish a private note, after the call (S0-06); the last one is what the hand-off sends."""
    ready(ticket, Step.NOTE)
    ended = ticket.call_ended_at or now
    noted = replace(ticket, note=text, noted_at=max(now, ended + _SOONEST))
    item = Item("handoff.noted", "A private note was published.", words=text)
    return Written(noted, (item,), noted.clock)


def hand_off(
    ticket: Handoff, receipt: mails.Receipt, rules: Rules, now: datetime
) -> Written[Handoff]:
    """Set the product, last of all: it sends the one mail to the product team (S0-07, S0-11).

    Asked again it sends nothing, unless the mail server has refused the mail for good.
    """
    if ticket.handed_off:
        return unchanged(ticket)
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
    told_before = ticket.customer_mail
    if told_before is not None and told_before.stands and not told_before.elsewhere:
        return unchanged(ticket)
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
        return unchanged(ticket)
    ready(ticket, Step.ACK)
    return _acknowledged(ticket, who.actor, None, now)


def confirm(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Take the product team's own word, by the link in their mail.

    It counts whenever it comes, also before the customer was written to: they have the mail.
    """
    if ticket.acked_at is not None or ticket.resolved_at is not None or not ticket.product_mail:
        return unchanged(ticket)
    return _acknowledged(ticket, _PRODUCT_TEAM, _PRODUCT_TEAM, now)


def close(ticket: Handoff) -> Written[Handoff]:
    """Send the closing mail (S0-15), again only where the last one may not have arrived."""
    before = ticket.closing_mail
    if before is not None and before.state in {"waiting", "sent"} and not before.elsewhere:
        return unchanged(ticket)
    ready(ticket, Step.CLOSING)
    mailing, letter, wording = mails.closing(ticket)
    closing = replace(ticket, closing_mail=mailing)
    facts = {"letter": letter.name, "wording": wording}
    item = Item("handoff.closing", "The closing mail is sent.", Outcome.INITIATED, facts)
    return Written(closing, (item,), closing.clock, (letter,))


def resolve(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Set the status to Resolved, once the closing mail was accepted (S0-16)."""
    if ticket.resolved_at is not None:
        return unchanged(ticket)
    ready(ticket, Step.RESOLVE)
    resolved = replace(ticket, status=RESOLVED, resolved_at=now)
    return Written(
        resolved, (Item("handoff.resolved", "The ticket was resolved.", Outcome.SUCCESS),)
    )


def when_due(ticket: Handoff, now: datetime) -> Written[Handoff]:
    """Remind a lead while the product team is silent, every so many hours (S0-14)."""
    if not ticket.unconfirmed or ticket.remind_at is None or now < ticket.remind_at:
        return unchanged(ticket)
    waited = int((now - (ticket.product_at or now)) / timedelta(hours=1))
    reminded = replace(ticket, remind_at=now + timedelta(hours=ticket.remind_hours))
    lost = "has not confirmed the mail" if ticket.handed_off else "was not reached by the mail"
    text = f"The product team {lost}; a lead was reminded."
    item = Item("handoff.reminded", text, data={"hours": waited}, actor="gateway")
    alarm = Alarm("lead", "handoff_unconfirmed", _reminder(ticket, waited))
    return Written(reminded, (item,), reminded.clock, (), (alarm,))


def shown(ticket: Handoff) -> Shown:
    """Return by what a ticket is found: its state, who opened it, its company."""
    return Shown(ticket.state.value, bare(ticket.created_by), about=(ticket.company,))


def _acknowledged(ticket: Handoff, by: str, actor: str | None, now: datetime) -> Written[Handoff]:
    acked = replace(ticket, acked_at=now, acked_by=by, remind_at=None)
    text = "The product team has confirmed the mail."
    facts = {"by": "link" if actor else "person"}
    return Written(
        acked, (Item("handoff.acknowledged", text, Outcome.SUCCESS, facts, None, actor),)
    )


def _reminder(ticket: Handoff, waited: int) -> str:
    if ticket.handed_off:
        return words.unconfirmed(ticket.reference, waited)
    return words.mail_failed(ticket.reference, "product team", None)


def over(ticket: Handoff) -> bool:
    """Tell whether a ticket is resolved; what people said of it may be erased then."""
    return ticket.resolved_at is not None


WAYS: Final = Ways(Kind.HANDOFF, TypeAdapter(Handoff), shown, when_due, mails.when_sent, over)
