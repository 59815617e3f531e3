"""What somebody may see of field jobs, asked of the store; 403 for what is another's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path

from gateway.domain.deeds import Person
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjob_sight import only_own, sees
from gateway.domain.fieldjobs import FieldJob, Status
from gateway.domain.matters import Matter
from gateway.store import customers, matters, users
from gateway.store.matters import Sought
from gateway.store.pool import Connection
from gateway.web.fieldjob_views import job_view
from gateway.web.mattering import one, unknown
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError
from gateway.web.views import Json

JobId = Annotated[UUID, Path()]


async def seen(parts: Parts, job: UUID, who: Person) -> Matter[FieldJob]:
    """Return a job that somebody may see; 404 without one (a declined offer is none), else 403."""
    found = await one(parts, FIELDJOBS, job)
    if found.facts.status is Status.DECLINED:
        raise unknown(FIELDJOBS.kind, job)
    if not sees(who, found.facts):
        raise ProblemError(403, "forbidden", "this job is somebody else's")
    return found


async def shown(conn: Connection, job: Matter[FieldJob], who: Person) -> Json:
    """Show a job as somebody may see it, without its notes."""
    return (await all_shown(conn, [job], who))[0]


async def all_shown(conn: Connection, jobs: Sequence[Matter[FieldJob]], who: Person) -> list[Json]:
    """Show jobs with their customers."""
    known = await customers.find_all(conn, {job.facts.customer for job in jobs})
    return [job_view(job, known, who) for job in jobs]


def about(who: Person, technician: str | None, day: date | None) -> list[str]:
    """Return by which words somebody's list is found: all, a brand's, or a technician's own.

    403 when a technician asks for another's (S1-27).
    """
    found = [f"brand:{who.name}"] if who.roles == {"brand"} else []
    mine = technician
    if who.roles == {"technician"}:
        mine = only_own(who)
        if technician not in {None, mine}:
            raise ProblemError(403, "forbidden", "these jobs are somebody else's")
    if mine is not None:
        found.append(f"visit:{mine}:{day.isoformat()}" if day else f"technician:{mine}")
    elif day is not None:
        found.append(f"day:{day.isoformat()}")
    return found


async def only_active(conn: Connection, technician: str | None) -> None:
    """Refuse to assign somebody who was deactivated (S1-32)."""
    if technician is not None and await users.inactive(conn, [technician]):
        raise ProblemError(422, "technician_inactive", f"{technician} was deactivated")


async def whole(conn: Connection, sought: Sought) -> list[Matter[FieldJob]]:
    """Return all such jobs, newest first, however many: for what is little by itself."""
    found: list[Matter[FieldJob]] = []
    page = await matters.listed(conn, FIELDJOBS, sought)
    while page:
        found += page
        if len(page) < sought.most:
            break
        page = await matters.listed(conn, FIELDJOBS, replace(sought, before=page[-1].id))
    return found
