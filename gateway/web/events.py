"""Server-sent events: sessions hear within two seconds that a job needs a person (S3-61).

Views of field jobs hear in the same stream that one changed (S1-21).
"""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Final

import orjson
import structlog
from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from gateway.domain.deeds import Person
from gateway.domain.fieldjob_news import heard
from gateway.domain.fieldjobs import COLORS, Status
from gateway.domain.floor import CallState, Session, may_hear
from gateway.domain.history import stamp
from gateway.domain.matters import News
from gateway.domain.needs import WorkKind
from gateway.domain.wording import alerts
from gateway.store import jobs, needs, sessions
from gateway.store.needs import Told
from gateway.store.pool import Connection
from gateway.web.auth import Attendant, Given, PartsOf, holder
from gateway.web.floor import Floor
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.views import Json

HEARTBEAT: Final = timedelta(seconds=15)
NAME: Final = "needs_person"
CHANGED: Final = "field_job"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENTS: Final = """\
An endless stream. An event `needs_person` has as data JSON with `id`, `at`, `account`, `ucn`,
`job`, `kind` (dispatch, review, callback), `reason` (held, requires_human, limit, exhausted,
parked, past_due, special, am_review), `why` (the job's own code word) and `call_state` (DISP). An
event `field_job` says that a field job changed which the asker sees: `id` (the job's), `at`,
`account`, `kind` (of its history, such as fieldjob.on_my_way), `status` and `color`; both are null
once the asker sees it no more. An event `reload` says that what was missed is no longer kept, or
that the number asked for is of another database (one was restored): read the lists anew. Each
begins with the id that it goes on from, before any event.
"""
router = APIRouter(prefix="/v1", tags=["floor"])
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ear:
    """Who listens, by which credentials, and what they heard last."""

    parts: Parts
    floor: Floor
    given: Given
    who: Person
    heard: int | None


@router.get(
    "/events",
    response_model=None,
    responses={
        200: {"description": _EVENTS, "content": {"text/event-stream": {}}},
        **documented(401, 403, 422, 503),
    },
)
async def listen(
    request: Request,
    parts: PartsOf,
    given: Given,
    who: Attendant,
    last_event_id: Annotated[str | None, Header(pattern="^[0-9]{1,18}$")] = None,
) -> StreamingResponse:
    """Hear what needs a person, and that field jobs changed, at once; each what is theirs.

    `Last-Event-ID` goes on from there (S3-03, S3-61, S1-21).
    """
    floor: Floor = request.app.state.floor
    ear = Ear(parts, floor, given, who, int(last_event_id) if last_event_id else None)
    return StreamingResponse(told(ear), media_type="text/event-stream", headers=_HEADERS)


async def told(ear: Ear) -> AsyncIterator[bytes]:
    """Give the events as they come, and a comment now and then, so that nobody hangs up.

    Whoever asks is looked at again at each comment: a revoked token hears no more.
    """
    async with ear.floor.ear():
        seq, first = await _start(ear)
        beat = ear.parts.clock.now() + HEARTBEAT
        yield first
        while not ear.floor.closed:
            if await ear.floor.news(seq, beat):
                rows = await _after(ear, seq)
                seq = rows[-1].seq if rows else seq
                for event in await _meant_for(ear, rows):
                    yield event
            elif not ear.floor.closed:
                try:
                    now = await holder(ear.parts, ear.given)
                except ProblemError:
                    return
                ear = replace(ear, who=Person(now.name, now.role, also=now.also))
                yield b": here\n\n"
                beat = ear.parts.clock.now() + HEARTBEAT


async def _start(ear: Ear) -> tuple[int, bytes]:
    """Return the number to go on from, and how the stream begins."""
    async with ear.parts.desk.pool.acquire() as conn:
        newest, oldest = await needs.newest(conn), await needs.oldest(conn)
    _log.info("listening", action="events.open", actor=ear.who.actor)
    last = newest if ear.heard is None else ear.heard
    # A number that is yet to come is of before a restore.
    lost = not oldest - 1 <= last <= newest
    seq = newest if lost else last
    # Listeners keep the id of a block without data, and go on from it when the first event is lost.
    begins = b"retry: 1000\nid: %d\n\n" % seq
    return seq, begins + _event(seq, "reload", {}) if lost else begins


async def _after(ear: Ear, seq: int) -> list[Told]:
    async with ear.parts.desk.pool.acquire() as conn:
        return await needs.after(conn, seq)


async def _meant_for(ear: Ear, rows: list[Told]) -> list[bytes]:
    """Return the events that are this person's, as they go out."""
    work = await _work_of(ear, [row for row in rows if row.news is None])
    return [said for row in rows if (said := _said(ear.who, row, work)) is not None]


async def _work_of(ear: Ear, rows: list[Told]) -> frozenset[int]:
    """Return the numbers of what needs a person and is this one's to hear."""
    if not rows:
        return frozenset()
    if "dispatcher" not in ear.who.roles or ear.who.leads:  # it makes no difference who is coded
        return frozenset(row.seq for row in _open_to(ear, rows, None))
    async with ear.parts.desk.pool.acquire() as conn:
        session = await sessions.find(conn, ear.who.name)
        mine = _open_to(ear, rows, session)
        if any(row.kind == WorkKind.DISPATCH for row in mine):
            await _verify(ear.parts, conn, ear.who, session)
    return frozenset(row.seq for row in mine)


def _open_to(ear: Ear, rows: list[Told], session: Session | None) -> list[Told]:
    coding = ear.parts.settings.require_coding
    return [
        row for row in rows if may_hear(ear.who, (row.kind, row.reason), session, coding=coding)
    ]


def _said(who: Person, row: Told, work: AbstractSet[int]) -> bytes | None:
    """Return the event of a row; None where it is not this person's."""
    if row.news is None:
        return _event(row.seq, NAME, _need(row)) if row.seq in work else None
    told = heard(who, row.news)
    return _event(row.seq, CHANGED, _change(row, told)) if told is not None else None


async def _verify(parts: Parts, conn: Connection, who: Person, session: Session | None) -> None:
    """Ask people about whoever is offered dispatch work without having been coded (S3-91)."""
    if session is not None and session.told:
        return
    now = parts.clock.now()
    async with conn.transaction():
        if await sessions.ask_to_verify(conn, who.name, now):
            text = alerts.verify_coding(who.name)
            payload = {"sink": "dispatch", "reason": "verify_coding", "text": text}
            await jobs.add_alert(conn, parts.chance.uuid(), now, payload)


def _need(row: Told) -> Json:
    return {
        "id": row.seq,
        "at": stamp(row.at),
        "account": row.account,
        "ucn": row.ucn,
        "job": str(row.job) if row.job else None,
        "kind": row.kind,
        "reason": row.reason,
        "why": row.why,
        "call_state": CallState.DISP.value,
    }


def _change(row: Told, told: News) -> Json:
    color = COLORS.get(Status(told.state))
    return {
        "id": str(row.job),
        "at": stamp(row.at),
        "account": row.account or None,
        "kind": told.kind,
        "status": told.state if color else None,
        "color": color,
    }


def _event(seq: int, name: str, shown: Json) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), orjson.dumps(shown))
