"""Notes and photos of field jobs: added by who works on them, seen by role and brand (S1-29…31)."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.fieldjob_deeds import FIELDJOBS, noted, pictured
from gateway.domain.fieldjob_sight import may_write, sees_note
from gateway.domain.fieldjobs import FieldJob, Photo
from gateway.domain.history import stamp
from gateway.domain.matters import Written
from gateway.store import matters
from gateway.store.fieldjobs import Note
from gateway.store.pool import Connection
from gateway.web.auth import FieldWorker, InField, PartsOf
from gateway.web.field_sight import JobId, seen
from gateway.web.fieldjob_shapes import NewNote, NewPhoto
from gateway.web.fieldjob_views import NoteView, PhotoView, note_view, photo_view
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import created, decided, hand
from gateway.web.parts import Parts
from gateway.web.pictures import KINDS, kind_of
from gateway.web.problems import ProblemError, documented
from gateway.web.uploads import body_of, given_again, of_kinds, read, shelved
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/field-jobs/{field_job}", tags=["field jobs"])
PhotoId = Annotated[UUID, Path()]
_PUBLIC: Final = {"type": "string", "enum": ["true", "false"]}
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

    of = f"{field_job} notes"
    key = keyed(who, idempotency_key, body, of, field_job) if idempotency_key else None
    return await created(parts, key, act)


@router.post(
    "/photos",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": PhotoView, "description": "Added"},
        **documented(401, 403, 404, 409, 413, 415, 422, 503),
    },
    openapi_extra=body_of(_NEW, "photo", KINDS, public=_PUBLIC),
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
    picture, said = await read(request, _NEW)
    kind = await asyncio.to_thread(kind_of, picture)
    seen_by_brand = public or said.get("public") in {True, "true"}
    now = parts.clock.now()
    one = Photo(parts.chance.uuid(), kind, len(picture), seen_by_brand, who.actor, now)
    async with shelved(parts, "photos", one.id, picture):
        await decided(parts, FIELDJOBS, field_job, lambda facts: pictured(facts, one), who)
    return Answer(photo_view(field_job, one), 201)


@router.get(
    "/photos/{photo}",
    response_model=None,
    responses={
        200: {"description": "The picture", "content": of_kinds(KINDS)},
        **documented(401, 403, 404, 422, 503),
    },
)
async def picture(field_job: JobId, photo: PhotoId, parts: PartsOf, who: InField) -> Response:
    """Give a photo to who may see it; 404 for what they may not."""
    found = await seen(parts, field_job, who)
    for one in found.facts.photos:
        if one.id == photo and sees_note(who, found.facts, public=one.public):
            got = await given_again(parts, "photos", photo, one.kind)
            if got is not None:
                return got
    raise ProblemError(404, "unknown_photo", f"there is no photo {photo}")


async def _mine(parts: Parts, job: UUID, who: Person) -> None:
    found = await seen(parts, job, who)
    if not may_write(who, found.facts):
        raise RefusedError("forbidden", "this job is somebody else's")
