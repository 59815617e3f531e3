"""The record of a market escalation within its case (S2)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Escalation:
    """What was asked for in which market; the rules are in `escalations`.

    `zone`: the market's clocks it was judged by, `table`: the version of its table (0: shipped).
    `original`: when the appointment begins that stands until somebody moves it (S2-22).
    `advice`: the version of the text that the customer was told (S2-23). `dispatch_due`: by when
    left-behind items are dealt with (S2-28). `technician`: who was told of them.
    """

    market: str
    case_reason: str
    reason_detail: str
    destination_queue: str
    record_type: str
    reason: str
    taken_by: str = ""
    zone: str = "UTC"
    advice: str = ""
    table: int = 0
    field_jobs: tuple[UUID, ...] = ()
    requested_date: date | None = None
    original: datetime | None = None
    dispatch_due: datetime | None = None
    technician: str | None = None
    accommodated: bool | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
