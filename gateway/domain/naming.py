"""Whom an event of a calendar means: an explicit map, else an address, else a name. Never a guess.

A name counts when it stands alone between separators: `On Call - Ann Ames - West` names Ann Ames,
`Ann Ames-Bell` does not. Case and repeated blanks do not matter.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from gateway.domain.document_models import Contact
from gateway.domain.document_schedules import Feed

_BEFORE: Final = r"(?:^|[:|/()\[\],;&+]\s?|\s[-–—]\s|^on[- ]?call\s)"  # noqa: RUF001 - dashes
_AFTER: Final = r"(?=$|\s?[:|/()\[\],;&+]|\s[-–—]\s|\son[- ]?call\b)"  # noqa: RUF001 - dashes


class Named(Protocol):
    """What of an event may say whom it means."""

    @property
    def summary(self) -> str:
        """The title."""

    @property
    def emails(self) -> tuple[str, ...]:
        """The lower-case addresses of those invited."""


class Meant(NamedTuple):
    """The contact's key, or None and why nobody is meant."""

    contact: str | None
    why: str = ""


class Book:
    """The names under which the people of an account may stand in a feed."""

    def __init__(self, contacts: Mapping[str, Contact], feed: Feed) -> None:
        self._ignored = {_folded(title) for title in feed.ignore}
        self._map = [(_folded(title), key) for title, key in feed.people.items()]
        self._mapped = [(_standing(title), key) for title, key in self._map]
        names = [(_folded(one.name or key), key) for key, one in contacts.items()]
        self._whole = names
        self._named = [(_standing(name), key) for name, key in names]
        emails = [(one.email.lower(), key) for key, one in contacts.items() if one.email]
        self._emails = emails

    def ignores(self, event: Named) -> bool:
        """Tell whether the document says that events of this title are no shifts."""
        return _folded(event.summary) in self._ignored

    def meant(self, event: Named, own: str | None = None) -> Meant:
        """Return whom an event means; `own` is the key that our own export gives, a tie-break."""
        title = _folded(event.summary)
        words = {title, *event.emails}
        mapped = {key for name, key in self._map if name in words} or _found(self._mapped, title)
        if mapped:
            return _only(mapped)
        invited = {key for email, key in self._emails if email in event.emails}
        named = {key for name, key in self._whole if name == title} or _found(self._named, title)
        if own in named:
            named = {own}
        if invited and named:
            both = invited & named
            return _only(both) if both else Meant(None, "invites one person and names another")
        return _only(invited or named)


def _only(people: Iterable[str | None]) -> Meant:
    keys = [key for key in people if key is not None]
    if len(keys) == 1:
        return Meant(keys[0])
    return Meant(None, "means several people" if keys else "means nobody of the account")


def _found(patterns: Iterable[tuple[re.Pattern[str], str]], title: str) -> set[str]:
    return {key for pattern, key in patterns if pattern.search(title)}


def _standing(name: str) -> re.Pattern[str]:
    return re.compile(_BEFORE + re.escape(_folded(name)) + _AFTER)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
