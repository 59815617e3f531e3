"""Pictures: what is one, by its first bytes and not by what anybody calls it."""

import base64
import binascii
from typing import Final, cast, get_args

from gateway.domain.fieldjobs import PhotoKind
from gateway.web.problems import ProblemError

MOST: Final = 10_000_000
KINDS: Final = frozenset(get_args(PhotoKind))
_HEAD: Final = 64  # bytes that say what a file is
# The brands of ISO/IEC 23008-12 (HEIF) that are pictures, of one or of several.
_HEIF: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})


def decoded(text: str) -> bytes:
    """Read base64; 422 for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        errors = [{"place": "body.content", "words": "is not base64"}]
        words = "body.content: is not base64"
        raise ProblemError(422, "invalid", words, errors=errors) from None


def kind_of(picture: bytes) -> PhotoKind:
    """Return what a picture is; 413 when too large, 415 for what is none of `KINDS`."""
    if len(picture) > MOST:
        raise ProblemError(413, "too_large", f"a photo has at most {MOST} bytes")
    if picture[4:8] == b"ftyp" and picture[8:12] in _HEIF:
        return "image/heif"
    import puremagic  # noqa: PLC0415 - its table of all kinds of files, where a photo comes

    try:
        found = {one.mime_type for one in puremagic.magic_string(picture[:_HEAD])} & KINDS
    except (puremagic.PureError, ValueError):
        found = set()
    if len(found) != 1:
        raise ProblemError(415, "unsupported_media_type", "a photo is JPEG, PNG, WebP or HEIC")
    return cast("PhotoKind", found.pop())
