"""Field jobs as a market escalation sees them: its preconditions (S2-09, S2-10, S2-12, S2-19)."""

from uuid import UUID

from gateway.domain.escalation_opening import WorkOrder
from gateway.domain.fieldjobs import FieldJob


def work_order(job: UUID, facts: FieldJob, phone: str | None = None) -> WorkOrder:
    """Return what an escalation goes by; an appointment that was canceled is none."""
    stand = [one for one in facts.appointments if one.canceled_in is None]
    return WorkOrder(
        id=job,
        customer=facts.customer,
        appointments=tuple(sorted(one.start for one in stand)),
        visited=facts.visited,
        completed_at=facts.completed_at if facts.resolution != "canceled" else None,
        technician=last_technician(facts),
        phone=phone,
    )


def last_technician(facts: FieldJob) -> str | None:
    """Return who was there last, else who is to come first, else who took the job."""
    been = [
        one for one in facts.appointments if one.technician and (one.started_at or one.completed_at)
    ]
    if been:
        return max(been, key=lambda one: (one.started_at or one.start, one.id)).technician
    to_come = (one.technician for one in facts.planned if one.technician)
    return next(to_come, facts.technician)
