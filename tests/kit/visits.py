"""A kind of matter that only tests know: it has a clock, and remembers what became of letters."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Kind, Letter, Result, Shown, Ways, Written
from gateway.store.matters import Hand
from gateway.store.rates import Rates
from tests.kit.desk import NOON, Dice

HERS: Final = UUID(int=77)


@dataclass(frozen=True, slots=True)
class Visit:
    """A promise with a clock; `came` is what was told of its letters."""

    due: datetime | None = None
    subject: str | None = None
    came: tuple[str, ...] = ()
    counted: int = 0


def opened(
    *letters: Letter, due: datetime | None = None, subject: str | None = None
) -> Written[Visit]:
    """Return how a visit begins."""
    item = Item("fieldjob.created", "A visit was arranged.", words="at her mother's house")
    return Written(Visit(due, subject), (item,), due, letters)


def count(visit: Visit) -> Written[Visit]:
    """Count one more."""
    after = replace(visit, counted=visit.counted + 1)
    return Written(after, (Item("fieldjob.counted", "One more."),), visit.due)


def _when_due(visit: Visit, _now: datetime) -> Written[Visit]:
    item = Item("fieldjob.late", "Nobody came.", Outcome.FAILURE)
    return Written(
        replace(visit, due=None), (item,), None, (), (Alarm("lead", "late", "Nobody came"),)
    )


def _when_sent(visit: Visit, name: str, result: Result, _now: datetime) -> Written[Visit]:
    return Written(replace(visit, came=(*visit.came, f"{name} {result.state}")), next_at=visit.due)


def _shown(visit: Visit) -> Shown:
    return Shown("open", "lead:L-7", visit.subject)


VISITS: Final = Ways(Kind.FIELDJOB, TypeAdapter(Visit), _shown, _when_due, _when_sent)


def hand(now: datetime = NOON, rates: Rates | None = None) -> Hand:
    """Return a lead's hand."""
    return Hand("lead:L-7", now, Dice(), rates or Rates({}))
