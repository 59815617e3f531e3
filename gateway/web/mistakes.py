"""Mistakes over HTTP: entered by dispatchers, counted for coaching (S3-59, S3-60, S3-92)."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

import structlog
from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from gateway.domain.history import stamp
from gateway.store import messages, mistakes
from gateway.store.mistakes import Kind, Mistake
from gateway.web.auth import Dispatcher, Lead, PartsOf
from gateway.web.deciding import key_of_ucn
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Day, Line, Name, Shape, Ucn
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1", tags=["mistakes"])
_WEEKS: Final = timedelta(weeks=4)
_COLUMNS: Final = ("agent", "type", "type_name", "week", "count", "ucns")
_READ = documented(401, 403, 422, 503)
_WRITE = documented(401, 403, 404, 413, 422, 503)
TypeKey = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", examples=["wrong_form_selection"])]
_log = structlog.get_logger(__name__)


class NewType(Shape):
    """A kind of mistake; one that is not `active` is entered no more."""

    type: TypeKey
    name: Line
    description: Line | None = None
    active: bool = True


class TypeView(View):
    """A kind of mistake."""

    type: str
    name: str
    description: str
    active: bool
    changed_at: str
    changed_by: str


Detail = Annotated[
    str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]{18,}[^\s\x00][^\x00]*$", max_length=20_000)
]


class NewMistake(Shape):
    """A mistake in somebody's work on a message; the detail has 20 characters at least."""

    ucn: Ucn
    agent_id: Name
    type: TypeKey
    detail: Detail


class MistakeView(View):
    """A mistake as it was entered; `recording` is where those who may listen hear the call."""

    id: str
    ucn: str
    account: str
    agent_id: str
    type: str
    type_name: str
    detail: str
    was_auto_dispatched: bool
    entered_at: str
    entered_by: str
    recording: str | None


class AgentView(View):
    """Somebody who takes or dispatches messages."""

    agent_id: str
    role: str
    name: str


class CountView(View):
    """How many mistakes of a kind an agent made in a week (its Monday), and in which messages."""

    agent: str
    type: str
    type_name: str
    week: str
    count: int
    ucns: list[str]


@router.get(
    "/mistake-types",
    response_model=None,
    responses={200: {"model": list[TypeView], "description": "By name"}, **_READ},
)
async def types(
    parts: PartsOf,
    _who: Dispatcher,
    unused: Annotated[bool, Query(description="Also those no longer used.")] = False,
) -> Answer:
    """List the kinds of mistake; they are rows and change over time (S3-60)."""
    async with parts.desk.pool.acquire() as conn:
        found = await mistakes.kinds(conn, unused=unused)
    return Answer([_type_view(one) for one in found])


@router.post(
    "/mistake-types",
    status_code=201,
    response_model=None,
    responses={201: {"model": TypeView, "description": "As it is now"}, **_WRITE},
)
async def set_type(body: NewType, parts: PartsOf, who: Lead) -> Answer:
    """Add a kind of mistake, or change or retire the one of that key."""
    kind = Kind(body.type, body.name, body.description or "", body.active)
    async with parts.desk.pool.acquire() as conn:
        row = await mistakes.set_kind(conn, kind, who.actor, parts.clock.now())
    return Answer(_type_view(row), 201)


@router.get(
    "/agents",
    response_model=None,
    responses={200: {"model": list[AgentView], "description": "By name"}, **_READ},
)
async def agents(
    parts: PartsOf,
    _who: Dispatcher,
    q: Annotated[str, Query(pattern="^[A-Za-z0-9_.@:-]{0,80}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Answer:
    """Look somebody up by a part of their id: whoever took a message or has a token (S3-59)."""
    async with parts.desk.pool.acquire() as conn:
        found = await mistakes.agents(conn, q, limit)
    parted = ((actor, *actor.partition(":")) for actor in found)
    return Answer([{"agent_id": id_, "role": r, "name": n} for id_, r, _, n in parted])


@router.post(
    "/mistakes",
    status_code=201,
    response_model=None,
    responses={201: {"model": MistakeView, "description": "Entered"}, **_WRITE},
)
async def enter(body: NewMistake, parts: PartsOf, who: Dispatcher) -> Answer:
    """Enter a mistake, whether or not the message was dispatched automatically (S3-40, S3-59)."""
    key = await key_of_ucn(parts, body.ucn)
    async with parts.desk.pool.acquire() as conn:
        if not await mistakes.in_use(conn, body.type):
            raise _unfit("type", f"is no kind of mistake: {body.type}")
        agent = await mistakes.resolve(conn, key, body.agent_id)
        if agent is None:
            raise ProblemError(404, "unknown_agent", f"nobody is known as {body.agent_id}")
        auto = (await messages.audits_of(conn, [key]))[key].auto
        one = Mistake(parts.chance.uuid(), agent, body.type, body.detail.strip(), auto)
        await mistakes.add(conn, key, one, who.actor, parts.clock.now())
        row = await mistakes.entered(conn, one.id)
    facts = {"ucn": key.ucn, "account": key.account, "actor": who.actor}
    _log.info("mistake entered", action="mistake.entered", type=body.type, **facts)
    return Answer(_mistake_view(row), 201)


@router.get(
    "/mistakes",
    response_model=None,
    responses={200: {"model": list[MistakeView], "description": "Newest first"}, **_READ},
)
async def find(
    parts: PartsOf,
    _who: Lead,
    agent: Annotated[Name | None, Query(description="An actor, such as agent:1204.")] = None,
    ucn: Annotated[Ucn | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List mistakes with their details."""
    async with parts.desk.pool.acquire() as conn:
        found = await mistakes.newest(conn, agent, ucn, limit)
    return Answer([_mistake_view(one) for one in found])


@router.get(
    "/mistakes/report",
    response_model=None,
    responses={
        200: {
            "model": list[CountView],
            "description": "By agent and week",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **_READ,
    },
)
async def report(
    parts: PartsOf,
    _who: Lead,
    start: Annotated[Day | None, Query(alias="from", description="Four weeks ago.")] = None,
    end: Annotated[Day | None, Query(alias="to", description="The last day; today.")] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Count mistakes by agent, kind and week, for coaching (S3-92). Days are UTC."""
    last = end or parts.clock.now().astimezone(UTC).date()
    first = start or last - _WEEKS
    async with parts.desk.pool.acquire() as conn:
        rows = await mistakes.report(conn, _midnight(first), _midnight(last + timedelta(days=1)))
    counted = [_count_view(row) for row in rows]
    return Response(_csv(counted), media_type="text/csv") if form == "csv" else Answer(counted)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _unfit(field: str, words: str) -> ProblemError:
    errors = [{"place": f"body.{field}", "words": words}]
    return ProblemError(422, "invalid", f"body.{field}: {words}", errors=errors)


def _type_view(row: Any) -> Json:  # noqa: ANN401 - a row
    return {**row, "changed_at": stamp(row["changed_at"])}


def _mistake_view(row: Any) -> Json:  # noqa: ANN401 - a row
    return {
        "id": str(row["id"]),
        "ucn": row["ucn"],
        "account": row["account"],
        "agent_id": row["agent"],
        "type": row["type"],
        "type_name": row["type_name"],
        "detail": row["detail"],
        "was_auto_dispatched": row["was_auto_dispatched"],
        "entered_at": stamp(row["entered_at"]),
        "entered_by": row["entered_by"],
        "recording": f"/v1/messages/{row['ucn']}/recording" if row["recorded"] else None,
    }


def _count_view(row: Any) -> Json:  # noqa: ANN401 - a row
    return {
        "agent": row["agent"],
        "type": row["type"],
        "type_name": row["type_name"],
        "week": row["week"].isoformat(),
        "count": row["mistakes"],
        "ucns": list(row["ucns"]),
    }


def _csv(rows: Iterable[Json]) -> str:
    """Write rows as CSV; a spreadsheet takes nothing in it for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows([_cells(row) for row in rows])
    return out.getvalue()


def _cells(row: Json) -> Sequence[str]:
    said = {**row, "ucns": " ".join(row["ucns"])}
    cells = [str(said[name]) for name in _COLUMNS]
    return [f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell for cell in cells]
