"""Documents of cases over HTTP: attached, listed, given again to who works cases (S4-26)."""

import asyncio
import re
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.responses import Response

from gateway.domain.case_documents import attached
from gateway.domain.case_ways import CASES
from gateway.domain.casework_facts import Document
from gateway.domain.history import stamp
from gateway.web.auth import Caseworker, PartsOf
from gateway.web.mattering import decided, one
from gateway.web.pictures import DOCUMENTS, document_kind_of
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Line, Shape
from gateway.web.uploads import Upload, body_of, given_again, of_kinds, read, refused, shelved
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/cases/{case}/documents", tags=["casework"])
CaseId = Annotated[UUID, Path()]
_UNNAMED: Final = "document"
_LINE = TypeAdapter(Line)


class NewDocument(Shape):
    """A document as base64, and what it is called."""

    content: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9+/]+={0,2}$",
            max_length=14_000_000,
            json_schema_extra={"contentEncoding": "base64"},
        ),
    ]
    name: Line | None = None


_NEW = TypeAdapter(NewDocument)


class DocumentView(View):
    """A document; its bytes are at `href`."""

    id: str
    at: str
    by: str
    name: str
    kind: str
    size: int
    href: str


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": DocumentView, "description": "Attached"},
        **documented(401, 403, 404, 409, 413, 415, 422, 503),
    },
    openapi_extra=body_of(_NEW, "document", DOCUMENTS, name={"type": "string", "maxLength": 200}),
)
async def attach(
    case: CaseId,
    request: Request,
    parts: PartsOf,
    who: Caseworker,
    name: Annotated[Line | None, Query(description="Of a document that is the body.")] = None,
) -> Answer:
    """Attach a document of at most 10 MB to an open case: as the body, a form, or base64.

    What it is its own bytes say (PDF, Word, Excel, pictures): 415 `unsupported_media_type` for
    anything else, 413 `too_large`.
    """
    await one(parts, CASES, case)
    upload = await read(request, _NEW)
    kind = await asyncio.to_thread(document_kind_of, upload.content)
    now = parts.clock.now()
    size, called = len(upload.content), _called(upload, name)
    new = Document(parts.chance.uuid(), called, kind, size, who.actor, now)
    async with shelved(parts, "documents", new.id, upload.content):
        await decided(parts, CASES, case, lambda facts: attached(facts, new), who)
    return Answer(_view(case, new), 201)


def _called(upload: Upload, asked: str | None) -> str:
    """Return a document's name, of whatever folder it came from; 422 for what is none."""
    name = upload.said.get("name") or asked or upload.said.get("filename") or _UNNAMED
    last = re.split(r"[\\/]", str(name))[-1].strip()
    try:
        return _LINE.validate_python(last or _UNNAMED)
    except ValidationError:
        raise refused("body.name", "is no name of at most 200 characters") from None


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[DocumentView], "description": "In the order they came"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def documents(case: CaseId, parts: PartsOf, _who: Caseworker) -> Answer:
    """List what is attached to a case; nothing once it was erased."""
    found = await one(parts, CASES, case)
    return Answer([_view(case, each) for each in found.facts.work.documents])


@router.get(
    "/{document}",
    response_model=None,
    responses={
        200: {"description": "The document", "content": of_kinds(DOCUMENTS)},
        **documented(401, 403, 404, 422, 503),
    },
)
async def document(
    case: CaseId, document: Annotated[UUID, Path()], parts: PartsOf, _who: Caseworker
) -> Response:
    """Give a document to who works cases."""
    found = await one(parts, CASES, case)
    for each in found.facts.work.documents:
        if each.id == document:
            got = await given_again(parts, "documents", document, each.kind, each.name)
            if got is not None:
                return got
    raise ProblemError(404, "unknown_document", f"there is no document {document}")


def _view(case: UUID, document: Document) -> Json:
    return {
        "id": str(document.id),
        "at": stamp(document.at),
        "by": document.by,
        "name": document.name,
        "kind": document.kind,
        "size": document.size,
        "href": f"/v1/cases/{case}/documents/{document.id}",
    }
