"""Pictures and documents: what is one, by its bytes and not by what anybody calls it."""

import io
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast, get_args

from gateway.domain.casework_facts import DocumentKind
from gateway.domain.fieldjobs import PhotoKind
from gateway.web.problems import ProblemError

MOST: Final = 10_000_000
KINDS: Final = frozenset(get_args(PhotoKind))
DOCUMENTS: Final = frozenset(get_args(DocumentKind))
_HEAD: Final = 64  # bytes that say what a file is
# The brands of ISO/IEC 23008-12 (HEIF) that are pictures, of one or of several.
_HEIF: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_PDF: Final = b"%PDF-"  # ISO 32000-1, 7.5.2
_ZIP: Final = b"PK\x03\x04"
# The main part of ISO/IEC 29500 files as every office program writes them; macros have a part, too.
_OFFICE: Final[Mapping[str, DocumentKind]] = MappingProxyType(
    {
        "word/document.xml": (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        ),
        "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
_MACROS: Final = "vbaproject.bin"


def kind_of(picture: bytes) -> PhotoKind:
    """Return what a picture is; 413 when too large, 415 for what is none of `KINDS`."""
    if len(picture) > MOST:
        raise ProblemError(413, "too_large", f"a photo has at most {MOST} bytes")
    found = _picture(picture)
    if found is None:
        raise ProblemError(415, "unsupported_media_type", "a photo is JPEG, PNG, WebP or HEIC")
    return found


def document_kind_of(document: bytes) -> DocumentKind:
    """Return what a document is; 413 when too large, 415 for what is none of `DOCUMENTS`."""
    if len(document) > MOST:
        raise ProblemError(413, "too_large", f"a document has at most {MOST} bytes")
    if document.startswith(_PDF):
        return "application/pdf"
    found = _office(document) if document.startswith(_ZIP) else _picture(document)
    if found is None:
        words = "a document is PDF, Word or Excel without macros, JPEG, PNG, WebP or HEIC"
        raise ProblemError(415, "unsupported_media_type", words)
    return found


def _picture(picture: bytes) -> PhotoKind | None:
    if picture[4:8] == b"ftyp" and picture[8:12] in _HEIF:
        return "image/heif"
    import puremagic  # noqa: PLC0415 - its table of all kinds of files, where a photo comes

    try:
        found = {one.mime_type for one in puremagic.magic_string(picture[:_HEAD])} & KINDS
    except (puremagic.PureError, ValueError):
        found = set()
    return cast("PhotoKind", found.pop()) if len(found) == 1 else None


def _office(document: bytes) -> DocumentKind | None:
    """Look at the names within; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as parts:
            names = set(parts.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.lower().endswith(_MACROS) for name in names):
        return None
    found = [kind for part, kind in _OFFICE.items() if part in names]
    return found[0] if len(found) == 1 else None
