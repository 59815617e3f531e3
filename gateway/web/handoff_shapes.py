"""Hand-off tickets as the API takes and shows them (S0, CONTRACT section 10)."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.domain.handoff_facts import Caller, Handoff, Mailing, TicketState
from gateway.domain.handoff_order import Step, missing, next_step
from gateway.domain.history import stamp
from gateway.web.shapes import Line, Phone, Said, Shape
from gateway.web.views import Json, View, instant

StateOfTicket = Literal[
    "CALL_OPEN", "LOGGING", "AWAIT_PRODUCT_ACK", "ACKNOWLEDGED", "CLOSING", "RESOLVED"
]  # fmt: skip
assert set(StateOfTicket.__args__) == {one.value for one in TicketState}  # type: ignore[attr-defined] # noqa: S101
# What a mail server takes as a recipient: one plain address, no name around it.
_PART = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
Mailbox = Annotated[
    str,
    Field(
        pattern=rf"^{_PART}@[A-Za-z0-9][A-Za-z0-9-]{{0,62}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,8}}$",
        max_length=254,
        examples=["dana@allstate.example"],
    ),
]


class NewHandoff(Shape):
    """The five answers to `/dispatch escalation` (S0-02).

    `product` is refused: it is set last, by its own step (S0-01).
    """

    full_name: Line
    company: Line
    phone: Phone
    email: Mailbox
    issue: Said
    major_incident: bool = False
    product: Line | None = None

    @property
    def caller(self) -> Caller:
        """Return what the caller said."""
        return Caller(self.full_name, self.company, self.phone, self.email, self.issue)


class NewNote(Shape):
    """A private note; the last one published is what the product team reads."""

    text: Said


class TicketEdit(Shape):
    """Fields of the form to fill in; what is left out or null stays. `product` is refused.

    The caller's `full_name`, `phone` and `email` may be put right: the next mail goes there.
    """

    contact: Line | None = None
    company: Line | None = None
    subject: Line | None = None
    status: Line | None = None
    type: Line | None = None
    waiting_on: Line | None = None
    final_resolution: Line | None = None
    product: Line | None = None
    full_name: Line | None = None
    phone: Phone | None = None
    email: Mailbox | None = None
    major_incident: Literal[True] | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields that are given, by name."""
        given = self.model_dump(exclude_none=True)
        given.pop("major_incident", None)
        return given


class ProductSet(Shape):
    """The product, set last of all: it hands the ticket to the product team (S0-11)."""

    product: Literal["Dispatch"]


class MailView(View):
    """One of a ticket's mails: how often it was sent off, and what became of the last one."""

    state: Literal["waiting", "sent", "failed", "unsure", "dropped"]
    tries: int


class HandoffView(View):
    """A ticket; instants are UTC. `missing` is what `next_step` still lacks."""

    id: str
    reference: str
    state: StateOfTicket
    next_step: str | None
    missing: list[str]
    major_incident: bool
    created_by: str
    created_at: str
    full_name: str
    company: str
    phone: str
    email: str
    issue: str
    contact: str | None
    subject: str | None
    status: str
    type: str | None
    waiting_on: str | None
    final_resolution: str | None
    product: str | None
    call_ended_at: str | None
    note: str | None
    noted_at: str | None
    product_at: str | None
    product_mail: MailView | None
    customer_mail: MailView | None
    acked_at: str | None
    acked_by: str | None
    remind_at: str | None
    closing_mail: MailView | None
    resolved_at: str | None


def handoff_view(ticket: Handoff) -> Json:
    """Show a ticket."""
    step = next_step(ticket)
    caller = {**ticket.caller._asdict(), "company": ticket.company}
    return {
        "id": str(ticket.id),
        "reference": ticket.reference,
        "state": ticket.state.value,
        "next_step": step,
        "missing": _missing(ticket, step),
        "major_incident": ticket.major_incident,
        "created_by": ticket.created_by,
        "created_at": stamp(ticket.created_at),
        **caller,
        **{name: getattr(ticket, name) for name in _FORM},
        "call_ended_at": instant(ticket.call_ended_at),
        "note": ticket.note,
        "noted_at": instant(ticket.noted_at),
        "product_at": instant(ticket.product_at),
        "product_mail": _mail(ticket.product_mail),
        "customer_mail": _mail(ticket.customer_mail),
        "acked_at": instant(ticket.acked_at),
        "acked_by": ticket.acked_by,
        "remind_at": instant(ticket.clock),
        "closing_mail": _mail(ticket.closing_mail),
        "resolved_at": instant(ticket.resolved_at),
    }


_FORM = ("contact", "subject", "status", "type", "waiting_on", "final_resolution", "product")


def _missing(ticket: Handoff, step: Step | None) -> list[str]:
    return [one.name for one in missing(ticket, step)] if step is not None else []


def _mail(mailing: Mailing | None) -> Json | None:
    return None if mailing is None else {"state": mailing.state, "tries": mailing.tries}
