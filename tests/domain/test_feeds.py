"""Events mean people by map, address or name and are never guessed; documents keep what was fed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.domain import feeds
from gateway.domain.documents import (
    AccountDocument,
    DocumentError,
    canonical,
    compile_account,
    document_from,
)
from gateway.domain.feeds import FeedError, Marks, Matched, Stranger
from tests.kit.desk import NOON, document, later

ONE = later(hours=1)
URL = "https://calendars.example/private-x7/basic.ics"
PEOPLE = {
    "ann": {"name": "Ann Ames", "phone": "+12025550101", "email": "Ann@northside.example"},
    "bob": {"name": "Bob Bell", "phone": "+12025550102", "email": "bob@northside.example"},
    "smith": {"name": "Ann Smith", "phone": "+12025550103"},
}


@dataclass(frozen=True)
class Event:
    """An event as an adapter gives it; an hour from NOON unless said otherwise."""

    summary: str
    emails: tuple[str, ...] = ()
    start: datetime = NOON
    end: datetime = ONE
    uid: str = "1"
    own: Marks | None = None


def fed(feed: dict[str, Any] | None = None, **changes: object) -> AccountDocument:
    """Return the example account with a feed on its schedule."""
    schedule = {"name": "OnCall", "feed": {"url": URL, **(feed or {})}}
    return document(contacts=PEOPLE, schedules=[schedule], permanent=[], **changes)


def matched(*events: Event, **feed: Any) -> Matched:  # noqa: ANN401 - keys of a document
    whole = fed(feed)
    ((_, one),) = feeds.feeds_of(whole)
    return feeds.matched(events, whole, one, NOON)


MEANS: dict[str, str | None] = {
    "Ann Ames": "ann",
    "  ann   AMES ": "ann",
    "On Call - Ann Ames - Northside": "ann",
    "On call: Ann Ames": "ann",
    "on-call Ann Ames": "ann",
    "Ann Ames on call": "ann",
    "Ann Ames (backup)": "ann",
    "Primary | Bob Bell": "bob",
    "Ann Ames-Bell": None,
    "Joann Ames": None,
    "Ann": None,
    "Ann Ames / Bob Bell": None,
    "Dr. Ann Ames": None,
    "Staff meeting": None,
    "": None,
}


@pytest.mark.parametrize("title", MEANS)
def test_a_name_counts_when_it_stands_alone_between_separators(title: str) -> None:
    found = matched(Event(title))
    assert [one.contact for one in found.shifts] == [MEANS[title]] * (MEANS[title] is not None)
    assert len(found.strangers) == (MEANS[title] is None)


def test_an_address_goes_before_a_title_that_names_nobody() -> None:
    (shift,) = matched(Event("Weekend", ("x@y.example", "ann@northside.example"))).shifts
    assert shift.contact == "ann"


UNCLEAR = {
    Event("Bob Bell", ("ann@northside.example",)): "invites one person and names another",
    Event("x", ("ann@northside.example", "bob@northside.example")): "means several people",
    Event("Ann Ames, Bob Bell"): "means several people",
    Event("Zoe"): "means nobody of the account",
}


@pytest.mark.parametrize("event", UNCLEAR, ids=lambda event: event.summary)
def test_what_is_not_clear_puts_nobody_on_duty_and_is_told(event: Event) -> None:
    assert matched(event) == Matched((), (Stranger(event.summary, NOON, UNCLEAR[event]),))


def test_the_map_goes_before_everything() -> None:
    names = {"Dr. Ames": "bob", "zoe@elsewhere.example": "smith"}
    events = (
        Event("On call: Dr. Ames", ("ann@northside.example",), uid="1"),
        Event("Ann Ames", ("zoe@elsewhere.example",), uid="2"),
    )
    assert [one.contact for one in matched(*events, map=names).shifts] == ["bob", "smith"]


def test_titles_to_ignore_are_no_shifts_and_nobody_is_told() -> None:
    assert matched(Event("Staff Meeting"), ignore=["staff meeting"]) == Matched((), ())


def test_strangers_of_the_past_are_nobodys_concern() -> None:
    assert matched(Event("Zoe", start=later(hours=-2), end=NOON)).strangers == ()


def test_role_and_status_of_the_feed_hold_for_all_its_shifts() -> None:
    (shift,) = matched(Event("Ann Ames"), role="backup", status="sms").shifts
    assert (shift.role, shift.status) == ("backup", "sms")


def test_times_without_a_zone_are_the_accounts_and_leave_no_hole_at_a_clock_change() -> None:
    """Midnight to midnight in New York, on the day of 23 hours and on the one of 25."""
    days = [(2026, 3, 8), (2026, 3, 9), (2026, 11, 1), (2026, 11, 2)]
    spring, after, autumn, next_ = (datetime(*day) for day in days)  # noqa: DTZ001
    found = matched(
        Event("Ann Ames", start=spring, end=after, uid="1"),
        Event("Ann Ames", start=autumn, end=next_, uid="2"),
    )
    lengths = [(one.end - one.start).total_seconds() / 3600 for one in found.shifts]
    assert lengths == [23, 25]
    early = datetime(2026, 11, 1, 1, 30)  # noqa: DTZ001
    first, second = matched(
        Event("Ann Ames", start=autumn, end=early, uid="1"),
        Event("Bob Bell", start=early, end=next_, uid="2"),
    ).shifts
    assert second.start < first.end


def test_a_shift_within_an_hour_that_is_left_out_is_none() -> None:
    gap = (datetime(2026, 3, 8, 2, 15), datetime(2026, 3, 8, 2, 45))  # noqa: DTZ001
    assert matched(Event("Ann Ames", start=gap[0], end=gap[1])) == Matched((), ())


def test_too_many_shifts_are_refused() -> None:
    events = [Event("Ann Ames", uid=str(number)) for number in range(feeds.MOST + 1)]
    with pytest.raises(FeedError, match="more than 8000 shifts"):
        matched(*events)


def test_the_span_looked_at_moves_at_the_turn_of_a_month_only() -> None:
    span = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
    assert feeds.window(NOON) == feeds.window(datetime(2026, 2, 28, 23, 59, tzinfo=UTC)) == span
    assert feeds.window(datetime(2026, 3, 1, tzinfo=UTC)) != span


# in the document


def amended(whole: AccountDocument) -> AccountDocument:
    ((_, feed),) = feeds.feeds_of(whole)
    found = feeds.matched([Event("Ann Ames")], whole, feed, NOON)
    return feeds.amended(whole, "OnCall", URL, found.shifts)


def test_what_a_feed_gave_stands_in_the_document_and_is_on_the_roster() -> None:
    whole = amended(fed())
    printed = canonical(whole)
    shift = {"contact": "ann", "start": "2026-02-02T23:00:00Z", "end": "2026-02-03T00:00:00Z"}
    post = {"role": "oncall", "status": "call"}
    assert printed["schedules"][0]["feed"] == {"url": URL, "shifts": [shift | post]}
    assert document_from(printed, "x") == whole
    (line,) = compile_account(whole).roster("OnCall", NOON).lines
    reason = "feed, 2026-02-02 18:00 to 2026-02-02 19:00"
    assert (line.contact, line.source, line.reason) == ("ann", "shift", reason)
    assert compile_account(whole).roster("OnCall", later(hours=1)).blank


def test_a_document_without_what_was_fed_keeps_it_and_cannot_change_it() -> None:
    stored = amended(fed())
    assert feeds.with_feeds(fed(), stored) == stored
    forged = amended(fed({"map": {"Ann Ames": "bob"}}))
    (kept,) = feeds.with_feeds(forged, stored).schedules
    assert kept.feed
    assert [one.contact for one in kept.feed.shifts] == ["ann"]


def test_a_new_source_keeps_the_old_shifts_until_it_was_read() -> None:
    stored = amended(fed())
    moved = feeds.with_feeds(fed({"url": f"{URL}?new"}), stored)
    assert moved.schedules[0].feed
    assert len(moved.schedules[0].feed.shifts) == 1
    assert feeds.amended(moved, "OnCall", URL, ()) is moved


def test_a_schedule_without_a_feed_any_more_has_nothing_of_it() -> None:
    plain = document(contacts=PEOPLE, permanent=[], schedules=[{"name": "OnCall"}])
    assert feeds.with_feeds(plain, amended(fed())) is plain


def test_somebody_taken_out_of_the_document_is_on_duty_no_more() -> None:
    stored = amended(fed())
    without = {key: one for key, one in PEOPLE.items() if key != "ann"}
    left = document(contacts=without, permanent=[], schedules=canonical(stored)["schedules"])
    assert compile_account(feeds.with_feeds(left, stored)).roster("OnCall", NOON).lines == ()


BAD = {
    "needs either url or file": {"url": None},
    "must be an https://, http:// or webcal:// URL": {"url": "ftp://x.example/y"},
    "without a login": {"url": "https://me:secret@x.example/y"},
    "is not a URL": {"url": "https://[::1/y"},
    "without a path": {"url": None, "file": "../../etc/passwd"},
    "unknown contact 'zoe'": {"map": {"Zoe": "zoe"}},
    "must be 5m to 1d": {"refresh": "1m"},
    "must be a UTC instant": {"shifts": [{"contact": "ann", "start": "2026-02-02T17:00"}]},
    "the end is not after the start": {
        "shifts": [
            {"contact": "ann", "start": "2026-02-02T17:00:00Z", "end": "2026-02-02T17:00:00Z"}
        ]
    },
}


@pytest.mark.parametrize("words", BAD)
def test_a_feed_that_cannot_be_is_refused_without_quoting_its_url(words: str) -> None:
    with pytest.raises(DocumentError) as refused:
        fed(BAD[words])
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)
