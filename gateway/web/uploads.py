"""Uploads: a file as the body itself, as that of a form, or as base64 in JSON; kept, given again.

What takes long for many megabytes is done in a thread, bit by bit: the loop that serves everybody,
and runs the engine, goes on meanwhile.
"""

import asyncio
import binascii
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gateway.domain.deeds import RefusedError
from gateway.store import files
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError

_BINARY: Final = {"type": "string", "format": "binary"}
# Base64 up to this long is judged by its shape; longer, bit by bit as it is decoded. Then a sample
# stands for it where JSON is read, which takes nobody's turn for long.
_SHORT: Final = 4096
_SAMPLE: Final = b"/" * 64
_FIRST_QUOTES: Final = 64
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{64}")
# So many characters at a time: the interpreter lets others have their turn between two.
_BIT: Final = 1 << 18


class Upload(NamedTuple):
    """A file, and what was said with it; of a form also its `filename`."""

    content: bytes
    said: Mapping[str, Any]


def of_kinds(kinds: Iterable[str]) -> dict[str, Any]:
    """Describe bytes of these kinds for the API's document."""
    return {kind: {"schema": _BINARY} for kind in sorted(kinds)}


def body_of(
    shape: TypeAdapter[Any], field: str, kinds: Iterable[str], **said: Mapping[str, Any]
) -> dict[str, Any]:
    """Describe what `read` takes: JSON of the shape, a form with the file in `field`, or bytes."""
    form = {"type": "object", "properties": {field: _BINARY, **said}, "required": [field]}
    content = {
        "application/json": {"schema": shape.json_schema()},
        "multipart/form-data": {"schema": form},
        **of_kinds(kinds),
    }
    return {"requestBody": {"required": True, "content": content}}


async def read(request: Request, shape: TypeAdapter[Any]) -> Upload:
    """Return what was sent; 422 for a form without a file, or JSON that is not of the shape.

    `shape` has the file as base64 in `content`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _of_form(request)
    body = await request.body()
    if kind == "application/json":
        return await asyncio.to_thread(_of_json, body, shape)
    return Upload(body, {})


async def _of_form(request: Request) -> Upload:
    async with request.form(max_files=1, max_fields=4) as form:
        said = {name: value for name, value in form.items() if isinstance(value, str)}
        for part in form.values():
            if isinstance(part, UploadFile):
                return Upload(await part.read(), {"filename": part.filename, **said})
    raise refused("body", "has no file")


def _of_json(body: bytes, shape: TypeAdapter[Any]) -> Upload:
    try:
        short, content = _content_of(body)
    except orjson.JSONDecodeError as fault:
        raise refused("body", f"is not JSON: {fault.msg}") from None
    try:
        given = shape.validate_json(short)
    except ValidationError as fault:
        errors = [{**each, "loc": ("body", *each["loc"])} for each in fault.errors()]
        raise RequestValidationError(errors) from None
    return Upload(decoded(content), given.model_dump(exclude={"content"}))


def _content_of(body: bytes) -> tuple[bytes, bytes]:
    """Return JSON that a shape judges as it would the body, and the base64 of its `content`."""
    short, long = _apart(body)
    told = orjson.loads(short)
    if long is not None and isinstance(told, dict) and told.get("content") == _SAMPLE.decode():
        return short, long
    told = orjson.loads(body) if long is not None else told
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, str) or len(content) <= _SHORT:
        return body, str(content).encode()
    # It was written with escapes.
    return orjson.dumps({**told, "content": _SAMPLE.decode()}), content.encode()


def _apart(body: bytes) -> tuple[bytes, bytes | None]:
    """Part JSON from its one long string of base64, if it has one: that is not looked through here.

    No other span from quote to quote begins with so much of base64 alone.
    """
    start = body.find(b'"')
    for _ in range(_FIRST_QUOTES):
        end = body.find(b'"', start + 1)
        if end < 0:
            break
        long = end - start > _SHORT and _BASE64.match(body, start + 1)
        if long and body.find(b"\\", start, end) < 0:
            short = body[: start + 1] + _SAMPLE + body[end:]
            return (short, body[start + 1 : end]) if short.count(_SAMPLE) == 1 else (body, None)
        start = end
    return body, None


def decoded(text: bytes) -> bytes:
    """Read base64; 422 for what is none."""
    view = memoryview(text)
    bits = [bytes(view[start : start + _BIT]) for start in range(0, len(text), _BIT)]
    if any(b"=" in bit for bit in bits[:-1]):
        raise refused("body.content", "is not base64")
    try:
        return b"".join([binascii.a2b_base64(bit, strict_mode=True) for bit in bits])
    except ValueError:
        raise refused("body.content", "is not base64") from None


def refused(place: str, words: str) -> ProblemError:
    """Return the refusal of a request of which something is amiss."""
    errors = [{"place": place, "words": words}]
    return ProblemError(422, "invalid", f"{place}: {words}", errors=errors)


@asynccontextmanager
async def shelved(
    parts: Parts, folder: files.Folder, file: UUID, content: bytes
) -> AsyncIterator[None]:
    """Have a file on disk for a block that lists it; it goes when the block is refused.

    Of any other fault it is not known whether it is listed: a file too many harms nobody.
    """
    root = parts.settings.data_dir
    await asyncio.to_thread(files.put, root, folder, file, content)
    try:
        yield
    except (RefusedError, ProblemError):
        await asyncio.to_thread(files.drop, root, file)
        raise


async def given_again(
    parts: Parts, folder: files.Folder, file: UUID, kind: str, name: str | None = None
) -> Response | None:
    """Answer with a file, to be kept by who asked and shown in no page; None if it is not here."""
    content = await asyncio.to_thread(files.get, parts.settings.data_dir, folder, file)
    if content is None:
        return None
    named = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment{named}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, kind)
