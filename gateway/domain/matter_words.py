"""What people said of a matter, in its facts: gone when it is erased. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar
from uuid import UUID

F = TypeVar("F")
ERASED: Final = "erased"
# Fields of facts that hold what somebody wrote, or who and where they are.
_PERSONAL: Final = frozenset(
    {
        *("address", "answer", "comments", "company", "contact_name", "description", "email"),
        *("full_name", "homeowner", "installer_contact", "issue", "justification", "name"),
        *("note", "notes", "phone", "subject_line", "text", "title"),
    }
)
# Words that are a fact of one record and said by somebody in another.
_SAID: Final = frozenset(
    {
        *("Assignment.reason", "Case.close_reason", "Case.subject", "Handoff.contact"),
        *("Handoff.subject", "Support.request_type", "Support.source", "Support.subtype"),
    }
)
# Tuples of records that each stand for a file of their `id`; they go with their files.
_FILED: Final = frozenset({"documents", "photos"})


def files_of(facts: object) -> tuple[UUID, ...]:
    """Return the ids of the files that belong to facts, which is a frozen dataclass."""
    if not is_dataclass(facts) or isinstance(facts, type):
        return ()
    found: list[UUID] = []
    for one in fields(facts):
        value = getattr(facts, one.name)
        found += [each.id for each in value] if one.name in _FILED else files_of(value)
    return tuple(found)


def without_words(facts: F) -> F:
    """Return facts in which every personal field says that it was erased; what is empty stays so.

    Records within them, and tuples of records, likewise; of files nothing is left. `facts` is a
    frozen dataclass.
    """
    if not is_dataclass(facts) or isinstance(facts, type):
        return facts
    kind = type(facts).__name__
    after = {
        one.name: _without(one.name, getattr(facts, one.name), f"{kind}.{one.name}" in _SAID)
        for one in fields(facts)
    }
    return replace(facts, **after)


def _without(
    name: str,
    value: Any,  # noqa: ANN401 - a field of any record
    said: bool = False,
) -> Any:  # noqa: ANN401
    if (said or name in _PERSONAL) and isinstance(value, str | Mapping):
        return (ERASED if isinstance(value, str) else {}) if value else value
    if name in _FILED:
        return ()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        # Made anew of its parts: a named tuple of whatever kind.
        return type(value)(*map(_without, value._fields, value))
    if isinstance(value, tuple):
        return tuple(_without(name, one) for one in value)
    return without_words(value)
