"""What tests about market escalations share: an agent who asks, and what stands in the market."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from gateway.domain.cases import Case
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.escalation_forms import FORMS
from gateway.domain.escalation_opening import Asked, Ground, WorkOrder, opened
from gateway.domain.market_defaults import SHIPPED
from gateway.domain.markets import Market, compiled
from gateway.domain.matters import Written

CASE, ONE, OTHER = (UUID(int=n) for n in (1, 2, 3))
AGENT, DESK = Person("1204", "agent"), Person("D-31", "dispatcher")
NOW = datetime(2026, 2, 3, 18, 0, tzinfo=UTC)  # a Tuesday: noon in Texas, 10:00 in California
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUOTA = "Quota Escalations/No Quota Available"
UPDATE, FOLLOW_UP = "Work Order Update/Change", "Work Order Follow Up"
ORDER = WorkOrder(ONE, OTHER, (NOW + DAY,), visited=True, completed_at=NOW - HOUR, technician="T-7")


@cache
def market(code: str) -> Market:
    """Return a shipped market; not at import, for public holidays take a while to count out."""
    return compiled(SHIPPED[code])


def notes_of(case_reason: str) -> dict[str, str]:
    return {one.key: f"the {one.label}" for one in FORMS[case_reason].notes}


def asked(case_reason: str = QUOTA, **more: object) -> Asked:
    usual: dict[str, Any] = {"justification": "No quota until May.", "customer_advised": True}
    usual |= {"taken_by": "agent:1204", "notes": notes_of(case_reason)}
    return Asked(case_reason, **{**usual, **more})


def ground(where: Market | str = "FL", *orders: WorkOrder) -> Ground:
    return Ground(market(where) if isinstance(where, str) else where, 3, orders or (ORDER,))


def save(what: Asked, on: Ground | None = None, now: datetime = NOW) -> Written[Case]:
    return opened(CASE, what, on or ground(), AGENT, now)


def two(**more: object) -> tuple[WorkOrder, WorkOrder]:
    changed: dict[str, Any] = {"id": OTHER, **more}
    return ORDER, ORDER._replace(**changed)


def refusal(what: Asked, on: Ground | None = None, now: datetime = NOW) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        save(what, on, now)
    return refused.value
