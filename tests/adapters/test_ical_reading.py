"""Calendars as Google, Outlook and PagerDuty export them are understood to the minute."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ical.apart import read_apart
from adapters.ical.reading import MOST, read
from adapters.ical.shapes import CalendarError, Event, Reading

FEEDS = Path(__file__).parent / "feeds"
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def text_of(name: str) -> str:
    return (FEEDS / f"{name}.ics").read_text(encoding="utf-8")


def event(*lines: str) -> str:
    """Return a calendar of one event."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "BEGIN:VEVENT", "UID:1")
    return "\r\n".join([*head, "SUMMARY:Ann", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def seen(reading: Reading) -> list[tuple[str, str, str]]:
    """Return title, start and end of each event, in order of time."""
    rows = [(one.summary, _short(one.start), _short(one.end)) for one in reading.events]
    return sorted(rows, key=lambda row: row[1])


def _short(at: datetime) -> str:
    return f"{at:%m-%d %H:%M}" + ("Z" if at.tzinfo else "")


def one_event(*lines: str) -> Event:
    (found,) = read(event(*lines), START, END).events
    return found


def test_google_repeats_skips_moves_and_cancels_across_the_clock_change() -> None:
    assert seen(read(text_of("google"), START, END)) == [
        ("Ann Ames", "03-02 23:00Z", "03-03 14:00Z"),
        ("Ann Ames", "03-04 23:00Z", "03-05 14:00Z"),
        ("Bob Bell", "03-05 23:00Z", "03-06 14:00Z"),
        ("Weekend", "03-07 00:00", "03-09 00:00"),
        ("Ann Ames", "03-09 22:00Z", "03-10 13:00Z"),
        ("Bob Bell", "03-17 00:00Z", "03-17 13:00Z"),
        ("Ann Ames", "03-23 22:00Z", "03-24 13:00Z"),
        ("Ann Ames", "03-25 22:00Z", "03-26 13:00Z"),
        ("Ann Ames", "03-30 22:00Z", "03-31 13:00Z"),
    ]


def test_whoever_declined_is_not_invited_and_addresses_are_lower_case() -> None:
    found = {one.summary: one.emails for one in read(text_of("google"), START, END).events}
    assert found["Weekend"] == ("cho@northside.example",)


def test_outlook_zones_go_by_their_windows_names_and_its_own_by_their_rules() -> None:
    assert seen(read(text_of("outlook"), START, END)) == [
        ("On call: Ann Ames", "03-05 22:00Z", "03-06 13:00Z"),
        ("On call: Bob Bell", "03-07 23:00Z", "03-08 12:00Z"),
        ("On call: Ann Ames", "03-08 21:00Z", "03-09 12:00Z"),
        ("On call: Ann Ames", "03-09 21:00Z", "03-10 12:00Z"),
        ("Cho Cole", "03-10 04:00Z", "03-11 04:00Z"),
        ("Ann Ames", "03-12 08:30Z", "03-12 09:30Z"),
        ("Bob Bell", "03-30 07:00Z", "03-30 15:00Z"),
    ]


def test_pagerduty_names_people_by_address() -> None:
    reading = read(text_of("pagerduty"), START, END)
    assert seen(reading) == [
        ("On Call - Ann Ames - Northside", "03-02 22:00Z", "03-09 21:00Z"),
        ("On Call - Bob Bell - Northside", "03-09 21:00Z", "03-16 21:00Z"),
    ]
    people = [one.emails for one in reading.events]
    assert people == [("ann@northside.example",), ("bob@northside.example",)]


def test_a_zone_of_one_calendar_says_nothing_about_another() -> None:
    """Outlook calls every zone of somebody's own making by the same name."""
    read(text_of("outlook"), START, END)
    other = text_of("outlook").replace("+0330", "-0230")
    starts = [one.start for one in read(other, START, END).events if one.summary == "Ann Ames"]
    assert starts == [datetime(2026, 3, 12, 14, 30, tzinfo=UTC)]


def test_what_began_before_the_time_looked_at_keeps_its_start() -> None:
    found = one_event("DTSTART:20250101T000000Z", "DTEND:20270101T000000Z")
    assert (found.start.year, found.end.year) == (2025, 2027)


def test_a_zone_with_a_vendor_in_front_is_that_zone() -> None:
    zone = "TZID=/freeassociation.sourceforge.net/America/Chicago"
    assert one_event(f"DTSTART;{zone}:20260302T170000", "DURATION:PT1H").start.hour == 23


def test_times_without_a_zone_are_left_to_the_reader() -> None:
    found = one_event("DTSTART:20260302T170000", "DTEND:20260302T180000")
    assert found.start == datetime(2026, 3, 2, 17)  # noqa: DTZ001


UNREAD = {
    ("DTSTART;TZID=Mars/Base:20260302T170000", "DTEND;TZID=Mars/Base:20260302T180000"): (
        "its time zone Mars/Base is not known"
    ),
    ("DTSTART:20260302T170000Z", "DTEND:20260301T170000Z"): "it ends before it starts",
    ("DTSTART:20260302T170000Z", "DTEND:20260302T180000"): (
        "one of its ends has a time zone, the other has none"
    ),
}


@pytest.mark.parametrize("lines", UNREAD, ids=list(UNREAD.values()))
def test_an_event_that_makes_no_sense_is_told_and_never_guessed(lines: tuple[str, str]) -> None:
    assert read(event(*lines), START, END) == Reading((), (f"Ann: {UNREAD[lines]}",))


def test_an_event_without_length_is_nobodys_shift() -> None:
    assert read(event("DTSTART:20260302T170000Z"), START, END) == Reading(())


BAD = {
    "a page to sign in": ("<html><body>Sign in</body></html>", "is no iCalendar text"),
    "nothing": ("", "is no iCalendar text"),
    "a bare event": ("BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "is no iCalendar text"),
    "no start": (event("DTEND:20260302T170000Z"), "breaks the rules of iCalendar"),
    "seconds": (
        event("DTSTART:20260302T170000Z", "DURATION:PT9S", "RRULE:FREQ=SECONDLY"),
        "by the minute",
    ),
    "a flood": (
        event(
            "DTSTART:20260101T000000Z",
            "DURATION:PT9M",
            "RRULE:FREQ=HOURLY;BYMINUTE=1,9,20,25,30,35,40,45,50,55",
        ),
        f"more than {MOST} events",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_used_is_refused_in_words(bad: str) -> None:
    text, words = BAD[bad]
    with pytest.raises(CalendarError, match=words):
        read(text, START, END)


async def test_reading_apart_gives_the_very_same() -> None:
    for name in ("google", "outlook", "pagerduty"):
        assert await read_apart(text_of(name), START, END) == read(text_of(name), START, END)
    with pytest.raises(CalendarError, match="no iCalendar"):
        await read_apart("<html>", START, END)


async def test_a_search_that_never_ends_is_ended() -> None:
    """30 February, hour by hour, to the end of time."""
    rule = "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"
    endless = event("DTSTART:20260302T170000Z", "DURATION:PT9M", rule)
    with pytest.raises(CalendarError, match="takes too"):
        await read_apart(endless, START, END, seconds=2.0)
