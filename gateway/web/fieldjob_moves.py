"""Moving a field job along its table, with all that an action needs from outside."""

from typing import NamedTuple

from fastapi.exceptions import RequestValidationError

from gateway.domain import receipts
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.fieldjob_actions import act, judge
from gateway.domain.fieldjob_asked import Asked, Customer
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjob_sight import may_act, only_own
from gateway.domain.fieldjobs import Action, FieldJob
from gateway.domain.matters import Matter, Written
from gateway.store import accounts, customers, fieldjobs
from gateway.store.matters import UnknownMatterError
from gateway.store.pool import Connection
from gateway.web.field_sight import only_active, shown
from gateway.web.fieldjob_shapes import Amiss, Move, eta_of, instant_of, minutes_of
from gateway.web.mattering import hand, unknown
from gateway.web.parts import Parts
from gateway.web.views import Json


class Mover(NamedTuple):
    """Who moves which job."""

    parts: Parts
    job: Matter[FieldJob]
    who: Person


def legal_move(mover: Mover, action: Action, body: Move | Amiss | None) -> Move:
    """Return what came along; where it is malformed the pair is judged first (S1-16)."""
    if not isinstance(body, Amiss):
        return body or Move()
    _permitted(mover.who, mover.job.facts, action)
    judge(mover.job.facts, action)
    faults = body.fault.errors(include_url=False)
    raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in faults])


def _permitted(who: Person, job: FieldJob, action: Action) -> None:
    if not may_act(who, job, action):
        raise RefusedError("forbidden", f"the role {who.role} may not do this to this job")


async def moved(conn: Connection, mover: Mover, action: Action, body: Move) -> Json:
    """Do an action and show the job after it; whatever the domain refuses."""
    parts, job, who = mover
    token = receipts.token_from(parts.chance.raw(receipts.ENTROPY_BYTES))
    asked = await _asked(conn, mover, body, (action, f"{_site(parts)}/s/{token}"))
    by = hand(parts, who)
    again = False

    def verb(facts: FieldJob) -> Written[FieldJob]:
        nonlocal again
        again = FIELDJOBS.over(facts)
        _permitted(who, facts, action)
        return act(facts, asked, by.now)

    survey = receipts.fingerprint(token) if action is Action.COMPLETE else ""
    try:
        async with conn.transaction():
            after = await fieldjobs.decide(conn, job.id, verb, by, survey)
            if again and not await customers.hold(conn, after.facts.customer):
                raise RefusedError("erased", "who the customer was is erased: nobody can go there")
            if action is Action.ADD:  # also whom an offer wished for may have left (S1-32)
                await only_active(conn, after.facts.appointments[-1].technician)
    except UnknownMatterError:
        raise unknown(FIELDJOBS.kind, job.id) from None
    return await shown(conn, after, who)


async def _asked(conn: Connection, mover: Mover, body: Move, what: tuple[Action, str]) -> Asked:
    parts, facts, action = mover.parts, mover.job.facts, what[0]
    return Asked(
        action=action,
        customer=await _customer(conn, facts),
        new=parts.chance.uuid(),
        appointment=body.appointment,
        start=instant_of(body.start, facts.zone) if body.start else None,
        minutes=minutes_of(body.duration) if body.duration else None,
        technician=body.technician,
        eta=eta_of(body.eta, facts.zone, parts.clock.now()) if body.eta is not None else None,
        reason=body.reason,
        own=only_own(mover.who),
        survey=what[1],
    )


async def _customer(conn: Connection, job: FieldJob) -> Customer:
    """Return whom the texts go to, in the name of the brand, else of the account."""
    found = await customers.find(conn, job.customer)
    return Customer(found.phone if found else "", await business_of(conn, job))


async def business_of(conn: Connection, job: FieldJob) -> str:
    """Return in whose name the customer hears of us; "" when nobody is known."""
    if job.brand:
        return job.brand
    documents = await accounts.in_force(conn, [job.account]) if job.account else {}
    return next((one.name for one in documents.values()), "")


def _site(parts: Parts) -> str:
    return parts.settings.public_url.rstrip("/")
