"""What is written is what the library that reads would write, and reads as what was meant."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from adapters.ical.reading import read
from adapters.ical.shapes import Event, Own
from adapters.ical.writing import Sheet, write

START = datetime(2026, 3, 1, 17, 0, 1, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(";,\\ é漢"))
NAMED = TEXTS.map(lambda text: f"x {text} x")


@st.composite
def events(draw: st.DrawFn) -> Event:
    start = START + timedelta(minutes=draw(st.integers(0, 9_999)))
    own = Own(draw(NAMED), "oncall", "call", draw(st.integers(0, 99)))
    words = draw(NAMED), (), draw(st.sampled_from(["", "Cho Cole, at night; by call"]))
    length = timedelta(minutes=draw(st.integers(1, 999)))
    return Event(
        f"{draw(st.uuids())}@x", start, start + length, *words, draw(st.none() | st.just(own))
    )


def unfolded(text: bytes) -> bytes:
    return text.replace(b"\r\n ", b"")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events(), max_size=3), NAMED)
def test_the_text_is_the_librarys_own_but_for_where_a_line_is_folded(
    found: list[Event], name: str
) -> None:
    text = write(Sheet(name, START, found))
    assert unfolded(Calendar.from_ical(text).to_ical()) == unfolded(text)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_names_and_lines_come_back_as_they_were() -> None:
    words = "Bob, Bell; & Sons: \\West\\ " + "é漢" * 60, (), "first\nsecond\r\nthird"
    event = Event("1", START, START + timedelta(hours=1), *words, Own("bob", "backup", "sms", 3))
    (found,) = read(write(Sheet("x", START, [event])).decode(), START, event.end).events
    assert (found.summary, found.own) == (event.summary, event.own)
    assert found.description == "first\nsecond\nthird"
