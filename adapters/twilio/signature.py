"""Webhook signatures: whether a request is really the carrier's.

Twilio signs the exact URL it called plus the form's fields with HMAC-SHA1 under the account's
auth token. The URL is built from our configured public URL and the raw request target, never from
a forwarded header. There is no timestamp: replays are harmless only because events are stored once.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

HEADER: Final = "X-Twilio-Signature"
SETTINGS_HEADER: Final = "X-Twilio-Webhooks-Signature-Settings"

_KNOWN: Final = "HMAC_SHA1"
_PORTS: Final = {"https": "443", "http": "80"}

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """What stands in one request: its raw target, form fields, raw body and two headers.

    `params` are the decoded form fields in any order, repeats and blanks included; empty for GET
    and JSON. `signature` and `settings` are the headers' values or None.
    """

    target: str
    params: Params
    body: bytes
    signature: str | None
    settings: str | None = None


class Verifier:
    """Judges webhooks of one public URL under any of several tokens (two while one is changed)."""

    def __init__(self, public_url: str, tokens: Iterable[str]) -> None:
        """`tokens`: auth tokens; empty ones are left out, for anybody can sign with those."""
        self._bases = _bases(public_url.rstrip("/"))
        self._tokens = tuple(token.encode() for token in tokens if token)

    def genuine(self, webhook: Webhook) -> bool:
        """Whether the carrier signed this very request. Never raises: whatever is odd is no."""
        try:
            return self._judge(webhook)
        except Exception:  # noqa: BLE001 - a request made to break us must read as a forgery
            return False

    def _judge(self, webhook: Webhook) -> bool:
        claimed = webhook.signature
        if not claimed or not webhook.target.startswith("/") or not _algorithm(webhook.settings):
            return False
        if not _covered(webhook):
            return False
        rest = (webhook.target + _joined(webhook.params)).encode()
        given = claimed.encode()
        matches = [
            hmac.compare_digest(_sign(token, base + rest), given)
            for token in self._tokens
            for base in self._bases
        ]
        return any(matches)


def _bases(url: str) -> tuple[bytes, ...]:
    """Return the URL without and with its port: the vendor signs either, not always the same."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    bare, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        bare, port = host, _PORTS.get(parts.scheme, "")
    path = parts.path
    return tuple(
        f"{parts.scheme}://{login}{at}{name}{path}".encode()
        for name in dict.fromkeys((bare, f"{bare}:{port}" if port else bare))
    )


def _joined(params: Params) -> str:
    # Names in byte order, each one's distinct values in byte order, no separators (vendor rule).
    return "".join(name + text for name, text in sorted(set(params)))


def _sign(token: bytes, signed: bytes) -> bytes:
    return b64encode(hmac.digest(token, signed, "sha1"))


def _algorithm(settings: str | None) -> bool:
    """Whether the settings header names the one algorithm our tokens are for, or none at all."""
    for part in (settings or "").split(","):
        name, _, named = part.partition("=")
        if name.strip().lower() == "algorithm" and named.strip().upper() != _KNOWN:
            return False
    return True


def _covered(webhook: Webhook) -> bool:
    """Whether the signature covers the body: as form fields, or by the hash in the URL."""
    query = webhook.target.partition("?")[2]
    if "bodySHA256=" not in query:
        return bool(webhook.params) or not webhook.body
    told = parse_qs(query)["bodySHA256"]
    digest = sha256(webhook.body).hexdigest()
    return len(told) == 1 and hmac.compare_digest(digest.encode(), told[0].lower().encode())
