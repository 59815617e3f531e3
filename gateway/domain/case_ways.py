"""How cases go by themselves: each type's clock and letters, by the type's own rules."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from gateway.domain.cases import Case, shown
from gateway.domain.matters import Kind, Result, Ways, Written, keep


def clock(case: Case) -> datetime | None:
    """Return when the clock of a case comes next; None: it waits for nothing by itself."""
    waits = case.open and case.contacted_at is None and case.alerted_at is None
    return case.contact_due if waits else None


def when_due(case: Case, _now: datetime) -> Written[Case]:
    """The clock of a case came; its type says what that means."""
    return keep(case, clock(case))


def when_sent(case: Case, _name: str, _result: Result, _now: datetime) -> Written[Case]:
    """A letter of a case left, or did not; its type says what follows."""
    return keep(case, clock(case))


CASES: Final = Ways(Kind.CASE, TypeAdapter(Case), shown, when_due, when_sent)
