"""Headers that every answer of ours has: kept nowhere, framed by nobody, taken for nothing else.

Pages that set one themselves (a secure message's, a calendar's) keep their own.
"""

from collections.abc import Iterable, Mapping
from typing import Final

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
_DOCS_POLICY: Final = ("Content-Security-Policy", "frame-ancestors 'none'")
# Told over TLS only: a browser that has once been here comes by TLS for the next two years.
_TLS: Final = ("Strict-Transport-Security", "max-age=63072000")


class SafeHeaders:
    """Adds the headers; `tls`: whether our public address is an https one."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        # As they are sent, for they go with every answer.
        always = _raw([*_EVERYWHERE.items(), *([_TLS] if tls else [])])
        self._always = tuple(always.items())
        self._docs = tuple((always | _raw([_DOCS_POLICY])).items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what an answer has not set itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = self._docs if scope["path"] in _DOCS else self._always

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                there = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(one for one in ours if one[0] not in there)]
            await send(message)

        await self._app(scope, receive, with_headers)


def _raw(headers: Iterable[tuple[str, str]]) -> dict[bytes, bytes]:
    return {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in headers}
