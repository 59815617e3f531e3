"""A ticket's mails: to the product team, and two to the customer; and what became of each. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from gateway.domain.handoff_facts import Handoff, Mailing
from gateway.domain.matters import Alarm, Letter, Result, Written
from gateway.domain.wording import handoffs as words
from gateway.domain.wording.canned import RESOLVE, RESOLVE_INCIDENT, UPDATE, Canned

# The ticket's field and the person written to, by the first word of a letter's name.
_WHOSE: Final = {
    "product": ("product_mail", "product team"),
    "update": ("customer_mail", "customer"),
    "closing": ("closing_mail", "customer"),
}


class Receipt(NamedTuple):
    """The link by which the product team confirms; only its token's fingerprint is kept."""

    link: str
    print: str


def to_product(ticket: Handoff, mailbox: str, receipt: Receipt) -> tuple[Mailing, Letter]:
    """Write the hand-off mail: the private note that is the last one at this instant (S0-07)."""
    mailing = _next(ticket.product_mail)
    body = words.to_product(ticket.note or "", receipt.link)
    subject = f"Hand-off {ticket.reference}: {ticket.subject}"
    return mailing, Letter(_name("product", mailing), "email", mailbox, subject, body)


def update(ticket: Handoff) -> tuple[Mailing, Letter, str]:
    """Write `/dispatch update` to the customer; the last is its wording's name (S0-13)."""
    return _to_customer(ticket, "update", ticket.customer_mail, UPDATE)


def closing(ticket: Handoff) -> tuple[Mailing, Letter, str]:
    """Write `/dispatch resolve` to the customer (S0-15), or what an incident's caller is told."""
    canned = RESOLVE_INCIDENT if ticket.major_incident else RESOLVE
    return _to_customer(ticket, "closing", ticket.closing_mail, canned)


class Redirected(NamedTuple):
    """The ticket, its mails to the address that is right, and the names of those called back."""

    ticket: Handoff
    letters: tuple[Letter, ...] = ()
    instead_of: tuple[str, ...] = ()


def redirected(ticket: Handoff) -> Redirected:
    """Send what waits for the customer to the address they have now.

    What left already, or may have, is not sent again by itself: it may be asked for anew.
    """
    letters, called_back = [], []
    for first, write in (("update", update), ("closing", closing)):
        field = _WHOSE[first][0]
        before: Mailing | None = getattr(ticket, field)
        if before is None:
            continue
        mailing = before._replace(elsewhere=True)
        if before.state == "waiting":
            mailing, letter, _ = write(ticket)
            letters.append(letter)
            called_back.append(_name(first, before))
        changed: dict[str, Any] = {field: mailing}
        ticket = replace(ticket, **changed)
    return Redirected(ticket, tuple(letters), tuple(called_back))


def when_sent(ticket: Handoff, name: str, result: Result, now: datetime) -> Written[Handoff]:
    """Note what became of a mail; only the last one of its kind counts. A lead hears of a loss."""
    del now
    field, whose = _WHOSE[name.partition(":")[0]]
    mailing: Mailing | None = getattr(ticket, field)
    if mailing is None or _name(name.partition(":")[0], mailing) != name:
        return Written(ticket, next_at=ticket.clock)
    settled: dict[str, Any] = {field: mailing._replace(state=result.state)}
    after = replace(ticket, **settled)
    return Written(after, (), after.clock, (), _told(after, whose, result))


def _told(ticket: Handoff, whose: str, result: Result) -> tuple[Alarm, ...]:
    match result.state:
        case "sent":
            return ()
        case "unsure":
            text = words.mail_unsure(ticket.reference, whose)
            return (Alarm("lead", "handoff_mail_unsure", text),)
        case "failed" | "dropped":
            text = words.mail_failed(ticket.reference, whose, result.reason)
            return (Alarm("lead", "handoff_mail_failed", text),)


def _to_customer(
    ticket: Handoff, first: str, before: Mailing | None, canned: Canned
) -> tuple[Mailing, Letter, str]:
    mailing, caller = _next(before), ticket.caller
    subject, body = canned.filled(
        full_name=caller.full_name,
        subject=ticket.subject or ticket.reference,
        reference=ticket.reference,
    )
    letter = Letter(_name(first, mailing), "email", caller.email, subject, body)
    return mailing, letter, canned.wording


def _next(before: Mailing | None) -> Mailing:
    return Mailing(before.tries + 1 if before else 1)


def _name(first: str, mailing: Mailing) -> str:
    return first if mailing.tries == 1 else f"{first}:{mailing.tries}"
