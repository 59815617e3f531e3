"""Customers over HTTP: for whom technicians go out (S1-25)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from gateway.store import customers
from gateway.store.customers import Customer
from gateway.store.pool import Connection
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.fieldjob_shapes import NewCustomer
from gateway.web.fieldjob_views import CustomerView, customer_view
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import created
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Phone
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/customers", tags=["field jobs"])


class Customers(BaseModel):
    """Customers, newest first."""

    customers: list[CustomerView]


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": CustomerView, "description": "Written down"},
        **documented(401, 403, 413, 422, 503),
    },
)
async def add(
    body: NewCustomer, parts: PartsOf, who: Dispatcher, idempotency_key: IdempotencyKey = None
) -> Answer:
    """Write a customer down; a repeat under one `Idempotency-Key` gets the first answer."""
    given = (body.name, body.phone, body.email, body.address)
    one = Customer(parts.chance.uuid(), *given, parts.clock.now())

    async def act(conn: Connection) -> Json:
        await customers.add(conn, one, who.actor)
        return customer_view(one)

    key = keyed(who, idempotency_key, body, "customers", one.id) if idempotency_key else None
    return await created(parts, key, act)


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": Customers, "description": "Newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(
    parts: PartsOf,
    _who: Agent,
    phone: Annotated[Phone | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """Find customers, such as those with a number."""
    async with parts.desk.pool.acquire() as conn:
        found = await customers.listed(conn, phone, limit)
    return Answer({"customers": [customer_view(one) for one in found]})


@router.get(
    "/{customer}",
    response_model=None,
    responses={
        200: {"model": CustomerView, "description": "The customer"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(customer: Annotated[UUID, Path()], parts: PartsOf, _who: Agent) -> Answer:
    """Show a customer."""
    async with parts.desk.pool.acquire() as conn:
        one = await customers.find(conn, customer)
    if one is None:
        raise ProblemError(404, "unknown_customer", f"there is no customer {customer}")
    return Answer(customer_view(one))
