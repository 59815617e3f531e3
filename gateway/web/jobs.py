"""Jobs over HTTP: the dispatch list, and what a person does to a job the gateway works too."""

from typing import Annotated, Any
from uuid import UUID

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
from gateway.domain.jobs import Job
from gateway.domain.outlook import next_of, under_way
from gateway.domain.state import State
from gateway.store import worklist
from gateway.store.worklist import Sought
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import decided
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
from gateway.web.special_shapes import briefs
from gateway.web.views import Answer, JobView, ListedJob, job_view, listed_job

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
async def find(
    parts: PartsOf,
    _who: Agent,
    due: Annotated[DueClass | None, Query(alias="class")] = None,
    state: Annotated[StateWord | None, Query()] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List jobs; those that have ended only when their state is asked for (S3-26, S3-62)."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        jobs = await worklist.list_jobs(conn, Sought(now, due, state, account, limit))
        keys = list(dict.fromkeys(job.key for job in jobs))
        states = await parts.desk.states.to_plan(conn, keys, now)
        items = await worklist.last_items(conn, keys)

    def shown(job: Job, state: State | None) -> dict[str, Any]:
        people = (under_way(state, job), next_of(state, job, now)) if state else (None, None)
        shown = listed_job(job, now, people, items[job.key])
        return {**shown, "specials": briefs(state, now) if state else []}

    return Answer([shown(job, states.get(job.key)) for job in jobs])


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
        raise ProblemError(404, "unknown_job", f"there is no job {deed.job}")
    done = await decided(parts, key, deed, who)
    return Answer(next(job_view(job) for job in done.jobs if job.id == deed.job))
