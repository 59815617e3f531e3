"""What one key alone cannot know: unknown contacts, names that stand twice, overlapping rules."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from gateway.domain.compiling import override_of, span_of
from gateway.domain.document_deliveries import HIDDEN_SECRET, named
from gateway.domain.document_fields import HIDDEN_PIN
from gateway.domain.document_models import AccountDocument, Protocol
from gateway.domain.document_schedules import Schedule, Shift
from gateway.domain.marked import Loc
from schedules.hours import calendar
from schedules.overrides import clash
from schedules.walltime import zone_of

Finding = tuple[Loc, str]


def check(document: AccountDocument) -> Iterator[Finding]:
    """Yield the place and words of everything that does not fit together in the document."""
    yield from _people(document)
    yield from _twice(("contacts",), [(key, key) for key in document.contacts])
    yield from _twice(("schedules",), _names(document.schedules, "name"))
    yield from _twice(("protocols",), _names(document.protocols, "name"))
    yield from _holidays(document)
    yield from _deliveries(document)
    for place, schedule in enumerate(document.schedules):
        yield from _overrides(document, schedule, ("schedules", place))
        yield from _temporary(document, schedule, ("schedules", place))
    for place, protocol in enumerate(document.protocols):
        yield from _office(document, protocol, ("protocols", place))


def _unnamed_posts(document: AccountDocument) -> Iterator[Finding]:
    """Web posts that only their order tells apart: one that is taken out renames all after it."""
    seen: set[str] = set()
    for place, one in enumerate(document.deliveries):
        if one.post is None or one.name is not None:
            continue
        plain = f"{one.what}-{one.occasion}"
        if plain in seen:
            yield ("deliveries", place, "name"), f"is needed, as another web post is {plain}, too"
        seen.add(plain)


def _deliveries(document: AccountDocument) -> Iterator[Finding]:
    names = list(named(document.deliveries))
    yield from _unnamed_posts(document)
    yield from _twice(("deliveries",), list(enumerate(name for name, _ in names)))
    for place, (_, each) in enumerate(names):
        if document.phi and each.post and not each.post.startswith("https:"):
            yield ("deliveries", place, "post"), "must be an https:// URL, as phi is true"


def hidden_pins(document: AccountDocument) -> Iterator[Finding]:
    """Yield the pins and secrets that only stand for stored ones: they cannot be compiled."""
    for place, each in enumerate(document.deliveries):
        if each.secret == HIDDEN_SECRET:
            yield ("deliveries", place, "secret"), "stands for a stored one, but none is stored"
    for key, contact in document.contacts.items():
        if contact.pin == HIDDEN_PIN:
            yield ("contacts", key, "pin"), "stands for a stored pin, but none is stored"


def _people(document: AccountDocument) -> Iterator[Finding]:
    for loc, person in _mentions(document):
        if person not in document.contacts:
            yield loc, f"unknown contact {person!r}; contacts has {_listed(document.contacts)}"


def _mentions(document: AccountDocument) -> Iterator[tuple[Loc, str]]:
    for place, absence in enumerate(document.unavailable):
        yield ("unavailable", place, "contact"), absence.contact
    for place, standing in enumerate(document.permanent):
        yield ("permanent", place, "contact"), standing.contact
    yield from _in_specials(document)
    for place, schedule in enumerate(document.schedules):
        yield from _in_schedule(schedule, ("schedules", place))
    for place, protocol in enumerate(document.protocols):
        for number, step in enumerate(protocol.steps or ()):
            if step.reach.startswith("contact:"):
                loc = ("protocols", place, "steps", number, "reach")
                yield loc, step.reach.removeprefix("contact:")


def _in_specials(document: AccountDocument) -> Iterator[tuple[Loc, str]]:
    for place, special in enumerate(document.specials):
        if special.effect and special.effect.replace:
            yield ("specials", place, "effect", "replace"), special.effect.replace


def _in_schedule(schedule: Schedule, loc: Loc) -> Iterator[tuple[Loc, str]]:
    yield from _in_shifts(schedule.shifts, (*loc, "shifts"))
    for place, stand_in in enumerate(schedule.temporary):
        yield from _in_shifts(stand_in.shifts, (*loc, "temporary", place, "shifts"))
    for title, person in (schedule.feed.people if schedule.feed else {}).items():
        yield (*loc, "feed", "map", title), person
    for place, override in enumerate(schedule.overrides):
        here = (*loc, "overrides", place)
        single = {"replace": override.replace, "with": override.substitute}
        single |= {"add": override.add, "remove": override.remove}
        yield from (((*here, key), person) for key, person in single.items() if person)
        yield from (((*here, "swap", at), each) for at, each in enumerate(override.swap or ()))


def _in_shifts(shifts: Iterable[Shift], loc: Loc) -> Iterator[tuple[Loc, str]]:
    for place, shift in enumerate(shifts):
        if shift.contact is not None:
            yield (*loc, place, "contact"), shift.contact
        for turn, person in enumerate(shift.rotate or ()):
            yield (*loc, place, "rotate", turn), person


def _names(parts: Iterable[Schedule] | Iterable[Protocol], key: str) -> list[tuple[int, str]]:
    return [(place, str(getattr(part, key))) for place, part in enumerate(parts)]


def _twice(loc: Loc, names: Iterable[tuple[str | int, str]]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for place, name in names:
        first = seen.get(name.casefold())
        if first is not None:
            where = (*loc, place, "name") if isinstance(place, int) else (*loc, place)
            yield where, f"the name {name!r} is taken by {first!r} (case does not tell them apart)"
        seen.setdefault(name.casefold(), name)


def _holidays(document: AccountDocument) -> Iterator[Finding]:
    rules = document.office.holidays if document.office else None
    if rules is not None and rules.calendar is not None:
        loc = ("office", "holidays", "calendar")
        yield from _attempt(loc, calendar, rules.calendar)


def _attempt(loc: Loc, parse: Callable[[str], object], text: str) -> Iterator[Finding]:
    try:
        parse(text)
    except ValueError as error:
        yield loc, str(error)


def _overrides(document: AccountDocument, schedule: Schedule, loc: Loc) -> Iterator[Finding]:
    zone = zone_of(document.timezone)
    compiled = [override_of(each, zone) for each in schedule.overrides]
    for (one, first), (two, second) in combinations(enumerate(compiled), 2):
        if person := clash(first, second):
            words = f"touches {person} in a span in which overrides[{one}] does so too"
            yield (*loc, "overrides", two), words


def _temporary(document: AccountDocument, schedule: Schedule, loc: Loc) -> Iterator[Finding]:
    zone = zone_of(document.timezone)
    spans = [span_of(each.start, each.end, zone) for each in schedule.temporary]
    for (one, first), (two, second) in combinations(enumerate(spans), 2):
        if first.meets(second):
            yield (*loc, "temporary", two), f"overlaps temporary[{one}] ({first.text})"


def _office(document: AccountDocument, protocol: Protocol, loc: Loc) -> Iterator[Finding]:
    office = document.office
    if protocol.hold and not (office and office.hours):
        yield (*loc, "hold"), "waits for an office that has no hours"
    for place, step in enumerate(protocol.steps or ()):
        if step.reach == "office" and not (office and (office.phone or office.email)):
            yield (*loc, "steps", place, "reach"), "office has neither phone nor email"


def _listed(contacts: Iterable[str]) -> str:
    names = list(contacts)
    shown = ", ".join(names[:8]) or "nobody"
    return f"{shown}, …" if len(names) > 8 else shown  # noqa: PLR2004
