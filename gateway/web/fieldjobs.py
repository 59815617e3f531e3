"""Field jobs over HTTP: opened, found, moved along their table (S1, CONTRACT section 10)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from gateway.domain import markets as rules
from gateway.domain.deeds import Person
from gateway.domain.fieldjob_actions import opened
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjobs import UNPLACED, Action, Appointment, FieldJob, Status
from gateway.store import customers, fieldjobs, markets, matters
from gateway.store.fieldjobs import NoCustomerError
from gateway.store.matters import Sought
from gateway.store.pool import Connection
from gateway.web.accounts import account_of
from gateway.web.auth import Dispatcher, FieldWorker, InField, PartsOf
from gateway.web.field_sight import JobId, about, all_shown, only_active, seen, shown, whole
from gateway.web.fieldjob_moves import Mover, legal_move, moved
from gateway.web.fieldjob_shapes import (
    ActionWord,
    Moving,
    NewJob,
    StatusWord,
    Technician,
    instant_of,
    minutes_of,
)
from gateway.web.fieldjob_views import FieldJobView, FieldJobWhole, notes_view
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import (
    MatterItem,
    MatterVerified,
    created,
    hand,
    history_of,
    one,
    verified,
)
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import AccountNumber, Day
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/field-jobs", tags=["field jobs"])
_MOST = 100
# A declined offer is nobody's any more (S1-04).
_SHOWN = tuple(one.value for one in Status if one is not Status.DECLINED)


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": FieldJobView, "description": "Opened"},
        **documented(401, 403, 404, 413, 422, 503),
    },
)
async def open_job(
    body: NewJob, parts: PartsOf, who: Dispatcher, idempotency_key: IdempotencyKey = None
) -> Answer:
    """Open a job: Unscheduled, or Scheduled with its appointment, or a New Offer with `source`.

    422 `unknown_customer` without its customer. A repeat under one `Idempotency-Key` gets the first
    answer.
    """
    made = await _made(parts, body, who)
    first = _first(parts, body, made.zone)
    written = opened(made, first, offered=body.source is not None)
    new = parts.chance.uuid()

    async def act(conn: Connection) -> Json:
        await only_active(conn, first.technician if first else None)
        try:
            after = await fieldjobs.open_one(conn, new, written, hand(parts, who))
        except NoCustomerError:
            words = f"there is no customer {body.customer}: add them first"
            raise ProblemError(422, "unknown_customer", words) from None
        return await shown(conn, after, who)

    key = keyed(who, idempotency_key, body, "field-jobs", new) if idempotency_key else None
    return await created(parts, key, act)


async def _made(parts: Parts, body: NewJob, who: Person) -> FieldJob:
    """Return the job before it has a status."""
    zone = (await account_of(parts, body.account)).zone.key if body.account else None
    if zone is None:
        zone = await _zone_of_market(parts, body) or UNPLACED
    return FieldJob(
        customer=body.customer,
        title=body.title,
        status=Status.UNSCHEDULED,
        created_by=who.actor,
        created_at=parts.clock.now(),
        zone=zone,
        market=body.market,
        account=body.account,
        source=body.source,
        brand=body.brand,
    )


async def _zone_of_market(parts: Parts, body: NewJob) -> str | None:
    """Return the clocks of the market where the customer is; None when nobody knows of it."""
    if body.market is None:
        return None
    async with parts.desk.pool.acquire() as conn:
        tables = await markets.tables(conn)
        customer = await customers.find(conn, body.customer)
    address = (customer.address if customer else None) or ""
    return rules.zone_named((one.document for one in tables.values()), body.market, address)


def _first(parts: Parts, body: NewJob, zone: str) -> Appointment | None:
    wanted = body.appointment
    if wanted is None:
        return None
    start, minutes = instant_of(wanted.start, zone), minutes_of(wanted.duration)
    return Appointment(parts.chance.uuid(), start, minutes, wanted.technician)


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[FieldJobView], "description": "Newest first; of a day, by time"},
        **documented(401, 403, 422, 503),
    },
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    who: InField,
    technician: Annotated[Technician | None, Query()] = None,
    day: Annotated[Day | None, Query(description="With a visit on that local day.")] = None,
    status: Annotated[StatusWord | None, Query()] = None,
    customer: Annotated[UUID | None, Query()] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    before: Annotated[UUID | None, Query(description="Opened before that job.")] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=500, description="100; of a day: all of its jobs.")
    ] = None,
) -> Answer:
    """List jobs: a technician sees their own, a brand its own, others all (S1-27, S1-31)."""
    words = about(who, technician, day)
    if customer is not None:
        words.append(f"customer:{customer}")
    states = (status,) if status else _SHOWN
    sought = Sought(states, None, tuple(words) or None, account, None, before, limit or _MOST)
    async with parts.desk.pool.acquire() as conn:
        if day is not None and limit is None:
            found = await whole(conn, sought)
        else:
            found = await matters.listed(conn, FIELDJOBS, sought)
        if day is not None:
            mine = who.name if who.roles == {"technician"} else technician
            found.sort(key=lambda one: _when(one.facts, day, mine))
        return Answer(await all_shown(conn, found, who))


def _when(job: FieldJob, day: date, technician: str | None) -> datetime:
    """Return when a job begins that day for who is asked about; its own visits count there."""
    return min(
        one.start
        for one in job.appointments
        if one.canceled_in is None
        and job.day_of(one.start) == day
        and technician in {None, one.technician}
    )


@router.get(
    "/{field_job}",
    response_model=None,
    responses={
        200: {"model": FieldJobWhole, "description": "The job, as the asker may see it"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(field_job: JobId, parts: PartsOf, who: InField) -> Answer:
    """Show a job with those of its notes and photos that the asker may see (S1-29 to S1-31)."""
    found = await seen(parts, field_job, who)
    async with parts.desk.pool.acquire() as conn:
        notes = await fieldjobs.notes(conn, field_job)
        view = await shown(conn, found, who)
    return Answer({**view, "notes": notes_view(found.facts, notes, who)})


@router.get(
    "/{field_job}/history",
    response_model=None,
    responses={
        200: {"model": list[MatterItem], "description": "In order"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def history(field_job: JobId, parts: PartsOf, _who: Dispatcher) -> Answer:
    """Tell everything that happened to a job, also to a declined one."""
    return await history_of(parts, FIELDJOBS, field_job)


@router.get(
    "/{field_job}/history/verify",
    response_model=None,
    responses={
        200: {"model": MatterVerified, "description": "The verdict"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def verify(field_job: JobId, parts: PartsOf, _who: Dispatcher) -> Answer:
    """Check a job's chain of hashes, its head and its words."""
    return await verified(parts, FIELDJOBS, field_job)


@router.post(
    "/{field_job}/actions/{action}",
    response_model=None,
    responses={
        200: {"model": FieldJobView, "description": "The job after it"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def act(  # noqa: PLR0913, PLR0917 - path, body and who asks
    field_job: JobId,
    action: ActionWord,
    parts: PartsOf,
    who: FieldWorker,
    body: Moving = None,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Move a job along its table; 409 `illegal_transition` for any other pair (S1-16).

    Technicians do what is done in the field, to their own jobs; planning is a dispatcher's. A
    repeat under one `Idempotency-Key` gets the first answer. 409 `erased`: the job was over, and
    nobody knows any more whose it was.
    """
    found = await one(parts, FIELDJOBS, field_job)
    given = legal_move(Mover(parts, found, who), Action(action), body)

    async def do(conn: Connection) -> Json:
        return await moved(conn, Mover(parts, found, who), Action(action), given)

    of = f"{field_job} {action}"
    key = keyed(who, idempotency_key, given, of, field_job) if idempotency_key else None
    answer = await created(parts, key, do)
    answer.status_code = 200
    return answer
