"""Rosters measured: how fast a busy account answers, how fast its year is looked over, how small.

`python -m tests.bench.rosters` prints the figures; `--json` as JSON.
"""

import argparse
import functools
import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from gateway.domain.accounts import Account
from gateway.domain.documents import compile_account, document_from
from tests.bench.town import document

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
YEAR = date(2026, 1, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = 40


def busy_document() -> dict[str, Any]:
    """Return an account of 40 people, 200 shifts, 50 overrides, 20 absences, 6 stand-ins."""
    people = [f"p{n:02}" for n in range(PEOPLE)]
    schedule = {
        "name": "OnCall",
        "shifts": [_shift(n, people) for n in range(200)],
        "overrides": [_override(n, people) for n in range(50)],
        "temporary": [_stand_in(n, people) for n in range(6)],
    }
    return {
        "account": "7001",
        "name": "Northside HVAC",
        "timezone": "America/New_York",
        "contacts": {key: {"phone": f"+12025550{n:03}"} for n, key in enumerate(people)},
        "unavailable": [_absence(n, people) for n in range(20)],
        "schedules": [schedule],
        "permanent": [{"contact": key} for key in people[:3]],
    }


def _day(number: int) -> str:
    return (YEAR + timedelta(days=number)).isoformat()


def _shift(number: int, people: list[str]) -> dict[str, Any]:
    """Return one of 40 weekly, 120 dated and 40 rotating shifts, a third of them backups."""
    post = {"role": "oncall" if number % 3 else "backup"}
    match number % 5:
        case 0:
            hours = f"{number % 24:02}:{number % 4 * 15:02}-{(number + 9) % 24:02}:00"
            days = f"{DAYS[number % 7]}-{DAYS[(number + number % 4) % 7]}"
            return {"contact": people[number % PEOPLE], "weekly": f"{days} {hours}", **post}
        case 4:
            every, handoff = [("1w", "Mon 08:00"), ("1d", "17:00"), ("1mo", "31 09:00")][number % 3]
            turns = {"rotate": people[number % 30 :][:5], "every": every, "handoff": handoff}
            return {**turns, "from": "2026-01-01", "weekly": "Mon-Fri 17:00-08:00", **post}
        case _:
            span = {"start": f"{_day(number * 2)}T17:00", "end": f"{_day(number * 2 + 3)}T08:00"}
            return {"contact": people[number % PEOPLE], **span, **post}


def _override(number: int, people: list[str]) -> dict[str, Any]:
    span = {"start": f"{_day(number * 7)}T06:00", "end": f"{_day(number * 7)}T18:00"}
    if number % 2:
        return {**span, "remove": people[number % PEOPLE]}
    return {**span, "replace": people[number % PEOPLE], "with": people[(number + 1) % PEOPLE]}


def _stand_in(number: int, people: list[str]) -> dict[str, Any]:
    day = _day(number * 60 + 10)
    shifts = [{"contact": people[number], "weekly": "Mon-Sun 08:00-07:00"}]
    return {"start": f"{day}T00:00", "end": f"{day}T24:00", "shifts": shifts}


def _absence(number: int, people: list[str]) -> dict[str, Any]:
    person = people[number * 2 % PEOPLE]
    if number % 2:
        return {"contact": person, "weekly": f"{DAYS[number % 7]} 12:00-13:00"}
    return {"contact": person, "start": f"{_day(number)}T12:00", "end": f"{_day(number + 9)}T12:00"}


def town_document(number: int) -> dict[str, Any]:
    """Return a richer account than the town's: two rotations, hours, absences, an override."""
    turns = {"rotate": ["ann", "bob", "cho"], "every": "1w", "handoff": "Mon 08:00"}
    own = document(number)
    night = {**turns, "from": "2026-01-05", "weekly": "Mon-Fri 17:00-08:00; Sat-Sun"}
    spare = {**turns, "from": "2026-01-12", "role": "backup", "status": "sms"}
    week = {"start": "2026-02-02T00:00", "end": "2026-02-09T00:00"}
    own["schedules"][0] |= {
        "shifts": [night, spare, *own["schedules"][0]["shifts"]],
        "overrides": [{**week, "replace": "ann", "with": "bob"}],
    }
    office = {"hours": "Mon-Fri 08:00-17:00", "holidays": "US", "phone": "+12025550199"}
    return own | {
        "office": office,
        "unavailable": [{"contact": "ann", "weekly": "Tue 12:00-13:00", "reason": "class"}],
    }


def compiled(value: dict[str, Any]) -> Account:
    """Return the account of a document."""
    return compile_account(document_from(value, "bench"))


def median_of(asks: Sequence[datetime], account: Account) -> float:
    """Return the median time of a roster, in microseconds; of each instant the best of three."""
    spent = [10**9] * len(asks)
    for _ in range(3):
        for place, at in enumerate(asks):
            began = time.perf_counter_ns()
            account.roster("OnCall", at)
            spent[place] = min(spent[place], time.perf_counter_ns() - began)
    return statistics.median(spent) / 1000


def least(measured: Callable[[], object], times: int) -> float:
    """Return the shortest of several runs, in milliseconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        measured()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1000


def size_of(make: Callable[[int], dict[str, Any]], many: int) -> float:
    """Return the megabytes that 10,000 accounts hold once compiled and asked once each."""
    compiled(make(0)).roster("OnCall", START)
    gc.collect()
    tracemalloc.start(1)
    accounts = [compiled(make(number)) for number in range(many)]
    for each in accounts:
        each.roster("OnCall", START)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / many * 10_000 / 1e6


def measure() -> dict[str, float]:
    """Return every figure by its name."""
    account = compiled(busy_document())
    year = functools.partial(account.coverage, "OnCall", YEAR, 365)
    dice = random.Random(5)  # noqa: S311  the same instants in every run
    asks = [START + timedelta(seconds=dice.randrange(365 * 86400)) for _ in range(4000)]
    minutes = [START + timedelta(minutes=number) for number in range(4000)]
    return {
        "roster of 200 shifts at any instant, µs": median_of(asks, account),
        "roster of 200 shifts minute by minute, µs": median_of(minutes, account),
        "a year's coverage of 200 shifts, ms": least(year, 3),
        "10,000 accounts compiled, MB": size_of(document, 300),
        "10,000 richer accounts compiled, MB": size_of(town_document, 300),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rosters", description=__doc__)
    parser.add_argument("--json", action="store_true")
    figures = measure()
    if parser.parse_args().json:
        sys.stdout.write(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for name, value in figures.items():
        print(f"{name:46} {value:10,.1f}")


if __name__ == "__main__":
    main()
