"""A document as it is shown, and made whole again when it comes back: nothing secret goes out."""

from typing import Any

from gateway.domain.addresses import hide_addresses, with_addresses
from gateway.domain.document_models import AccountDocument
from gateway.domain.feeds import with_feeds
from gateway.domain.pins import with_pins, without_pins


def shown(document: AccountDocument) -> dict[str, Any]:
    """Return the document as JSON values without PINs and secrets, and with hosts for addresses."""
    return hide_addresses(without_pins(document))


def restored(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored addresses, PINs, secrets and shifts from feeds.

    Each only where the document leaves it out or has what stands for it.
    """
    # Addresses first: a secret is put back at its own address alone.
    return with_feeds(with_pins(with_addresses(document, stored), stored), stored)
