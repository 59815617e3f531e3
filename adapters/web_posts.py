"""Web posts: one POST to a client's own address, never to one inside our network.

No redirects (a POST that is moved would become another request), no cookies, and no more of the
answer than is looked at. Words quote no address: its path is often a secret.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from yarl import URL

from adapters.addresses import GlobalOnly, NotPublicError, is_global
from adapters.wire import Broken, NotSent

MOST_READ: Final = 65_536


@dataclass(frozen=True, slots=True)
class WebPost:
    """What is posted: where to, the body with its type, and the key that tells a repeat.

    With a `secret` the header `X-Dispatchd-Signature` is `sha256=` and the hex HMAC of the body.
    """

    url: str = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)
    key: str
    secret: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request."""
        made = {
            "Content-Type": self.content_type,
            "User-Agent": "dispatchd",
            "Idempotency-Key": self.key,
        }
        if self.secret is not None:
            digest = hmac.new(self.secret.encode(), self.body, hashlib.sha256).hexdigest()
            made["X-Dispatchd-Signature"] = f"sha256={digest}"
        return made


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What the client's side answered; `retry_after` in seconds, where it said so in numbers."""

    status: int
    text: str
    retry_after: float | None = None


class WebPoster:
    """Posts over HTTP, a connection each: posts are few, and of many hosts."""

    def __init__(self, *, private: bool = False, seconds: float = 20.0) -> None:
        """`private`: whether addresses inside our own network may be asked; `seconds` in all."""
        self._private = private
        self._seconds = seconds

    async def post(self, one: WebPost) -> WebAnswer:
        """Make the one request; NotSent or Broken when no answer came."""
        try:
            url = URL(one.url, encoded=True)
        except ValueError:
            raise NotSent("the address is not a URL") from None
        self._look_at(url)
        connector = aiohttp.TCPConnector(resolver=None if self._private else GlobalOnly())
        limits = aiohttp.ClientTimeout(total=self._seconds, connect=10.0, sock_connect=10.0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=limits, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            return await _exchange(session, url, one.body, one.headers)

    def _look_at(self, url: URL) -> None:
        if url.scheme not in {"http", "https"} or not url.host:
            raise NotSent("only http and https addresses are asked")
        if not self._private and not is_global(url.host, of_name=True):
            raise NotSent("leads to an address that is not public")


async def _exchange(
    session: aiohttp.ClientSession, url: URL, body: bytes, headers: Mapping[str, str]
) -> WebAnswer:
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as reply:
            text = (await _beginning(reply)).decode("utf-8", "replace")
            return WebAnswer(reply.status, text, _seconds(reply.headers.get("Retry-After")))
    except NotPublicError as refused:
        raise NotSent(str(refused)) from None
    except aiohttp.InvalidURL:
        raise NotSent("the address is none") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise NotSent("no connection to the client's side") from None
    except (TimeoutError, aiohttp.ClientError, OSError):
        raise Broken("the connection broke before an answer came") from None


async def _beginning(reply: aiohttp.ClientResponse) -> bytes:
    read = b""
    async for part in reply.content.iter_chunked(MOST_READ):
        read += part
        if len(read) >= MOST_READ:
            break
    return read[:MOST_READ]


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004
