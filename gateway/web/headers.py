"""Headers that every answer of ours has: kept nowhere, framed by nobody, taken for nothing else.

Pages that set one themselves (a secure message's, a calendar's) keep their own.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# The page that shows the API's document fetches its script and style from elsewhere.
_DOCS: Final = frozenset({"/docs", "/docs/oauth2-redirect"})
_DOCS_POLICY: Final = "frame-ancestors 'none'"
# Told over TLS only: a browser that has once been here comes by TLS for the next two years.
_TLS: Final = ("Strict-Transport-Security", "max-age=63072000")


class SafeHeaders:
    """Adds the headers; `tls`: whether our public address is an https one."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._always = dict([*_EVERYWHERE.items(), *([_TLS] if tls else [])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what an answer has not set itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self._app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        if path in _DOCS:
            headers.setdefault("Content-Security-Policy", _DOCS_POLICY)
        for name, value in self._always.items():
            headers.setdefault(name, value)
