"""Market escalations, saved: what must be there first, and by when whom it is promised (S2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain import markets
from gateway.domain.advice import advice
from gateway.domain.cases import Case, CaseType, clock
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.escalation_facts import Escalation
from gateway.domain.escalation_forms import (
    REASON,
    RECORD_TYPE,
    Form,
    Topic,
    form_of,
    noted,
    printed,
)
from gateway.domain.history import Outcome, stamp
from gateway.domain.markets import Market
from gateway.domain.matters import Alarm, Item, Letter, Written
from gateway.domain.wording import escalations as wording

LEFT_BEHIND: Final = "left_behind"
_TWO: Final = 2
_DAY: Final = timedelta(days=1)


class WorkOrder(NamedTuple):
    """What of a field job an escalation goes by.

    `appointments`: when those that stand begin. `visited`: a technician arrived or completed a
    visit. `technician`: who was there last, else who is to come; `phone` theirs, where known.
    `phi`: texts about it carry no details.
    """

    id: UUID
    customer: UUID
    appointments: tuple[datetime, ...] = ()
    visited: bool = False
    completed_at: datetime | None = None
    technician: str | None = None
    phone: str | None = None
    phi: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent filled in; `advice` is the version that was read out (None: the current)."""

    case_reason: str
    justification: str
    customer_advised: bool
    taken_by: str
    reason_detail: str | None = None
    requested_date: date | None = None
    notes: dict[str, str] = field(default_factory=dict)
    advice: str | None = None


class Ground(NamedTuple):
    """What stood when it was saved: market, version of its table, work orders, texts once said."""

    market: Market
    table: int
    orders: Sequence[WorkOrder]
    said: frozenset[str] = frozenset()


def opened(case: UUID, asked: Asked, ground: Ground, who: Person, now: datetime) -> Written[Case]:
    """Save an escalation: its clocks start here (S2-13); RefusedError where it may not be."""
    form = form_of(asked.case_reason, asked.reason_detail)
    notes = noted(form, asked.notes)
    if not asked.justification.strip():
        raise RefusedError("no_justification", "say why an escalation is necessary")
    _check_advised(asked, form, ground)
    _check_orders(form, ground.orders)
    _check_day(asked.requested_date, ground.market)
    _check_going_back(form, ground, now)
    record = _record(asked, form, ground, now)
    due = contact_due(ground.market, form.topic, now)
    facts = Case(
        id=case,
        type=CaseType.MARKET_ESCALATION,
        owner=record.destination_queue,
        created_by=who.actor,
        created_at=now,
        pickup_at=markets.pickup_at(ground.market, now),
        contact_due=due,
        escalation=record,
    )
    words = f"{printed(form, notes)}\nJustification: {asked.justification.strip()}"
    told, letters, alarms = _technician_told(facts, notes, ground)
    return Written(facts, (_saved(facts, words), *told), clock(facts), letters, alarms)


def contact_due(market: Market, topic: Topic, saved: datetime) -> datetime:
    """Return by when the customer is contacted; never before Dispatch picks the case up."""
    match topic:
        case Topic.COMBINE:
            due = markets.next_business_morning(market, saved)
        case Topic.LEFT_BEHIND:
            due = markets.next_morning(market, saved)
        case _:
            due = markets.contact_due(market, saved)
    return max(due, markets.pickup_at(market, saved))


def _check_advised(asked: Asked, form: Form, ground: Ground) -> None:
    """S2-23: the customer has been told, in words that are on record."""
    current = advice(ground.market, form.topic)
    if not asked.customer_advised:
        words = "tell the customer what happens now, then save"
        raise RefusedError("customer_not_advised", words, advice=current._asdict())
    if asked.advice not in {None, current.version} | ground.said:
        raise RefusedError("unknown_advice", "no such text was ever to be read out")


def _check_orders(form: Form, orders: Sequence[WorkOrder]) -> None:
    if not orders:
        raise RefusedError("no_work_order", "enter the work order or trouble call first")
    if form.topic is Topic.COMBINE and len(orders) < _TWO:
        raise RefusedError("one_work_order", "there are no two work orders to combine")
    if len({one.customer for one in orders}) > 1:
        raise RefusedError("several_customers", "the work orders are not one customer's")
    if not any(one.appointments for one in orders):
        raise RefusedError("no_appointment", "there is no appointment in the system")
    asks_visit = form.topic in {Topic.UNRESOLVED, Topic.GO_BACK}
    if asks_visit and not any(one.visited for one in orders):
        raise RefusedError("no_tech_visit", "no technician has been there")


def _check_day(day: date | None, market: Market) -> None:
    """S2-14, S2-15: no Sunday, and by its own name where there is no quota on one."""
    if day is None or not markets.is_sunday(day) or market.sunday == "allowed":
        return
    other = (day + _DAY).isoformat()
    if market.sunday == "no_quota":
        raise RefusedError("no_sunday_quota", "there is no quota on Sunday", offer=other)
    words = "Sunday escalation requests cannot be accommodated"
    raise RefusedError("sunday_not_accommodated", words, offer=other)


def _check_going_back(form: Form, ground: Ground, now: datetime) -> None:
    if form.topic is not Topic.GO_BACK:
        return
    market = ground.market
    if markets.too_late_to_go_back(market, now):
        words = f"no Tech Go Backs after {market.go_back_until:%H:%M}; make a new appointment"
        raise RefusedError("tx_no_tgb_after_3pm", words)
    ends = (one.completed_at for one in ground.orders)
    today = markets.local(market, now).date()
    if not any(end and markets.local(market, end).date() == today for end in ends):
        words = "a Tech Go Back is from an appointment completed today"
        raise RefusedError("not_completed_today", words)


def _record(asked: Asked, form: Form, ground: Ground, now: datetime) -> Escalation:
    market, orders = ground.market, ground.orders
    starts = sorted(at for one in orders for at in one.appointments)
    left = form.topic is Topic.LEFT_BEHIND
    to_come = [at for at in starts if at >= now]
    return Escalation(
        market=market.code,
        case_reason=form.case_reason,
        reason_detail=form.reason_detail,
        destination_queue=markets.queue(market, form.topic),
        record_type=RECORD_TYPE,
        reason=REASON,
        taken_by=asked.taken_by,
        zone=market.zone.key,
        advice=asked.advice or advice(market, form.topic).version,
        table=ground.table,
        field_jobs=tuple(one.id for one in orders),
        requested_date=asked.requested_date,
        original=to_come[0] if to_come else starts[-1],
        # Nobody deals with it before Dispatch has picked it up.
        dispatch_due=contact_due(market, form.topic, now) if left else None,
        technician=next((one.technician for one in orders if one.technician), None)
        if left
        else None,
    )


def _saved(case: Case, words: str) -> Item:
    record, pickup, due = case.escalation, case.pickup_at, case.contact_due
    assert record is not None and pickup is not None and due is not None  # noqa: PT018, S101 - just opened
    return Item(
        "case.created",
        f"{record.case_reason} was escalated to {record.destination_queue}.",
        Outcome.SUCCESS,
        {
            "type": case.type.value,
            "market": record.market,
            "case_reason": record.case_reason,
            "reason_detail": record.reason_detail,
            "destination_queue": record.destination_queue,
            "pickup_at": stamp(pickup),
            "contact_due": stamp(due),
            "advice": record.advice,
            "table": record.table,
            "field_jobs": [str(one) for one in record.field_jobs],
        },
        words,
    )


def _technician_told(
    case: Case, notes: dict[str, str], ground: Ground
) -> tuple[tuple[Item, ...], tuple[Letter, ...], tuple[Alarm, ...]]:
    """S2-28: the technician hears at once of what was left behind, else somebody who calls them."""
    record = case.escalation
    if record is None or record.dispatch_due is None:
        return (), (), ()
    name = record.technician or notes["tech_id"]
    phone = next((one.phone for one in ground.orders if one.phone), None)
    if phone is None:
        return (
            (Item("case.technician_unknown", "No number of the technician is known."),),
            (),
            (technician_alarm(name),),
        )
    private = next((one for one in ground.orders if one.phi), None)
    body = (
        wording.left_behind_unsaid(str(private.id))
        if private
        else wording.left_behind(notes["reason_for_request"], notes["contact_number"])
    )
    text = "The technician is texted about the items left behind."
    letter = Letter(LEFT_BEHIND, "text", phone, "", body, record.dispatch_due)
    return (Item("case.technician_told", text, Outcome.INITIATED),), (letter,), ()


def technician_alarm(name: str) -> Alarm:
    """Have somebody call the technician who left items behind."""
    return Alarm("dispatch", "technician_not_told", wording.technician_not_told(name))
