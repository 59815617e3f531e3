"""Markets: when Dispatch picks a case up and by when the customer is contacted (S2-16 to S2-21).

All times are the market's own, compared by the second that a clock there shows (S2-31).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.compiling import days_off
from gateway.domain.deeds import RefusedError
from gateway.domain.market_documents import AdviceTexts, MarketDocument, Queues, Sunday, clock_time
from schedules.hours import Hours
from schedules.walltime import first_instant, local_date, utc, zone_of
from schedules.windows import Weekly, parse_weekly

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_SUNDAY: Final = 6
_FAR: Final = 400  # days looked ahead for a business day: longer than any run of holidays
_BLANKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Market:
    """A market's compiled table; `place` is its part with other clocks, where one was named."""

    code: str
    zone: ZoneInfo
    place: str | None
    business: Hours
    morning: time
    within: timedelta
    pickup: Hours | None
    monday_literal: bool
    go_back_until: time | None
    sunday: Sunday
    left_behind_on_business_days: bool
    windows: tuple[Weekly, ...]
    offered: int
    queues: Queues
    advice: AdviceTexts


def compiled(table: MarketDocument, place: str | None = None) -> Market:
    """Return the market of a table, on the clocks of one of its places where one is named."""
    zones = {one.name: one.timezone for one in table.places}
    zone, off = zone_of(zones.get(place or "", table.timezone)), days_off(table.holidays)
    until = table.tech_go_back_until
    return Market(
        code=table.market,
        zone=zone,
        place=place,
        business=Hours(parse_weekly(table.business), off, zone),
        morning=clock_time(table.morning),
        within=table.contact_within,
        pickup=Hours(parse_weekly(table.pickup), off, zone) if table.pickup else None,
        monday_literal=table.weeknight_rollover == "monday_literal",
        go_back_until=clock_time(until) if until else None,
        sunday=table.sunday,
        left_behind_on_business_days=table.left_behind == "next_business_day",
        windows=tuple(map(parse_weekly, table.appointments.windows)),
        offered=table.appointments.offered,
        queues=table.queues,
        advice=table.advice,
    )


def found(tables: Iterable[MarketDocument], asked: str) -> tuple[MarketDocument, str | None]:
    """Find a table by code, name or place: `TX`, `texas`, `TX-El Paso`; RefusedError if none."""
    names: dict[str, tuple[MarketDocument, str | None]] = {}
    tables = tuple(tables)
    for table in tables:
        for one in table.places:
            for name in (one.name, f"{table.market} {one.name}", f"{table.name} {one.name}"):
                names.setdefault(_plain(name), (table, one.name))
    # A code is nobody else's name, whatever other tables are called.
    names |= {_plain(table.name): (table, None) for table in tables}
    names |= {_plain(table.market): (table, None) for table in tables}
    if (match := names.get(_plain(asked))) is None:
        raise RefusedError("unknown_market", "there is no such market")
    return match


def place_of(table: MarketDocument, address: str) -> str | None:
    """Return which place with clocks of its own an address is in, None for the market's own.

    A place is a part of the address by itself (`12 Mesa St, El Paso, TX 79901`), with or without
    state and code behind it; a street that is named after one is none.
    """
    parts = [_plain(part) for part in re.split(r"[,;\n]", address)]
    after = rf"(?:{_plain(table.market)}|{_plain(table.name)})?\d*"
    for one in table.places:
        if any(re.fullmatch(re.escape(_plain(one.name)) + after, part) for part in parts):
            return one.name
    return None


def zone_named(tables: Iterable[MarketDocument], asked: str, address: str) -> str | None:
    """Return the IANA zone of an address in a market named as `found` reads it; None if none."""
    try:
        table, place = found(tables, asked)
    except RefusedError:
        return None
    zones = {one.name: one.timezone for one in table.places}
    return zones.get(place or place_of(table, address) or "", table.timezone)


def _plain(name: str) -> str:
    return _BLANKS.sub("", name).casefold()


def local(market: Market, at: datetime) -> datetime:
    """Return what a clock in the market shows: whole seconds."""
    return at.astimezone(market.zone).replace(microsecond=0)


def pickup_at(market: Market, saved: datetime) -> datetime:
    """Return when Dispatch picks up what was saved at an instant (S2-16); at once while it works.

    Else on the next business morning; after a night where Monday is meant literally (A13), on the
    next Monday.
    """
    saved = utc(saved)  # on a wall clock, half an hour is not always half an hour
    if market.pickup is None or _within(market.pickup, saved):
        return saved
    shown = local(market, saved)
    day = shown.date() if shown.time() < market.morning else shown.date() + _DAY
    if market.monday_literal and shown.date() not in market.business.holidays:
        day += timedelta(days=-day.weekday() % 7)
    return business_morning(market, day)


def contact_due(market: Market, saved: datetime) -> datetime:
    """Return by when the customer is usually contacted (S2-20): half an hour, if it is business.

    Before the day's opening it is counted from there at the earliest; what would be after the
    close is due on the next business morning.
    """
    saved = utc(saved)
    today = local_date(saved, market.zone)
    opening = market.business.next_opening(saved)
    if opening is not None and local_date(opening, market.zone) == today:
        due = max(saved + market.within, opening)
        if _within(market.business, due) and local_date(due, market.zone) == today:
            return due
    return next_business_morning(market, saved)


def next_business_morning(market: Market, at: datetime) -> datetime:
    """Return the first contact of the next business day after the day of an instant (S2-21)."""
    return business_morning(market, local_date(at, market.zone) + _DAY)


def next_morning(market: Market, at: datetime) -> datetime:
    """Return the morning of the next day: any day, or where the table says so a business day."""
    if market.left_behind_on_business_days:
        return next_business_morning(market, at)
    return _instant(market, local_date(at, market.zone) + _DAY, market.morning)


def business_morning(market: Market, day: date) -> datetime:
    """Return the first contact of a business day, from a local day on; ValueError if never."""
    for one in (day + n * _DAY for n in range(_FAR)):
        start, end = (_instant(market, each, time.min) for each in (one, one + _DAY))
        opening = next(market.business.opened(start, end), None)
        if opening is not None:
            return max(opening[0], _instant(market, one, market.morning))
    raise ValueError(f"market {market.code} has no business day")


def too_late_to_go_back(market: Market, at: datetime) -> bool:
    """Tell whether a Tech Go Back can no longer be asked for on that day (S2-18)."""
    return market.go_back_until is not None and local(market, at).time() > market.go_back_until


def is_sunday(day: date) -> bool:
    """Tell whether a date is a Sunday."""
    return day.weekday() == _SUNDAY


def queue(market: Market, topic: str) -> str:
    """Return the destination queue of a topic, a key of `Queues` (S2-30)."""
    name: str = getattr(market.queues, topic)
    return name.replace("{market}", market.code)


def in_force(
    shipped: Mapping[str, MarketDocument], changed: Mapping[str, MarketDocument]
) -> tuple[MarketDocument, ...]:
    """Return all tables by code: those an operator wrote, and the shipped ones of the others."""
    every = {**shipped, **changed}
    return tuple(every[code] for code in sorted(every))


def _within(hours: Hours, at: datetime) -> bool:
    """Tell whether it is within hours whose last second is included: 20:00:00 is, 20:00:01 not."""
    second = at.replace(microsecond=0)
    return hours.open_at(second) or hours.open_at(second - _SECOND)


def _instant(market: Market, day: date, at: time) -> datetime:
    return first_instant(datetime.combine(day, at), market.zone)
