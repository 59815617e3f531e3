"""Events to text, as calendar programs subscribe to it (RFC 5545).

Written here and not by the library that reads: it takes seconds for a busy account, of which a
calendar is a few thousand times the same eleven lines. The tests hold the text against the library.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from adapters.ical.shapes import Event

MEDIA: Final = "text/calendar; charset=utf-8"
_PRODUCT: Final = "-//dispatchd//on-call schedules//EN"
_LONGEST: Final = 75  # octets of a line without its end; longer ones are folded (RFC 5545, 3.1)
_OFTEN: Final = 1_000
_BREAK: Final = "\r\n"
_SPECIAL: Final = str.maketrans(
    {"\\": r"\\", ";": r"\;", ",": r"\,", "\r": r"\n", "\n": r"\n"}  # RFC 5545, 3.3.11
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A calendar to be written; `stamp` is when what it tells was last changed (UTC)."""

    name: str
    stamp: datetime
    events: Sequence[Event]


def write(sheet: Sheet) -> bytes:
    """Return the calendar as iCalendar text; equal sheets give equal bytes. Times are UTC."""
    return "".join(f"{line}{_BREAK}" for line in _lines(sheet)).encode()


def _lines(sheet: Sheet) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{_PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield _line("X-WR-CALNAME", sheet.name)
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT1H"
    yield "X-PUBLISHED-TTL:PT1H"
    stamp = f"DTSTAMP:{_instant(sheet.stamp)}"
    for event in sheet.events:
        yield from _event(event, stamp)
    yield "END:VCALENDAR"


def _event(event: Event, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield _kept("SUMMARY", event.summary)
    yield f"DTSTART:{_instant(event.start)}"
    yield f"DTEND:{_instant(event.end)}"
    yield stamp
    yield _line("UID", event.uid)
    if event.description:
        yield _kept("DESCRIPTION", event.description)
    yield "TRANSP:TRANSPARENT"
    if event.own is not None:
        yield _kept("X-DISPATCHD-CONTACT", event.own.contact)
        yield f"X-DISPATCHD-PLACE:{event.own.place}"
        yield _kept("X-DISPATCHD-ROLE", event.own.role)
        yield _kept("X-DISPATCHD-STATUS", event.own.status)
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _line(name: str, text: str) -> str:
    line = f"{name}:{text.replace(_BREAK, chr(10)).translate(_SPECIAL)}"
    return line if len(line) <= _LONGEST and line.isascii() else _folded(line)


_kept = lru_cache(_OFTEN)(_line)
"""The same, for texts that come again and again: names, roles, ways to be reached."""


def _folded(line: str) -> str:
    """Return a line as several, none of them too long, with no letter cut in two."""
    parts: list[str] = []
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _LONGEST:
            parts.append(part)
            part, size = "", 1  # the space in front
        part, size = part + letter, size + width
    return f"{_BREAK} ".join([*parts, part])
