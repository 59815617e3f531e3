"""The transport: HTTP requests through aiohttp, over connections that are kept for a few seconds.

One try, no redirects, no cookies, no proxy from outside, nothing unpacked.
"""

import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import aiohttp
from yarl import URL

from adapters.wire import Broken, NotSent, Reply

_NO_URL: Final = "the address is not a URL"
# What aiohttp would add to every request by itself and no carrier asks for.
_NOT_OURS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
# Closing a connection drops what it still has to send, as SO_LINGER with no time to linger does.
_AT_ONCE: Final = struct.pack("ii", 1, 0)
# So many milliseconds may pass until the far side has what was sent, also while this process is
# stopped and cannot close it.
_ARRIVES_WITHIN: Final = 5_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how many connections to one place are kept.

    `idle` in seconds: a staler connection may be dead when the next POST is written. The engine
    has no more on the wire than there are `connections`.
    """

    idle: float = 5.0
    connections: int = 256


class HttpTransport:
    """Carries each request once, with explicit time limits; see `adapters.wire.Transport`."""

    def __init__(
        self,
        timeout: float = 10.0,
        connect: float = 5.0,
        limits: Limits | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout`: seconds for the whole request; `connect`: for socket, TLS and a free slot.

        `trust`: whom to believe by TLS, else those whom this host trusts.
        """
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=connect, sock_connect=connect)
        self._limits = limits or Limits()
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Send `body` to `url`, which must already be percent-encoded; NotSent or Broken."""
        session = self._session or self._open()
        address = _address(url)
        try:
            async with session.request(
                method, address, headers=headers, data=body or None, allow_redirects=False
            ) as reply:
                return Reply(reply.status, reply.headers, await reply.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(_plain(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Broken(_plain(error)) from None

    async def close(self) -> None:
        """Close every connection; a second call does nothing, a request opens anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Built at the first request: aiohttp wants a running loop.
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(
                limit=self._limits.connections,
                keepalive_timeout=self._limits.idle,
                ssl=self._trust or True,
                socket_factory=_plug,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NOT_OURS,
            auto_decompress=False,
        )
        return self._session


def _plug(place: tuple[Any, ...]) -> socket.socket:
    """Make a socket on which nothing arrives once it has been given up.

    Else the kernel goes on for a minute with what was sent to a far side that does not listen: a
    request that was given up, and looked for in vain, would yet place its call.
    """
    made = socket.socket(*place[:3])
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux's
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _ARRIVES_WITHIN)
    return made


@lru_cache(maxsize=256)
def _address(url: str) -> URL:
    """Parse a URL once; what has a space or a control character in it is none of ours."""
    try:
        address = URL(url, encoded=True)
        whole = address.raw_host and address.port  # parsed only when asked for
    except ValueError:
        raise NotSent(_NO_URL) from None
    if not whole or not (url.isascii() and url.isprintable()) or " " in url:
        raise NotSent(_NO_URL)
    return address


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
