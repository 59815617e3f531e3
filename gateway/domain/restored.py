"""A document that comes in is made whole: what it was shown without is what is stored."""

from gateway.domain.document_models import AccountDocument
from gateway.domain.feed_addresses import with_addresses
from gateway.domain.feeds import with_feeds
from gateway.domain.pins import with_pins
from gateway.domain.post_addresses import with_posts


def restored(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with the stored addresses, PINs, secrets and shifts from feeds.

    Each only where the document leaves it out or has what stands for it.
    """
    # Addresses first: a secret is put back at its own address alone.
    addressed = with_posts(with_addresses(document, stored), stored)
    return with_feeds(with_pins(addressed, stored), stored)
