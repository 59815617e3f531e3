"""A feed's address is a secret: shown by its host; what comes back so keeps the stored one."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.domain.document_fields import HIDDEN_PIN as HIDDEN
from gateway.domain.document_models import AccountDocument
from gateway.domain.document_schedules import Schedule
from gateway.domain.marked_yaml import Loc

ANOTHER: Final = " (another one)"


def masked(url: str) -> str:
    """Return an address as it may be shown: scheme and host, for whom to ask.

    >>> masked("https://calendar.example/private-1f/basic.ics?key=x")
    'https://calendar.example/****'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}/{HIDDEN}"


def hide_addresses(printed: dict[str, Any]) -> dict[str, Any]:
    """Mask the feeds' addresses of a printed document, in place; return it."""
    for one in _fed(printed):
        one["feed"]["url"] = masked(one["feed"]["url"])
    return printed


def tell_apart(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Mask the addresses of two printed documents; where only the secret changed, say so."""
    had = {one["name"]: one["feed"]["url"] for one in _fed(before)}
    for one in _fed(after):
        old, new = had.get(one["name"], ""), one["feed"]["url"]
        another = old != new and bool(old) and masked(old) == masked(new)
        one["feed"]["url"] = masked(new) + (ANOTHER if another else "")
    hide_addresses(before)


def with_addresses(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored address wherever it has one that was masked.

    That of the schedule of the same name, else the only stored one that is shown so.
    """
    had = {one.name: url for one in stored.schedules if (url := _url(one))} if stored else {}
    changed = [_restored(one, had) for one in document.schedules]
    if all(new is old for new, old in zip(changed, document.schedules, strict=True)):
        return document
    return document.model_copy(update={"schedules": changed})


def hidden_addresses(document: AccountDocument) -> Iterator[tuple[Loc, str]]:
    """Yield the feeds whose address only stands for a stored one: they cannot be compiled."""
    for place, schedule in enumerate(document.schedules):
        if is_masked(_url(schedule)):
            loc = ("schedules", place, "feed", "url")
            yield loc, "stands for a stored address, but none is stored"


def _restored(schedule: Schedule, had: dict[str, str]) -> Schedule:
    url = _url(schedule)
    if schedule.feed is None or not is_masked(url):
        return schedule
    own = [had[schedule.name]] if schedule.name in had else []
    found = {each for each in own or had.values() if masked(each) == url}
    if len(found) != 1:
        return schedule
    feed = schedule.feed.model_copy(update={"url": found.pop()})
    return schedule.model_copy(update={"feed": feed})


def _url(schedule: Schedule) -> str:
    return (schedule.feed.url if schedule.feed else None) or ""


def is_masked(url: str) -> bool:
    """Tell whether an address only stands for a stored one."""
    return url.endswith(f"/{HIDDEN}")


def _fed(printed: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in printed.get("schedules", []) if (one.get("feed") or {}).get("url")]
