"""Fetching calendars: one conditional GET, or one file of a folder; never anything of our own host.

The address is given by people who may not look into our network. Hence only http and https, no
address but global ones (checked on the very addresses that are connected to, so that a name which
changes its mind is of no use), and each redirect is looked at like a first request. Words for
people quote no address: the path of a calendar's address is often its secret.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import aiohttp
from yarl import URL

from adapters.addresses import GlobalOnly, NotPublicError, is_global

LARGEST: Final = 4_000_000  # twice what we write for an account of 200 shifts
_REDIRECTS: Final = 3
_SCHEMES: Final = {"http": "http", "https": "https", "webcal": "https"}
_FILE: Final = "file:"
_OK, _UNCHANGED = 200, 304
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole copy, and the names under which its source knows it."""

    body: bytes
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The copy we have is still the newest."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was fetched; words for people, without the address."""

    words: str


Fetch = Fetched | Unchanged | Failed


class FeedFetcher:
    """Fetches calendars from the web, and from the files of one folder."""

    def __init__(self, folder: Path, *, private: bool = False, seconds: float = 15.0) -> None:
        """`private`: whether addresses inside our own network may be asked; `seconds` in all."""
        self._folder = folder
        self._private = private
        self._seconds = seconds

    async def fetch(self, source: str, etag: str | None, modified: str | None) -> Fetch:
        """Fetch a URL or `file:NAME`; `etag` and `modified` are those of the copy we have."""
        if source.startswith(_FILE):
            return await asyncio.to_thread(self._read, source.removeprefix(_FILE))
        named = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "dispatchd"}
        headers |= {key: text for key, text in named.items() if text}
        try:
            async with asyncio.timeout(self._seconds):
                return await self._get(URL(source), headers)
        except NotPublicError as refused:
            return Failed(str(refused))
        except ValueError:
            return Failed("its address is not a URL")
        except TimeoutError:
            return Failed("no answer within the time allowed")
        except (aiohttp.ClientError, OSError) as fault:
            return Failed(_plain(fault))

    def _read(self, name: str) -> Fetch:
        path = self._folder / name
        try:
            if path.resolve().parent != self._folder.resolve():
                return Failed("the file is not in the folder for feeds")
            with path.open("rb") as opened:
                body = opened.read(LARGEST + 1)
        except OSError as fault:
            return Failed(f"the file cannot be read: {fault.strerror}")
        return Fetched(body) if len(body) <= LARGEST else Failed(_too_large())

    async def _get(self, url: URL, headers: Mapping[str, str]) -> Fetch:
        # A session each time: feeds are many, far apart, and rarely of one host.
        connector = aiohttp.TCPConnector(resolver=None if self._private else GlobalOnly())
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            for _ in range(_REDIRECTS + 1):
                asked = self._allowed(url)
                async with session.get(asked, headers=headers, allow_redirects=False) as reply:
                    if reply.status not in _MOVED:
                        return await _copy(reply)
                    url = asked.join(URL(reply.headers.get("Location", "")))
        return Failed("is redirected too often")

    def _allowed(self, url: URL) -> URL:
        scheme, host = _SCHEMES.get(url.scheme), url.host
        if scheme is None or not host:
            raise NotPublicError("only http and https addresses are asked")
        if not self._private and not is_global(host, of_name=True):
            raise NotPublicError("leads to an address that is not public")
        return url.with_scheme(scheme) if url.scheme != scheme else url


async def _copy(reply: aiohttp.ClientResponse) -> Fetch:
    if reply.status == _UNCHANGED:
        return Unchanged()
    if reply.status != _OK:
        return Failed(f"its host answers {reply.status}")
    parts: list[bytes] = []
    size = 0
    async for part in reply.content.iter_chunked(65_536):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            return Failed(_too_large())
    names: dict[Literal["etag", "modified"], str | None] = {
        "etag": reply.headers.get("ETag"),
        "modified": reply.headers.get("Last-Modified"),
    }
    return Fetched(b"".join(parts), **names)


def _too_large() -> str:
    return f"has more than {LARGEST} bytes"


def _plain(fault: BaseException) -> str:
    match fault:
        case aiohttp.ClientConnectorDNSError():
            return "the name of its host does not resolve"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "the TLS handshake with its host failed"
        case aiohttp.ClientConnectorError():
            return "its host refuses the connection"
        case _:
            return "the connection broke before an answer came"
