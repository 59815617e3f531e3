"""Published calendars: few entries, stable ids, and read back they give the very same roster."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.ical.reading import read
from adapters.ical.shapes import Event, Own
from adapters.ical.writing import Sheet, write
from gateway.domain import calendars
from gateway.domain.accounts import Account
from gateway.domain.calendars import Duty, Entry, entries, on_duty, published
from gateway.domain.documents import AccountDocument, compile_account, document_from
from gateway.domain.feeds import amended, feeds_of, matched
from schedules.timeline import changes
from tests.kit.desk import NOON, northside

ZONES = ["America/New_York", "America/Chicago", "Australia/Lord_Howe", "Europe/London"]
ZONES += ["Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "UTC"]
PEOPLE = {
    "ann": {"name": "Ann Ames", "phone": "+12025550101", "email": "ann@northside.example"},
    "bob": {"name": "Bob, Bell; & Sons: (West)", "phone": "+12025550102"},
    "cho": {"phone": "+12025550103"},
    "ann2": {"name": "ann  AMES", "phone": "+12025550104"},
}
WEEKLY = ["Mon-Sun 17:00-08:00", "Sat-Sun", "Mon-Fri 08:00-17:00", "Sun 01:30-Sun 02:30"]
WHO, ROLE = st.sampled_from([*PEOPLE]), st.sampled_from(["oncall", "backup"])
STATUS = st.sampled_from(["call", "sms", "email"])
EDGE = datetime(2026, 2, 20)  # noqa: DTZ001


def _local(minutes: int) -> str:
    return (EDGE + timedelta(minutes=minutes)).isoformat(timespec="minutes")


@st.composite
def spans(draw: st.DrawFn) -> dict[str, str]:
    start = draw(st.integers(0, 60 * 96)) * 15
    return {"start": _local(start), "end": _local(start + draw(st.integers(1, 300)) * 30)}


@st.composite
def shifts(draw: st.DrawFn) -> dict[str, object]:
    post = {"role": draw(ROLE), "status": draw(STATUS)}
    match draw(st.sampled_from(["weekly", "dated", "turns", "always"])):
        case "weekly":
            return {"contact": draw(WHO), **post, "weekly": draw(st.sampled_from(WEEKLY))}
        case "dated":
            return {"contact": draw(WHO), **post, **draw(spans())}
        case "turns":
            people = draw(st.lists(WHO, min_size=1, max_size=3))
            turns = {"every": "12h", "handoff": "01:30", "from": "2026-02-01"}
            return {"rotate": people, **post, **turns}
        case _:
            return {"contact": draw(WHO), **post}


@st.composite
def overrides(draw: st.DrawFn) -> dict[str, object]:
    one, other = draw(st.permutations([*PEOPLE]))[:2]
    kinds = [{"replace": one, "with": other}, {"remove": one}, {"swap": [one, other]}, {"add": one}]
    return {**draw(spans()), **draw(st.sampled_from(kinds))}


@st.composite
def documents(draw: st.DrawFn) -> AccountDocument:
    schedule: dict[str, object] = {"name": "OnCall", "shifts": draw(st.lists(shifts(), max_size=5))}
    schedule["overrides"] = draw(st.lists(overrides(), max_size=1))
    if draw(st.booleans()):
        stand_in = {**draw(spans()), "shifts": draw(st.lists(shifts(), max_size=2))}
        schedule["temporary"] = [stand_in]
    zone = draw(st.sampled_from(ZONES))
    return document_from(_document([schedule], timezone=zone), "test")


def _document(schedules: list[dict[str, Any]], **more: object) -> dict[str, object]:
    return northside(contacts=PEOPLE, schedules=schedules, permanent=[], **more)


def compiled(*shifts_: dict[str, object], **more: object) -> Account:
    schedule = {"name": "OnCall", "shifts": list(shifts_), **more}
    return compile_account(document_from(_document([schedule]), "test"))


def exported(account: Account, ends: tuple[datetime, datetime]) -> bytes:
    return write(Sheet("x", NOON, [_event(account, e) for e in entries(account, *ALL, ends)]))


ALL = (["OnCall"], None)


def _event(account: Account, entry: Entry) -> Event:
    own = Own(*entry.duty, entry.place)
    words = calendars.title(account, entry), (), calendars.details(account, entry)
    return Event(calendars.uid(account, entry), entry.start, entry.end, *words, own)


def _duties(account: Account, at: datetime) -> tuple[Duty, ...]:
    return on_duty(account.roster("OnCall", at).lines)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.integers(0, 96 * 40))
def test_what_is_exported_and_imported_gives_the_same_roster_at_every_instant(
    document: AccountDocument, start: int
) -> None:
    account = compile_account(document)
    first = EDGE.replace(tzinfo=UTC) + timedelta(minutes=15 * start)
    ends = first, first + timedelta(days=20)
    text = exported(account, ends)
    fed = document_from(
        _document([{"name": "OnCall", "feed": {"file": "x.ics"}}], timezone=document.timezone),
        "test",
    )
    ((_, feed),) = feeds_of(fed)
    found = matched(read(text.decode(), *ends).events, fed, feed, first)
    assert found.strangers == ()
    again = compile_account(amended(fed, "OnCall", "file:x.ics", found.shifts))
    for one in (account, again):
        for at in (first, *changes(one.crew, one.schedule_named("OnCall"), *ends)):
            assert _duties(again, at) == _duties(account, at), at
    assert exported(again, ends) == text


def test_a_night_is_one_entry_and_a_person_always_on_call_another() -> None:
    account = compiled(
        {"contact": "ann", "weekly": "Mon-Sun 17:00-08:00"}, {"contact": "cho", "role": "backup"}
    )
    ends = NOON, NOON + timedelta(days=2)
    shown = [(e.duty.contact, e.end - e.start) for e in entries(account, *ALL, ends)]
    hour = timedelta(hours=1)
    assert shown == [("ann", 14 * hour), ("cho", 48 * hour), ("ann", 15 * hour), ("ann", hour)]


def test_somebody_who_is_removed_for_an_hour_splits_no_entry_of_others() -> None:
    gone = {"start": "2026-02-03T10:00", "end": "2026-02-03T11:00", "remove": "ann"}
    account = compiled({"contact": "ann"}, {"contact": "bob"}, overrides=[gone])
    found = entries(account, *ALL, (NOON, NOON + timedelta(days=1)))
    assert sorted(e.duty.contact for e in found) == ["ann", "ann", "bob"]


def test_people_who_trade_places_are_told_apart_by_new_entries() -> None:
    trade = {"start": "2026-02-03T10:00", "end": "2026-02-03T11:00", "swap": ["ann", "bob"]}
    account = compiled({"contact": "ann"}, {"contact": "bob"}, overrides=[trade])
    found = entries(account, *ALL, (NOON, NOON + timedelta(days=1)))
    assert [(e.duty.contact, e.place) for e in found] == [
        *(("ann", 0), ("bob", 1)),
        *(("bob", 0), ("ann", 1)),
        *(("ann", 0), ("bob", 1)),
    ]


def test_a_person_has_a_calendar_of_their_own_named_after_the_schedules() -> None:
    account = compiled({"contact": "ann"}, {"contact": "cho", "role": "backup"})
    ends = NOON, NOON + timedelta(days=1)
    (mine,) = entries(account, ["OnCall"], "cho", ends)
    assert calendars.title(account, mine) == "Backup: OnCall"
    whole = [calendars.title(account, one) for one in entries(account, *ALL, ends)]
    assert whole == ["Ann Ames", "cho (backup)"]


def test_names_go_out_and_neither_phone_numbers_nor_addresses() -> None:
    account = compiled(*({"contact": key} for key in PEOPLE))
    text = exported(account, (NOON, NOON + timedelta(days=1))).decode()
    assert "Ann Ames" in text
    assert "+1202" not in text
    assert "northside.example" not in text


def test_ids_stay_while_time_goes_on_within_a_month() -> None:
    account = compiled({"contact": "cho"}, {"contact": "ann", "weekly": "Mon-Sun 17:00-08:00"})
    days = (datetime(2026, 5, 2, 9, tzinfo=UTC), datetime(2026, 5, 28, 9, tzinfo=UTC))
    first, later = (entries(account, *ALL, published(account, day)) for day in days)
    ids = [{calendars.uid(account, one) for one in found} for found in (first, later)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == len(first)


def test_two_months_back_and_six_ahead_are_published() -> None:
    account = compiled()
    start, end = published(account, NOON)
    assert (start, end) == (
        datetime.fromisoformat("2025-12-01T00:00-05:00"),
        datetime.fromisoformat("2026-09-01T00:00-04:00"),
    )


def test_a_duty_says_whom_how_and_as_what() -> None:
    roster = compiled({"contact": "ann", "status": "sms"}).roster("OnCall", NOON)
    assert on_duty(roster.lines) == (Duty("ann", "oncall", "sms"),)
