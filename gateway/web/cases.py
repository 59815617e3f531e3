"""Cases over HTTP: opened by their types' own rules, found, told (CONTRACT section 10)."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from gateway.domain.case_ways import CASES
from gateway.domain.deeds import bare
from gateway.store import matters
from gateway.store.matters import Sought
from gateway.store.pool import Connection
from gateway.web import casework_shapes, escalations
from gateway.web.auth import Agent, PartsOf, Reader
from gateway.web.case_shapes import CaseTypeWord, CaseView, Opener, Opening, case_view
from gateway.web.casework_shapes import NewSupport
from gateway.web.escalation_shapes import NewEscalation
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
from gateway.web.problems import documented
from gateway.web.shapes import AccountNumber, Line, Shape, Ucn
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/cases", tags=["cases"])
CaseId = Annotated[UUID, Path()]
# What a case may be opened with, told apart by `type`; and what opens each.
NewCase = Annotated[NewEscalation | NewSupport, Field(discriminator="type")]
_OPENERS: Final[Mapping[type[Shape], Opener]] = {
    NewEscalation: escalations.opened,
    NewSupport: casework_shapes.opened,
}


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": CaseView, "description": "Opened"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def open_case(
    body: NewCase, parts: PartsOf, who: Agent, idempotency_key: IdempotencyKey = None
) -> Answer:
    """Open a case. A repeat under one `Idempotency-Key` gets the first answer."""
    case = parts.chance.uuid()

    async def act(conn: Connection) -> Json:
        written = await _OPENERS[type(body)](Opening(case, who, parts, conn), body)
        after = await matters.open_one(conn, CASES, case, written, hand(parts, who))
        escalations.counted(parts, after.facts)
        return case_view(after.facts, parts.settings.public_url)

    key = keyed(who, idempotency_key, body, "cases", case) if idempotency_key else None
    return await created(parts, key, act)


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[CaseView], "description": "Newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    _who: Reader,
    type_: Annotated[CaseTypeWord | None, Query(alias="type")] = None,
    status: Annotated[Line | None, Query()] = None,
    owner: Annotated[
        Line | None, Query(description="A team, a queue, or somebody: 1204, agent:1204.")
    ] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    message: Annotated[Ucn | None, Query(description="Linked to that message.")] = None,
    before: Annotated[UUID | None, Query(description="Opened before that case.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List cases, newest first; the last one's id as `before` asks for those that follow."""
    states, about = (status,) if status else None, (type_,) if type_ else None
    sought = Sought(states, bare(owner) if owner else None, about, account, message, before, limit)
    async with parts.desk.pool.acquire() as conn:
        found = await matters.listed(conn, CASES, sought)
    return Answer([case_view(one.facts, parts.settings.public_url) for one in found])


@router.get(
    "/{case}",
    response_model=None,
    responses={
        200: {"model": CaseView, "description": "The case"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(case: CaseId, parts: PartsOf, _who: Reader) -> Answer:
    """Show a case."""
    found = await one(parts, CASES, case)
    return Answer(case_view(found.facts, parts.settings.public_url))


@router.get(
    "/{case}/history",
    response_model=None,
    responses={
        200: {"model": list[MatterItem], "description": "In order"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def history(case: CaseId, parts: PartsOf, _who: Reader) -> Answer:
    """Tell everything that happened to a case, with the words that were not erased."""
    return await history_of(parts, CASES, case)


@router.get(
    "/{case}/history/verify",
    response_model=None,
    responses={
        200: {"model": MatterVerified, "description": "The verdict"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def verify(case: CaseId, parts: PartsOf, _who: Agent) -> Answer:
    """Check a case's chain of hashes, its head and its words."""
    return await verified(parts, CASES, case)
