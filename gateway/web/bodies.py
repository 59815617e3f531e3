"""Bodies: what a request to the API may carry at most, read before anything looks at it."""

import re
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.problems import problem

MOST: Final = 1_000_000
PREFIX: Final = "/v1"
# Photos and documents alone may be larger, and need not be JSON: one of 10 MB, also as base64. They
# are read where they are taken, beside the loop.
FILES: Final = 14_100_000
_FILES: Final = re.compile(r"/v1/(field-jobs/[^/]+/photos|cases/[^/]+/documents)")
_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_NUL: Final = (b"\x00", b"\\u0000")


class SmallBodies:
    """Refuses bodies over the limit with 413, and JSON that is none or holds NUL with 422."""

    def __init__(self, app: ASGIApp, most: int = MOST) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body of an API request, check it, and hand it on whole."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        # Whatever comes there by another method is no JSON either, and is told 405.
        file = _FILES.fullmatch(scope["path"]) is not None
        most = FILES if file and scope["method"] == "POST" else self._most
        request = Request(scope)
        try:
            body = await _whole(request, receive, most)
        except ClientDisconnect:
            return
        if body is None:
            words = f"a body has at most {most} bytes"
            refusal = problem(413, "too_large", words, {"Connection": "close"})
            await refusal(scope, receive, send)
        elif scope["method"] in _METHODS and body and not file and (amiss := _amiss(body)):
            errors = [{"place": "body", "words": amiss}]
            await problem(422, "invalid", f"body: {amiss}", errors=errors)(scope, receive, send)
        else:
            await self._app(scope, replay(body, receive), send)


async def _whole(request: Request, receive: Receive, most: int) -> bytes | None:
    """Return the body, None as soon as it is seen to be too large; ClientDisconnect."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        return None
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > most:
            return None
    return b"".join(parts)


def _amiss(body: bytes) -> str | None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return f"is not JSON: {error.msg}"
    return "holds a NUL character" if any(one in body for one in _NUL) and _has_nul(body) else None


def _has_nul(body: bytes) -> bool:
    """Tell a NUL from a backslash followed by `u0000`."""
    stack: list[Any] = [orjson.loads(body)]
    while stack:
        one = stack.pop()
        if isinstance(one, str) and "\x00" in one:
            return True
        if isinstance(one, dict):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            stack += one
    return False


def replay(body: bytes, receive: Receive) -> Receive:
    """Give the body once, then whatever comes (a disconnect)."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
