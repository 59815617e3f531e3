"""Cases: what every case has, whatever it is about, and by what it is found."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.domain.casework_facts import Work
from gateway.domain.deeds import bare
from gateway.domain.dispatch_cause import DispatchCause
from gateway.domain.escalation_facts import Escalation
from gateway.domain.matters import Shown
from gateway.domain.support_facts import Support


class CaseType(StrEnum):
    """What a case is about; exactly one of its records says more."""

    MARKET_ESCALATION = "market_escalation"
    HOMEOWNER = "homeowner"
    INSTALLER = "installer"
    DISPATCH = "dispatch"

    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Case:
    """A case: owned by somebody (an actor's name, or a team's), open or closed.

    `subject` keeps a second open case about the same from being opened (see `Shown`).
    `alerted_at`: when a lead was told that `contact_due` had passed and nobody had called.
    """

    id: UUID
    type: CaseType
    owner: str
    created_by: str
    created_at: datetime
    status: str = "open"
    account: str | None = None
    ucns: tuple[str, ...] = ()
    subject: str | None = None
    pickup_at: datetime | None = None
    contact_due: datetime | None = None
    contacted_at: datetime | None = None
    alerted_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    escalation: Escalation | None = None
    support: Support | None = None
    dispatch: DispatchCause | None = None
    work: Work = field(default_factory=Work)

    @property
    def open(self) -> bool:
        """True until it is closed."""
        return self.closed_at is None


def shown(case: Case) -> Shown:
    """Return by what a case is found; a closed one keeps nothing from being opened.

    An owner is found by name, however they were named as the owner.
    """
    subject = case.subject if case.open else None
    record = case.escalation
    about = (f"market:{record.market}", *map(str, record.field_jobs)) if record else ()
    return Shown(
        case.status, bare(case.owner), subject, (case.type, *about), case.account, case.ucns
    )


def closed(case: Case, reason: str, now: datetime) -> Case:
    """Return the case closed for a reason."""
    return replace(case, status="closed", closed_at=now, close_reason=reason)


def clock(case: Case) -> datetime | None:
    """Return when the clock of a case comes next; None: it waits for nothing by itself."""
    waits = case.open and case.contacted_at is None and case.alerted_at is None
    return case.contact_due if waits else None
