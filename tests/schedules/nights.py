"""Accounts and instants to try: schedules of every kind, and the hours about clock changes."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from tests.schedules.naive import DAYS, shown

ZONES = (
    "America/New_York",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Europe/London",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "UTC",
)
# The last two years in which Sao_Paulo and Apia had a summer time (until 2019 and 2021).
YEARS = {"America/Sao_Paulo": 2018, "Pacific/Apia": 2020}
PEOPLE = ("ann", "bob", "cho", "dee", "eve", "fay")
MINUTES = 2 * 365 * 1440


def start_of(zone: str) -> datetime:
    """Return the first instant of the two years looked at."""
    return datetime(YEARS.get(zone, 2026), 1, 1, tzinfo=UTC)


@lru_cache
def clock_changes(zone: str) -> tuple[datetime, ...]:
    """Return the hours of the two years in which the zone's clocks change."""
    hours = [start_of(zone) + timedelta(hours=n) for n in range(MINUTES // 60)]
    offsets = [shown(at, zone) - at.replace(tzinfo=None) for at in hours]
    return tuple(at for n, at in enumerate(hours) if n and offsets[n] != offsets[n - 1])


def instants(zone: str) -> st.SearchStrategy[datetime]:
    """Draw minutes of the two years: any of them, and those about clock changes."""
    anywhere = st.integers(0, MINUTES).map(lambda n: start_of(zone) + timedelta(minutes=n))
    if not clock_changes(zone):
        return anywhere
    beside = st.builds(
        lambda at, minutes: at + timedelta(minutes=minutes),
        st.sampled_from(clock_changes(zone)),
        st.integers(-200, 200),
    )
    return anywhere | beside


@st.composite
def spans(draw: st.DrawFn, zone: str, hours: int) -> dict[str, str]:
    """Draw a start and an end on the wall, at most so many hours apart."""
    start = shown(draw(instants(zone)), zone)
    end = start + timedelta(minutes=draw(st.integers(1, hours * 60)))
    return {"start": start.isoformat("T", "minutes"), "end": end.isoformat("T", "minutes")}


_HOURS = st.sampled_from([0, 1, 2, 3, 8, 17, 20, 23])
TIMES = st.builds("{:02}:{:02}".format, _HOURS, st.sampled_from([0, 15, 30, 45]))
_WINDOW = st.builds("{} {}-{}".format, st.sampled_from(DAYS), TIMES, TIMES)
_NIGHTS = st.builds(
    lambda start, end: "; ".join(f"{day} {start}-{end}" for day in DAYS), TIMES, TIMES
)
WEEKLY = st.lists(_WINDOW, min_size=1, max_size=4).map("; ".join) | _NIGHTS
_POST = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["oncall", "backup"]),
        "status": st.sampled_from(["call", "sms"]),
    },
)


@st.composite
def shifts(draw: st.DrawFn, zone: str) -> dict[str, Any]:
    """Draw a shift: weekly, dated, or a rotation, with or without a window."""
    post = draw(_POST)
    weekly = {"weekly": draw(WEEKLY)} if draw(st.booleans()) else {}
    match draw(st.sampled_from(["weekly", "dated", "rotation"])):
        case "weekly":
            return {"contact": draw(st.sampled_from(PEOPLE)), "weekly": draw(WEEKLY), **post}
        case "dated":
            span = draw(spans(zone, 24 * 400))
            return {"contact": draw(st.sampled_from(PEOPLE)), **weekly, **span, **post}
        case _:
            span = draw(spans(zone, 24 * 400))
            until = {"until": span["end"]} if draw(st.booleans()) else {}
            rota = {"from": span["start"], **until, **draw(turns())}
            return {**rota, **weekly, **post}


@st.composite
def turns(draw: st.DrawFn) -> dict[str, Any]:
    unit = draw(st.sampled_from(["h", "d", "w", "mo"]))
    before = {"h": "", "d": "", "w": f"{draw(st.sampled_from(DAYS))} "}.get(unit, "31 ")
    people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True))
    every = f"{draw(st.integers(5, 40) if unit == 'h' else st.integers(1, 4))}{unit}"
    return {"rotate": people, "every": every, "handoff": before + draw(TIMES)}


@st.composite
def overrides(draw: st.DrawFn, zone: str) -> list[dict[str, Any]]:
    """Draw overrides of different people: a replace, a remove, and somebody added."""
    one, two, three, four = draw(st.permutations(PEOPLE))[:4]
    kinds = (
        {"replace": one, "with": two},
        {"swap": [one, two]},
        {"remove": three},
        {"add": four, **draw(_POST)},
    )
    chosen = draw(st.sets(st.sampled_from([0, 1, 2, 3]), max_size=3)) - draw(
        st.sampled_from([{0}, {1}])
    )
    return [draw(spans(zone, 24 * 300)) | kinds[number] for number in sorted(chosen)]


@st.composite
def accounts(draw: st.DrawFn, zone: str) -> dict[str, Any]:
    """Draw an account document of one schedule, with people who are away."""
    schedule: dict[str, Any] = {
        "name": "OnCall",
        "shifts": draw(st.lists(shifts(zone), min_size=1, max_size=5)),
        "overrides": draw(overrides(zone)),
    }
    if draw(st.booleans()):
        stand_in = draw(st.lists(shifts(zone), max_size=2))
        schedule["temporary"] = [draw(spans(zone, 24 * 90)) | {"shifts": stand_in}]
    away = {"contact": draw(st.sampled_from(PEOPLE))}
    absences = [away | draw(spans(zone, 24 * 200)), away | {"weekly": draw(WEEKLY)}]
    gone = draw(st.sampled_from([*PEOPLE, None, None, None]))
    contacts = {key: {"active": key != gone} for key in PEOPLE}
    return account(zone, [schedule]) | {"unavailable": absences, "contacts": contacts}


def account(zone: str, schedules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an account of these schedules; fay is on its permanent list."""
    return {
        "account": "7001",
        "name": "Northside HVAC",
        "timezone": zone,
        "contacts": {key: {} for key in PEOPLE},
        "schedules": schedules,
        "permanent": [{"contact": "fay"}],
    }
