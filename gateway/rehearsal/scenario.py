"""Scenario files: what happens, when, and what must come of it (CONTRACT section 8)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from operator import itemgetter
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.documents import AccountDocument, document_of
from gateway.domain.marked import Loc, Marked
from gateway.domain.marked_yaml import read_marked
from gateway.domain.problems import DocumentError, Problem
from gateway.rehearsal.events import Chosen, Event, SiteAnswer
from gateway.rehearsal.faults import amiss_of_people, misread
from gateway.rehearsal.mentions import Made, doubtful, strange, vain
from gateway.rehearsal.patterns import read_pattern
from gateway.rehearsal.wanted import Expect
from schedules.walltime import first_instant


class ScenarioDocument(BaseModel):
    """A scenario file as it stands; accounts and people are read by their own rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1)]
    start: str
    until: str
    accounts: list[Any] = Field(min_length=1)
    people: dict[str, Any] = Field(default_factory=dict)
    events: list[Event] = Field(default_factory=list)
    expect: Expect = Expect()
    settings: Chosen = Chosen()
    sites: dict[str, list[SiteAnswer]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to be played: every instant is known.

    `remarks` name what is allowed, but perhaps not what was meant.
    """

    name: str
    start: datetime
    until: datetime
    zone: ZoneInfo
    accounts: tuple[AccountDocument, ...]
    people: Mapping[str, Any]
    events: tuple[tuple[datetime, Event], ...]
    expect: Expect
    settings: Chosen
    made: Made
    sites: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    remarks: tuple[Problem, ...] = ()

    def instant(self, at: str) -> datetime:
        """Read an instant, or a local time of day from the start on (past midnight: the next)."""
        return _instant(at, self.start, self.zone)


def _instant(at: str, start: datetime, zone: ZoneInfo) -> datetime:
    if "T" in at or len(at) > len("00:00:00"):
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise ValueError(f"{at!r} needs an offset, as in 2026-02-02T18:00:00-05:00")
        return found
    clock = time.fromisoformat(at)
    local = start.astimezone(zone)
    day: date = local.date()
    if clock < local.time().replace(microsecond=0):
        day += timedelta(days=1)
    return first_instant(datetime.combine(day, clock), zone)


def read_scenarios(text: str, origin: str) -> list[Scenario]:
    """Read the scenarios of one file; DocumentError names the line and field of each fault."""
    return [_scenario(marked) for marked in read_marked(text, origin)]


def _scenario(marked: Marked) -> Scenario:
    document = _document(marked)
    accounts = tuple(document_of(one) for one in marked.at("accounts").items())
    zone = ZoneInfo(accounts[0].timezone)
    start = _when(marked, ("start",), document.start, None, zone)
    until = _when(marked, ("until",), document.until, start, zone)
    if until < start:
        raise DocumentError(marked.problem(("until",), "must not be before the start"))
    events = [
        (_when(marked, ("events", n, "at"), one.at, start, zone), one)
        for n, one in enumerate(document.events)
    ]
    for loc, line in _patterns(document.expect):
        if (at := read_pattern(line).at) is not None:
            _when(marked, loc, at, start, zone)
    made = Made.by(accounts, document.events)
    problems = [
        *amiss_of_people(marked, document.people.items()),
        *_late(marked, [at.astimezone(zone) for at, _ in events], until.astimezone(zone)),
        *strange(marked, document.events, made),
        *vain(marked, document.expect, made),
    ]
    if problems:
        raise DocumentError(*problems)
    return Scenario(
        name=document.name,
        start=start,
        until=until,
        zone=zone,
        accounts=accounts,
        people=document.people,
        events=tuple(sorted(events, key=itemgetter(0))),
        expect=document.expect,
        settings=document.settings,
        made=made,
        sites={url: [one.model_dump() for one in said] for url, said in document.sites.items()},
        remarks=tuple(doubtful(marked, document.expect, made)),
    )


def _document(marked: Marked) -> ScenarioDocument:
    try:
        return ScenarioDocument.model_validate(marked.value)
    except ValidationError as fault:
        raise DocumentError(*misread(marked, fault, _known_keys())) from None


def _patterns(expect: Expect) -> Iterator[tuple[Loc, str]]:
    for part, lists in (("history", expect.history), ("never", expect.never)):
        for ucn, lines in lists.items():
            yield from (((("expect", part, ucn, n), line)) for n, line in enumerate(lines))
    for ucn, counts in expect.count.items():
        yield from ((("expect", "count", ucn, line), line) for line in counts)


def _late(marked: Marked, events: Sequence[datetime], until: datetime) -> Iterator[Problem]:
    """Yield the events that would never happen."""
    for n, at in enumerate(events):
        if at > until:
            words = f"{at.isoformat()} is after the end, {until.isoformat()}"
            yield marked.problem(("events", n, "at"), words)


def _when(marked: Marked, loc: Loc, at: str, start: datetime | None, zone: ZoneInfo) -> datetime:
    try:
        return _instant(at, start or datetime.fromisoformat(at), zone)
    except ValueError as fault:
        raise DocumentError(marked.problem(loc, str(fault))) from None


@cache
def _known_keys() -> frozenset[str]:
    schema = scenario_schema()
    parts = [schema, *schema["$defs"].values()]
    return frozenset(key for one in parts for key in one.get("properties", {}))


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    return ScenarioDocument.model_json_schema()
