"""Markets over HTTP: their tables, which an operator changes, and what agents say by them (S2)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from gateway.domain import escalation_opening
from gateway.domain import markets as rules
from gateway.domain.advice import Advice, advice, offer
from gateway.domain.deeds import RefusedError
from gateway.domain.escalation_forms import FORMS, Topic
from gateway.domain.history import stamp
from gateway.domain.market_documents import MarketDocument
from gateway.store import markets
from gateway.store.markets import Table
from gateway.store.pool import Connection
from gateway.web.auth import Agent, Lead, PartsOf
from gateway.web.escalation_shapes import CaseReason
from gateway.web.escalations import AdviceView
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Line
from gateway.web.views import Answer, Json, View, instant

router = APIRouter(prefix="/v1/markets", tags=["markets"])
MarketName = Annotated[str, Path(min_length=1, max_length=200, description="Code, name or place.")]


class TableView(View):
    """A market's table; version 0 is as shipped."""

    market: str
    version: int
    changed_at: str | None
    changed_by: str | None
    table: MarketDocument


class NoteView(BaseModel):
    """A note that must be filled in."""

    key: str
    label: str


class ScriptView(View):
    """What an agent says and fills in before saving; the instants are as if it were saved now.

    `offer` comes first, before a quota case only: the next openings.
    """

    market: str
    case_reason: str
    reason_detail: str
    destination_queue: str
    offer: AdviceView | None
    advice: AdviceView
    notes: list[NoteView]
    pickup_at: str
    contact_due: str


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[TableView], "description": "By code"},
        **documented(401, 403, 503),
    },
)
async def listed(parts: PartsOf, _who: Agent) -> Answer:
    """List the tables in force of all markets."""
    async with parts.desk.pool.acquire() as conn:
        tables = await markets.tables(conn)
    return Answer([_view(one) for one in tables.values()])


@router.get(
    "/{market}",
    response_model=None,
    responses={
        200: {"model": TableView, "description": "The table"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(
    market: MarketName,
    parts: PartsOf,
    _who: Agent,
    version: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> Answer:
    """Show a market's table: in force, or (`version`) as it was."""
    async with parts.desk.pool.acquire() as conn:
        table, _ = await _found(conn, market)
        if version is None:
            return Answer(_view(table))
        one = await markets.table(conn, table.document.market, version)
    if one is None:
        raise ProblemError(404, "unknown_version", f"there is no version {version} of {market}")
    return Answer(_view(one))


@router.put(
    "/{market}",
    response_model=None,
    responses={
        200: {"model": TableView, "description": "In force"},
        **documented(401, 403, 409, 413, 422, 503),
    },
)
async def put(market: MarketName, body: MarketDocument, parts: PartsOf, who: Lead) -> Answer:
    """Put a market's table in force at once; an unchanged one makes no new version.

    What is saved already keeps its clocks. A market that is not known yet is added.
    """
    if body.market != market:
        raise ProblemError(409, "market_mismatch", f"the table is that of market {body.market}")
    async with parts.desk.pool.acquire() as conn:
        table = await markets.put(conn, body, who.actor, parts.clock.now())
    return Answer(_view(table))


@router.get(
    "/{market}/script",
    response_model=None,
    responses={
        200: {"model": ScriptView, "description": "What to say, and what to ask for"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def script(
    market: MarketName,
    parts: PartsOf,
    _who: Agent,
    case_reason: Annotated[CaseReason, Query()],
    address: Annotated[Line | None, Query(description="The customer's.")] = None,
) -> Answer:
    """Tell an agent what to say, and what to ask for, before an escalation is saved (S2-24)."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        table, place = await _found(conn, market)
    place = place or rules.place_of(table.document, address or "")
    return Answer(_script(rules.compiled(table.document, place), case_reason, now))


def _script(market: rules.Market, case_reason: str, now: datetime) -> Json:
    form = FORMS[case_reason]
    first = offer(market, now) if form.topic is Topic.QUOTA else None
    return {
        "market": market.code,
        "case_reason": form.case_reason,
        "reason_detail": form.reason_detail,
        "destination_queue": rules.queue(market, form.topic),
        "offer": _said(first),
        "advice": _said(advice(market, form.topic)),
        "notes": [{"key": one.key, "label": one.label} for one in form.notes],
        "pickup_at": stamp(rules.pickup_at(market, now)),
        "contact_due": stamp(escalation_opening.contact_due(market, form.topic, now)),
    }


def _said(one: Advice | None) -> Json | None:
    return one._asdict() if one is not None else None


async def _found(conn: Connection, market: str) -> tuple[Table, str | None]:
    tables = await markets.tables(conn)
    try:
        document, place = rules.found((one.document for one in tables.values()), market)
    except RefusedError as refused:
        raise ProblemError(404, refused.code, str(refused)) from None
    return tables[document.market], place


def _view(one: Table) -> Json:
    return {
        "market": one.document.market,
        "version": one.version,
        "changed_at": instant(one.created_at),
        "changed_by": one.created_by,
        "table": one.document.model_dump(mode="json", by_alias=True),
    }
