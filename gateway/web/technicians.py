"""Technicians over HTTP: their day and the days to come, and where they are (S0-17, S1-33)."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from gateway.domain.deeds import Person
from gateway.domain.fieldjob_sight import commands
from gateway.domain.fieldjobs import FieldJob, Status
from gateway.domain.history import stamp
from gateway.domain.matters import Matter
from gateway.domain.whereabouts import known
from gateway.store import customers, places, tokens, users
from gateway.store.customers import Customer
from gateway.store.matters import Sought
from gateway.store.places import Place
from gateway.store.pool import Connection
from gateway.web.auth import Dispatcher, FieldWorker, PartsOf, Technician
from gateway.web.field_sight import whole
from gateway.web.fieldjob_shapes import Located
from gateway.web.fieldjob_views import (
    AppointmentView,
    CustomerView,
    Seen,
    customer_view,
    visit_view,
)
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Name
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/technicians", tags=["field jobs"])
NamePath = Annotated[Name, Path()]
_MOST: Final = 500
_AHEAD: Final = tuple(
    one.value for one in Status if one not in {Status.DECLINED, Status.NEW_OFFER, Status.COMPLETE}
)
_OVER: Final = (Status.COMPLETE.value,)


class LocationView(View):
    """Where somebody is; `unknown` when they do not say, or said it too long ago."""

    state: Literal["known", "unknown"]
    latitude: float | None
    longitude: float | None
    at: str | None


class TechnicianView(View):
    """Somebody who goes out."""

    name: str
    active: bool
    location: LocationView


class VisitView(View):
    """A visit with its job."""

    job: str
    title: str
    status: str
    color: str | None
    customer: CustomerView | None
    appointment: AppointmentView


class DaysView(TechnicianView):
    """Somebody's visits: of today and of the days to come, by the local days of each job."""

    today: list[VisitView]
    upcoming: list[VisitView]


class TechniciansView(BaseModel):
    """Who goes out."""

    technicians: list[TechnicianView]


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": TechniciansView, "description": "By name"},
        **documented(401, 403, 503),
    },
)
async def find(parts: PartsOf, _who: Dispatcher) -> Answer:
    """List who may be sent out, and where they are (S0-17)."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        names = await tokens.technicians(conn)
        gone = await users.inactive(conn, names)
        found = await places.find_all(conn, names)
    listed = [_view(name, name not in gone, found.get(name), now) for name in names]
    return Answer({"technicians": listed})


@router.get(
    "/{technician}",
    response_model=None,
    responses={
        200: {"model": DaysView, "description": "Today, and what is to come"},
        **documented(401, 403, 422, 503),
    },
)
async def get(technician: NamePath, parts: PartsOf, who: FieldWorker) -> Answer:
    """Show a technician's visits of today and of the days to come, by time (S0-17, S1-27)."""
    if not commands(who) and who.name != technician:
        raise ProblemError(403, "forbidden", "these jobs are somebody else's")
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        found = await _jobs(conn, technician, now)
        known_ = await customers.find_all(conn, {one.facts.customer for one in found})
        gone = await users.inactive(conn, [technician])
        place = (await places.find_all(conn, [technician])).get(technician)
    today, upcoming = _days(found, technician, known_, now)
    view = _view(technician, not gone, place, now)
    return Answer({**view, "today": today, "upcoming": upcoming})


async def _jobs(conn: Connection, name: str, now: datetime) -> list[Matter[FieldJob]]:
    """Return the jobs that are not over, and those over of days that are today somewhere."""
    sought = Sought(_AHEAD, None, (f"technician:{name}",), most=_MOST)
    found = await whole(conn, sought)
    for days in (-1, 0, 1):
        day = (now + timedelta(days=days)).date().isoformat()
        sought = Sought(_OVER, None, (f"visit:{name}:{day}",), most=_MOST)
        found += await whole(conn, sought)
    return list({one.id: one for one in found}.values())


def _days(
    found: list[Matter[FieldJob]], name: str, seen: Seen, now: datetime
) -> tuple[list[Json], list[Json]]:
    """Return the visits of the job's own today, and those after it, by time."""
    today: list[Json] = []
    upcoming: list[Json] = []
    for job in found:
        for visit in job.facts.appointments:
            if visit.technician != name or visit.canceled_in is not None:
                continue
            if job.facts.status is Status.COMPLETE and not visit.ended:
                continue  # a plan of a job that is over: nobody is to go there for it
            ahead = (job.facts.day_of(visit.start) - job.facts.day_of(now)).days
            if ahead >= 0:
                view = {**_job(job, seen), "appointment": visit_view(visit)}
                (upcoming if ahead else today).append(view)
    for one in (today, upcoming):
        one.sort(key=lambda each: str(each["appointment"]["start"]))
    return today, upcoming


def _job(job: Matter[FieldJob], seen: Seen) -> Json:
    facts = job.facts
    customer: Customer | None = seen.get(facts.customer)
    return {
        "job": str(job.id),
        "title": facts.title,
        "status": facts.status.value,
        "color": facts.color,
        "customer": customer_view(customer) if customer else None,
    }


@router.put(
    "/{technician}/location",
    response_model=None,
    responses={
        200: {"model": LocationView, "description": "Noted"},
        **documented(401, 403, 413, 422, 503),
    },
)
async def locate(technician: NamePath, body: Located, parts: PartsOf, who: Technician) -> Answer:
    """Say where one is oneself; nothing ever waits for it (S1-33)."""
    _own(who, technician)
    place = Place(body.latitude, body.longitude, parts.clock.now())
    async with parts.desk.pool.acquire() as conn:
        await places.put(conn, technician, place)
    return Answer(_location(place, place.at))


@router.delete(
    "/{technician}/location",
    status_code=204,
    response_model=None,
    responses={
        204: {"description": "Forgotten"},
        **documented(401, 403, 422, 503),
    },
)
async def hide(technician: NamePath, parts: PartsOf, who: Technician) -> Response:
    """Have it known no more where one is."""
    _own(who, technician)
    async with parts.desk.pool.acquire() as conn:
        await places.forget(conn, technician)
    return Response(status_code=204)


def _own(who: Person, name: str) -> None:
    if who.name != name and who.role != "admin":
        raise ProblemError(403, "forbidden", f"only {name} says where {name} is")


def _view(name: str, active: bool, place: Place | None, now: datetime) -> Json:
    return {"name": name, "active": active, "location": _location(place, now)}


def _location(place: Place | None, now: datetime) -> Json:
    if place is None or not known(place.at, now):
        at = stamp(place.at) if place else None
        return {"state": "unknown", "latitude": None, "longitude": None, "at": at}
    told = {"latitude": place.latitude, "longitude": place.longitude}
    return {"state": "known", **told, "at": stamp(place.at)}
