"""Who is shown as on call is whom a round would try, in that order and by those ways."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts import Account
from gateway.domain.flags import Flags
from gateway.domain.heeding import roster_at
from gateway.domain.messages import Priority
from gateway.domain.outlook import Known, candidates
from schedules.roster import Line
from tests.kit.desk import NOON, later
from tests.kit.street import compiled, protocol, roster, shift, street

NIGHT = "Mon-Sun 17:00-08:00"
ALL_DAY = {"start": "2026-02-02T00:00", "end": "2026-02-03T00:00"}
OFFICE = {"phone": "+12025550199", "hours": "Mon-Fri 08:00-17:00"}
Tried = list[tuple[str, str]]


def shown(account: Account, at: datetime = NOON, known: Known | None = None) -> tuple[Line, ...]:
    """Return the lines that `who` and the API show for such a message."""
    known = known or Known()
    governs = account.protocol_for(known.priority.word, "hvac", at)
    return candidates(account, governs, roster_at(account, "OnCall", at), known)


def told(account: Account) -> list[str]:
    """Return the lines at NOON as `contact method`, with what removes them."""
    return [" ".join(filter(None, (e.contact, e.status, e.skipped))) for e in shown(account)]


def with_steps(*steps: Mapping[str, object], **keys: object) -> Account:
    """Return an account with Ann on call, Bob behind her and Cho on the permanent list."""
    people = roster(shift("ann"), shift("bob", "backup"))
    return compiled(**{**people, **protocol(steps=list(steps)), **keys})


def test_whom_only_a_step_names_is_the_only_one() -> None:
    assert told(with_steps({"reach": "contact:cho"})) == ["cho call"]


def test_the_permanent_list_is_not_on_call_where_no_step_reaches_it() -> None:
    assert told(with_steps({"reach": "oncall"})) == ["ann call"]
    assert told(with_steps({"reach": "permanent"}, {"reach": "oncall"})) == ["cho call", "ann call"]


def test_people_stand_in_the_order_of_the_steps() -> None:
    reach = ["office", "contact:cho", "backup", "oncall"]
    account = with_steps(*({"reach": who} for who in reach), office=OFFICE)
    assert told(account) == ["office call", "cho call", "bob call", "ann call"]


def test_a_step_says_by_what_way_people_are_reached() -> None:
    account = with_steps({"reach": "oncall", "by": "sms"}, {"reach": "oncall", "by": "email"})
    assert told(account) == ["ann sms", "ann email no_address"]


def test_whom_a_step_names_is_reached_as_the_roster_has_them() -> None:
    account = compiled(
        **roster(shift("ann", status="sms")), **protocol(steps=[{"reach": "contact:ann"}])
    )
    assert told(account) == ["ann sms"]


def test_a_second_turn_is_a_duplicate_and_a_repeat_is_none() -> None:
    account = with_steps({"reach": "oncall", "repeat": 3}, {"reach": "contact:ann"})
    assert told(account) == ["ann call", "ann call duplicate"]


def test_who_cannot_be_reached_by_one_step_has_their_turn_in_the_next() -> None:
    account = with_steps({"reach": "oncall", "by": "email"}, {"reach": "contact:ann"})
    assert told(account) == ["ann email no_address", "ann call"]


def test_a_blank_schedule_shows_what_made_it_blank_and_then_the_permanent_list() -> None:
    removed = [{**ALL_DAY, "remove": "ann"}]
    account = compiled(**roster(shift("ann"), overrides=removed))
    assert told(account) == ["ann call overridden", "cho call"]


def test_an_overridden_person_stands_where_their_turn_would_have_been() -> None:
    swapped = [{**ALL_DAY, "replace": "ann", "with": "cho"}]
    people = roster(shift("bob"), shift("ann"), shift("bob", "backup", "sms"), overrides=swapped)
    steps = [{"reach": "backup"}, {"reach": "oncall", "by": "sms"}, {"reach": "oncall"}]
    assert told(compiled(**people, **protocol(steps=steps), permanent=[])) == [
        "bob sms",
        "bob sms duplicate",
        "ann sms overridden",
        "cho sms",
        "bob call duplicate",
        "cho call duplicate",
    ]


def test_a_special_takes_the_first_turn_of_the_schedules_people() -> None:
    special = {
        "text": "x",
        "start": "2026-02-02",
        "end": "2026-02-03",
        "effect": {"replace": "cho"},
    }
    account = with_steps(
        {"reach": "contact:bob"}, {"reach": "oncall"}, {"reach": "backup"}, specials=[special]
    )
    assert told(account) == ["bob call", "cho call", "ann call overridden", "bob call overridden"]
    named = with_steps({"reach": "contact:bob"}, specials=[special])
    assert told(named) == ["cho call"]


KEYS = ["ann", "bob", "cho", "dan", "eve"]
METHODS = ["call", "sms", "secure", "email"]
contact = st.sampled_from(KEYS)
weekly = st.sampled_from(["Mon-Sun 00:00-24:00", NIGHT, "Mon-Fri 08:00-17:00", "Sat-Sun"])
lines = st.fixed_dictionaries(
    {
        "contact": contact,
        "role": st.sampled_from(["oncall", "backup"]),
        "status": st.sampled_from(METHODS),
    },
)
shifts = st.tuples(lines, weekly).map(lambda drawn: drawn[0] | {"weekly": drawn[1]})
SPAN = {"start": "2026-02-03T00:00", "end": "2026-02-06T12:00"}
STAND_IN = {"start": "2026-02-05T00:00", "end": "2026-02-07T00:00"}
INSTEAD = {"start": "2026-02-04", "end": "2026-02-06", "text": "x"}
overrides: st.SearchStrategy[dict[str, str]] = st.sampled_from(
    [
        {"replace": "ann", "with": "bob"},
        {"replace": "cho", "with": "eve"},
        {"remove": "bob"},
        {"add": "dan", "role": "backup", "status": "sms"},
        {"swap": ["ann", "cho"]},
    ]
)
steps = st.fixed_dictionaries(
    {"reach": st.sampled_from(["oncall", "backup", "permanent", "office", "contact:dan"])},
    optional={"by": st.sampled_from(["status", *METHODS]), "repeat": st.integers(1, 3)},
)


def _person(number: int, reach: tuple[bool, bool, bool], quiet: str | None) -> dict[str, Any]:
    """Return a contact who may have phone and e-mail address, be inactive or have a quiet time."""
    phone, mail, active = reach
    who: dict[str, Any] = {"active": active} | ({"quiet": quiet} if quiet else {})
    who |= {"phone": f"+1202555010{number}"} if phone else {}
    return who | ({"email": f"{number}@x.example"} if mail else {})


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Draw an account whose documents use all that bears on a roster."""
    often = st.sampled_from([True, True, True, False])
    quiet = st.sampled_from([None, None, "21:00-07:00"])
    people = {
        key: _person(number, draw(st.tuples(often, often, often)), draw(quiet))
        for number, key in enumerate(KEYS, start=1)
    }
    schedule: dict[str, Any] = {"name": "OnCall", "shifts": draw(st.lists(shifts, max_size=5))}
    schedule["overrides"] = [{**SPAN, **one} for one in draw(st.lists(overrides, max_size=1))]
    if draw(st.booleans()):
        schedule["temporary"] = [{**STAND_IN, "shifts": draw(st.lists(lines, max_size=3))}]
    rules: dict[str, Any] = {"permanent": draw(st.sampled_from(["after_shift", "when_blank"]))}
    if drawn := draw(st.lists(steps, max_size=5)):
        rules["steps"] = drawn
    special = contact.map(lambda who: {**INSTEAD, "effect": {"replace": who}})
    return compiled(
        contacts=people,
        schedules=[schedule],
        permanent=[{"contact": who} for who in draw(st.lists(contact, max_size=2, unique=True))],
        unavailable=[{"contact": who, **SPAN} for who in draw(st.lists(contact, max_size=1))],
        specials=draw(st.lists(special, max_size=1)),
        office=OFFICE,
        **protocol(**rules),
    )


def tried(account: Account, at: datetime, priority: Priority, flags: dict[str, Flags]) -> Tried:
    """Return whom the engine tries in a round, and how, when nobody ever answers."""
    one = street(account, priority=priority)
    one.now, one.flags = at, flags
    for _ in range(100):
        one.go()
        one.attempts = {key: each.over("no_answer") for key, each in one.attempts.items()}
        one.calls = {}
        if not one.job.round.open:
            return list(dict.fromkeys((a.contact, a.method) for a in one.attempts.values()))
        one.jobs[one.job.id] = one.job.due_now(one.now)
    raise AssertionError("the round does not end")


flagged = st.dictionaries(
    st.sampled_from([f"+1202555010{number}" for number in range(1, 6)]),
    st.sampled_from([Flags(opted_out=True), Flags(suspended=True, reason="wrong person")]),
    max_size=2,
)


@given(accounts(), st.integers(0, 7 * 96), st.sampled_from([*Priority]), flagged)
def test_whoever_is_not_passed_over_is_whom_the_engine_tries_in_that_order_and_way(
    account: Account, quarters: int, priority: Priority, flags: dict[str, Flags]
) -> None:
    at = later(minutes=15 * quarters)
    found = shown(account, at, Known(flags, priority=priority))
    people = [(line.contact, line.status) for line in found if line.skipped is None]
    assert people == tried(account, at, priority, flags)
