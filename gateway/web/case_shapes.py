"""Cases as the API shows them, and what opening one of any type is given."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple
from uuid import UUID

from gateway.domain.cases import Case
from gateway.domain.deeds import Person
from gateway.domain.dispatch_cause import Cause
from gateway.domain.history import stamp
from gateway.domain.matters import Written
from gateway.store.pool import Connection
from gateway.web.casework_views import WorkView, work_view
from gateway.web.escalation_shapes import EscalationView, escalation_view
from gateway.web.parts import Parts
from gateway.web.views import Json, instant

CaseTypeWord = Literal["market_escalation", "homeowner", "installer", "dispatch"]


class Opening(NamedTuple):
    """A case that is about to be opened: its id, by whom, and where preconditions are looked up."""

    case: UUID
    who: Person
    parts: Parts
    conn: Connection


# Decides whether a case may be opened: the body is the type's own shape.
Opener = Callable[[Opening, Any], Awaitable[Written[Case]]]


class CaseView(WorkView):
    """A case; instants are UTC. What only another type has is null."""

    id: str
    link: str
    type: CaseTypeWord
    status: str
    owner: str
    created_by: str
    created_at: str
    account: str | None
    messages: list[str]
    pickup_at: str | None
    contact_due: str | None
    contacted_at: str | None
    closed_at: str | None
    close_reason: str | None
    market: str | None
    record_type: str | None
    reason: str | None
    reason_detail: str | None
    case_reason: str | None
    destination_queue: str | None
    escalation: EscalationView | None
    cause: Cause | None
    cause_seq: int | None
    times: int | None


def case_view(case: Case, public_url: str) -> Json:
    """Show a case."""
    return {
        "id": str(case.id),
        "link": f"{public_url}/v1/cases/{case.id}",
        "type": case.type.value,
        "status": case.status,
        "owner": case.owner,
        "created_by": case.created_by,
        "created_at": stamp(case.created_at),
        "account": case.account,
        "messages": list(case.ucns),
        "pickup_at": instant(case.pickup_at),
        "contact_due": instant(case.contact_due),
        "contacted_at": instant(case.contacted_at),
        "closed_at": instant(case.closed_at),
        "close_reason": case.close_reason,
        **_escalation(case),
        **work_view(case),
        **_dispatch(case),
    }


def _dispatch(case: Case) -> Json:
    """Say what failed, by which item of the message's history, and how often since."""
    one = case.dispatch
    if one is None:
        return {"cause": None, "cause_seq": None, "times": None}
    return {"cause": one.cause, "cause_seq": one.seq, "times": one.times}


def _escalation(case: Case) -> Json:
    one = case.escalation
    names = (
        *("market", "record_type", "reason", "reason_detail", "case_reason", "destination_queue"),
    )
    known: Json = {name: getattr(one, name) if one is not None else None for name in names}
    return {**known, "escalation": escalation_view(case, one) if one is not None else None}
