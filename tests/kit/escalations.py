"""What tests about market escalations share: a work order with one visit, and a whole request."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.domain.fieldjobs import Appointment, FieldJob, Status
from gateway.domain.matters import Written
from gateway.store import customers, fieldjobs
from gateway.store.customers import Customer
from gateway.store.matters import Hand
from tests.kit.api import Api
from tests.kit.desk import Dice

QUOTA = "Quota Escalations/No Quota Available"
NOTES = {"Best contact number": "+12025550142", "time_frame_requested": "noon", "comments": "dog"}
DICE = Dice(7)
DAY = timedelta(days=1)


async def job(
    api: Api, address: str = "1 Elm St, Austin, TX", customer: UUID | None = None, **visit: object
) -> str:
    """Have a job with one visit, yesterday's and planned unless it is said otherwise."""
    job_id, now = DICE.uuid(), api.clock.now()
    fields: dict[str, Any] = {"start": now - DAY, "minutes": 60, "technician": "ann", **visit}
    async with api.pool.acquire() as conn:
        if customer is None:
            customer = DICE.uuid()
            who = Customer(customer, "Cy Clark", "+12025550142", None, address, now)
            await customers.add(conn, who, "agent:1204")
        facts = FieldJob(
            customer=customer,
            title="Trouble call",
            status=Status.SCHEDULED,
            created_by="agent:1204",
            created_at=now,
            zone="America/Chicago",
            account="7001",
            appointments=(Appointment(DICE.uuid(), **fields),),
        )
        hand = Hand("agent:1204", now, DICE, api.app.state.parts.desk.rates)
        await fieldjobs.open_one(conn, job_id, Written(facts), hand)
    return str(job_id)


def body(*jobs: str, **changes: object) -> dict[str, object]:
    return {
        "type": "market_escalation",
        "market": "TX",
        "case_reason": QUOTA,
        "notes": NOTES,
        "field_jobs": list(jobs),
        "justification": "No quota until May.",
        "customer_advised": True,
        "taken_by": "agent:1204",
        **changes,
    }
