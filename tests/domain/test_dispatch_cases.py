"""Where dispatch fails a case is opened, and somebody is to speak to the client in their hours."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from gateway.domain import dispatch_cases
from gateway.domain.change import ErrandKind
from gateway.domain.dispatch_cases import Failed, Whose
from gateway.domain.dispatch_cause import Cause
from tests.kit.desk import NOON, later
from tests.kit.shelf import key_of
from tests.kit.street import ANN, compiled, roster, shift, street

DAY = {"hours": "Mon-Fri 08:00-17:00"}
HOLIDAYS = {**DAY, "holidays": "US"}
NIGHTS = {"hours": "Mon-Sun 22:00-04:00"}


@pytest.mark.parametrize(
    ("zone", "office", "now", "due"),
    [
        # A weekday, to the second: half an hour may end as the office closes.
        ("America/New_York", DAY, "2026-02-02T10:00:00-05:00", "2026-02-02T10:30:00-05:00"),
        ("America/New_York", DAY, "2026-02-02T16:30:00-05:00", "2026-02-02T17:00:00-05:00"),
        ("America/New_York", DAY, "2026-02-02T16:30:01-05:00", "2026-02-03T08:00:01-05:00"),
        ("America/New_York", DAY, "2026-02-02T07:59:59-05:00", "2026-02-02T08:30:00-05:00"),
        # The very same instant elsewhere.
        ("America/Denver", DAY, "2026-02-02T16:30:01-05:00", "2026-02-02T17:00:01-05:00"),
        # Over the weekend, and over Presidents' Day.
        ("America/New_York", DAY, "2026-02-13T20:00:00-05:00", "2026-02-16T08:30:00-05:00"),
        ("America/New_York", HOLIDAYS, "2026-02-13T20:00:00-05:00", "2026-02-17T08:30:00-05:00"),
        # Nights on which clocks change: half an hour that passes.
        ("America/New_York", NIGHTS, "2026-03-08T01:45:00-05:00", "2026-03-08T03:15:00-04:00"),
        ("America/New_York", NIGHTS, "2026-11-01T01:45:00-04:00", "2026-11-01T01:15:00-05:00"),
        # No office, or one without hours: Monday to Friday, 9 to 17, in the account's zone.
        ("America/Denver", None, "2026-02-02T18:00:00-07:00", "2026-02-03T09:30:00-07:00"),
        ("America/Denver", {"phone": "+12025550199"}, "2026-02-07T10:00:00-07:00",
         "2026-02-09T09:30:00-07:00"),
        ("Europe/Berlin", None, "2026-02-02T16:45:00+01:00", "2026-02-03T09:15:00+01:00"),
    ],
)  # fmt: skip
def test_the_client_hears_within_half_an_hour_of_their_office_hours(
    zone: str, office: dict[str, object] | None, now: str, due: str
) -> None:
    account = compiled(timezone=zone, **({"office": office} if office else {}))
    found = dispatch_cases.contact_due(account, datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)


def test_what_happens_again_is_added_to_the_case_of_its_cause() -> None:
    first = Failed("exhausted", key_of("1"), 8, UUID(int=5), NOON)
    opened = dispatch_cases.opened(UUID(int=1), first, Whose("L-7", compiled()), NOON)
    assert (opened.facts.owner, opened.facts.ucns, opened.next_at) == (
        *("lead:L-7", ("1",)),
        opened.facts.contact_due,
    )
    second = replace(first, seq=19, at=later(minutes=15))
    after = dispatch_cases.again(opened.facts, second)
    assert after.facts.dispatch is not None
    assert (after.facts.dispatch.times, after.facts.dispatch.last_at) == (2, second.at)
    assert [item.kind for item in after.items] == ["case.recurred"]
    assert after.next_at == opened.next_at
    assert first.subject != Failed("gap", first.key, 8, None, NOON).subject
    alone = dispatch_cases.opened(UUID(int=2), first, Whose(None, None), NOON)
    assert (alone.facts.owner, alone.next_at) == ("Support", None)


@pytest.mark.parametrize(
    ("cause", "team"),
    [
        *(("gap", "IT"), ("limit_reached", "Account Manager")),
        *(("exhausted", "Account Manager"), ("resend", "Account Manager")),
    ],
)
def test_a_team_has_a_task_at_once_and_the_review_log_is_begun(cause: Cause, team: str) -> None:
    failed = Failed(cause, key_of("1"), 8, None, NOON)
    opened = dispatch_cases.opened(UUID(int=1), failed, Whose("L-7", compiled()), NOON)
    (task,) = opened.facts.work.assignments
    assert (task.team, task.state, task.by) == (team, "open", "gateway")
    assert opened.facts.work.review is not None
    assert [one.kind for one in opened.items] == ["case.created", "case.assigned", "case.reviewed"]


def test_a_round_without_anybody_asks_for_a_case_about_its_very_item() -> None:
    people = {"ann": {"name": "Ann Ames", "phone": ANN, "active": False}}
    one = street(compiled(contacts=people, **roster(shift("ann")), permanent=[]))
    one.go()
    (asked,) = [errand for errand in one.errands if errand.kind is ErrandKind.CASE]
    assert asked.payload is not None
    assert asked.payload["cause"] == "exhausted"
    assert one.items[int(asked.payload["seq"]) - 1].kind == "job.exhausted"
    assert asked.job == one.job.id
