"""Market escalations after they were saved: the answer, the contact, the promise missed (S2)."""

from dataclasses import replace
from datetime import datetime

from gateway.domain.cases import Case, clock, closed
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.escalation_facts import Escalation
from gateway.domain.escalation_forms import FORMS, Topic
from gateway.domain.escalation_opening import LEFT_BEHIND, technician_alarm
from gateway.domain.history import Outcome, stamp
from gateway.domain.matters import Alarm, Item, Result, Written, keep


def decided(
    case: Case, accommodated: bool, note: str | None, who: Person, now: datetime
) -> Written[Case]:
    """Write Dispatch's answer, once (S2-22); the same one again changes nothing.

    A quota request that is declined is over: nobody is called, nothing was missed, and the
    original appointment stands; so is one whose customer was called before the answer. Whoever
    asked for anything else is called all the same.
    """
    if case.escalation is not None and case.escalation.accommodated is accommodated:
        return keep(case, clock(case))
    record = _escalation(case)
    if record.accommodated is not None:
        raise RefusedError("already_decided", "Dispatch has answered already")
    answered = replace(record, accommodated=accommodated, decided_at=now, decided_by=who.actor)
    facts = replace(case, escalation=answered)
    if _quota(record) and (not accommodated or case.contacted_at is not None):
        facts = closed(facts, "contacted" if accommodated else "declined", now)
    said = "can be accommodated" if accommodated else "cannot be accommodated"
    item = Item(
        "case.decided",
        f"Dispatch says: it {said}.",
        Outcome.SUCCESS if accommodated else Outcome.INFO,
        {"accommodated": accommodated},
        note,
    )
    return Written(facts, (item,), clock(facts))


def contacted(case: Case, now: datetime) -> Written[Case]:
    """Write that the customer was contacted, in time or late; a repeat changes nothing.

    An answered quota case is done with it; who was called before the answer was called all the
    same, and the case waits for the answer alone. Cases of other types may be contacted about too.
    """
    if case.contacted_at is not None:
        return keep(case, clock(case))
    if not case.open:
        raise RefusedError("case_closed", "the case is closed")
    record = case.escalation
    quota = record is not None and _quota(record)
    answered = record is not None and record.accommodated is not None
    facts = replace(case, contacted_at=now)
    late = case.contact_due is not None and now > case.contact_due
    text = "The customer was contacted late." if late else "The customer was contacted in time."
    told = {"late": late, **({"undecided": True} if quota and not answered else {})}
    item = Item("case.contacted", text, Outcome.SUCCESS, told)
    if quota and answered:
        facts = closed(facts, "contacted", now)
    return Written(facts, (item,), clock(facts))


def when_due(case: Case, now: datetime) -> Written[Case]:
    """A promise was not kept: a lead hears of it, once (S2-20, S2-22)."""
    due = clock(case)
    if due is None or due > now:
        return Written(case, next_at=due)
    facts, record = replace(case, alerted_at=now), _escalation(case)
    undecided = _quota(record) and record.accommodated is None
    what = "has no answer of Dispatch" if undecided else "was not contacted"
    words = (
        f"Case {case.id} ({record.market}, {record.case_reason}): the customer {what} "
        f"by {stamp(due)}."
    )
    item = Item(
        "case.contact_missed",
        f"The customer {what} in time; a lead is alerted.",
        Outcome.FAILURE,
        {"contact_due": stamp(due), "undecided": undecided},
        actor="gateway",
    )
    return Written(facts, (item,), clock(facts), alarms=(Alarm("lead", "contact_missed", words),))


def when_sent(case: Case, name: str, result: Result, _now: datetime) -> Written[Case]:
    """A technician who could not be texted is called by somebody (S2-28)."""
    alarms: tuple[Alarm, ...] = ()
    record = case.escalation
    if record is not None and name == LEFT_BEHIND and result.state != "sent":
        alarms = (technician_alarm(record.technician or "of the case"),)
    return Written(case, next_at=clock(case), alarms=alarms)


def _escalation(case: Case) -> Escalation:
    """Return the record of an open escalation; RefusedError where the case is none."""
    if case.escalation is None:
        raise RefusedError("not_an_escalation", "the case is no market escalation")
    if not case.open:
        raise RefusedError("case_closed", "the case is closed")
    return case.escalation


def _quota(record: Escalation) -> bool:
    return FORMS[record.case_reason].topic is Topic.QUOTA
