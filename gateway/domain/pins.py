"""PINs are write-only: what is printed has none, and what comes back without one keeps its own."""

from typing import Any

from gateway.domain.document_fields import HIDDEN_PIN
from gateway.domain.document_models import AccountDocument
from gateway.domain.documents import canonical, keep_pins


def without_pins(document: AccountDocument) -> dict[str, Any]:
    """Return the document as JSON values without any PIN (CONTRACT section 4: write-only)."""
    printed = canonical(document)
    for contact in printed.get("contacts", {}).values():
        contact.pop("pin", None)
    return printed


def with_pins(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored PINs of contacts that name none, or `****`."""
    had = stored.contacts if stored else {}
    silent = {
        key: contact.model_copy(update={"pin": HIDDEN_PIN})
        for key, contact in document.contacts.items()
        if contact.pin is None and key in had and had[key].pin
    }
    if silent:
        contacts = {**document.contacts, **silent}
        document = document.model_copy(update={"contacts": contacts})
    return keep_pins(document, stored)
