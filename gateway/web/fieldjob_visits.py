"""Visits of field jobs beside their table: one more, edited, arrived (S1-20, S1-22, S1-26)."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.fieldjob_deeds import FIELDJOBS, Edit, added, arrived, edited
from gateway.domain.fieldjob_sight import may_write, only_own
from gateway.domain.fieldjobs import Appointment, FieldJob
from gateway.domain.matters import Written
from gateway.web.auth import Dispatcher, FieldWorker, PartsOf
from gateway.web.field_sight import JobId, only_active, seen, shown
from gateway.web.fieldjob_shapes import Change, NewAppointment, instant_of, minutes_of
from gateway.web.fieldjob_views import FieldJobView
from gateway.web.mattering import decided
from gateway.web.parts import Parts
from gateway.web.problems import documented
from gateway.web.views import Answer

router = APIRouter(prefix="/v1/field-jobs/{field_job}/appointments", tags=["field jobs"])
VisitId = Annotated[UUID, Path()]
_ERRORS = documented(401, 403, 404, 409, 413, 422, 503)


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={201: {"model": FieldJobView, "description": "Planned"}, **_ERRORS},
)
async def add(field_job: JobId, body: NewAppointment, parts: PartsOf, who: Dispatcher) -> Answer:
    """Plan one more visit for a job that is Scheduled or In Progress; its status stays (S1-26)."""
    found = await seen(parts, field_job, who)
    zone = found.facts.zone
    start, minutes = instant_of(body.start, zone), minutes_of(body.duration)
    visit = Appointment(parts.chance.uuid(), start, minutes, body.technician)
    await _active(parts, body.technician)
    return await _done(parts, field_job, who, lambda facts: added(facts, visit), 201)


@router.patch(
    "/{appointment}",
    response_model=None,
    responses={200: {"model": FieldJobView, "description": "The job after it"}, **_ERRORS},
)
async def change(
    field_job: JobId, appointment: VisitId, body: Change, parts: PartsOf, who: Dispatcher
) -> Answer:
    """Edit a visit until somebody is on the way: 409 `already_started` after (S1-20)."""
    found = await seen(parts, field_job, who)
    zone = found.facts.zone
    edit = Edit(
        instant_of(body.start, zone) if body.start else None,
        minutes_of(body.duration) if body.duration else None,
        body.technician,
        nobody="technician" in body.model_fields_set and body.technician is None,
    )
    await _active(parts, body.technician)
    return await _done(parts, field_job, who, lambda facts: edited(facts, appointment, edit))


@router.post(
    "/{appointment}/arrived",
    response_model=None,
    responses={200: {"model": FieldJobView, "description": "The job after it"}, **_ERRORS},
)
async def arrive(
    field_job: JobId, appointment: VisitId, parts: PartsOf, who: FieldWorker
) -> Answer:
    """Note that whoever was on the way is there, once and for good (S1-22)."""
    await seen(parts, field_job, who)
    now = parts.clock.now()

    def verb(facts: FieldJob) -> Written[FieldJob]:
        whose = {one.technician for one in facts.appointments if one.id == appointment}
        if not may_write(who, facts) or (whose and only_own(who) not in {None, *whose}):
            raise RefusedError("forbidden", "that appointment is somebody else's")
        return arrived(facts, appointment, now)

    return await _done(parts, field_job, who, verb)


async def _active(parts: Parts, technician: str | None) -> None:
    async with parts.desk.pool.acquire() as conn:
        await only_active(conn, technician)


async def _done(
    parts: Parts,
    job: UUID,
    who: Person,
    verb: Callable[[FieldJob], Written[FieldJob]],
    status: int = 200,
) -> Answer:
    after = await decided(parts, FIELDJOBS, job, verb, who)
    async with parts.desk.pool.acquire() as conn:
        return Answer(await shown(conn, after, who), status)
