"""Uploads: a file as the body itself, as that of a form, or as base64 in JSON, and given again.

What takes long for many megabytes is done in a thread, bit by bit: the loop that serves everybody,
and runs the engine, goes on meanwhile.
"""

import asyncio
import binascii
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gateway.web.problems import ProblemError

BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
# Base64 up to this long is judged by its shape; longer, bit by bit as it is decoded.
_SHORT: Final = 4096
_SAMPLE: Final = "AAAA"
# So many characters at a time: the interpreter lets others have their turn between two.
_BIT: Final = 1 << 18


class Upload(NamedTuple):
    """A file, and what was said with it; of a form also its `filename`."""

    content: bytes
    said: Mapping[str, Any]


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
        told = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise refused("body", f"is not JSON: {fault.msg}") from None
    content = told.get("content") if isinstance(told, dict) else None
    if isinstance(content, str) and len(content) > _SHORT:
        told = {**told, "content": _SAMPLE}
    try:
        given = shape.validate_json(orjson.dumps(told))
    except ValidationError as fault:
        errors = [{**each, "loc": ("body", *each["loc"])} for each in fault.errors()]
        raise RequestValidationError(errors) from None
    return Upload(decoded(str(content)), given.model_dump(exclude={"content"}))


def decoded(text: str) -> bytes:
    """Read base64; 422 for what is none."""
    bits = [text[start : start + _BIT] for start in range(0, len(text), _BIT)]
    if any("=" in bit for bit in bits[:-1]):
        raise refused("body.content", "is not base64")
    try:
        return b"".join([binascii.a2b_base64(bit, strict_mode=True) for bit in bits])
    except ValueError:
        raise refused("body.content", "is not base64") from None


def refused(place: str, words: str) -> ProblemError:
    """Return the refusal of a request of which something is amiss."""
    errors = [{"place": place, "words": words}]
    return ProblemError(422, "invalid", f"{place}: {words}", errors=errors)


def given_again(content: bytes, kind: str, name: str | None = None) -> Response:
    """Answer with a file, to be kept by who asked and shown in no page."""
    named = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment{named}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, kind)
