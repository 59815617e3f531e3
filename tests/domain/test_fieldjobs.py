"""Field jobs: the status table over all pairs, visits, letters, and who sees what (S1)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.deeds import RefusedError
from gateway.domain.fieldjob_actions import act, opened, taken_over
from gateway.domain.fieldjob_asked import Asked, Customer
from gateway.domain.fieldjobs import COLORS, FACTS, MOVES, Action, Appointment, FieldJob, Status
from gateway.domain.matters import Written
from tests.kit.desk import NOON, later

A, S = Action, Status
ANN = Customer("+12025550101", "Acme")
START = later(minutes=60)
# Rows S1-03 to S1-15 and S1-17, written out again as the source prints them.
ROWS = """
New Offer    accept             Unscheduled
New Offer    decline            Declined
Unscheduled  add_appointment    Scheduled
Scheduled    delete_appointment Unscheduled
Scheduled    on_my_way          In Progress
Scheduled    start              In Progress
Scheduled    complete           Complete
Scheduled    cancel             Complete
In Progress  complete           Complete
In Progress  pause              Paused
Paused       add_appointment    Scheduled
Paused       cancel             Complete
Complete     add_appointment    Scheduled
"""
TABLE = {
    (Status(row[:13].strip()), Action(row[13:31].strip())): Status(row[31:].strip())
    for row in ROWS.strip().splitlines()
}


def visit(number: int = 1, **changes: object) -> Appointment:
    """Return a visit an hour after NOON, an hour long, of technician T-1."""
    one = Appointment(UUID(int=number), START + timedelta(days=number - 1), 60, "T-1")
    return replace(one, **changes)  # type: ignore[arg-type]


def job(**changes: object) -> FieldJob:
    """Return a job that was just opened without a visit."""
    one = FieldJob(UUID(int=9), "Boiler", S.UNSCHEDULED, "dispatcher:D-1", NOON, "America/Chicago")
    return replace(one, **changes)  # type: ignore[arg-type]


def asked(action: Action, **changes: object) -> Asked:
    """Return an action with all that any of them needs."""
    one = Asked(
        action, ANN, UUID(int=77), start=START, minutes=90, reason="part", survey="https://x/s/t"
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def do(one: FieldJob, *actions: Action, now: datetime = NOON) -> FieldJob:
    """Do one thing after another, a minute apart."""
    for place, action in enumerate(actions):
        one = act(one, asked(action, new=UUID(int=100 + place)), now).facts
        now += timedelta(minutes=1)
    return one


def standing() -> Iterator[FieldJob]:
    """Give a job in each status, as it comes to be there; Complete both ways."""
    offer = opened(job(source="booking_page"), None, offered=True).facts
    first = opened(job(), visit(), offered=False).facts
    yield from (offer, do(offer, A.DECLINE), do(offer, A.ACCEPT), first)
    yield from (do(first, A.ON_MY_WAY), do(first, A.START), do(first, A.START, A.PAUSE))
    yield from (do(first, A.COMPLETE), do(first, A.CANCEL))


def tried(one: FieldJob, action: Action) -> Written[FieldJob] | RefusedError:
    """Return what an action comes to."""
    try:
        return act(one, asked(action), NOON)
    except RefusedError as refused:
        return refused


@pytest.mark.parametrize(
    "one", [*standing()], ids=lambda one: f"{one.status} {one.resolution} {one.visited}"
)
def test_every_pair_of_status_and_action_is_as_the_table_says(one: FieldJob) -> None:
    """S1-03, S1-04, S1-05, S1-06, S1-07, S1-08, S1-09, S1-10, S1-11, S1-12, S1-13, S1-14, S1-15.

    S1-16: any other pair is refused, and the facts are what they were. S1-17: reopening is for what
    was canceled.
    """
    expected = {pair: end for pair, end in TABLE.items() if pair[0] is one.status}
    if one.resolution == "canceled":
        expected[one.status, A.REOPEN] = S.SCHEDULED
    found = {}
    for action in Action:
        before = FACTS.dump_json(one)
        written = tried(one, action)
        if isinstance(written, RefusedError):
            assert written.code == "illegal_transition"
            assert FACTS.dump_json(one) == before
            continue
        found[one.status, action] = written.facts.status
        (item,) = written.items
        assert (item.data["was"], item.data["status"]) == (one.status, written.facts.status)
    assert found == expected


def test_the_table_has_no_pair_besides() -> None:
    assert {pair: end for pair, end in MOVES.items() if pair[1] is not A.REOPEN} == TABLE
    assert len(list(product(Status, Action))) == 70
    assert {one.status for one in standing()} == set(Status)


@pytest.mark.parametrize(
    ("first", "offered", "status", "color"),
    [
        (None, False, S.UNSCHEDULED, "red"),
        (visit(), False, S.SCHEDULED, "blue"),
        (visit(), True, S.NEW_OFFER, "green"),
        (None, True, S.NEW_OFFER, "green"),
    ],
)
def test_a_job_begins_as_it_was_made(
    first: Appointment | None, offered: bool, status: Status, color: str
) -> None:
    """S1-01, S1-02, S1-18."""
    made = opened(job(source="booking_page"), first, offered=offered).facts
    assert (made.status, made.color) == (status, color)


def test_each_status_has_its_color() -> None:
    """S1-19."""
    said = "New Offer green, Unscheduled red, Scheduled blue, Paused yellow, In Progress orange"
    pairs = [one.rsplit(" ", 1) for one in f"{said}, Complete gray".split(", ")]
    assert {status.value: color for status, color in COLORS.items()} == dict(pairs)


def test_an_offer_is_scheduled_as_it_wished_unless_said_otherwise() -> None:
    """S1-05, S1-18, S1-20: a visit needs a start and a duration, a technician it does not."""
    offer = opened(job(source="connected_account"), visit(), offered=True).facts
    taken = do(offer, A.ACCEPT)
    assert taken.appointments == ()
    (got,) = act(taken, asked(A.ADD, start=None, minutes=None), NOON).facts.appointments
    assert (got.start, got.minutes, got.technician) == (START, 60, "T-1")
    (other,) = act(taken, asked(A.ADD, technician="T-2", minutes=30), NOON).facts.appointments
    assert (other.minutes, other.technician) == (30, "T-2")
    (nobody,) = act(job(), asked(A.ADD), NOON).facts.appointments
    assert nobody.technician is None
    assert refusal(job(), A.ADD, start=None) == refusal(job(), A.ADD, minutes=None) == "no_time"


def refusal(one: FieldJob, action: Action, **changes: object) -> str:
    """Return why an action is refused."""
    with pytest.raises(RefusedError) as refused:
        act(one, asked(action, **changes), NOON)
    return refused.value.code


def test_deleting_one_of_several_visits_leaves_the_job_scheduled() -> None:
    """S1-06, S1-26."""
    two = job(status=S.SCHEDULED, appointments=(visit(1), visit(2)))
    assert refusal(two, A.DELETE) == "which_appointment"
    one = act(two, asked(A.DELETE, appointment=UUID(int=2)), NOON).facts
    assert (one.status, [each.id.int for each in one.appointments]) == (S.SCHEDULED, [1])
    assert refusal(one, A.DELETE, appointment=UUID(int=2)) == "unknown_appointment"
    assert do(one, A.DELETE).status is S.UNSCHEDULED


def test_canceling_flags_the_visits_and_reopening_restores_exactly_those() -> None:
    """S1-10, S1-17."""
    begun = do(job(status=S.SCHEDULED, appointments=(visit(1), visit(2))), A.START, A.PAUSE)
    canceled = do(begun, A.CANCEL)
    assert (canceled.status, canceled.resolution) == (S.COMPLETE, "canceled")
    # What was over already stays as it was.
    assert [one.state for one in canceled.appointments] == ["paused", "canceled"]
    other = do(canceled, A.ADD, A.CANCEL)
    assert [one.canceled_in for one in other.appointments] == [None, 1, 2]
    again = do(other, A.REOPEN)
    assert [one.state for one in again.appointments] == ["paused", "canceled", "planned"]
    assert (again.status, again.resolution) == (S.SCHEDULED, None)
    whole = do(canceled, A.REOPEN)
    assert whole.appointments == begun.appointments
    assert do(whole, A.DELETE).status is S.UNSCHEDULED
    done = do(job(status=S.SCHEDULED, appointments=(visit(1),)), A.COMPLETE, A.ADD, A.CANCEL)
    assert [one.state for one in done.appointments] == ["completed", "canceled"]


def test_a_job_that_was_paused_and_canceled_is_reopened_with_its_visit_planned_anew() -> None:
    """S1-14, S1-17, S1-21: what happened stands, and the customer hears of the next trip."""
    paused = do(opened(job(), visit(), offered=False).facts, A.ON_MY_WAY, A.PAUSE)
    again = do(paused, A.CANCEL, A.REOPEN)
    assert [one.state for one in again.appointments] == ["paused", "planned"]
    assert again.appointments[0] == paused.appointments[0]
    was, new = again.appointments
    assert (new.start, new.minutes, new.technician) == (was.start, was.minutes, was.technician)
    ((name, _, _),) = words(act(again, asked(A.ON_MY_WAY), NOON))
    assert name == f"on_my_way:{new.id}"


def test_arrival_is_written_once_and_never_moved() -> None:
    """S1-08, S1-22."""
    first = opened(job(), visit(), offered=False).facts
    began = do(first, A.START)
    (was,) = began.appointments
    again = do(began, A.PAUSE, A.CANCEL, A.REOPEN, A.START, A.COMPLETE, now=later(minutes=30))
    assert was.started_at == again.appointments[0].started_at == NOON


@pytest.mark.parametrize("reason", ["part", "no_customer", "interrupted", "other"])
def test_a_pause_has_a_reason(reason: str) -> None:
    """S1-12, S1-23."""
    began = do(opened(job(), visit(), offered=False).facts, A.START)
    assert refusal(began, A.PAUSE, reason=None) == "no_reason"
    assert refusal(began, A.PAUSE, reason="lunch") == "invalid"
    assert refusal(do(began, A.PAUSE), A.PAUSE, reason="lunch") == "illegal_transition"
    written = act(began, asked(A.PAUSE, reason=reason), NOON)
    assert (written.facts.appointments[0].pause_reason, written.items[0].data["reason"]) == (
        reason,
        reason,
    )


@pytest.mark.parametrize(("action", "status"), [(A.CANCEL, S.SCHEDULED), (A.DECLINE, S.NEW_OFFER)])
def test_why_a_job_is_canceled_or_declined_is_said_in_words(action: Action, status: Status) -> None:
    """S1-04, S1-10: they can be erased."""
    one = job(status=status, appointments=(visit(),))
    (item,) = act(one, asked(action, reason="Ann called it off"), NOON).items
    assert (item.words, "Ann" in str(item.data)) == ("Ann called it off", False)


def words(written: Written[FieldJob]) -> list[tuple[str, str, str]]:
    """Return the letters as (name, to, body)."""
    return [(one.name, one.to, one.body) for one in written.letters]


def test_the_customer_hears_once_that_somebody_comes_and_when() -> None:
    """S1-07, S1-21."""
    first = opened(job(), visit(), offered=False).facts
    written = act(first, asked(A.ON_MY_WAY, eta=later(minutes=25)), NOON)
    ((name, to, body),) = words(written)
    assert (name, to) == (f"on_my_way:{UUID(int=1)}", ANN.phone)
    local = later(minutes=25).astimezone(ZoneInfo("America/Chicago"))
    about = f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'} CST, "
    assert body.startswith(
        f"Acme: your technician is on the way and should be with you about {about}"
    )
    ((_, _, planned),) = words(act(first, asked(A.ON_MY_WAY), NOON))
    assert "about" in planned  # without an ETA: as scheduled
    ((_, _, late),) = words(act(first, asked(A.ON_MY_WAY), later(minutes=90)))
    assert late == "Acme: your technician is on the way."


def test_a_customer_whose_clocks_nobody_knows_hears_in_how_long() -> None:
    """S1-21."""
    first = opened(job(zone="UTC"), visit(), offered=False).facts
    for eta, said in [(later(minutes=25), " and should be with you in about 25 min."), (NOON, ".")]:
        ((_, _, body),) = words(act(first, asked(A.ON_MY_WAY, eta=eta), NOON))
        assert body == f"Acme: your technician is on the way{said}"


def test_a_completed_job_asks_for_one_survey_however_often_it_is_completed() -> None:
    """S1-09, S1-11, S1-24."""
    first = opened(job(), visit(), offered=False).facts
    written = act(first, asked(A.COMPLETE), NOON)
    ((name, to, body),) = words(written)
    assert (name, to) == ("survey", ANN.phone)
    assert body == "Acme: your appointment is complete. How did we do? https://x/s/t"
    again = do(written.facts, A.ADD)
    assert words(act(again, asked(A.COMPLETE), NOON)) == []
    assert words(act(first, asked(A.CANCEL), NOON)) == []


def test_a_technician_works_on_their_own_visit_only() -> None:
    """S1-27: of two visits each has one."""
    two = job(status=S.SCHEDULED, appointments=(visit(1), visit(2, technician="T-2")))
    began = act(two, asked(A.START, own="T-2"), NOON).facts
    assert [one.state for one in began.appointments] == ["planned", "started"]
    assert refusal(two, A.START, own="T-3") == "forbidden"


def test_what_was_accepted_on_call_is_an_offer_that_was_taken() -> None:
    """S1-03: the accept of a message opens a job that waits for its first visit."""
    written = taken_over(job(source="connected_account", technician="7001.ann", ucn="49000001"))
    assert [item.kind for item in written.items] == ["fieldjob.offered", "fieldjob.accepted"]
    assert written.facts.status is S.UNSCHEDULED
    assert written.facts.technicians == {"7001.ann"}
    assert FACTS.validate_json(FACTS.dump_json(written.facts)) == written.facts
