"""Jobs over HTTP: the dispatch list, and what a person does to a job the gateway works too."""

from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Query

from gateway.domain.deeds import (
    Aim,
    CancelJob,
    Claim,
    JobDeed,
    NameSchedule,
    Person,
    Release,
    Report,
    Resume,
    SetCue,
)
from gateway.store import stranded, worklist
from gateway.store.desk import UnknownMessageError
from gateway.store.worklist import Sought
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import decided
from gateway.web.listing import listed
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import (
    AccountNumber,
    Aimed,
    Cue,
    DueClass,
    NamedSchedule,
    Outcome,
    StateWord,
)
from gateway.web.views import Answer, JobView, ListedJob, job_view

_log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
JobId = Annotated[UUID, Path()]
_DEED: Any = {
    "response_model": None,
    "responses": {
        200: {"model": JobView, "description": "The job afterwards"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
}


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[ListedJob], "description": "Most urgent first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    _who: Agent,
    due: Annotated[DueClass | None, Query(alias="class")] = None,
    state: Annotated[StateWord | None, Query()] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    leftover: Annotated[
        bool, Query(description="Only those that a delivered message left behind.")
    ] = False,
) -> Answer:
    """List jobs; those that have ended only when their state is asked for (S3-26, S3-62)."""
    now = parts.clock.now()
    sought = Sought(now, due, state, account, limit, leftover=leftover)
    async with parts.desk.pool.acquire() as conn:
        jobs = await worklist.list_jobs(conn, sought)
        return Answer(await listed(conn, parts.desk.states, jobs, now))


@router.get(
    "/{job}",
    response_model=None,
    responses={
        200: {"model": ListedJob, "description": "The job as the dispatch list shows it"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(job: JobId, parts: PartsOf, _who: Agent) -> Answer:
    """Show a job: whom it reaches, how and why, notes, the last five items (S3-25, S3-64)."""
    async with parts.desk.pool.acquire() as conn:
        found = await worklist.find(conn, job)
        if found is None:
            raise _unknown(job)
        now = parts.clock.now()
        return Answer((await listed(conn, parts.desk.states, [found], now))[0])


@router.post("/{job}/claim", **_DEED)
async def claim(job: JobId, parts: PartsOf, who: Dispatcher) -> Answer:
    """Take a job for five minutes; of two who try, one gets it (S3-36)."""
    return await _do(parts, Claim(job), who)


@router.post("/{job}/release", **_DEED)
async def release(job: JobId, parts: PartsOf, who: Dispatcher) -> Answer:
    """Give a claimed job back: it is due at once."""
    return await _do(parts, Release(job), who)


@router.post("/{job}/resume", **_DEED)
async def resume(job: JobId, parts: PartsOf, who: Dispatcher) -> Answer:
    """Have a job go on at once (S3-24)."""
    return await _do(parts, Resume(job), who)


@router.post("/{job}/cue", **_DEED)
async def cue(job: JobId, body: Cue, parts: PartsOf, who: Dispatcher) -> Answer:
    """Bring a job back after so many minutes, as or at the direction of a lead (S3-65)."""
    return await _do(parts, SetCue(job, body.minutes, body.directed_by), who)


@router.post("/{job}/target", **_DEED)
async def target(job: JobId, body: Aimed, parts: PartsOf, who: Dispatcher) -> Answer:
    """Reach somebody else next (S3-66)."""
    return await _do(parts, Aim(job, body.contact, body.reason), who)


@router.post("/{job}/schedule", **_DEED)
async def schedule(job: JobId, body: NamedSchedule, parts: PartsOf, who: Dispatcher) -> Answer:
    """Say which schedule a job goes by (S3-89)."""
    return await _do(parts, NameSchedule(job, body.name), who)


@router.post("/{job}/outcome", **_DEED)
async def outcome(job: JobId, body: Outcome, parts: PartsOf, who: Dispatcher) -> Answer:
    """Report what came of one's own call (S3-75, S3-76)."""
    return await _do(parts, Report(job, body.relayed, body.contact, body.note), who)


@router.post("/{job}/cancel", **_DEED)
async def cancel(job: JobId, parts: PartsOf, who: Dispatcher) -> Answer:
    """End a job without reaching anybody."""
    return await _do(parts, CancelJob(job), who)


async def _do(parts: Parts, deed: JobDeed, who: Person) -> Answer:
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_job(conn, deed.job)
    if key is None:
        raise _unknown(deed.job)
    try:
        done = await decided(parts, key, deed, who)
    except UnknownMessageError:
        return await _without_message(parts, deed, who)
    return Answer(next(job_view(job) for job in done.jobs if job.id == deed.job))


async def _without_message(parts: Parts, deed: JobDeed, who: Person) -> Answer:
    """A job whose message is not there can only be ended, by a lead (S3-33)."""
    if not isinstance(deed, CancelJob) or not who.leads:
        words = "the message of this job is missing; a lead may cancel the job"
        raise ProblemError(409, "message_missing", words)
    async with parts.desk.pool.acquire() as conn:
        ended = await stranded.cancel(conn, deed.job)
    if ended is None:
        raise ProblemError(409, "job_ended", "the job has ended")
    _log.warning("job canceled", action="job.canceled", actor=who.actor, job=str(deed.job))
    return Answer(job_view(ended))


def _unknown(job: UUID) -> ProblemError:
    return ProblemError(404, "unknown_job", f"there is no job {job}")
