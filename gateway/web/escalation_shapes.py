"""Market escalations as the API takes and shows them (S2)."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import BeforeValidator, Field

from gateway.domain.cases import Case
from gateway.domain.escalation_facts import Escalation
from gateway.domain.escalation_forms import FORMS
from gateway.domain.escalation_opening import Asked
from gateway.domain.markets import Market
from gateway.web.shapes import LOCAL, Line, Name, Phone, Said, Shape, Words
from gateway.web.views import Json, View, instant

CaseReason = Literal[
    "Quota Escalations/No Quota Available",
    "Quota Escalations/Specific Time Frame Needed",
    "Quota Escalation/Do Sooner Than 1st Available",
    "Combine Multiple Work Orders",
    "Business Unresolved/Repeat Issue",
    "Tech Go Back Request",
    "Tech Left Behind Items",
    "Requesting Lead/Supervisor Technician",
]
ReasonDetail = Literal["Work Order Update/Change", "Work Order Follow Up"]
assert get_args(CaseReason) == tuple(FORMS)  # noqa: S101 - one list, seen twice
ADVICE: Final = r"^[a-z_]{1,20}-[0-9a-f]{12}$"


def _text(value: object) -> object:
    """Take a number for its digits, as a technician's id is often sent."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Note = Annotated[Words, BeforeValidator(_text)]
Notes = Annotated[
    dict[Line, Note], Field(max_length=40, json_schema_extra={"additionalProperties": False})
]
FieldJobs = Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=50)]
Requested = Annotated[
    str,
    Field(
        pattern=LOCAL,
        description="The day wished for: a date, a local time of the market, or an instant.",
        examples=["2026-02-03"],
    ),
]


class NewEscalation(Shape):
    """A market escalation as an agent saves it; what it needs is the form's of its case reason.

    `destination_queue` is made of market and reason, whatever is sent. `advice_version`: the text
    that was read to the customer, where it is not the present one. `technician_phone`: where the
    technician who left items behind is texted.
    """

    type: Literal["market_escalation"]
    market: Line
    case_reason: CaseReason
    taken_by: Name
    justification: Said
    customer_advised: bool
    field_jobs: FieldJobs = Field(default_factory=list)
    notes: Notes = Field(default_factory=dict)
    reason_detail: ReasonDetail | None = None
    requested_date: Requested | None = None
    advice_version: Annotated[str, Field(pattern=ADVICE)] | None = None
    technician_phone: Phone | None = None
    record_type: Literal["Non Technical"] | None = None
    reason: Literal["Work Order Inquiry/Escalation"] | None = None
    destination_queue: Any = None

    def asked(self, market: Market) -> Asked:
        """Return what was filled in; the day wished for is the market's."""
        return Asked(
            case_reason=self.case_reason,
            justification=self.justification,
            customer_advised=self.customer_advised,
            taken_by=self.taken_by,
            reason_detail=self.reason_detail,
            requested_date=_day(self.requested_date, market),
            notes=dict(self.notes),
            advice=self.advice_version,
        )


class NewDecision(Shape):
    """Dispatch's answer."""

    accommodated: bool
    note: Said | None = None


class EscalationView(View):
    """What a market escalation has besides; instants are UTC, `zone` is the market's.

    `original_appointment` stands until somebody moves it. `accommodated` null: no answer yet.
    `missed`: the customer was not contacted, or not answered, in time; who is declined has missed
    no call, however late that was. `table`: the version of the market's table it was judged by.
    """

    market: str
    zone: str
    table: int
    taken_by: str
    advice: str
    field_jobs: list[str]
    requested_date: str | None
    original_appointment: str | None
    dispatch_due: str | None
    technician: str | None
    accommodated: bool | None
    decided_at: str | None
    decided_by: str | None
    missed: bool


def escalation_view(case: Case, one: Escalation) -> Json:
    """Show the escalation of a case."""
    return {
        "market": one.market,
        "zone": one.zone,
        "table": one.table,
        "taken_by": one.taken_by,
        "advice": one.advice,
        "field_jobs": [str(job) for job in one.field_jobs],
        "requested_date": one.requested_date.isoformat() if one.requested_date else None,
        "original_appointment": instant(one.original),
        "dispatch_due": instant(one.dispatch_due),
        "technician": one.technician,
        "accommodated": one.accommodated,
        "decided_at": instant(one.decided_at),
        "decided_by": one.decided_by,
        "missed": case.alerted_at is not None and case.close_reason != "declined",
    }


def _day(text: str | None, market: Market) -> date | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return (found.astimezone(market.zone) if found.tzinfo else found).date()
