"""The vendor's SDK on our own transport.

The stock asynchronous client ignores its timeout, retries POSTs on a 500 (which doubles calls)
and loses Retry-After, so only the SDK's resources are used and never its way to the network.
"""

import logging
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from twilio import __version__  # type: ignore[import-untyped]  # the SDK ships no types
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from yarl import URL

from adapters.wire import Reply, Transport, Unread

VENDOR = "https://api.twilio.com"


class Rejected(Exception):  # noqa: N818 - what the carrier did; always turned into an answer
    """The carrier replied with something other than 2xx; carries the whole reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


class OneTry(AsyncHttpClient):  # type: ignore[misc]  # see the imports
    """Hands each of the SDK's requests to the transport once and raises Rejected unless 2xx.

    The headers are built once: the SDK asks the platform for its name on every request.
    """

    def __init__(self, transport: Transport, base_url: str, key: str, secret: str) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._transport = transport
        self._base = base_url + "/"
        # Where the API lives under a path, next pages name that path again.
        path = urlsplit(base_url).path.strip("/")
        self._twice = f"{base_url}/{path}/" if path else None
        self._get = {
            "Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode("ascii"),
            "Accept": "application/json",
            "User-Agent": f"dispatchd twilio-python/{__version__}",
        }
        self._post = {**self._get, "Content-Type": "application/x-www-form-urlencoded"}
        self._dated: str | None = None

    @property
    def dated(self) -> datetime | None:
        """The carrier's own time, in whole seconds, as its last reply told; None when none did."""
        try:
            told = parsedate_to_datetime(self._dated or "")
        except ValueError:
            return None
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        **_ours_govern: object,
    ) -> Response:
        """Return the SDK's Response for a 2xx reply; NotSent and Broken pass through.

        The SDK's headers, credentials, timeout and redirects are not used: ours govern.
        """
        if not uri.startswith(self._base):
            # A next page on another host would be handed our credentials.
            raise Unread("the carrier pointed to another host")
        if self._twice and uri.startswith(self._twice):
            uri = self._base + uri.removeprefix(self._twice)
        url = f"{uri}?{encode(params)}" if params else uri
        fixed = self._post if method == "POST" else self._get
        reply = await self._transport.request(method, url, fixed, encode(data).encode("ascii"))
        self._dated = reply.headers.get("Date", self._dated)
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP's own numbers
            raise Rejected(reply)
        return Response(reply.status, reply.body.decode("utf-8"), reply.headers)


class PlainClient(Client):  # type: ignore[misc]  # see the imports
    """The SDK's client without what it does anew for each request and OneTry replaces.

    That is: naming the platform, choosing credentials and host, copying the fields.
    """

    async def request_async(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        **_ours_govern: object,
    ) -> Response:
        """Hand the request to OneTry as the SDK's resource has built it."""
        return await self.http_client.request(method, uri, params, data)


def encode(fields: Mapping[str, object] | None) -> str:
    """Form-encode fields; a list repeats its key; yarl takes a quarter of urlencode's time."""
    return URL.build(query=fields).raw_query_string if fields else ""  # type: ignore[arg-type]


def client(
    account_sid: str, login: tuple[str, str], transport: Transport, base_url: str | None
) -> Client:
    """Build the SDK client once; `login` is an API key and its secret, or SID and token.

    `base_url`: where an API like the vendor's stands; None is the vendor's own.
    """
    base = (base_url or VENDOR).rstrip("/")
    http = OneTry(transport, base, *login)
    # A non-empty environment keeps TWILIO_REGION and TWILIO_EDGE from rewriting the host.
    made = PlainClient(*login, account_sid, http_client=http, environment={"_": ""})
    made.api.base_url = base
    return made
