"""The pages behind a hand-off mail's link (S0-14); they say no detail of the ticket."""

from html import escape

from gateway.web.secure_page import NONCE_FIELD, page


def asking(reference: str, word: str) -> str:
    """Show which hand-off it is, with a button that posts `word` to this same path."""
    name = escape(reference)
    hidden = f'<input type="hidden" name="{NONCE_FIELD}" value="{escape(word)}"/>'
    return page(
        f"Hand-off {name}",
        f"<h1>Hand-off {name}</h1>"
        "<p>An e-mail about this hand-off was sent to you.</p>"
        f'<form method="post">{hidden}<button type="submit">I have received it</button></form>'
        '<p class="soft">This tells the answering service that the e-mail has arrived.</p>',
    )


def confirmed(reference: str) -> str:
    """Show that the receipt stands on record."""
    name = escape(reference)
    return page(
        f"Hand-off {name}",
        f"<h1>Thank you</h1><p>Hand-off {name} is confirmed as received.</p>"
        "<p>Nothing more is needed.</p>",
    )
