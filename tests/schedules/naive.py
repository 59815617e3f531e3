"""Who is on call, worked out the slow way: every occurrence of every rule, one after the other.

Shares nothing with the program: it reads the document's own words and looks at clocks. It knows
weekly windows of single days only (`Mon 17:00-08:00; Tue 09:00-12:00`).
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = timedelta(minutes=1)
FAR = timedelta(days=3 * 366)
Document = Mapping[str, Any]


class Seen(NamedTuple):
    """What is to be compared of a roster line."""

    contact: str
    role: str
    status: str
    source: str
    skipped: str | None


@lru_cache(1000)
def shown(at: datetime, zone: str) -> datetime:
    """Return what the clocks of a zone show."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(100_000)
def instants(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return when the clocks show a time first and last; in a gap, when they just passed it."""
    about = wall.replace(tzinfo=UTC)
    nearby = [about + timedelta(hours=hours) for hours in (-30, 0, 30)]
    offsets = {shown(at, zone) - at.replace(tzinfo=None) for at in nearby}
    found = sorted(at for at in (about - each for each in offsets) if shown(at, zone) == wall)
    if found:
        return found[0], found[-1]
    at = min(about - each for each in offsets)
    while shown(at, zone) < wall:
        at += MINUTE
    return at, at


def lasts(start: str | None, end: str | None, zone: str, at: datetime) -> bool:
    """Tell whether an instant lies between two local times, as the contract reads them."""
    begun = start is None or instants(datetime.fromisoformat(start), zone)[0] <= at
    return begun and (end is None or at < instants(datetime.fromisoformat(end), zone)[1])


def opens(weekly: str, zone: str, at: datetime) -> bool:
    """Tell whether a weekly window is open, by looking at each day about the instant."""
    today = shown(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return any(start <= at < end for start, end in _windows(weekly, zone, today))


@lru_cache(10_000)
def _windows(weekly: str, zone: str, today: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Return when the windows of the days about a day begin and end."""
    found = []
    for part in weekly.split("; "):
        day, times = part.split(" ")
        start, end = (_clock(each) for each in times.split("-"))
        for ahead in range(-3, 3):
            midnight = today + timedelta(days=ahead)
            if DAYS[midnight.weekday()] == day:
                first = midnight + start
                last = midnight + (end if end > start else end + timedelta(days=1))
                found.append((instants(first, zone)[0], instants(last, zone)[1]))
    return tuple(found)


def _clock(text: str) -> timedelta:
    hour, minute = text.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))


@lru_cache(1000)
def handoffs(every: str, handoff: str, begin: str, zone: str) -> tuple[datetime, ...]:
    """Return the instants of all handoffs, found by walking from the first one on."""
    walls = _walls(every, handoff, datetime.fromisoformat(begin))
    return tuple(instants(wall, zone)[0] for wall in walls)


def _walls(every: str, handoff: str, begin: datetime) -> Iterator[datetime]:
    if every.endswith("mo"):
        yield from _month_walls(int(every[:-2]), handoff, begin)
        return
    *day, time = handoff.split(" ")
    wall = datetime.combine(begin.date(), datetime.min.time()) + _clock(time)
    while wall < begin or (day and DAYS[wall.weekday()] != day[0]):
        wall += timedelta(days=1)
    step = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[every[-1]]
    while wall < begin + FAR:
        yield wall
        wall += step * int(every[:-1])


def _month_walls(count: int, handoff: str, begin: datetime) -> Iterator[datetime]:
    day, time = handoff.split(" ")
    month, passed = begin.replace(day=1, hour=0, minute=0), 0
    while month < begin + FAR:
        last = monthrange(month.year, month.month)[1]
        wall = month.replace(day=min(int(day), last)) + _clock(time)
        if wall >= begin:
            if passed % count == 0:
                yield wall
            passed += 1
        month = (month + timedelta(days=32)).replace(day=1)


def _on_shift(shift: Document, zone: str, at: datetime) -> str | None:
    """Return who has a shift at an instant."""
    if "weekly" in shift and not opens(shift["weekly"], zone, at):
        return None
    if "rotate" not in shift:
        ends = [shift[key] for key in ("end", "until") if key in shift]
        span = (shift.get("start", shift.get("from")), min(ends, default=None))
        return shift["contact"] if lasts(*span, zone, at) else None
    until = shift.get("until")
    if until and at >= instants(datetime.fromisoformat(until), zone)[0]:
        return None
    all_of_them = handoffs(shift["every"], shift["handoff"], shift["from"], zone)
    turn = bisect_right(all_of_them, at) - 1
    return shift["rotate"][turn % len(shift["rotate"])] if turn >= 0 else None


def _on_duty(schedule: Document, zone: str, at: datetime) -> list[Seen]:
    shifts, source, overrides = schedule["shifts"], "shift", schedule.get("overrides", [])
    for stand_in in schedule.get("temporary", []):
        if lasts(stand_in["start"], stand_in["end"], zone, at):
            shifts, source, overrides = stand_in["shifts"], "temporary", []
    duty = []
    for shift in shifts:
        if person := _on_shift(shift, zone, at):
            role, status = shift.get("role", "oncall"), shift.get("status", "call")
            duty.append(Seen(person, role, status, source, None))
    active = [each for each in overrides if lasts(each["start"], each["end"], zone, at)]
    found = [seen for line in duty for seen in _changed(line, active)]
    for each in active:
        if "add" in each:
            role, status = each.get("role", "oncall"), each.get("status", "call")
            found.append(Seen(each["add"], role, status, "override", None))
    return found


def _changed(line: Seen, active: list[Document]) -> Iterator[Seen]:
    for each in active:
        swap = each.get("swap", [])
        if line.contact in (each.get("replace"), each.get("remove"), *swap):
            yield line._replace(skipped="overridden")
            others = [person for person in swap if person != line.contact]
            for person in [each["with"]] if "with" in each else others:
                yield line._replace(contact=person, source="override")
            return
    yield line


def roster(document: Document, at: datetime) -> list[Seen]:
    """Return the whole roster of the document's first schedule."""
    zone = document["timezone"]
    duty = _on_duty(document["schedules"][0], zone, at)
    lines = [line for role in ("oncall", "backup") for line in duty if line.role == role]
    for each in document.get("permanent", []):
        lines += [Seen(each["contact"], "permanent", "call", "permanent", None)]
    return [_present(document, line, at) for line in lines]


def _present(document: Document, line: Seen, at: datetime) -> Seen:
    if line.skipped:
        return line
    if not document["contacts"][line.contact].get("active", True):
        return line._replace(skipped="inactive")
    zone = document["timezone"]
    for each in document.get("unavailable", []):
        open_ = "weekly" not in each or opens(each["weekly"], zone, at)
        away = open_ and lasts(each.get("start"), each.get("end"), zone, at)
        if away and each["contact"] == line.contact:
            return line._replace(skipped="unavailable")
    return line


def covered(document: Document, at: datetime) -> bool:
    """Tell whether anybody of role oncall is on duty, away or not."""
    duty = _on_duty(document["schedules"][0], document["timezone"], at)
    return any(line.role == "oncall" and not line.skipped for line in duty)
