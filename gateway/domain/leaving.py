"""Leaving: people who are deactivated stand in no roster of any account document (S1-32). Pure."""

from collections.abc import Collection, Iterable

from gateway.domain.document_models import AccountDocument


def apart(contacts: Iterable[str]) -> dict[str, set[str]]:
    """Return the contact keys by account of places such as `7001:ann`."""
    found: dict[str, set[str]] = {}
    for one in contacts:
        account, _, key = one.partition(":")
        found.setdefault(account, set()).add(key)
    return found


def set_active(
    document: AccountDocument, keys: Collection[str], *, active: bool
) -> AccountDocument:
    """Return the document with these contacts active or not; keys that it has not are left out."""
    contacts = {
        key: each.model_copy(update={"active": active})
        if key in keys and each.active is not active
        else each
        for key, each in document.contacts.items()
    }
    return document.model_copy(update={"contacts": contacts})
