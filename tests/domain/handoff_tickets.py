"""Hand-off tickets to test with: one walked as far as wanted, the steps by their names."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from gateway.domain import handoff_form, handoffs
from gateway.domain.deeds import Person
from gateway.domain.handoff_facts import Caller, Handoff, Rules
from gateway.domain.handoff_mails import Receipt, when_sent
from gateway.domain.matters import Result, Written

START: Final = datetime(2026, 2, 2, 23, tzinfo=UTC)
AGENT: Final = Person("1204", "agent")
RULES: Final = Rules("product@accurence.example", 4)
LINK: Final = Receipt("https://dispatch.example/handoffs/t0ken", "f1ngerprint")
FORM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contact": "Dana Doe",
        "company": "Allstate",
        "subject": "Estimate does not load",
        "status": "Pending",
        "type": "Support Assistance",
        "waiting_on": "Outside Support",
        "final_resolution": "Dev/Product Hand Off",
    }
)
CALLER: Final = Caller(
    "Dana Doe", "Allstate", "+12025550142", "dana@allstate.example", "It does not load"
)
Step = Callable[[Handoff, datetime], Written[Handoff]]
STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "call-ended": handoffs.end_call,
        "note": lambda one, now: handoffs.publish(one, "Error 7 on every load.", now),
        "form": lambda one, _now: handoff_form.edit(one, FORM),
        "product": lambda one, now: handoffs.hand_off(one, LINK, RULES, now),
        "product-taken": lambda one, now: when_sent(one, "product", Result("sent"), now),
        "customer-update": lambda one, _now: handoffs.tell_customer(one),
        "ack": lambda one, now: handoffs.acknowledge(one, AGENT, now),
        "closing": lambda one, _now: handoffs.close(one),
        "closing-taken": lambda one, now: when_sent(one, "closing", Result("sent"), now),
        "resolve": handoffs.resolve,
    }
)


def opened(*, incident: bool = False, rules: Rules = RULES, caller: Caller = CALLER) -> Handoff:
    """Return a ticket whose caller is still on the line."""
    opening = handoffs.Opening(UUID(int=7 << 96), caller, incident)
    return handoffs.open_ticket(opening, AGENT, rules, START).facts


def walked(until: str, *, but: str = "") -> Handoff:
    """Return a ticket after every step up to one, `but` one of them."""
    ticket = opened()
    for n, (name, step) in enumerate(STEPS.items(), 1):
        if name != but:
            ticket = step(ticket, START + timedelta(minutes=n)).facts
        if name == until:
            return ticket
    raise AssertionError(until)


def after(ticket: Handoff, *names: str, now: datetime = START + timedelta(hours=1)) -> Handoff:
    """Return a ticket after further steps, all at one instant."""
    for name in names:
        ticket = STEPS[name](ticket, now).facts
    return ticket
