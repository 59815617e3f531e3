"""The past is read-only: what has ended in a schedule may stand in a document, not be changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain.compiling import span_of
from gateway.domain.document_models import AccountDocument
from gateway.domain.document_schedules import Override, Schedule, Temporary
from gateway.domain.problems import Problem, field_name
from schedules.walltime import zone_of

_Part = Override | Temporary


class PastError(ValueError):
    """A document that changes or leaves out what has ended; `problems` name the places."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.sentence() for problem in problems))


def keep_past(stored: AccountDocument | None, new: AccountDocument, now: datetime) -> None:
    """Raise PastError unless `new` has every override and temporary schedule that has ended.

    CONTRACT section 4. Each must stand as it was in the schedule of that name; a schedule that is
    taken away as a whole takes its past along, and what is added may be past.
    """
    if stored is None:
        return
    problems = tuple(_problems(stored, new, now))
    if problems:
        raise PastError(*problems)


def _problems(stored: AccountDocument, new: AccountDocument, now: datetime) -> Iterator[Problem]:
    zone = zone_of(stored.timezone)
    places = {each.name.casefold(): place for place, each in enumerate(new.schedules)}
    for schedule in stored.schedules:
        place = places.get(schedule.name.casefold())
        if place is None:
            continue
        for loc, words in _lost(schedule, new.schedules[place], zone, now):
            yield Problem("body", 0, field_name(("schedules", place, *loc)), words)


def _lost(
    old: Schedule, new: Schedule, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield place and words of everything past that does not stand in the new schedule."""
    both: tuple[tuple[str, Sequence[_Part], Sequence[_Part]], ...] = (
        ("overrides", old.overrides, new.overrides),
        ("temporary", old.temporary, new.temporary),
    )
    for key, before, after in both:
        had, has = [_printed(each) for each in before], [_printed(each) for each in after]
        for number, part in enumerate(before):
            if _ended(part, zone, now) and had.count(had[number]) > has.count(had[number]):
                changed = number < len(has) and has[number] not in had
                words = f"{_called(part, zone)} has ended and may not be changed or removed"
                yield ((key, number) if changed else (key,)), words


def _ended(part: _Part, zone: ZoneInfo, now: datetime) -> bool:
    end = span_of(part.start, part.end, zone).end
    return end is not None and end <= now


def _printed(part: _Part) -> dict[str, Any]:
    """Return what the part says, whether or not a default was written out."""
    return part.model_dump(mode="json", by_alias=True)


def _called(part: _Part, zone: ZoneInfo) -> str:
    what = "the temporary schedule" if isinstance(part, Temporary) else _deed(part)
    return f"{what} of {span_of(part.start, part.end, zone).text}"


def _deed(part: Override) -> str:
    if part.replace is not None:
        return f"the override (replace {part.replace} with {part.substitute})"
    if part.swap is not None:
        return f"the override (swap {' and '.join(part.swap)})"
    return f"the override (add {part.add})" if part.add else f"the override (remove {part.remove})"
