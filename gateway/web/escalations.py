"""Market escalations over HTTP: checked, saved, answered, the customer contacted (S2)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from gateway.domain import escalation_opening, escalations
from gateway.domain.advice import advice
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case
from gateway.domain.escalation_forms import FORMS, Topic
from gateway.domain.escalation_opening import Ground
from gateway.domain.markets import compiled, found, place_of
from gateway.domain.matters import Written
from gateway.store import markets, work_orders
from gateway.web.auth import Agent, Dispatcher, Lead, PartsOf
from gateway.web.case_shapes import CaseView, Opening, case_view
from gateway.web.escalation_shapes import ADVICE, NewDecision, NewEscalation
from gateway.web.mattering import decided
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Instant
from gateway.web.views import Answer, View

router = APIRouter(prefix="/v1", tags=["cases"])
CaseId = Annotated[UUID, Path()]


class AdviceView(View):
    """A text that is read to the customer, word for word, and its version."""

    version: str
    text: str


class CountView(View):
    """Escalations of one agent in one market for one reason, and what came of them."""

    market: str
    agent: str
    case_reason: str
    saved: int
    accommodated: int
    declined: int
    missed: int


def counted(parts: Parts, case: Case) -> None:
    """Count a quota escalation, once it is written (S2-26)."""
    record = case.escalation
    if record is not None and FORMS[record.case_reason].topic is Topic.QUOTA:
        parts.metrics.quota_escalations_total.labels(record.taken_by, record.market).inc()


async def opened(opening: Opening, body: NewEscalation) -> Written[Case]:
    """Judge a market escalation that is to be saved; RefusedError where it may not be."""
    conn, now = opening.conn, opening.parts.clock.now()
    tables = await markets.tables(conn)
    document, place = found((one.document for one in tables.values()), body.market)
    orders, addresses = await work_orders.look_up(conn, body.field_jobs)
    if place is None:
        places = (place_of(document, address) for address in addresses)
        place = next((one for one in places if one is not None), None)
    market = compiled(document, place)
    if phone := body.technician_phone:
        orders = tuple(one._replace(phone=phone) for one in orders)
    version = body.advice_version
    known = version is not None and await markets.said(conn, version) is not None
    said = frozenset({version}) if known and version else frozenset()
    ground = Ground(market, tables[market.code].version, orders, said)
    asked = body.asked(market)
    written = escalation_opening.opened(opening.case, asked, ground, opening.who, now)
    await markets.keep(conn, [advice(market, FORMS[body.case_reason].topic)], now)
    return written


@router.post(
    "/escalations/check",
    response_model=None,
    responses={
        200: {"model": CaseView, "description": "As it would be saved now"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def check(body: NewEscalation, parts: PartsOf, who: Agent) -> Answer:
    """Tell what would come of saving a market escalation now; nothing is saved (S2-13).

    A draft is no escalation: its clocks start when it is saved. `status` is `draft`.
    """
    async with parts.desk.pool.acquire() as conn:
        written = await opened(Opening(parts.chance.uuid(), who, parts, conn), body)
    view = case_view(written.facts, parts.settings.public_url)
    return Answer({**view, "status": "draft"})


@router.post(
    "/cases/{case}/decision",
    response_model=None,
    responses={
        200: {"model": CaseView, "description": "Answered"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def decide(case: CaseId, body: NewDecision, parts: PartsOf, who: Dispatcher) -> Answer:
    """Answer a market escalation, once: whether what was asked for can be had (S2-22).

    A quota request that is declined is closed; nobody is called, the original appointment stands.
    """
    now = parts.clock.now()

    def verb(facts: Case) -> Written[Case]:
        return escalations.decided(facts, body.accommodated, body.note, who, now)

    after = await decided(parts, CASES, case, verb, who)
    return Answer(case_view(after.facts, parts.settings.public_url))


@router.post(
    "/cases/{case}/contacted",
    response_model=None,
    responses={
        200: {"model": CaseView, "description": "Contacted"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def contact(case: CaseId, parts: PartsOf, who: Agent) -> Answer:
    """Say that the customer of a case was contacted; its clock stops."""
    now = parts.clock.now()
    after = await decided(parts, CASES, case, lambda facts: escalations.contacted(facts, now), who)
    return Answer(case_view(after.facts, parts.settings.public_url))


@router.get(
    "/escalations/counts",
    response_model=None,
    responses={
        200: {"model": list[CountView], "description": "By market, agent and case reason"},
        **documented(401, 403, 422, 503),
    },
)
async def counts(
    parts: PartsOf,
    _who: Lead,
    start: Annotated[Instant, Query()],
    end: Annotated[Instant | None, Query(description="Now, where it is left out.")] = None,
) -> Answer:
    """Count the market escalations saved from `start` on, until before `end` (S2-26)."""
    until: datetime = end or parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        rows = await markets.counts(conn, start, until)
    return Answer([row._asdict() for row in rows])


@router.get(
    "/advice/{version}",
    response_model=None,
    responses={
        200: {"model": AdviceView, "description": "The text"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def told(
    version: Annotated[str, Path(pattern=ADVICE)], parts: PartsOf, _who: Agent
) -> Answer:
    """Tell what a customer was told, by the version that stands on the case (S2-23)."""
    async with parts.desk.pool.acquire() as conn:
        text = await markets.said(conn, version)
    if text is None:
        raise ProblemError(404, "unknown_advice", "no such text was ever to be read out")
    return Answer({"version": version, "text": text})
