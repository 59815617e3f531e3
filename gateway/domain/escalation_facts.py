"""The record of a market escalation within its case (S2)."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Escalation:
    """What was asked for in which market; the rules are in `escalations`."""

    market: str
    case_reason: str
    reason_detail: str | None
    destination_queue: str
    record_type: str
    reason: str
    field_jobs: tuple[UUID, ...] = ()
    accommodated: bool | None = None
    contacted: bool = False
