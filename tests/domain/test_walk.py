"""The walk: who may have a turn in a round, in what order, and why somebody has none."""

import pytest

from gateway.domain.accounts import Account
from gateway.domain.flags import Flags
from gateway.domain.jobs import Job, Target
from gateway.domain.messages import Priority
from gateway.domain.walk import address_of, slots, why_skipped
from tests.kit.desk import NOON, later
from tests.kit.street import ANN, BOB, changed, compiled, protocol, roster, shift, street

ROLES = roster(shift("bob", "backup"), shift("ann"))


def walked(account: Account, target: Target | None = None) -> list[str]:
    """Return the turns of a round at NOON as `contact method source`."""
    job = changed(street(account).job, target=target)
    chosen = account.protocol_for("urgent", None, NOON)
    found = slots(account, chosen, account.roster("OnCall", NOON), job)
    return [f"{slot.contact} {slot.method} {slot.line.source}" for slot in found]


def skipped(
    account: Account, *, priority: Priority = Priority.URGENT, **flags: Flags
) -> str | None:
    """Return why the first turn of a round goes to nobody; flags name contacts."""
    one = street(account, priority=priority)
    phones = {account.contacts[key].phone or "": flag for key, flag in flags.items()}
    one.flags = phones
    chosen = account.protocol_for(priority.word, None, NOON)
    first = next(slots(account, chosen, account.roster("OnCall", NOON), one.job))
    why = why_skipped(one.state(), one.job, first, NOON)
    return why[0] if why else None


def test_on_call_people_come_before_backups_and_those_before_the_permanent_list() -> None:
    assert walked(compiled(**ROLES)) == ["ann call shift", "bob call shift", "cho call permanent"]


def test_people_of_one_role_go_in_document_order() -> None:
    names = walked(compiled(**roster(shift("cho"), shift("ann"), shift("bob")), permanent=[]))
    assert [name.split()[0] for name in names] == ["cho", "ann", "bob"]


def test_each_line_is_reached_by_its_own_status_unless_the_step_says_how() -> None:
    shifts = roster(shift("ann", status="sms"), shift("bob", "backup", "secure"))
    assert walked(compiled(**shifts, permanent=[])) == ["ann sms shift", "bob secure shift"]
    steps = protocol(steps=[{"reach": "oncall", "by": "call"}])
    assert walked(compiled(**shifts, **steps)) == ["ann call shift"]


def test_the_permanent_list_stays_out_where_it_is_for_a_blank_schedule_only() -> None:
    account = compiled(**ROLES, **protocol(permanent="when_blank"))
    assert walked(account) == ["ann call shift", "bob call shift"]


@pytest.mark.parametrize("steps", [[{"reach": "oncall"}], [{"reach": "permanent"}]])
def test_a_blank_schedule_goes_straight_to_the_permanent_list(steps: list[object]) -> None:
    blank = [{"name": "OnCall", "shifts": []}]
    keys = protocol(steps=steps, permanent="when_blank")
    assert walked(compiled(schedules=blank, **keys)) == ["cho call permanent"]


def test_steps_may_name_a_contact_or_the_office() -> None:
    steps = [{"reach": "contact:cho", "by": "sms"}, {"reach": "office"}]
    account = compiled(**ROLES, **protocol(steps=steps), office={"phone": "+12025550199"})
    assert walked(account) == ["cho sms target", "office call office"]


def test_a_target_stands_alone_and_is_reached_as_the_roster_would() -> None:
    account = compiled(**roster(shift("ann", status="sms")))
    assert walked(account, Target("ann", "asked")) == ["ann sms target"]
    assert walked(account, Target("bob", "asked")) == ["bob call target"]


def test_somebody_who_was_replaced_gives_the_turn_away_without_being_passed_over() -> None:
    swap = {
        "start": "2026-02-02T00:00",
        "end": "2026-02-03T00:00",
        "replace": "ann",
        "with": "bob",
    }
    account = compiled(**roster(shift("ann"), overrides=[swap]), permanent=[])
    assert walked(account) == ["bob call override"]


def test_who_is_away_or_inactive_is_passed_over() -> None:
    span = {"contact": "ann", "start": "2026-02-02T17:30", "end": "2026-02-02T19:00"}
    assert skipped(compiled(**ROLES, unavailable=[span])) == "unavailable"
    ann = {"ann": {"name": "Ann", "phone": ANN, "active": False}}
    assert skipped(compiled(contacts=ann, permanent=[], **roster(shift("ann")))) == "inactive"


def test_a_target_or_a_named_contact_who_is_away_is_passed_over_too() -> None:
    span = {"contact": "ann", "start": "2026-02-02T17:30", "end": "2026-02-02T19:00"}
    account = compiled(**ROLES, unavailable=[span], **protocol(steps=[{"reach": "contact:ann"}]))
    assert skipped(account) == "unavailable"


@pytest.mark.parametrize(
    ("priority", "why"), [(Priority.ROUTINE, "quiet"), (Priority.URGENT, None)]
)
def test_quiet_hours_hold_for_routine_messages_only(priority: Priority, why: str | None) -> None:
    ann = {"ann": {"name": "Ann", "phone": ANN, "quiet": "17:00-07:00"}}
    account = compiled(contacts=ann, permanent=[], **roster(shift("ann")))
    assert skipped(account, priority=priority) == why


def test_who_has_no_address_for_the_method_is_passed_over() -> None:
    account = compiled(**roster(shift("ann", status="email")), permanent=[])
    assert skipped(account) == "no_address"


def test_an_opt_out_stops_texts_but_not_calls() -> None:
    out = Flags(opted_out=True)
    texted = compiled(**roster(shift("ann", status="sms")), permanent=[])
    called = compiled(**roster(shift("ann")), permanent=[])
    assert skipped(texted, ann=out) == "opted_out"
    assert skipped(called, ann=out) is None


@pytest.mark.parametrize("status", ["call", "sms", "secure"])
def test_a_suspended_number_is_reached_by_nothing(status: str) -> None:
    account = compiled(**roster(shift("ann", status=status)), permanent=[])
    assert skipped(account, ann=Flags(suspended=True, reason="wrong_person")) == "no_address"


def test_texts_go_to_the_number_for_texts_and_calls_to_the_phone() -> None:
    account = compiled(**roster(shift("bob", status="sms"), shift("bob", "backup")))
    job: Job = street(account).job
    chosen = account.protocol_for("urgent", None, NOON)
    found = slots(account, chosen, account.roster("OnCall", NOON), job)
    assert [address_of(account, slot) for slot in found][:2] == ["+12025550112", BOB]


def test_somebody_is_tried_again_once_their_absence_is_over() -> None:
    span = {"contact": "ann", "start": "2026-02-02T17:30", "end": "2026-02-02T18:10"}
    account = compiled(**roster(shift("ann")), permanent=[], unavailable=[span])
    one = street(account)
    one.go()
    assert one.attempts == {}
    assert one.told("contact.skipped")[0]["data"]["reason"] == "unavailable"
    one.now = later(minutes=15)
    assert one.reach().contact == "ann"


def test_one_person_is_tried_once_a_round() -> None:
    account = compiled(**roster(shift("ann"), shift("ann", "backup", "sms")), permanent=[])
    one = street(account)
    one.reach()
    one.wind(seconds=30)
    one.attempts[one.last.id] = one.last.over("no_answer")
    one.jobs[one.job.id] = one.job.due_now(one.now)
    one.go()
    assert one.dialed() == ["ann"]
    assert one.told("contact.skipped")[0]["data"]["reason"] == "duplicate"
