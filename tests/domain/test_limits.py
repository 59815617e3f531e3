"""How often a phone is called, unless its own limit says otherwise."""

from datetime import timedelta

import pytest

from gateway.domain.contacts import Rung
from gateway.domain.events import Progress
from gateway.domain.flags import Flags
from gateway.domain.messages import Priority
from gateway.domain.walk import slots, why_skipped
from tests.kit.desk import NOON, later
from tests.kit.street import ANN, changed, compiled, roster, shift, street

ROLES = roster(shift("ann"), shift("bob", "backup"))
RANG = Rung(1, later(seconds=-30), later(seconds=-5))


def skipped(
    rung: Rung,
    priority: Priority = Priority.URGENT,
    *,
    began: timedelta = timedelta(0),
    **limit: object,
) -> str | None:
    """Return why Ann, who was called so lately, has no turn at NOON in a round begun then."""
    ann = {"name": "Ann Ames", "phone": ANN, **limit}
    bob = {"name": "Bob Bell", "phone": "+12025550102"}
    account = compiled(contacts={"ann": ann, "bob": bob}, permanent=[], **ROLES)
    one = street(account, priority=priority)
    job = changed(one.job, round=one.job.round._replace(at=NOON + began))
    chosen = account.protocol_for(priority.word, None, NOON)
    first = next(slots(account, chosen, account.roster("OnCall", NOON), job))
    why = why_skipped(one.state()._replace(rung={ANN: rung}), job, first, NOON)
    return why[0] if why else None


def test_a_phone_is_called_once_a_minute() -> None:
    assert skipped(RANG) == "rate_limited"
    assert skipped(RANG._replace(last=later(seconds=-60))) is None


def test_who_waited_for_the_end_of_a_call_dials_at_once() -> None:
    assert skipped(RANG, began=timedelta(seconds=-10)) is None
    assert skipped(RANG._replace(over=None)) is None


@pytest.mark.parametrize(("times", "found"), [(29, None), (30, "rate_limited")])
def test_a_phone_is_called_thirty_times_in_three_hours(times: int, found: str | None) -> None:
    assert skipped(Rung(times, later(minutes=-5), later(minutes=-4))) == found


def test_an_emergency_is_exempt_and_a_limit_of_its_own_goes_before() -> None:
    assert skipped(RANG, Priority.EMERGENCY) is None
    assert skipped(RANG, phone_limit={"calls": 40, "per": "3h"}) is None


def test_a_jobs_own_call_begins_no_rest_for_it() -> None:
    one = street(compiled(**ROLES))
    mine = one.reach()
    one.tell(Progress(mine.id, mine.sid, "busy"))
    one.wind(seconds=30)
    account = compiled(**ROLES)
    job = changed(one.job, round=one.job.round._replace(at=one.now))
    chosen = account.protocol_for("urgent", None, NOON)
    first = next(slots(account, chosen, account.roster("OnCall", NOON), job))
    rung = Rung(1, mine.started_at, later(seconds=5))
    assert why_skipped(one.state()._replace(rung={ANN: rung}), job, first, one.now) is None
    others = rung._replace(last=later(seconds=3))
    why = why_skipped(one.state()._replace(rung={ANN: others}), job, first, one.now)
    assert why is not None
    assert why[0] == "rate_limited"


def test_who_was_called_often_enough_is_not_waited_for() -> None:
    assert RANG.pause_until(NOON, NOON) == later(seconds=30)
    assert RANG._replace(times=30).pause_until(NOON, NOON) is None


def test_what_is_known_against_a_phone_goes_before_its_limit() -> None:
    one = street(compiled(**ROLES))
    chosen = compiled(**ROLES).protocol_for("urgent", None, NOON)
    first = next(
        slots(compiled(**ROLES), chosen, compiled(**ROLES).roster("OnCall", NOON), one.job)
    )
    state = one.state()._replace(rung={ANN: RANG}, flags={ANN: Flags(False, True, "wrong_person")})
    why = why_skipped(state, one.job, first, NOON)
    assert why == ("no_address", "the number is suspended: wrong_person")
