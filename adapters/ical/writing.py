"""Events to text, as calendar programs subscribe to it."""

# ruff: noqa: PLC0415 - the library takes half a second and 12 MB: loaded on use

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.ical.shapes import Event

MEDIA: Final = "text/calendar; charset=utf-8"
_PRODUCT: Final = "-//dispatchd//on-call schedules//EN"
_OFTEN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A calendar to be written; `stamp` is when what it tells was last changed (UTC)."""

    name: str
    stamp: datetime
    events: Sequence[Event]


def write(sheet: Sheet) -> bytes:
    """Return the calendar as iCalendar text; equal sheets give equal bytes. Times are UTC."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("PRODID", _PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", sheet.name)
    calendar.add("REFRESH-INTERVAL", _OFTEN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for event in sheet.events:
        calendar.add_component(_component(event, sheet.stamp))
    written: bytes = calendar.to_ical()
    return written


def _component(event: Event, stamp: datetime) -> Any:  # noqa: ANN401 - the package's own tree
    from icalendar import Event as Component

    one = Component()
    one.add("UID", event.uid)
    one.add("DTSTAMP", stamp.astimezone(UTC).replace(microsecond=0))
    one.add("DTSTART", event.start.astimezone(UTC))
    one.add("DTEND", event.end.astimezone(UTC))
    one.add("SUMMARY", event.summary)
    if event.description:
        one.add("DESCRIPTION", event.description)
    if event.own is not None:
        one.add("X-DISPATCHD-CONTACT", event.own.contact)
        one.add("X-DISPATCHD-ROLE", event.own.role)
        one.add("X-DISPATCHD-STATUS", event.own.status)
        one.add("X-DISPATCHD-PLACE", str(event.own.place))
    one.add("TRANSP", "TRANSPARENT")
    return one
