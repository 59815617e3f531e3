"""Text to events: recurrences laid out, exceptions applied, zones resolved (RFC 5545).

Zones go by IANA name, by Windows name (the table of the `icalendar` package, from the CLDR), by a
name with a vendor in front, else by the VTIMEZONE of the calendar itself. The libraries are loaded
on use: they take half a second and 12 MB.
"""

# ruff: noqa: PLC0415 - see above

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from adapters.ical.shapes import CalendarError, Event, Own, Reading

MOST: Final = 12_000
_TZID: Final = re.compile(r'TZID[=:]"?([^":;\r\n]+)')
_OWN: Final = ("X-DISPATCHD-CONTACT", "X-DISPATCHD-ROLE", "X-DISPATCHD-STATUS", "X-DISPATCHD-PLACE")
_FINE: Final = frozenset({"SECONDLY", "MINUTELY"})


def read(text: str, start: datetime, end: datetime) -> Reading:
    """Return the occurrences that overlap [start, end], both UTC; each with its own whole length.

    Canceled and zero-length ones are left out. CalendarError when the text is no calendar, breaks
    the rules of RFC 5545, or has more than 12,000 occurrences there.
    """
    from recurring_ical_events import of  # type: ignore[import-untyped]

    found: list[Any] = []
    amiss: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # guesses at zones with a vendor in front
        try:
            for calendar in _calendars(text):
                _check_rules(calendar)
                amiss |= _amiss(calendar)
                found += of(calendar).between(start, end)
                _check_count(len(found))
        except CalendarError:
            raise
        except Exception as fault:  # noqa: BLE001 - two libraries, each with faults of its own
            raise CalendarError(f"breaks the rules of iCalendar ({type(fault).__name__})") from None
    return _reading(found, amiss)


def _calendars(text: str) -> list[Any]:
    from icalendar import Calendar
    from icalendar.timezone import tzp

    # The package keeps zones it has seen for the whole process, and calendars of several clients
    # may call different zones by one name, such as "Customized Time Zone".
    tzp.use_default()
    for name in set(_TZID.findall(text)):
        tzp.timezone(name)  # a known name goes before the calendar's own account of it
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError):
        raise CalendarError("is no iCalendar text") from None
    if not calendars or any(one.name != "VCALENDAR" for one in calendars):
        raise CalendarError("is no iCalendar text")
    return list(calendars)


def _check_rules(calendar: Any) -> None:  # noqa: ANN401 - the package's own tree
    for event in calendar.walk("VEVENT"):
        for rule in _several(event.get("RRULE")):
            if _FINE & {str(word).upper() for word in rule.get("FREQ", [])}:
                raise CalendarError("repeats an event by the minute")


def _check_count(count: int) -> None:
    if count > MOST:
        raise CalendarError(f"has more than {MOST} events within the time looked at")


def _amiss(calendar: Any) -> dict[str, str]:  # noqa: ANN401 - the package's own tree
    """Return in words what is wrong with events, by UID: the libraries would guess."""
    found: dict[str, str] = {}
    for event in calendar.walk("VEVENT"):
        ends = [event.get(name) for name in ("DTSTART", "DTEND") if event.get(name) is not None]
        for one in ends:
            zone = one.params.get("TZID")
            if zone and getattr(one.dt, "tzinfo", zone) is None:
                found[_text(event, "UID")] = f"its time zone {zone} is not known"
        first, last = ends[0].dt, ends[-1].dt
        if _has_zone(first) != _has_zone(last):
            found[_text(event, "UID")] = "one of its ends has a time zone, the other has none"
        elif type(first) is type(last) and last < first:
            found[_text(event, "UID")] = "it ends before it starts"
    return found


def _has_zone(at: date) -> bool:
    return getattr(at, "tzinfo", None) is not None


def _reading(found: Iterable[Any], amiss: Mapping[str, str]) -> Reading:
    events: list[Event] = []
    unread: dict[str, None] = {}
    for one in found:
        if str(one.get("STATUS", "")).upper() == "CANCELLED":
            continue
        event = _event(one)
        if event.uid in amiss:
            unread[f"{event.summary or 'an event without a title'}: {amiss[event.uid]}"] = None
        elif event.start < event.end:
            events.append(event)
    return Reading(tuple(events), tuple(unread))


def _event(one: Any) -> Event:  # noqa: ANN401 - the package's own tree
    return Event(
        uid=_text(one, "UID"),
        start=_instant(one.start),
        end=_instant(one.end),
        summary=" ".join(_text(one, "SUMMARY").split()),
        emails=tuple(dict.fromkeys(_emails(one))),
        description=_text(one, "DESCRIPTION"),
        own=_own(one),
    )


def _instant(at: date) -> datetime:
    """Return a UTC instant, or a naive one where the calendar states no zone."""
    if not isinstance(at, datetime):
        return datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a date has no zone
    return at.astimezone(UTC) if at.tzinfo is not None else at


def _emails(one: Any) -> Iterator[str]:  # noqa: ANN401 - the package's own tree
    for address in _several(one.get("ATTENDEE")):
        if str(address.params.get("PARTSTAT", "")).upper() != "DECLINED":
            yield str(address).strip().lower().removeprefix("mailto:")


def _own(one: Any) -> Own | None:  # noqa: ANN401 - the package's own tree
    contact, role, status, place = (_text(one, name) for name in _OWN)
    if not contact or not place.isdecimal():
        return None
    return Own(contact, role, status, int(place))


def _text(one: Any, name: str) -> str:  # noqa: ANN401 - the package's own tree
    return str(_several(one.get(name))[0]) if one.get(name) is not None else ""


def _several(value: Any) -> list[Any]:  # noqa: ANN401 - one property, several, or none
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
