"""Turns are worked out once for a roster, and never shown where they no longer hold."""

from gateway.domain.accounts import Account
from gateway.domain.turns import Slot
from gateway.domain.walk import slots
from tests.kit.desk import later
from tests.kit.street import compiled, protocol, roster, shift, street

NIGHT = {"contact": "ann", "status": "call", "weekly": "Mon-Sun 17:00-08:00"}
DAY = {"contact": "bob", "status": "sms", "weekly": "Mon-Sun 08:00-17:00"}


def turns(account: Account, hours: float = 0, priority: str = "urgent") -> list[Slot]:
    """Return the turns of a round that many hours after NOON."""
    at = later(hours=hours)
    governs = account.protocol_for(priority, None, at)
    return list(slots(account, governs, account.roster("OnCall", at), street(account).job))


def test_the_turns_of_one_roster_are_worked_out_once() -> None:
    account = compiled(**roster(shift("ann"), shift("bob", "backup")))
    first, again = turns(account), turns(account, hours=1)
    assert [one is other for one, other in zip(first, again, strict=True)] == [True] * 3


def test_a_handoff_makes_other_turns() -> None:
    account = compiled(**roster(NIGHT, DAY), permanent=[])
    assert [turns(account, hours)[0].contact for hours in (0, 15, 24)] == ["ann", "bob", "ann"]


def test_another_protocol_makes_other_turns_of_the_same_roster() -> None:
    rules = [
        {"name": "quiet", "when": {"priority": ["routine"]}, "steps": [{"reach": "backup"}]},
        {"name": "rest", "steps": [{"reach": "oncall"}]},
    ]
    account = compiled(**roster(shift("ann"), shift("bob", "backup")), protocols=rules)
    asked = ["urgent", "routine", "urgent"]
    assert [turns(account, 0, one)[0].contact for one in asked] == ["ann", "bob", "ann"]


def test_another_version_of_a_document_has_turns_of_its_own() -> None:
    before, after = compiled(**roster(shift("ann"))), compiled(**roster(shift("bob")))
    assert [turns(each)[0].contact for each in (before, after, before)] == ["ann", "bob", "ann"]


def test_somebody_named_by_the_protocol_is_looked_at_each_time() -> None:
    away = {"contact": "cho", "start": "2026-02-02 18:30", "end": "2026-02-02 19:30"}
    steps = protocol(steps=[{"reach": "contact:cho"}])
    account = compiled(**roster(shift("ann")), **steps, permanent=[], unavailable=[away])
    found = [turns(account, hours)[0].line.skipped for hours in (0, 1, 2)]
    assert found == [None, "unavailable", None]


def test_a_turn_knows_its_address_and_how_history_may_show_it() -> None:
    account = compiled(**roster(shift("ann", status="sms")), permanent=[])
    (turn,) = turns(account)
    assert (turn.address, turn.shown) == ("+12025550101", "+1******0101")
