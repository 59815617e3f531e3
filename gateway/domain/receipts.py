"""Links of secure messages, and what proves that one was opened (CONTRACT section 6, S3-19).

Entropy comes in as bytes, so that this part stays pure. Only fingerprints are stored: whoever reads
the database can open nothing.
"""

import base64
import hashlib
import re
from datetime import datetime, timedelta
from typing import Final

ENTROPY_BYTES: Final = 16
LINK_LIFETIME: Final = timedelta(hours=72)
# A page left open for longer is simply shown again with a fresh nonce.
NONCE_LIFETIME: Final = timedelta(hours=1)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")


def token_from(entropy: bytes) -> str:
    """Turn 16 random bytes into a link's token: 22 URL-safe characters, 128 bit.

    The last character carries two bits and is one of A, Q, g, w, so that no phone takes it for the
    end of a sentence. ValueError for any other number of bytes.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a token takes {ENTROPY_BYTES} bytes of entropy, not {len(entropy)}")
    return base64.urlsafe_b64encode(entropy).rstrip(b"=").decode("ascii")


def nonce_from(entropy: bytes) -> str:
    """Turn 16 random bytes into a page's one-time nonce, shaped and refused like a token."""
    return token_from(entropy)


def well_formed(token: str) -> bool:
    """Tell whether `token` could be one of ours, before the store is asked."""
    return _TOKEN.fullmatch(token) is not None


def fingerprint(token: str) -> str:
    """SHA-256 of a token or nonce in lower-case hex: all that is stored of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link(public_url: str, token: str) -> str:
    """Give the address to open: `{public_url}/m/{token}`, whatever the URL ends in."""
    return f"{public_url.rstrip('/')}/m/{token}"


def link_expires(sent_at: datetime, lifetime: timedelta = LINK_LIFETIME) -> datetime:
    """Give the instant at which a link sent at `sent_at` stops to open anything."""
    return sent_at + lifetime


def expired(expires_at: datetime, now: datetime) -> bool:
    """Tell whether something with that expiry is dead at `now`; at the very instant it is."""
    return now >= expires_at
