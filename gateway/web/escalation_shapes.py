"""Market escalations as the API takes them (S2)."""

from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import Field

from gateway.domain.cases import Case, CaseType, clock
from gateway.domain.escalation_facts import Escalation
from gateway.domain.history import Outcome, stamp
from gateway.domain.matters import Item, Written
from gateway.web.case_shapes import Opening
from gateway.web.shapes import Day, Line, Name, Said, Shape

_PROMISE: Final = timedelta(minutes=30)


class NewEscalation(Shape):
    """A market escalation as an agent fills it in."""

    type: Literal["market_escalation"]
    market: Line
    case_reason: Line
    reason_detail: Line | None = None
    notes: dict[str, str] = Field(default_factory=dict)
    field_jobs: list[UUID] = Field(default_factory=list, strict=False)
    requested_date: Day | None = None
    justification: Said
    customer_advised: bool
    taken_by: Name


async def opened(opening: Opening, body: NewEscalation) -> Written[Case]:
    """Open a market escalation: somebody is promised to be in touch."""
    now = opening.parts.clock.now()
    escalation = Escalation(
        market=body.market,
        case_reason=body.case_reason,
        reason_detail=body.reason_detail,
        destination_queue=f"{body.market} Dispatch",
        record_type="Dispatch",
        reason="Market Escalation",
        field_jobs=tuple(body.field_jobs),
    )
    case = Case(
        id=opening.case,
        type=CaseType.MARKET_ESCALATION,
        owner=opening.who.name,
        created_by=opening.who.actor,
        created_at=now,
        pickup_at=now,
        contact_due=now + _PROMISE,
        escalation=escalation,
    )
    item = Item(
        "case.created",
        "A market escalation was opened.",
        Outcome.INFO,
        {"market": body.market, "due_at": stamp(now + _PROMISE)},
        words=body.justification,
    )
    return Written(case, (item,), clock(case))
