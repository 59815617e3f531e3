"""Reviewing: what a log review is prefilled with, and which cases nobody looked at (S4). Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.casebook import Casebook
from gateway.domain.cases import Case

MOST_WORDS: Final = 1000
_FIELD: Final = re.compile(r"\{(status|pending|owners)\}")


class Stale(NamedTuple):
    """An open case, and since when nobody has reviewed it."""

    case: Case
    since: datetime


def last_looked_at(case: Case) -> datetime:
    """Return when the case was reviewed last; when it was opened, if it never was."""
    return case.work.review.at if case.work.review else case.created_at


def stale(cases: Iterable[Case], days: int, now: datetime) -> Iterator[Stale]:
    """Give the open cases not reviewed for more than so many days of 24 hours (S4-24)."""
    limit = now - timedelta(days=days)
    for case in cases:
        if case.open and last_looked_at(case) < limit:
            yield Stale(case, last_looked_at(case))


def prefilled(case: Case, book: Casebook) -> str:
    """Write what a review begins with; who writes it may overwrite all of it (S4-17, S4-18)."""
    waiting = [one for one in case.work.assignments if one.state == "open"]
    pending = [f"{one.team}: {one.reason}" for one in waiting]
    pending += [f"{one.subject}: {one.comments}" for one in case.work.tasks]
    owners = [one.team for one in waiting] + [one.owner for one in case.work.tasks]
    filled = {
        "status": case.status,
        "pending": "; ".join(pending) or "none",
        "owners": ", ".join(dict.fromkeys(owners)) or case.owner,
    }
    return _FIELD.sub(lambda hit: filled[hit[1]], book.template)[:MOST_WORDS]
