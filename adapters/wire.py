"""What crosses the wire, whoever carries it: answers, replies, and the transport under them.

An expected failure is an answer, never an exception; only reads (a fetch, a list) raise, because
"nothing found" and "could not look" must not be mistaken for each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import aiohttp
from yarl import URL

KEEP_ALIVE = 5.0
"""Seconds an idle connection is kept; a staler one may be dead when the next POST is written."""

CONNECTIONS = 256
"""Open connections at most; the engine claims no more than this in one go."""

_NO_URL = "the address is not a URL"

Kind = Literal["number", "account", "content", "retryable", "ambiguous", "opt_out", "unknown"]
"""Why a carrier said no, by what to do about it; `adapters.twilio.errors` holds the table."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took it and named it `sid`; this is never delivery."""

    sid: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no: nothing was placed.

    `again`: the very same attempt may be sent again (after `after` seconds, where the carrier
    said so). `ours`: an account, settings or content fault, which an operator must hear of.
    """

    code: int | None
    words: str
    again: bool
    ours: bool
    after: float | None = None
    kind: Kind = "unknown"


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have happened: a timeout, a broken connection, a 5xx or an unreadable answer."""

    words: str


Answer = Accepted | Refused | Unsure


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply as it came; header names in whatever case the far side used."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header of that name, in any case, or None."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), None)


class WireError(Exception):
    """The far side was not reached or not understood; the words hold no address and no secret."""


class NotSent(WireError):  # noqa: N818 - it names what happened, as Broken does
    """Nothing left this host: connection refused, no such name, TLS refused, connect timeout."""


class Broken(WireError):  # noqa: N818 - see NotSent
    """The request left, or may have; no complete reply came back."""


class Unread(WireError):  # noqa: N818 - see NotSent
    """A reply came to a fetch or a list, but not the records asked for."""


class Transport(Protocol):
    """Carries one HTTP request at a time, exactly once, without redirects or retries."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Return the reply, or raise NotSent or Broken."""

    async def close(self) -> None:
        """Let go of all connections; a second call does nothing."""


class HttpTransport:
    """aiohttp with explicit timeouts: one try, no redirects, no cookies, no proxy from outside."""

    def __init__(self, timeout: float = 10.0, connect: float = 5.0) -> None:
        """`timeout`: seconds for the whole request; `connect`: for socket, TLS and a free slot."""
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=connect, sock_connect=connect)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Send `body` to `url`, which must already be percent-encoded."""
        session = self._session or self._open()
        try:
            async with session.request(
                method,
                _address(url),
                headers=headers,
                data=body or None,
                allow_redirects=False,
            ) as reply:
                return Reply(reply.status, reply.headers, await reply.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(_plain(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Broken(_plain(error)) from None

    async def close(self) -> None:
        """Close every connection; a second call does nothing."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Built at the first request: aiohttp wants a running loop.
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session


def _address(url: str) -> URL:
    try:
        address = URL(url, encoded=True)
        if address.raw_host and address.port:  # parsed only when asked for
            return address
    except ValueError:
        pass
    raise NotSent(_NO_URL)


def _plain(error: BaseException) -> str:
    """Say what broke without the URL: a list request carries phone numbers in its query."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the name does not resolve"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "the TLS handshake failed"
        case aiohttp.ClientConnectorError():
            return "the connection was refused"
        case aiohttp.ConnectionTimeoutError():
            return "no connection within the time allowed"
        case TimeoutError():
            return "no reply within the time allowed"
        case _:
            return "the connection broke before a reply came"
