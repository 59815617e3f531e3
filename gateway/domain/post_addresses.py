"""A web post's address is often a secret, as a feed's is: shown by its host, put back unchanged."""

from collections.abc import Iterator
from typing import Any, Final

from gateway.domain.document_deliveries import HIDDEN_SECRET, ClientDelivery, named
from gateway.domain.document_models import AccountDocument
from gateway.domain.feed_addresses import ANOTHER, is_masked, masked
from gateway.domain.marked_yaml import Loc

_ANOTHER_SECRET: Final = HIDDEN_SECRET + ANOTHER


def hide_posts(printed: dict[str, Any]) -> dict[str, Any]:
    """Mask the posts' addresses of a printed document, in place; return it."""
    for one in _posted(printed):
        one["post"] = masked(one["post"])
    return printed


def tell_posts_apart(
    old: AccountDocument | None, before: dict[str, Any], new: AccountDocument, after: dict[str, Any]
) -> None:
    """Mask the addresses of two documents as printed; where only a secret changed, say so.

    That of an address, or that with which a post is signed.
    """
    had = dict(named(old.deliveries)) if old else {}
    for (name, each), one in zip(named(new.deliveries), after.get("deliveries", ()), strict=True):
        stored = had.get(name)
        if stored is None or each.post is None or stored.post is None:
            continue
        if each.post != stored.post and masked(each.post) == masked(stored.post):
            one["post"] = masked(each.post) + ANOTHER
        if each.secret and stored.secret and each.secret != stored.secret:
            one["secret"] = _ANOTHER_SECRET
    hide_posts(before)
    for one in _posted(after):
        if not one["post"].endswith(ANOTHER):
            one["post"] = masked(one["post"])


def with_posts(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored address wherever it has one that was masked.

    That of the web post of the same name, else the only stored one that is shown so.
    """
    if not any(is_masked(each.post or "") for each in document.deliveries):
        return document
    had = {name: one.post for name, one in named(stored.deliveries) if one.post} if stored else {}
    changed = [_restored(name, each, had) for name, each in named(document.deliveries)]
    return document.model_copy(update={"deliveries": changed})


def hidden_posts(document: AccountDocument) -> Iterator[tuple[Loc, str]]:
    """Yield the posts whose address only stands for a stored one: they cannot be compiled."""
    for place, each in enumerate(document.deliveries):
        if is_masked(each.post or ""):
            yield ("deliveries", place, "post"), "stands for a stored address, but none is stored"


def _restored(name: str, each: ClientDelivery, had: dict[str, str]) -> ClientDelivery:
    if each.post is None or not is_masked(each.post):
        return each
    own = [had[name]] if name in had else []
    found = {url for url in own or had.values() if masked(url) == each.post}
    return each.model_copy(update={"post": found.pop()}) if len(found) == 1 else each


def _posted(printed: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in printed.get("deliveries", []) if one.get("post")]
