"""Notes and photos of field jobs: added by who works on them, seen by role and brand (S1-29…31)."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.fieldjob_deeds import FIELDJOBS, noted, pictured
from gateway.domain.fieldjob_sight import may_write, sees_note
from gateway.domain.fieldjobs import FieldJob, Photo
from gateway.domain.history import stamp
from gateway.domain.matters import Written
from gateway.store import matters, photos
from gateway.store.fieldjobs import Note
from gateway.store.pool import Connection
from gateway.web.auth import FieldWorker, InField, PartsOf
from gateway.web.field_sight import JobId, seen
from gateway.web.fieldjob_shapes import NewNote, NewPhoto
from gateway.web.fieldjob_views import NoteView, PhotoView, note_view, photo_view
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import created, decided, hand
from gateway.web.parts import Parts
from gateway.web.pictures import KINDS, decoded, kind_of
from gateway.web.problems import ProblemError, documented
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/field-jobs/{field_job}", tags=["field jobs"])
PhotoId = Annotated[UUID, Path()]
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PICTURES: Final[dict[str, Any]] = {kind: {**_BINARY} for kind in sorted(KINDS)}
_FORM: Final = {
    "type": "object",
    "properties": {
        "photo": {"type": "string", "format": "binary"},
        "public": {"type": "string", "enum": ["true", "false"]},
    },
    "required": ["photo"],
}
_NEW = TypeAdapter(NewPhoto)


@router.post(
    "/notes",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": NoteView, "description": "Added"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def note(
    field_job: JobId,
    body: NewNote,
    parts: PartsOf,
    who: FieldWorker,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Add a note. Technicians and dispatchers see it, the job's brand if it is public."""
    await _mine(parts, field_job, who)
    new, now = parts.chance.uuid(), parts.clock.now()

    async def act(conn: Connection) -> Json:
        def verb(facts: FieldJob) -> Written[FieldJob]:
            return noted(facts, new, body.text, public=body.public)

        await matters.decide(conn, FIELDJOBS, field_job, verb, hand(parts, who))
        return note_view(Note(str(new), stamp(now), who.actor, body.public, body.text))

    key = keyed(who, idempotency_key, body, of=f"{field_job} notes") if idempotency_key else None
    return await created(parts, key, act)


@router.post(
    "/photos",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": PhotoView, "description": "Added"},
        **documented(401, 403, 404, 409, 413, 415, 422, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _NEW.json_schema()},
                "multipart/form-data": {"schema": _FORM},
                **_PICTURES,
            },
        }
    },
)
async def photo(
    field_job: JobId,
    request: Request,
    parts: PartsOf,
    who: FieldWorker,
    public: Annotated[bool, Query(description="Of a picture that is the body itself.")] = False,
) -> Answer:
    """Add a photo: JPEG, PNG, WebP or HEIC of at most 10 MB, as the body, a form, or base64.

    What it is its own bytes say: 415 `unsupported_media_type` for anything else, 413 `too_large`.
    """
    await _mine(parts, field_job, who)
    picture, seen_by_brand = await _read(request, public)
    kind = kind_of(picture)
    one = Photo(
        parts.chance.uuid(), kind, len(picture), seen_by_brand, who.actor, parts.clock.now()
    )
    root = parts.settings.data_dir
    await asyncio.to_thread(photos.put, root, one.id, picture)
    try:
        await decided(parts, FIELDJOBS, field_job, lambda facts: pictured(facts, one), who)
    except (RefusedError, ProblemError):
        # Of any other fault it is not known whether the job lists it: a file too many harms nobody.
        await asyncio.to_thread(photos.drop, root, one.id)
        raise
    return Answer(photo_view(field_job, one), 201)


async def _read(request: Request, public: bool) -> tuple[bytes, bool]:
    """Return the picture and whether it is public, by whichever way it was sent."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("image/"):
        return await request.body(), public
    if kind == "multipart/form-data":
        return await _of_form(request, public)
    if kind != "application/json":
        raise ProblemError(415, "unsupported_media_type", "send a picture, a form, or JSON")
    try:
        given = _NEW.validate_json(await request.body())
    except ValidationError as fault:
        errors = [{**each, "loc": ("body", *each["loc"])} for each in fault.errors()]
        raise RequestValidationError(errors) from None
    return decoded(given.content), given.public


async def _of_form(request: Request, public: bool) -> tuple[bytes, bool]:
    async with request.form(max_files=1, max_fields=4) as form:
        for part in form.values():
            if isinstance(part, UploadFile):
                return await part.read(), public or form.get("public") == "true"
    errors = [{"place": "body.photo", "words": "is missing"}]
    raise ProblemError(422, "invalid", "body.photo: is missing", errors=errors)


@router.get(
    "/photos/{photo}",
    response_model=None,
    responses={
        200: {"description": "The picture", "content": _PICTURES},
        **documented(401, 403, 404, 422, 503),
    },
)
async def picture(field_job: JobId, photo: PhotoId, parts: PartsOf, who: InField) -> Response:
    """Give a photo to who may see it; 404 for what they may not."""
    found = await seen(parts, field_job, who)
    for one in found.facts.photos:
        if one.id == photo and sees_note(who, found.facts, public=one.public):
            got = await asyncio.to_thread(photos.get, parts.settings.data_dir, photo)
            if got is not None:
                headers = {
                    "Cache-Control": "private, no-store",
                    "Content-Disposition": "attachment",
                    "X-Content-Type-Options": "nosniff",
                }
                return Response(got, 200, headers, one.kind)
    raise ProblemError(404, "unknown_photo", f"there is no photo {photo}")


async def _mine(parts: Parts, job: UUID, who: Person) -> None:
    found = await seen(parts, job, who)
    if not may_write(who, found.facts):
        raise RefusedError("forbidden", "this job is somebody else's")
