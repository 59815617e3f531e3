"""Hand-off tickets: a caller's question on its way to the product team, and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, NamedTuple
from uuid import UUID

from gateway.domain.deeds import RefusedError

# What the desk's manual has each field say (S0-08 to S0-12).
PENDING: Final = "Pending"
SUPPORT_ASSISTANCE: Final = "Support Assistance"
OUTSIDE_SUPPORT: Final = "Outside Support"
DEV_HAND_OFF: Final = "Dev/Product Hand Off"
DISPATCH: Final = "Dispatch"
OPEN: Final = "Open"
RESOLVED: Final = "Resolved"


class TicketState(StrEnum):
    """How far a ticket is; AWAIT_PRODUCT_ACK is the manual's own word (S0-14)."""

    CALL_OPEN = "CALL_OPEN"
    LOGGING = "LOGGING"
    AWAIT_PRODUCT_ACK = "AWAIT_PRODUCT_ACK"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSING = "CLOSING"
    RESOLVED = "RESOLVED"

    __hash__ = str.__hash__


class NotReadyError(RefusedError):
    """A step out of order; `missing` names, in their order, the steps and fields before it.

    `step`: the one that was asked for by another way, and is to be asked for itself.
    """

    def __init__(self, missing: tuple[str, ...], words: str, step: str | None = None) -> None:
        more = {} if step is None else {"step": step}
        super().__init__("not_ready", words, missing=list(missing), **more)
        self.missing = missing


class Rules(NamedTuple):
    """What the settings say: the product team's mailbox, hours to a reminder, and S0-12's order.

    `resolution_first`: Final Resolution must stand before the product is set; otherwise before
    the closing mail.
    """

    mailbox: str | None
    remind_hours: int
    resolution_first: bool = True


class Mailing(NamedTuple):
    """One of the ticket's mails: how often it was asked for, and what became of the last one.

    waiting: written, and on its way. sent: the mail server took it. A failed or dropped one may be
    asked for again; an unsure one may have arrived, and is not sent again by itself. `elsewhere`:
    it went to an address that was put right since; whoever asks again has it sent to that one.
    """

    tries: int
    state: Literal["waiting", "sent", "failed", "unsure", "dropped"] = "waiting"
    elsewhere: bool = False

    @property
    def stands(self) -> bool:
        """True unless it certainly did not leave."""
        return self.state not in {"failed", "dropped"}


class Caller(NamedTuple):
    """The five answers to `/dispatch escalation` (S0-02); `phone` E.164."""

    full_name: str
    company: str
    phone: str
    email: str
    issue: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """A ticket. `note` is the last private note published, `ack_print` a link's fingerprint.

    `contact`, `subject` and those from `type` to `product` are None until somebody fills them in.
    """

    id: UUID
    caller: Caller
    created_by: str
    created_at: datetime
    company: str
    major_incident: bool = False
    resolution_first: bool = True
    call_ended_at: datetime | None = None
    note: str | None = None
    noted_at: datetime | None = None
    contact: str | None = None
    subject: str | None = None
    status: str = OPEN
    type: str | None = None
    waiting_on: str | None = None
    final_resolution: str | None = None
    product: str | None = None
    product_at: datetime | None = None
    product_mail: Mailing | None = None
    customer_mail: Mailing | None = None
    closing_mail: Mailing | None = None
    ack_print: str | None = None
    acked_at: datetime | None = None
    acked_by: str | None = None
    remind_hours: int = 0
    remind_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The ticket's name as people say it: the first eight characters of its id."""
        return str(self.id)[:8]

    @property
    def clock(self) -> datetime | None:
        """When a lead is to be reminded next; None while nobody is waited for."""
        return self.remind_at if self.unconfirmed else None

    @property
    def handed_off(self) -> bool:
        """True once the product is set, unless its mail certainly did not leave."""
        return self.product_mail is not None and self.product_mail.stands

    @property
    def unconfirmed(self) -> bool:
        """True from the hand-off until the product team has said that the mail is there.

        Also when the mail did not leave: somebody has to set the product again.
        """
        diverted = self.major_incident or self.resolved_at is not None
        return self.product_mail is not None and self.acked_at is None and not diverted

    @property
    def state(self) -> TicketState:
        """How far the ticket is."""
        if self.resolved_at is not None:
            return TicketState.RESOLVED
        if self.closing_mail is not None and self.closing_mail.stands:
            return TicketState.CLOSING
        if self.handed_off:
            acked = self.acked_at is not None
            return TicketState.ACKNOWLEDGED if acked else TicketState.AWAIT_PRODUCT_ACK
        return TicketState.LOGGING if self.call_ended_at is not None else TicketState.CALL_OPEN
