"""What differs between two versions of an account document: paths with old and new values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import orjson

from gateway.domain.addresses import ANOTHER, hide_addresses, tell_apart
from gateway.domain.document_deliveries import HIDDEN_SECRET, named
from gateway.domain.document_fields import HIDDEN_PIN
from gateway.domain.document_models import AccountDocument
from gateway.domain.documents import canonical
from gateway.domain.marked import Loc
from gateway.domain.problems import field_name

_ANOTHER_PIN = HIDDEN_PIN + ANOTHER
_ANOTHER_SECRET = HIDDEN_SECRET + ANOTHER


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference; values are those of the document as JSON, PINs, secrets and addresses masked.

    `path` is a place in the new document, such as `schedules[0].overrides[1]`; that of what is
    removed is one in the old document.
    """

    path: str
    change: Literal["added", "removed", "changed"]
    was: Any = None
    now: Any = None


def edits_between(old: AccountDocument | None, new: AccountDocument) -> tuple[Edit, ...]:
    """Return what changes from one document (None: there was none) to another, in its order."""
    before = hide_addresses(canonical(old)) if old else {}
    after = canonical(new)
    tell_apart(old, new, after)
    if old:
        _tell_secrets_apart(old, new, after)
    return tuple(_mappings((), before, after))


def _tell_secrets_apart(old: AccountDocument, new: AccountDocument, after: dict[str, Any]) -> None:
    """Say of PINs and of secrets with which posts are signed that they are others."""
    for key, contact in after.get("contacts", {}).items():
        stored = old.contacts[key].pin if key in old.contacts else None
        if stored and contact.get("pin") and new.contacts[key].pin != stored:
            contact["pin"] = _ANOTHER_PIN
    had = {name: one.secret for name, one in named(old.deliveries)}
    for (name, one), printed in zip(
        named(new.deliveries), after.get("deliveries", ()), strict=True
    ):
        if one.secret and had.get(name) and one.secret != had[name]:
            printed["secret"] = _ANOTHER_SECRET


def _between(loc: Loc, old: object, new: object) -> Iterator[Edit]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _mappings(loc, old, new)
    elif isinstance(old, list) and isinstance(new, list) and not (_flat(old) and _flat(new)):
        yield from _sequences(loc, old, new)
    else:
        yield Edit(field_name(loc), "changed", old, new)


def _mappings(loc: Loc, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Edit]:
    for key, value in new.items():
        if key in old:
            yield from _between((*loc, key), old[key], value)
        else:
            yield from _whole((*loc, key), "added", value)
    for key, value in old.items():
        if key not in new:
            yield from _whole((*loc, key), "removed", value)


def _sequences(loc: Loc, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Edit]:
    """Compare lists so that what was put in front does not make everything behind it differ."""
    matcher = SequenceMatcher(None, [_named(one) for one in old], [_named(one) for one in new])
    for _, first, last, begin, end in matcher.get_opcodes():
        pairs = min(last - first, end - begin)
        for step in range(pairs):
            yield from _between((*loc, begin + step), old[first + step], new[begin + step])
        for place in range(begin + pairs, end):
            yield from _whole((*loc, place), "added", new[place])
        for place in range(first + pairs, last):
            yield from _whole((*loc, place), "removed", old[place])


def _named(item: object) -> bytes:
    """Return what tells an item of a list apart: its name, else all of it."""
    name = item.get("name") if isinstance(item, dict) else None
    return orjson.dumps(item if name is None else name, option=orjson.OPT_SORT_KEYS)


def _whole(loc: Loc, change: Literal["added", "removed"], value: Any) -> Iterator[Edit]:  # noqa: ANN401 - JSON
    """Yield what appears or goes as pieces that can be read on one line each."""
    if _plain(value):
        path = field_name(loc)
        yield Edit(path, change, now=value) if change == "added" else Edit(path, change, was=value)
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _whole((*loc, key), change, item)


def _plain(value: object) -> bool:
    return all(map(_flat, value.values())) if isinstance(value, dict) else _flat(value)


def _flat(value: object) -> bool:
    """Tell whether a value holds no mapping: it is a single word or number, or a list of them."""
    return (
        not any(isinstance(one, dict | list) for one in value)
        if isinstance(value, list)
        else (not isinstance(value, dict))
    )
