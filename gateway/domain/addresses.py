"""Addresses that are secrets: shown by their host; what comes back so keeps the stored one.

Those of the feeds of schedules and of web posts: a new place is one more line of `_PLACES`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel

from gateway.domain.document_deliveries import named
from gateway.domain.document_fields import HIDDEN_PIN as HIDDEN
from gateway.domain.document_models import AccountDocument
from gateway.domain.marked import Loc

ANOTHER: Final = " (another one)"


class _Place(NamedTuple):
    """Where documents have such addresses: a list, and the way to it from one of its items."""

    items: str
    way: tuple[str, ...]


class _Found(NamedTuple):
    """An item of such a list, what it is called, and its address ("" where it has none)."""

    name: str
    item: BaseModel
    url: str


_PLACES: Final = (_Place("schedules", ("feed", "url")), _Place("deliveries", ("post",)))


def masked(url: str) -> str:
    """Return an address as it may be shown: scheme and host, for whom to ask.

    >>> masked("https://calendar.example/private-1f/basic.ics?key=x")
    'https://calendar.example/****'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}/{HIDDEN}"


def hide_addresses(printed: dict[str, Any]) -> dict[str, Any]:
    """Mask the addresses of a printed document, in place; return it."""
    for place in _PLACES:
        for item in printed.get(place.items, ()):
            if holder := _holder(item, place):
                holder[place.way[-1]] = masked(holder[place.way[-1]])
    return printed


def tell_apart(old: AccountDocument | None, new: AccountDocument, after: dict[str, Any]) -> None:
    """Mask the addresses of `new`, printed as `after`; where only the secret changed, say so."""
    hide_addresses(after)
    for place in _PLACES:
        had = {one.name: one.url for one in _all(old, place)}
        for one, item in zip(_all(new, place), after.get(place.items, ()), strict=True):
            stored = had.get(one.name, "")
            holder = _holder(item, place)
            if holder and stored and stored != one.url and masked(stored) == masked(one.url):
                holder[place.way[-1]] += ANOTHER


def with_addresses(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored address wherever it has one that was masked.

    That of the schedule or web post of the same name, else the only stored one that is shown so.
    """
    changed: dict[str, object] = {}
    for place in _PLACES:
        had = {one.name: one.url for one in _all(stored, place) if one.url}
        given = _all(document, place)
        found = [_restored(one, place, had) for one in given]
        if any(new is not one.item for new, one in zip(found, given, strict=True)):
            changed[place.items] = found
    return document.model_copy(update=changed) if changed else document


def hidden_addresses(document: AccountDocument) -> Iterator[tuple[Loc, str]]:
    """Yield the addresses that only stand for stored ones: they cannot be compiled."""
    for place in _PLACES:
        for number, one in enumerate(_all(document, place)):
            if _is_masked(one.url):
                loc: Loc = (place.items, number, *place.way)
                yield loc, "stands for a stored address, but none is stored"


def _restored(one: _Found, place: _Place, had: dict[str, str]) -> BaseModel:
    if not _is_masked(one.url):
        return one.item
    own = [had[one.name]] if one.name in had else []
    found = {url for url in own or had.values() if masked(url) == one.url}
    return _put(one.item, place.way, found.pop()) if len(found) == 1 else one.item


def _put(item: BaseModel, way: Sequence[str], url: str) -> BaseModel:
    first, *rest = way
    inner = _put(getattr(item, first), rest, url) if rest else url
    return item.model_copy(update={first: inner})


def _all(document: AccountDocument | None, place: _Place) -> list[_Found]:
    """Return the items of a list, each with its name and address."""
    if document is None:
        return []
    if place.items == "deliveries":
        items: list[tuple[str, BaseModel]] = [*named(document.deliveries)]
    else:
        items = [(one.name, one) for one in document.schedules]
    return [_Found(name, item, _url(item, place.way)) for name, item in items]


def _url(item: BaseModel, way: Sequence[str]) -> str:
    value: Any = item
    for step in way:
        value = getattr(value, step) if value is not None else None
    return value or ""


def _holder(item: dict[str, Any], place: _Place) -> dict[str, Any] | None:
    """Return the part of a printed item that has its address; None where it has none."""
    part: dict[str, Any] = item
    for step in place.way[:-1]:
        part = part.get(step) or {}
    return part if part.get(place.way[-1]) else None


def _is_masked(url: str) -> bool:
    """Tell whether an address only stands for a stored one."""
    return url.endswith(f"/{HIDDEN}")
