"""What the customer is told before a market escalation is saved (S2-22 to S2-25).

A text's version is made of the text itself: whatever an operator changes has another version.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from gateway.domain.escalation_forms import Topic
from gateway.domain.market_documents import AdviceTexts
from gateway.domain.markets import Market, is_sunday, local
from schedules.walltime import DAY

_TEXTS: Final = {
    Topic.QUOTA: "quota",
    Topic.COMBINE: "combine",
    Topic.LEFT_BEHIND: "left_behind",
}
_FAR: Final = 60  # days looked ahead for windows to offer
_VERSION: Final = 12


class Advice(NamedTuple):
    """A text that is read to the customer, and its version, such as `quota-0f3a…`."""

    version: str
    text: str


def advice(market: Market, topic: Topic) -> Advice:
    """Return what is said before a case of that topic is saved."""
    name = _TEXTS.get(topic, "standard")
    return _versioned(name, getattr(market.advice, name))


def versions(texts: AdviceTexts) -> list[Advice]:
    """Return every text of a table with its version; they are kept when a table changes."""
    return [_versioned(name, text) for name, text in texts.model_dump().items()]


def _versioned(name: str, text: str) -> Advice:
    return Advice(f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:_VERSION]}", text)


def offer(market: Market, now: datetime) -> Advice | None:
    """Return what is offered before a quota case: the next arrival windows (S2-25).

    From tomorrow on; no holiday, and no Sunday where none can be had. None: nothing is open.
    """
    openings = list(islice(_openings(market, local(market, now).date()), market.offered))
    said = _versioned("offer", market.advice.offer)
    text = said.text.replace("{openings}", _listed(openings))
    return Advice(said.version, text) if openings else None


def _openings(market: Market, today: date) -> Iterator[str]:
    for day in (today + timedelta(days=n) for n in range(1, _FAR)):
        if day in market.business.holidays or (is_sunday(day) and market.sunday != "allowed"):
            continue
        first = day.weekday() * DAY
        for window in market.windows:
            ends = dict(zip(window.starts, window.ends, strict=True))
            for start in (at for at in window.starts if first <= at < first + DAY):
                hours = f"{_clock(start)} to {_clock(ends[start])}"
                yield f"{day:%A}, {day:%B} {day.day}, {hours}"


def _clock(minute: int) -> str:
    """Write a minute of the week as it is said: 8 AM, 12:30 PM."""
    hour, past = divmod(minute % DAY, 60)
    shown = f"{hour % 12 or 12}:{past:02}" if past else f"{hour % 12 or 12}"
    return f"{shown} {'AM' if hour < 12 else 'PM'}"  # noqa: PLR2004  noon


def _listed(openings: list[str]) -> str:
    return "; ".join(openings)
