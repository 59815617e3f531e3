"""How cases go by themselves: each type's clock and letters, by the type's own rules."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from gateway.domain import escalations, mentions
from gateway.domain.cases import Case, clock, shown
from gateway.domain.history import Outcome, stamp
from gateway.domain.matters import Alarm, Item, Kind, Result, Ways, Written, keep


def when_due(case: Case, now: datetime) -> Written[Case]:
    """The clock of a case came; nobody was in touch by then, and a lead hears of it."""
    if case.escalation is not None:
        return escalations.when_due(case, now)
    at = clock(case)
    if at is None or at > now:
        return keep(case, at)
    words = f"Case {case.id}: nobody has been in touch, though it was promised by {stamp(at)}."
    item = Item(
        "case.contact_missed",
        "Nobody was in touch by the time that was promised; a lead is told.",
        Outcome.FAILURE,
        {"due_at": stamp(at)},
    )
    after = replace(case, alerted_at=now)
    return Written(after, (item,), clock(after), (), (Alarm("lead", "contact_missed", words),))


def when_sent(case: Case, name: str, result: Result, now: datetime) -> Written[Case]:
    """A letter of a case left, or did not; its type says what follows."""
    alarms = tuple(mentions.unsent(case, name, result))
    if case.escalation is not None:
        alarms += escalations.when_sent(case, name, result, now).alarms
    return Written(case, next_at=clock(case), alarms=alarms)


def over(case: Case) -> bool:
    """Tell whether a case is closed; what people said of it may be erased then."""
    return not case.open


CASES: Final = Ways(Kind.CASE, TypeAdapter(Case), shown, when_due, when_sent, over)
